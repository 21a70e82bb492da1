"""The descriptors between this process and the bubblewraps it starts: their arguments, their news, and a brake.

A brake, because a process must be in its control group before it starts others: it waits until told.
"""

import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from builder.sandbox import spawner
from builder.sandbox.cage import NamespaceCage
from builder.sandbox.cgroup import Cgroup
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
        self._status_end, self.status = self._pipe()
        self._info_end, self.info = self._pipe()
        self.block, self._block_end = os.pipe()
        self._given.append(self.block)
        self._kept.append(self._block_end)

    def __enter__(self) -> "Plumbing":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error and self._started:
            self._started.kill()  # before the brake is let go below
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
        return ["--args", str(self.file_of(b"".join(os.fsencode(argument) + b"\0" for argument in arguments)))]

    def spawn(self, argv: Sequence[str], inherit: Sequence[int]) -> subprocess.Popen[bytes]:
        self._started = popen = spawner.spawn(argv, env={}, pass_fds=(*self._given, *inherit))
        for descriptor in self._given:
            os.close(descriptor)
        self._given = []
        return popen

    def let_go(self, popen: subprocess.Popen[bytes], cgroup: Cgroup | None) -> None:
        pid = _child_pid(popen, self._info_end)
        if cgroup:
            cgroup.add(pid)
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/oom_score_adj").write_text(_OUT_OF_MEMORY_FIRST)
        with contextlib.suppress(BrokenPipeError):
            os.write(self._block_end, b"1")

    def cage(
        self, popen: subprocess.Popen[bytes], cgroup: Cgroup | None, clean_up: Callable[[], None]
    ) -> NamespaceCage:
        pid = _child_pid(popen, self._status_end)
        handle = os.pidfd_open(pid)
        # Bubblewrap writes there once more at the end, and would die of a closed pipe.
        self._kept.remove(self._status_end)
        return NamespaceCage(pid, handle, self._status_end, cgroup, clean_up)

    def _pipe(self) -> tuple[int, int]:
        ours, theirs = os.pipe()
        self._kept.append(ours)
        self._given.append(theirs)
        return ours, theirs


def _child_pid(popen: subprocess.Popen[bytes], descriptor: int) -> int:
    """The `child-pid` that bubblewrap writes once it has made its child."""
    text, deadline = "", time.monotonic() + _START_SECONDS
    while '"child-pid"' not in text or "}" not in text:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(descriptor, 4096) if ready else b""
        if not chunk:
            popen.kill()
            said = pipes_of(popen)[1].read().decode(errors="replace").strip()
            raise SandboxStartError(said or "The sandbox did not start in time.")
        text += chunk.decode()
    return int(json.JSONDecoder().raw_decode(text.strip())[0]["child-pid"])
