"""What every app runs on: the sandbox, the Python environment, a place for sockets, and how much is allowed."""

import asyncio
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from builder.sandbox import Command, Finished, Process, Sandbox

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Policy:
    """Seconds and counts, in one place."""

    idle_after: float = 600
    max_running: int = 40
    start_timeout: float = 15
    longest_back_off: float = 60
    answer_timeout: float = 60
    hold_timeout: float = 30
    upload_bytes: int = 100 * 1024 * 1024
    requests_per_app: int = 128


@dataclass(frozen=True)
class Machine:
    """`root` is PROTODEX_DATA; `sockets` a folder that no sandbox ever sees."""

    sandbox: Sandbox
    runtime: Path
    root: Path
    sockets: Path
    policy: Policy = Policy()
    # The kernel ends a process that asked for it when the *thread* that made it ends. These threads last as
    # long as the host, those of a loop's own pool need not.
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(32, "sandbox"))
    closing: threading.Event = field(default_factory=threading.Event)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def python(self) -> str:
        return str(self.runtime / "bin" / "python")

    def new_socket(self) -> Path:
        # As short as it can be: the path of a unix socket holds 107 bytes.
        return self.sockets / f"app{next(self._numbers)}.sock"

    async def run(self, command: Command) -> Finished:
        return await self.in_thread(lambda: self.sandbox.run(command, cancelled=self.closing.is_set))

    async def start(self, command: Command) -> Process:
        return await self.in_thread(self.sandbox.start, command)

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, lambda: work(*args, **kwargs))
