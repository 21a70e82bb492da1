"""How fast the server is, where it tells. Asked beside the work, so that no step waits for it."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from builder.model.chat import ChatModel, Reply, Usage
from builder.model.metrics import Measured

SHORTEST = 0.25  # seconds: what comes in one piece says nothing of how fast it was written


@runtime_checkable
class Measuring(Protocol):
    def measure(self) -> Measured | None: ...


@dataclass
class Speed:
    model: ChatModel
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "speed"))
    _asked: "Future[Measured | None] | None" = None
    _told: Measured = field(default_factory=lambda: Measured(None, None))

    def after(self, reply: Reply, spent: Usage) -> Measured:
        """Tokens a second of this reply, and the share of drafted tokens that were right: the run's own where usage
        tells it, else the server's at the last look.
        """
        if self._asked is not None and self._asked.done() and self._asked.exception() is None:
            self._told = self._asked.result() or self._told
        if isinstance(self.model, Measuring) and (self._asked is None or self._asked.done()):
            self._asked = self._pool.submit(self.model.measure)
        seconds = reply.seconds - reply.first_token_seconds
        own = round(reply.usage.completion / seconds, 1) if reply.usage.completion and seconds > SHORTEST else None
        acceptance = spent.accepted / spent.drafted if spent.drafted else self._told.acceptance
        return Measured(own or self._told.tokens_per_second, acceptance)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
