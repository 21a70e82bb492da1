"""What a sandboxed program sees of the file system, as bubblewrap arguments. Knows nothing of processes and limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.sandbox.interface import Limits, Mount

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",  # noqa: S108 - the sandbox's own, of a limited size
    "TMPDIR": "/tmp",  # noqa: S108
    "LANG": "C.UTF-8",
    "USER": "app",
}
UID = 1000
ETC = {  # an /etc of its own: nothing of the machine's users and names
    "passwd": f"app:x:{UID}:{UID}:app:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "group": f"app:x:{UID}:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
# What programs need of the machine: the linker's cache, Debian's default choices, fonts, certificates.
_ETC_OF_HOST = ("ld.so.cache", "alternatives", "fonts", "ssl/certs", "ssl/openssl.cnf", "chromium.d", "mime.types")
_SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64")
_CPUS = "/sys/devices/system/cpu"  # Chromium and Node count the processors there


MOUNTS = "/mounts"  # where the outer tree shows what the inner one binds: readable whatever folder it comes from


@dataclass(frozen=True)
class Bind:
    source: str
    target: str
    writable: bool


def system_arguments() -> list[str]:
    """The machine's programs, read-only, and a /proc of its own."""
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in _SYSTEM_FOLDERS:
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    return arguments


def inside_arguments(binds: Sequence[Bind], etc: Mapping[str, int], limits: Limits) -> list[str]:
    """`etc` has a descriptor to read each file of `ETC` from."""
    size = str(limits.tmp_mb * 2**20)
    arguments = [*system_arguments(), "--proc", "/proc", "--dev", "/dev"]
    arguments += ["--size", size, "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]  # noqa: S108
    arguments += ["--size", size, "--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108
    for name, descriptor in etc.items():
        arguments += ["--perms", "0644", "--file", str(descriptor), f"/etc/{name}"]
    for name in _ETC_OF_HOST:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    arguments += ["--ro-bind-try", _CPUS, _CPUS]
    for bind in binds:
        arguments += ["--bind" if bind.writable else "--ro-bind", bind.source, bind.target]
    return [*arguments, "--remount-ro", "/"]


def outside_arguments(binds: Sequence[Bind]) -> list[str]:
    """The small tree in which root's sandboxes are made. Its /proc is the machine's, or no new one could be mounted."""
    arguments = [*system_arguments(), "--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev"]
    paths = [f"/etc/{name}" for name in _ETC_OF_HOST] + [_CPUS]
    parents = {str(parent) for path in paths for parent in Path(path).parents[:-1]}
    for folder in sorted({MOUNTS, "/tmp", *parents}):  # noqa: S108 - where the inner bubblewrap builds its tree
        arguments += ["--perms", "0755", "--dir", folder]  # left to bubblewrap, only root could enter it
    for path in paths:
        arguments += ["--ro-bind-try", path, path]
    for number, bind in enumerate(binds):
        arguments += ["--bind" if bind.writable else "--ro-bind", bind.source, f"{MOUNTS}/{number}"]
    return arguments


def binds_of(mounts: Sequence[Mount]) -> list[Bind]:
    """The mounts, parents before what lies in them, with the interpreters that virtual environments among them name."""
    binds = {
        mount.target: Bind(str(mount.source.resolve(strict=True)), mount.target, mount.writable) for mount in mounts
    }
    # Environments work at their own path alone; and what an app says of itself must never show more of the machine.
    environments = (mount.source for mount in mounts if str(mount.source) == mount.target and not mount.writable)
    for environment in environments:
        for source, target in _base_interpreter(environment):
            binds.setdefault(target, Bind(source, target, False))
    return [binds[target] for target in sorted(binds)]


def _base_interpreter(environment: Path) -> list[tuple[str, str]]:
    """The Python that a virtual environment was made from, unless it is the system's: it is needed at the same path."""
    try:
        lines = (environment / "pyvenv.cfg").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    settings = dict(line.partition("=")[::2] for line in lines)
    home = next((value.strip() for key, value in settings.items() if key.strip() == "home"), "")
    prefix = Path(home).parent
    if not home.startswith("/") or prefix.resolve().is_relative_to("/usr"):
        return []
    try:
        installed = any(prefix.glob("lib/python3.*/os.py"))
    except OSError:  # not ours to see: then the environment works for nobody here
        installed = False
    if not installed:
        return []  # not an installed Python: a home folder, for one, is never shown inside
    real = str(prefix.resolve())
    return [(real, target) for target in dict.fromkeys((str(prefix), real))]
