"""Hold the processes of one sandbox together: by the first process of their namespace, whose end ends them all."""

import contextlib
import os
import select
import signal
import threading
from collections.abc import Callable

from builder.sandbox import usage
from builder.sandbox.cgroup import Cgroup

_DEATH_SECONDS = 10


class NamespaceCage:
    """`init` is the namespace's first process, as the host numbers it; the cage takes over its `handle` (a pidfd)
    and `status`, the descriptor that bubblewrap's news come from."""

    def __init__(
        self, init: int, handle: int, status: int, cgroup: Cgroup | None, clean_up: Callable[[], None]
    ) -> None:
        self._init = init
        self._handle: int | None = handle
        self._status = status
        self._cgroup = cgroup
        self._clean_up = clean_up
        self._lock = threading.Lock()

    def pids(self) -> list[int]:
        return usage.descendants(self._init)

    def kill(self) -> None:
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def out_of_memory(self) -> bool:
        return self._cgroup is not None and self._cgroup.out_of_memory()

    def counts_memory(self) -> bool:
        return self._cgroup is not None

    def close(self) -> None:
        self.kill()
        with self._lock:
            handle, self._handle = self._handle, None
        if handle is not None:
            # Readable when the namespace's first process has gone, which it does after all others in it.
            select.select([handle], [], [], _DEATH_SECONDS)
            os.close(handle)
            os.close(self._status)
        self._clean_up()
