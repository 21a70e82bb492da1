"""Try a model with one tiny question: does it answer, how fast, and does it call a tool in pieces?"""

import time
from dataclasses import dataclass

from builder.checks.probe import CancelledError
from builder.model.chat import ChatRequest, Delta, ModelError, ModelUnavailableError, Reply, Restarted
from builder.model.http import HTTPModel

SECONDS = 90
TOOL = {
    "type": "function",
    "function": {
        "name": "note",
        "description": "Keep a note.",
        "parameters": {
            "type": "object",
            "properties": {"text": {"type": "string", "description": "Three sentences."}},
            "required": ["text"],
        },
    },
}
QUESTION = ChatRequest(
    [{"role": "user", "content": "Call the tool `note` once, with three short sentences about the sea as its text."}],
    tools=[TOOL],
    thinking=False,
    max_tokens=600,
)


@dataclass(frozen=True)
class Trial:
    """`pieces` of the call's arguments came; 0 when the tool was not called."""

    first_token_seconds: float
    tokens_per_second: float | None
    pieces: int

    @property
    def called(self) -> bool:
        return self.pieces > 0

    @property
    def streams(self) -> bool:
        return self.pieces > 1


def try_model(model: HTTPModel, seconds: float = SECONDS) -> Trial:
    """Raises ModelError."""
    until = time.monotonic() + seconds
    pieces = 0
    try:
        for item in model.stream(QUESTION, lambda: time.monotonic() > until):
            match item:
                case Restarted():
                    pieces = 0
                case Delta(channel="call", text=text):
                    pieces += bool(text)
                case Reply():
                    return Trial(item.first_token_seconds, _speed(item), pieces if item.calls else 0)
    except CancelledError:
        raise ModelUnavailableError(f"The model took more than {seconds:.0f} s for a tiny question.") from None
    raise ModelError("The model's answer ended before it was complete.")


def _speed(reply: Reply) -> float | None:
    """After the first token; a handful of tokens, or all of them at once, tells nothing."""
    writing = reply.seconds - reply.first_token_seconds
    return reply.usage.completion / writing if reply.usage.completion >= 20 and writing > 0.2 else None
