"""What the model is writing right now, as an event for the studio: reasoning, text, and each file as it grows."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from builder.events import StepStreamed
from builder.model.chat import Delta
from builder.model.partial import partial_arguments

EVERY_SECONDS = 0.1
TAIL_LINES, TAIL_CHARACTERS, TALK_CHARACTERS, PARSED_CHARACTERS = 12, 1_500, 6_000, 400_000


@dataclass
class _Writing:
    name: str = ""
    pieces: list[str] = field(default_factory=list)


@dataclass
class LiveStep:
    """Collects deltas; `event` is due at once for the first and then every 0.1 s."""

    n: int
    stage: str
    clock: Callable[[], float] = time.monotonic
    _reasoning: str = ""
    _text: str = ""
    _calls: dict[int, _Writing] = field(default_factory=dict)
    _told: float = float("-inf")

    def take(self, delta: Delta) -> StepStreamed | None:
        if delta.channel == "reasoning":
            self._reasoning = _grown(self._reasoning, delta.text)
        elif delta.channel == "text":
            self._text = _grown(self._text, delta.text)
        else:
            call = self._calls.setdefault(delta.index, _Writing())
            call.name = delta.name or call.name
            call.pieces.append(delta.text)
        if self.clock() - self._told < EVERY_SECONDS:
            return None
        self._told = self.clock()
        return self.event()

    def restart(self) -> StepStreamed:
        self._reasoning, self._text = "", ""
        self._calls.clear()
        return self.event()

    def event(self) -> StepStreamed:
        calls = tuple(_shown(call) for _, call in sorted(self._calls.items()))
        reasoning, text = self._reasoning[-TALK_CHARACTERS:], self._text[-TALK_CHARACTERS:]
        return StepStreamed(self.n, self.stage, reasoning, text, calls)


def _grown(text: str, more: str) -> str:
    """Only the end is shown, so only the end is kept: talk without end must not cost without end."""
    text += more
    return text if len(text) < 4 * TALK_CHARACTERS else text[-TALK_CHARACTERS:]


def _shown(call: _Writing) -> dict[str, Any]:
    written = "".join(call.pieces)
    call.pieces = [written]
    arguments = partial_arguments(written[:PARSED_CHARACTERS])
    body = arguments.get("content") or _newest_hunk(arguments) or ""
    body = body if isinstance(body, str) else ""
    tail = "\n".join(body.splitlines()[-TAIL_LINES:])[-TAIL_CHARACTERS:]
    path = arguments.get("path")
    return {
        "name": call.name,
        "path": path[:240] if isinstance(path, str) else None,
        "lines": body.count("\n") + 1 if body else 0,
        "tail": tail,
    }


def _newest_hunk(arguments: dict[str, Any]) -> Any:
    hunks = arguments.get("hunks") or arguments.get("edits")
    newest = hunks[-1] if isinstance(hunks, list) and hunks else None
    return newest.get("replace") if isinstance(newest, dict) else None
