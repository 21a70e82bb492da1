"""The descriptors between this process and the bubblewraps it starts: their arguments, their news, and a brake.

A brake, because a process must be in its control group before it starts others: it waits until told.
"""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

from builder.sandbox import spawner
from builder.sandbox.spawner import pipes_of

_START_SECONDS = 30
_OUT_OF_MEMORY_FIRST = "500"  # the kernel picks a sandbox before anything else of this service


class SandboxStartError(RuntimeError):
    """Bubblewrap ended before the program ran; the message is what it said."""


class Plumbing:
    """Opened for one start: what the children get is closed here when they have it, the rest at the end."""

    def __init__(self) -> None:
        self._given: list[int] = []
        self._kept: list[int] = []
        self._started: subprocess.Popen[bytes] | None = None
        self._news, self._bubblewraps_news = os.pipe()
        self._bubblewraps_brake, self._brake = os.pipe()
        self._kept += [self._news, self._brake]
        self._given += [self._bubblewraps_news, self._bubblewraps_brake]

    def control(self) -> list[str]:
        """The arguments of the bubblewrap that is held back, and whose first process holds all the others."""
        return ["--json-status-fd", str(self._bubblewraps_news), "--block-fd", str(self._bubblewraps_brake)]

    def __enter__(self) -> "Plumbing":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error and self._started:
            # Before the brake is let go below: bubblewrap and its first process are still one group.
            with suppress(ProcessLookupError):
                os.killpg(self._started.pid, signal.SIGKILL)
            self._started.communicate()
        for descriptor in self._given + self._kept:
            os.close(descriptor)
        self._given, self._kept = [], []

    def file_of(self, content: bytes) -> int:
        """A descriptor that the child reads `content` from."""
        descriptor = os.memfd_create("plumbing")
        self._given.append(descriptor)
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return descriptor

    def arguments(self, arguments: Sequence[str]) -> list[str]:
        """Through a descriptor: a command line can be read by everybody on the machine, and is short."""
        if any("\0" in argument for argument in arguments):
            raise ValueError("A zero byte in a name or a value would begin another argument of the sandbox.")
        return ["--args", str(self.file_of(b"".join(os.fsencode(argument) + b"\0" for argument in arguments)))]

    def spawn(
        self, argv: Sequence[str], inherit: Sequence[int], undo: ExitStack
    ) -> tuple[subprocess.Popen[bytes], int, int]:
        """Start bubblewrap: with it, the first process of its namespace, braked, and a handle (pidfd) of that."""
        self._started = popen = spawner.spawn(argv, env={}, pass_fds=(*self._given, *inherit))
        for descriptor in self._given:
            os.close(descriptor)
        self._given = []
        first = _child_pid(popen, self._news)
        handle = os.pidfd_open(first)
        undo.callback(os.close, handle)
        # Bubblewrap writes its news once more at the end, and would die of a closed pipe.
        self._kept.remove(self._news)
        undo.callback(os.close, self._news)
        with suppress(OSError):
            Path(f"/proc/{first}/oom_score_adj").write_text(_OUT_OF_MEMORY_FIRST)
        return popen, first, handle

    def let_go(self) -> None:
        with suppress(BrokenPipeError):
            os.write(self._brake, b"1")


def _child_pid(popen: subprocess.Popen[bytes], descriptor: int) -> int:
    """The `child-pid` that bubblewrap writes once it has made its child."""
    news = select.poll()
    news.register(descriptor, select.POLLIN)
    text, deadline = "", time.monotonic() + _START_SECONDS
    while '"child-pid"' not in text or "}" not in text:
        ready = news.poll(max(0.0, deadline - time.monotonic()) * 1000)
        chunk = os.read(descriptor, 4096) if ready else b""
        if not chunk:
            os.killpg(popen.pid, signal.SIGKILL)
            said = pipes_of(popen)[1].read().decode(errors="replace").strip()
            raise SandboxStartError(said or "The sandbox did not start in time.")
        text += chunk.decode()
    return int(json.JSONDecoder().raw_decode(text.strip())[0]["child-pid"])
