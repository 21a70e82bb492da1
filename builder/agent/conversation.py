"""The messages of a run. They are only ever appended to, so that each prompt begins with the whole of the one before;
when the window fills up they are folded once into a summary, and the appending begins anew.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from builder.model.chat import ChatModel, ChatRequest, Message, ModelError, Reply, ToolCall, ask

FULL_SHARE = 0.6
CHARACTERS_PER_TOKEN = 3.2  # code, JSON and English in GLM's vocabulary; only used where the endpoint counts nothing
MAX_KEPT_ARGUMENTS = 20_000
SUMMARY_TOKENS = 1_500
FOLD = (
    "The window is nearly full. Write a summary for yourself to go on from: what was done and why, in which files; "
    "what was found out about this app; what failed and is still open; what you were about to do. Do not call a tool. "
    "At most 500 words."
)


@dataclass
class Conversation:
    """`tokens` is what the last prompt and its reply took, as told or estimated."""

    messages: list[Message] = field(default_factory=list)
    tokens: int = 0

    def add(self, *messages: Message) -> None:
        self.messages.extend(messages)

    def counted(self, reply: Reply) -> None:
        told = reply.usage.prompt + reply.usage.completion
        self.tokens = told if reply.usage.prompt else estimate(self.messages)

    def is_full(self, window: int) -> bool:
        return self.tokens > window * FULL_SHARE

    def fold(self, opening: Sequence[Message], model: ChatModel, request: ChatRequest, told: Sequence[str]) -> Reply:
        """Replace all by `opening` and a summary, which the model writes; where it can't, by what the steps did."""
        question: Message = {"role": "user", "content": FOLD}
        try:
            asked = ChatRequest([*self.messages, question], request.tools, None, request.thinking, SUMMARY_TOKENS)
            reply = ask(model, asked)
        except ModelError:
            reply = Reply()
        summary = reply.text.strip() or "What you did so far:\n" + "\n".join(f"- {line}" for line in told[-60:])
        self.messages = [*opening[:-1], _with_summary(opening[-1], summary)]
        self.tokens = estimate(self.messages) + estimate(request.tools)
        return reply


def _with_summary(message: Message, summary: str) -> Message:
    return {**message, "content": f"{message['content']}\n\n# Where you stand\n{summary}\nGo on from here."}


def estimate(messages: Sequence[Message]) -> int:
    return int(len(json.dumps(messages, ensure_ascii=False)) / CHARACTERS_PER_TOKEN)


def kept(reply: Reply, refused: frozenset[str]) -> Message:
    """The reply as the next prompt has it. Arguments that no server could parse, or that were refused and are long,
    are kept in short: a template that reads arguments as JSON must not fail, nor the window fill with what was refused.
    """
    message = reply.message()
    for call, shown in zip(reply.calls, message.get("tool_calls", ()), strict=True):
        shown["function"]["arguments"] = _kept_arguments(call, call.id in refused)
    return message


def _kept_arguments(call: ToolCall, refused: bool) -> str:
    try:
        values = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        return json.dumps({"not_json": call.arguments[:2_000]})
    if refused and len(call.arguments) > MAX_KEPT_ARGUMENTS:
        return json.dumps({name: _short(value) for name, value in values.items()}, ensure_ascii=False)
    return call.arguments or "{}"


def _short(value: object) -> object:
    text = value if isinstance(value, str) else json.dumps(value)
    return value if len(text) < 1_000 else f"{text[:400]} [{len(text) - 400} characters more, refused]"
