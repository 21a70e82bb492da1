"""A running sandboxed program, watched by one thread: its output, its clock, its memory and its disk.

How the program is held together and killed is a `Cage`'s business; this is the same for every kind of sandbox.
"""

import logging
import os
import selectors
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from builder.sandbox import usage
from builder.sandbox.interface import Ending, Finished, Limits
from builder.sandbox.output import NEWEST, FirstAndLast, NewestBytes
from builder.sandbox.spawner import pipes_of

log = logging.getLogger(__name__)

_WATCH_SECONDS = 0.25
_DISK_SECONDS = 1.0
_CANCEL_SECONDS = 0.1


class Cage(Protocol):
    """What holds the processes of one program."""

    def pids(self) -> list[int]: ...
    def kill(self) -> None: ...
    def hand_over(self) -> None:
        """Make everything in the writable folders the program's own."""

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed something in it for its memory."""

    def counts_memory(self) -> bool:
        """Whether the kernel holds the memory limit, so that nobody else has to."""

    def close(self) -> None:
        """Called once, when the first process has ended: kill what is left, wait for it, remove every trace."""


class WatchedProcess:
    def __init__(
        self, popen: subprocess.Popen[bytes], cage: Cage, limits: Limits, writable: Sequence[Path], began: float
    ) -> None:
        self._popen = popen
        self._cage = cage
        self._limits = limits
        self._writable = writable
        self._began = began
        self._ending = Ending.EXITED
        self._lock = threading.Lock()
        self._stdout, self._stderr, self._newest = FirstAndLast(), FirstAndLast(), NewestBytes(NEWEST)
        self._finished: Finished | None = None
        self._done = threading.Event()
        self._next_disk = began
        threading.Thread(target=self._watch, name=f"sandbox-{popen.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def poll(self) -> Finished | None:
        return self._finished

    def wait(self, timeout: float | None = None) -> Finished:
        if not self._done.wait(timeout):
            raise TimeoutError(f"Process {self.pid} still runs after {timeout} seconds.")
        assert self._finished is not None
        return self._finished

    def stop(self) -> Finished:
        self._end(Ending.STOPPED)
        return self.wait()

    def hand_over(self) -> None:
        self._cage.hand_over()

    def output(self) -> str:
        with self._lock:
            return self._newest.text()

    def memory_mb(self) -> float:
        return 0.0 if self._done.is_set() else usage.pss_mb(self._cage.pids())

    def wait_unless(self, cancelled: Callable[[], bool]) -> Finished:
        """Wait for the end, and make it the end as soon as `cancelled` says so."""
        try:
            while not self._done.wait(_CANCEL_SECONDS):
                if cancelled():
                    return self.stop()
        except BaseException:  # the caller is interrupted: what it started must not outlive it
            self.stop()
            raise
        return self.wait()

    def _watch(self) -> None:
        try:
            self._read_until_exit()
        except Exception:
            log.exception("Watching a sandboxed process failed; it is killed")
            self._cage.kill()
        code = self._popen.wait()
        try:
            if self._ending is Ending.EXITED and self._cage.out_of_memory():
                self._ending = Ending.MEMORY
            if self._ending is Ending.EXITED and self._too_much_disk():
                self._ending = Ending.DISK
            self._cage.close()
            self._drain()
        except Exception:
            log.exception("Cleaning up after a sandboxed process failed")
        finally:
            for pipe in pipes_of(self._popen):
                pipe.close()
            self._finished = Finished(
                code=code if code >= 0 else 128 - code,
                stdout=self._stdout.text(),
                stderr=self._stderr.text(),
                ending=self._ending,
                seconds=time.monotonic() - self._began,
            )
            self._done.set()

    def _read_until_exit(self) -> None:
        stdout, stderr = pipes_of(self._popen)
        exited = os.pidfd_open(self._popen.pid)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(stdout, selectors.EVENT_READ, self._stdout)
                selector.register(stderr, selectors.EVENT_READ, self._stderr)
                selector.register(exited, selectors.EVENT_READ)
                next_look = self._began + _WATCH_SECONDS
                while True:
                    for key, _ in selector.select(max(0.0, self._next_moment(next_look) - time.monotonic())):
                        if key.data is None:
                            return
                        if not self._read(key.fd, key.data):
                            selector.unregister(key.fileobj)
                    if time.monotonic() >= next_look:
                        self._look()
                        next_look = time.monotonic() + self._watch_seconds()
                    if self._overdue():
                        self._end(Ending.WALL_CLOCK)
        finally:
            os.close(exited)

    def _next_moment(self, next_look: float) -> float:
        if self._limits.wall_seconds is None or self._overdue():
            return next_look
        return min(next_look, self._began + self._limits.wall_seconds)

    def _watch_seconds(self) -> float:
        return _DISK_SECONDS if self._cage.counts_memory() else _WATCH_SECONDS

    def _overdue(self) -> bool:
        wall = self._limits.wall_seconds
        return wall is not None and time.monotonic() >= self._began + wall

    def _look(self) -> None:
        if self._cage.out_of_memory() or (not self._cage.counts_memory() and self._too_big()):
            self._end(Ending.MEMORY)
        now = time.monotonic()
        if now >= self._next_disk:
            if self._too_much_disk():
                self._end(Ending.DISK)
            took = time.monotonic() - now
            self._next_disk = now + max(_DISK_SECONDS, 20 * took)  # counting many files takes 5% of one core at most

    def _too_big(self) -> bool:
        pids = self._cage.pids()
        rest = self._limits.memory_mb - usage.unlinked_bytes(pids, {usage.memory_disk()}) / 2**20
        return usage.rss_mb(pids) > rest and usage.pss_mb(pids) > rest

    def _too_much_disk(self) -> bool:
        limit = self._limits.disk_mb * 2**20
        used = usage.unlinked_bytes(self._cage.pids(), usage.disks_of(self._writable))
        for folder in self._writable:
            used += usage.folder_bytes(folder, limit - used)
        return used > limit

    def _end(self, ending: Ending) -> None:
        with self._lock:
            if self._done.is_set() or self._ending is not Ending.EXITED:
                return
            self._ending = ending
        self._cage.kill()

    def _read(self, descriptor: int, stream: FirstAndLast) -> bool:
        chunk = os.read(descriptor, 65536)
        with self._lock:
            stream.append(chunk)
            if chunk:
                self._newest.append(chunk)
        return bool(chunk)

    def _drain(self) -> None:
        """What is still in the pipes; every writer has gone, so this ends."""
        for pipe, stream in zip(pipes_of(self._popen), (self._stdout, self._stderr), strict=True):
            os.set_blocking(pipe.fileno(), False)
            try:
                while self._read(pipe.fileno(), stream):
                    pass
            except BlockingIOError:
                continue
