"""Find out what this machine can hold untrusted code with, by trying it. Knows nothing of projects."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from builder.sandbox import seccomp
from builder.sandbox.bubblewrap import BubblewrapSandbox, Programs
from builder.sandbox.cgroup import find_tree
from builder.sandbox.interface import Command, Level, Limits, Sandbox, SandboxUnavailableError
from builder.sandbox.plumbing import SandboxStartError
from builder.sandbox.unsafe import UnsafeSandbox

INSTALL = "sudo apt-get install bubblewrap libseccomp2 util-linux"
# Only the system's own: a program that an ordinary user could replace must not start as root.
SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin"
# An ordinary user in a container may make namespaces when these are off; root there would need more than that.
_DOCKER_OPTIONS = " ".join(f"--security-opt {name}=unconfined" for name in ("seccomp", "apparmor", "systempaths"))
_WITHOUT_DISABLE_USERNS = ("0.5.", "0.6.", "0.7.")
_SWITCHES = {"kernel.unprivileged_userns_clone": "1", "kernel.apparmor_restrict_unprivileged_userns": "0"}


@dataclass(frozen=True)
class Detection:
    """`reasons` are sentences; `remedy` is the one command that would make it better, where there is one."""

    level: Level
    reasons: tuple[str, ...]
    remedy: str | None = None
    bubblewrap: str | None = None
    namespaces: bool = False
    seccomp: bool = False
    cgroup: Literal["v2", "v1", "none"] = "none"
    quota: Literal["watchdog", "none"] = "none"


def open_sandbox(
    settings_sandbox: Literal["bubblewrap", "unsafe"], state_dir: Path, search_path: str = SYSTEM_PATH
) -> Sandbox:
    """The sandbox of this machine, tried once. Only the unsafe one keeps anything in `state_dir`."""
    if settings_sandbox == "unsafe":
        return UnsafeSandbox(state_dir)
    found = _look(search_path)
    if found.sandbox is None:
        raise SandboxUnavailableError(_refusal(found.detection))
    if found.sandbox.level is Level.ROOT:
        # Apps run as other users there: what this process writes for them, they must be able to read. Who else may
        # is a matter of the folder that all of it lies in.
        os.umask(os.umask(0o022) & 0o022)
    return found.sandbox


def detect(search_path: str = SYSTEM_PATH) -> Detection:
    """What `open_sandbox` would use here, found by running a program in it."""
    return _look(search_path).detection


@dataclass(frozen=True)
class _Found:
    detection: Detection
    sandbox: Sandbox | None = None


def _look(search_path: str) -> _Found:
    if sys.platform != "linux":
        return _Found(Detection(Level.NONE, ("The sandbox needs Linux: run Protodex in a container or a VM.",)))
    found = {name: shutil.which(name, path=search_path) or "" for name in ("bwrap", "prlimit", "setpriv")}
    if missing := [name for name, path in found.items() if not path]:
        return _Found(Detection(Level.NONE, (f"Not installed: {', '.join(missing)}.",), INSTALL))
    version = _version(found["bwrap"])
    programs = Programs(**found, disables_namespaces=not version.startswith(_WITHOUT_DISABLE_USERNS))
    try:
        seccomp.filter_program()
    except (ImportError, OSError, RuntimeError) as error:
        return _Found(Detection(Level.NONE, (f"The system call filter can't be made: {error}.",), INSTALL, version))
    level = Level.ROOT if os.geteuid() == 0 else Level.USER
    tree = find_tree() if level is Level.ROOT else None
    sandbox = BubblewrapSandbox(level, programs, tree)
    if (problem := _problem(sandbox)) is not None:
        reason = f"No sandbox can be started: {problem}."
        return _Found(Detection(Level.NONE, (reason,), _namespaces_remedy(), version, seccomp=True))
    cgroup: Literal["v2", "v1", "none"] = "none" if tree is None else "v2" if tree.version == 2 else "v1"
    return _Found(Detection(level, _reasons(level, cgroup), None, version, True, True, cgroup, "watchdog"), sandbox)


def _problem(sandbox: Sandbox) -> str | None:
    """Why nothing can run inside, or nothing."""
    try:
        finished = sandbox.run(Command(("true",), cwd="/", limits=Limits(wall_seconds=20)))
    except (SandboxStartError, OSError) as error:
        return str(error).rstrip(".")
    return None if finished.ok else finished.stderr.strip().rstrip(".") or finished.ending


def _namespaces_remedy() -> str | None:
    """The switch by which this system forbids ordinary users their own namespaces."""
    for name, free in _SWITCHES.items():
        file = Path("/proc/sys", name.replace(".", "/"))
        if file.exists() and file.read_text().strip() != free:
            return f"sudo sysctl -w {name}={free}"
    users = Path("/proc/sys/user/max_user_namespaces")
    if users.exists() and users.read_text().strip() == "0":
        return "sudo sysctl -w user.max_user_namespaces=10000"
    if Path("/.dockerenv").exists():
        return f"docker run --user 1000 {_DOCKER_OPTIONS} …"
    return None


def _reasons(level: Level, cgroup: str) -> tuple[str, ...]:
    if level is Level.USER:
        return (
            "Runs as an ordinary user: namespaces, a system call filter and limits hold each app.",
            "Memory and disk space are watched, at least once a second; as root, control groups would hold memory.",
        )
    held = "Memory, processes and CPU are watched: no control group can be made here."
    if cgroup != "none":
        held = f"Memory, processes and CPU are held by control groups ({cgroup})."
    return (
        "Runs as root: each app gets a user of its own that owns nothing else.",
        held,
        "The disk space of each app is watched once a second.",
    )


def _refusal(detection: Detection) -> str:
    what_to_do = f" Type: {detection.remedy}" if detection.remedy else ""
    return f"{' '.join(detection.reasons)} Generated apps can't be run safely.{what_to_do}"


def _version(bwrap: str) -> str:
    answer = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False, timeout=10)
    return answer.stdout.strip().removeprefix("bubblewrap ") or "unknown"
