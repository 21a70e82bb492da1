"""Where generated code runs: the one interface, and the values that cross it.

Inside, a command sees its mounts and nothing else of the machine: no network, no other process, no other project.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

APP = "/app"
DATA = "/data"
NODE_MODULES = "/node_modules"


class Level(StrEnum):
    """What the machine gives: `user` has namespaces, rlimits and watchdogs; `root` adds its own uid and a cgroup."""

    ROOT = "root"
    USER = "user"
    NONE = "none"
    UNSAFE = "unsafe"


class SandboxUnavailableError(RuntimeError):
    """Nothing here can hold untrusted code; the message says the one command that changes it."""


@dataclass(frozen=True)
class Mount:
    """`source` on the host appears as `target` inside, read-only unless `writable`.

    A writable source is a folder. What lies in it may be a link, a pipe or a file without end: the host reads it only
    as `builder.untrusted` does, and mounts nothing out of it that a program could have put a link in place of.
    """

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Limits:
    """What all processes of a command may use together; `cpu_seconds` and `address_space_mb` are for each of them.

    `memory_mb` is resident memory, `disk_mb` what the writable mounts may grow to, `cpus` how many run at once, and
    `weight` its share of processors that others want as well (where there are control groups).
    """

    memory_mb: int = 512
    processes: int = 64
    cpu_seconds: int = 60
    wall_seconds: float | None = 60
    file_mb: int = 64
    disk_mb: int = 512
    tmp_mb: int = 64
    open_files: int = 256
    address_space_mb: int | None = None
    cpus: float | None = None
    weight: float = 1.0


PREVIEW_LIMITS = Limits(memory_mb=256, file_mb=512, cpu_seconds=2**31 - 1, wall_seconds=None, cpus=1)
NODE_LIMITS = Limits(memory_mb=1536, processes=128, open_files=4096)
BROWSER_LIMITS = Limits(memory_mb=2048, processes=512, tmp_mb=256, open_files=4096)


@dataclass(frozen=True)
class Command:
    """A program and its surroundings. `inherit` are open descriptors that stay open inside under the same numbers."""

    argv: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = APP
    limits: Limits = Limits()
    inherit: tuple[int, ...] = ()


class Ending(StrEnum):
    """Why a process ended; everything but `exited` was the sandbox's doing."""

    EXITED = "exited"
    WALL_CLOCK = "wall_clock"
    MEMORY = "memory"
    DISK = "disk"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Finished:
    """`code` is the exit status (128 + signal when killed); each output keeps its first and last part, at most 1 MB."""

    code: int
    stdout: str
    stderr: str
    ending: Ending
    seconds: float

    @property
    def ok(self) -> bool:
        return self.code == 0 and self.ending is Ending.EXITED


class Process(Protocol):
    """A running command. `stop` kills everything it started, at once, and returns when it is gone."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> Finished | None: ...
    def wait(self, timeout: float | None = None) -> Finished:
        """How it ended; a `TimeoutError` when it still runs after `timeout` seconds."""

    def stop(self) -> Finished: ...
    def hand_over(self) -> None:
        """What was put into its writable folders since it started becomes its own, as if it had been there before."""

    def output(self) -> str:
        """The newest 64 kB of stdout and stderr together, while it runs and after."""

    def memory_mb(self) -> float:
        """PSS of everything inside."""


class Sandbox(Protocol):
    @property
    def level(self) -> Level: ...
    def run(self, command: Command, *, cancelled: Callable[[], bool] = lambda: False) -> Finished: ...
    def start(self, command: Command) -> Process: ...
