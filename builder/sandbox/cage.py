"""Hold the processes of one sandbox together: by the first process of their namespace, whose end ends them all."""

import contextlib
import select
import signal
import threading

from builder.sandbox import usage
from builder.sandbox.cgroup import Cgroup
from builder.sandbox.ownership import Lease

_DEATH_MS = 10_000


class NamespaceCage:
    """`first` is the namespace's first process, as the host numbers it, `handle` a pidfd of it, closed by `undo`.

    `lease` makes the writable folders another user's, where there is one.
    """

    def __init__(
        self, first: int, handle: int, cgroup: Cgroup | None, lease: Lease | None, undo: contextlib.ExitStack
    ) -> None:
        self._first = first
        self._handle: int | None = handle
        self._cgroup = cgroup
        self._lease = lease
        self._undo = undo
        self._lock = threading.Lock()

    def pids(self) -> list[int]:
        return usage.descendants(self._first)

    def kill(self) -> None:
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def hand_over(self) -> None:
        with self._lock:
            if self._lease and self._handle is not None:
                self._lease.renew()

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
            death = select.poll()
            death.register(handle, select.POLLIN)
            death.poll(_DEATH_MS)
            self._undo.close()
