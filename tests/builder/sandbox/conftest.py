"""A sandbox of this machine's level, with its project in a folder that is closed to everybody else."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.sandbox import APP, Command, Finished, Limits, Mount, Sandbox, open_sandbox

LIMITS = Limits(wall_seconds=30)
Inside = Callable[..., Finished]


def python_mounts() -> tuple[Mount, ...]:
    """The environment that runs the tests is also the one inside, where the system's Python may be another."""
    prefixes = {sys.prefix, sys.base_prefix}
    return tuple(Mount(Path(prefix), prefix) for prefix in prefixes if not prefix.startswith("/usr"))


def python_command(code: str, *mounts: Mount, limits: Limits = LIMITS, inherit: tuple[int, ...] = ()) -> Command:
    cwd = APP if any(mount.target == APP for mount in mounts) else "/"
    argv = (sys.executable, "-c", code)
    return Command(argv, (*python_mounts(), *mounts), cwd=cwd, limits=limits, inherit=inherit)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def app(home: Path) -> Path:
    folder = home / "projects" / "one" / "app"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def sandbox(home: Path) -> Sandbox:
    return open_sandbox("bubblewrap", home / "state")


@pytest.fixture
def inside(sandbox: Sandbox) -> Inside:
    """Run Python code in the sandbox."""

    def run(code: str, *mounts: Mount, limits: Limits = LIMITS, inherit: tuple[int, ...] = ()) -> Finished:
        return sandbox.run(python_command(code, *mounts, limits=limits, inherit=inherit))

    return run
