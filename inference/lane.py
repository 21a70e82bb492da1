"""The one thread in which torch works, from loading to the last step. Knows nothing of what it is made to do.

A thread that calls torch's products for the first time gets helpers of its own (OpenMP). Those of one thread meet in
microseconds. Once a second thread has some, libgomp counts more threads than processors, lets all of them sleep between
any two products, and steps of several sequences take twice as long. So whatever computes goes through one lane.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Lane:
    """Jobs one after another. The thread is a daemon: a process may end while a step hangs."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        threading.Thread(target=self._work, name="torch", daemon=True).start()

    def start(self, job: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        self._jobs.put((future, job))
        return future

    def run(self, job: Callable[[], T]) -> T:
        """Waits for what it gives, or raises what it raises."""
        return self.start(job).result()

    def close(self) -> None:
        """No more jobs: the thread ends after those that were given."""
        self._jobs.put(None)

    def _work(self) -> None:
        while given := self._jobs.get():
            future, job = given
            try:
                future.set_result(job())
            except BaseException as error:
                future.set_exception(error)
            del future, job, given  # nothing of a job is kept while the next one is waited for
