"""What a model is writing right now, on its way to whoever watches: the newest state wins, and losing one is fine."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from builder.events import StepStreamed
from workers.plain import plain

EVERY_SECONDS = 0.1
MAX_TEXT = 40_000  # characters of reasoning or text: whoever watches sees the newest

Send = Callable[[dict[str, Any] | None], None]


def _nowhere(_: dict[str, Any] | None) -> None:
    return


@dataclass
class LiveFeed:
    """Hands on at most one state every 0.1 s, a step's first at once. `send` gets None when there is nothing live any more.

    A state that had to wait is handed on by the next `pulse`, which the recorder's thread calls all the time.
    """

    send: Send = _nowhere
    _waiting: StepStreamed | None = None
    _sent_at: float = float("-inf")
    _shown: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, event: StepStreamed) -> None:
        with self._lock:
            self._waiting = event
            self._send_if_due()

    def pulse(self) -> None:
        with self._lock:
            self._send_if_due()

    def clear(self) -> None:
        """The step is over and stored; nothing of it may be handed on any more."""
        with self._lock:
            self._waiting, self._sent_at = None, float("-inf")
            if self._shown:
                self._shown = False
                self.send(None)

    def _send_if_due(self) -> None:
        if self._waiting is None or time.monotonic() - self._sent_at < EVERY_SECONDS:
            return
        self._sent_at = time.monotonic()
        event, self._waiting, self._shown = self._waiting, None, True
        data = event.data()
        data |= {name: data[name][-MAX_TEXT:] for name in ("reasoning", "text")}
        self.send(plain(data))
