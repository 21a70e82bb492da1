"""Find a Python that a sandbox can see, or bring one along. Knows nothing of packages."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from builder.install import InstallError, run_tool

OLDEST = (3, 11)
SYSTEM = Path("/usr")
UNUSED = shutil.ignore_patterns(
    "test", "tests", "site-packages", "dist-packages", "idlelib", "tkinter", "turtledemo", "*.a"
)


def shared_interpreter() -> Path | None:
    """A Python that every account and every sandbox sees: one of the system's. None where it has none new enough."""
    own = Path(sys._base_executable)  # type: ignore[attr-defined]
    names = [
        own,
        *(SYSTEM / "bin" / name for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11")),
    ]
    return next((path for path in names if _is_system(path) and version_of(path) >= OLDEST), None)


def copy_interpreter(folder: Path) -> Path:
    """Copy the Python that runs us into `folder`: it may live in a home that no other account may enter."""
    source = Path(sys.base_prefix)
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": str(source), "base": str(source)}))
    target_library = folder / library.relative_to(source)
    shutil.copytree(library, target_library, symlinks=True, ignore=UNUSED)
    for shared in (source / "lib").glob("libpython*.so*"):
        shutil.copy2(shared, folder / "lib" / shared.name, follow_symlinks=False)
    python = folder / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    python.parent.mkdir(parents=True)
    shutil.copy2(Path(sys._base_executable).resolve(), python)  # type: ignore[attr-defined]
    loaded = run_tool([str(python), "-I", "-c", "import sqlite3, ssl, venv; print(open('/proc/self/maps').read())"])
    if any("libpython" in line and str(folder) not in line for line in loaded.splitlines()):
        raise InstallError(
            f"{sys.executable} keeps its library in {source}, where generated apps can't see it. "
            f"Install your system's python3 (3.11 or newer) beside it."
        )
    return python


def version_of(python: Path) -> tuple[int, ...]:
    if not python.exists():
        return (0,)
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", "import sys; print(*sys.version_info[:3])"],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return (0,)
    return tuple(int(part) for part in answer.stdout.split())


def make_environment(python: Path, folder: Path) -> Path:
    """An empty virtual environment in `folder`. Without pip: Debian keeps that in another package."""
    run_tool([str(python), "-I", "-m", "venv", "--without-pip", str(folder)])
    made = folder / "bin" / "python"
    if not made.exists():
        raise InstallError(f"{python} made no virtual environment in {folder}.")
    return made


def _is_system(path: Path) -> bool:
    return path.is_relative_to(SYSTEM) and path.resolve().is_relative_to(SYSTEM)
