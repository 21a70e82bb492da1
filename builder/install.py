"""Install things once into a folder of their own: one process at a time, resumed after a kill. Knows no package."""

import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

logger = logging.getLogger(__name__)

DONE = ".complete"
TIMEOUT_SECONDS = 900


class InstallError(RuntimeError):
    """An installation failed; the message says what, and what to do next."""


def install_once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """`folder` as `fill` leaves it, made in place (a virtual environment can't be moved) and marked when done."""
    if (folder / DONE).exists():
        return folder
    _make_readable(folder.parent)
    with lock(folder.parent / f"{folder.name}.lock"):
        if (folder / DONE).exists():  # another process made it while we waited
            return folder
        shutil.rmtree(folder, ignore_errors=True)  # what a killed process left
        _make_readable(folder)
        fill(folder)
        (folder / DONE).touch()
    return folder


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Held by one process at a time; the system lets go of it when that process ends, however it ends."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fingerprint(*parts: bytes | str) -> str:
    """A short name for a set of inputs: other inputs, other folder."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:12]


def run_tool(argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run an installer outside the sandbox. What it writes is readable by the accounts that generated apps run as."""
    logger.debug("Running %s", " ".join(argv))
    try:
        done = subprocess.run(
            argv, cwd=cwd, env=None if env is None else {**os.environ, **env}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", umask=0o022, timeout=TIMEOUT_SECONDS, check=False,
        )  # fmt: skip
    except OSError as error:
        raise InstallError(f"{argv[0]} could not be started: {error.strerror}.") from error
    except subprocess.TimeoutExpired as error:
        raise InstallError(f"{Path(argv[0]).name} took longer than {TIMEOUT_SECONDS // 60} minutes.") from error
    if done.returncode:
        raise InstallError(
            f"{Path(argv[0]).name} ended with {done.returncode}:\n{_last_lines(done.stderr or done.stdout)}"
        )
    return done.stdout


def pip_install(arguments: Sequence[str], *, python: Path) -> None:
    """Install packages for `python`: by uv where present, else, or when uv can't reach its index, by pip."""
    uv = find_uv()
    if uv:
        try:
            run_tool([str(uv), "pip", "install", "--python", str(python), "--compile-bytecode", *arguments])
            return
        except InstallError:
            if not _has_pip():
                raise
            logger.info("uv could not install the packages; trying pip")
    if not _has_pip():
        raise InstallError(
            "Neither uv nor pip was found. Install one of them: python3 -m ensurepip, or pip install uv."
        )
    run_tool([sys.executable, "-m", "pip", "--python", str(python), "install", "--no-input", "-q", *arguments])


def find_uv() -> Path | None:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    return Path(found) if found else None


def _has_pip() -> bool:
    return find_spec("pip") is not None


def _make_readable(folder: Path) -> None:
    """Make the folder and let other accounts read it: sandboxed programs run under one of those."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)


def _last_lines(text: str, count: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-count:])
