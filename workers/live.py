"""What a model is writing right now, on its way to whoever watches: the newest state wins, and losing one is fine."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from builder.events import StepStreamed
from workers.plain import plain

EVERY_SECONDS = 0.1
PAUSE_SECONDS = 5.0  # a broker that hangs must not slow the build down
MAX_TEXT = 40_000  # characters of reasoning or text: whoever watches sees the newest

Send = Callable[[dict[str, Any] | None], bool]


def _nowhere(_: dict[str, Any] | None) -> bool:
    return True


@dataclass
class LiveFeed:
    """Hands on at most one state every 0.1 s, a step's first at once.

    `send` gets None when nothing is live any more; where it answers that it failed, it is left alone for a while.

    A state that had to wait is handed on by the next `pulse`, which the recorder's thread calls all the time.
    """

    send: Send = _nowhere
    _waiting: StepStreamed | None = None
    _due_at: float = 0.0
    _paused_until: float = 0.0
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
            self._waiting, self._due_at = None, 0.0
            if self._shown:
                self._shown = False
                self._send(None)

    def _send_if_due(self) -> None:
        if self._waiting is None or time.monotonic() < max(self._due_at, self._paused_until):
            return
        self._due_at = time.monotonic() + EVERY_SECONDS
        event, self._waiting, self._shown = self._waiting, None, True
        data = event.data()
        data |= {name: data[name][-MAX_TEXT:] for name in ("reasoning", "text")}
        self._send(plain(data))

    def _send(self, data: dict[str, Any] | None) -> None:
        if not self.send(data):
            self._paused_until = time.monotonic() + PAUSE_SECONDS
