"""Make deltas and one reply from the chunks of a stream, in whichever of the known forms they come.

Reasoning comes as `reasoning_content`, `reasoning` or in `<think>` tags. Tool calls come in pieces by index, whole in
one chunk, without index, without id, with all at index 0, with arguments as an object, or as text with tags.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from builder.model.chat import Delta, ModelError, Reply, ToolCall, Usage
from builder.model.tags import CLOSE_THINK, OPEN_THINK, TagReader, Written
from builder.model.usage import usage_of

MAX_CHARACTERS = 4_000_000
MAX_CALLS = 200
REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
CUT = frozenset({"abort", "network_error", "error", "cancelled"})
FINISHES = {
    "tool_calls": "tool_calls", "function_call": "tool_calls", "length": "length", "max_tokens": "length",
    "model_context_window_exceeded": "length",
}  # fmt: skip


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)


class Assembly:
    """One reply under way. `finish` is None for as long as the stream has not said that it is complete."""

    def __init__(self, tools: Sequence[dict[str, Any]] = ()) -> None:
        functions = [tool.get("function") or {} for tool in tools]
        self._tags = TagReader({f["name"]: f.get("parameters") or {} for f in functions if "name" in f})
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[_Call] = []
        self._places: dict[int, int] = {}
        self._usage: Usage | None = None
        self._written = 0
        self.finish: str | None = None

    def feed(self, chunk: dict[str, Any]) -> Iterator[Delta]:
        self._usage = usage_of(chunk, self._usage)
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        part = choice.get("delta") or choice.get("message")
        if isinstance(part, dict):
            yield from self._count(self._delta(part))
        if isinstance(finish := choice.get("finish_reason"), str) and finish:
            self.finish = None if finish in CUT else FINISHES.get(finish, "stop")

    def end(self) -> Iterator[Delta]:
        """What was held back, because it might have been the beginning of a tag."""
        for written in self._tags.end():
            yield from self._count(self._tagged(written))

    def reply(self, prompt_characters: int, seconds: float, first_token_seconds: float) -> Reply:
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        if (
            CLOSE_THINK in text and OPEN_THINK not in text and not reasoning
        ):  # a template that begins the thinking itself, and no parser
            reasoning, _, text = text.partition(CLOSE_THINK)
            text = text.lstrip("\n")
        calls = self._named_calls()
        finish = "tool_calls" if calls and self.finish == "stop" else self.finish or "stop"
        usage = self._usage or Usage(prompt_characters // 4, self._written // 4)
        return Reply(text, reasoning, calls, finish, usage, seconds, first_token_seconds)

    def _delta(self, part: dict[str, Any]) -> Iterator[Delta]:
        for name in REASONING_FIELDS:
            if isinstance(thought := part.get(name), str) and thought:
                self._reasoning.append(thought)
                yield Delta("reasoning", thought)
                break
        if isinstance(text := part.get("content"), str) and text:
            for written in self._tags.feed(text):
                yield from self._tagged(written)
        calls = part.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, dict):
                yield from self._called(call)

    def _tagged(self, written: Written) -> Iterator[Delta]:
        if written.channel == "call":
            yield from self._called({"function": {"name": written.name, "arguments": written.text}})
        else:
            (self._text if written.channel == "text" else self._reasoning).append(written.text)
            yield Delta(written.channel, written.text)

    def _called(self, call: dict[str, Any]) -> Iterator[Delta]:
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        name, key = _string(function.get("name")), _string(call.get("id"))
        place = self._place(call.get("index"), key, name)
        made = self._calls[place]
        begins = not made.name and bool(name)
        made.id, made.name = made.id or key, made.name or name
        arguments = function.get("arguments")
        text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
        text = "" if arguments is None else text
        if text:
            made.pieces.append(text)
        if text or begins:
            yield Delta("call", text, place, made.name)

    def _place(self, index: Any, key: str, name: str) -> int:
        """Which call a piece belongs to: a new id with a name begins a new one, also at an index that was used."""
        at = self._places.get(index) if isinstance(index, int) else None
        if not isinstance(index, int) and not name and self._calls:
            at = len(self._calls) - 1
        if at is not None and not (name and key and self._calls[at].id and key != self._calls[at].id):
            return at
        if len(self._calls) >= MAX_CALLS:
            raise ModelError(f"The model called more than {MAX_CALLS} tools in one answer.")
        self._calls.append(_Call())
        if isinstance(index, int):
            self._places[index] = len(self._calls) - 1
        return len(self._calls) - 1

    def _count(self, deltas: Iterator[Delta]) -> Iterator[Delta]:
        for delta in deltas:
            self._written += len(delta.text)
            if self._written > MAX_CHARACTERS:
                raise ModelError("The model's answer is longer than any app needs; it was cut off.")
            yield delta

    def _named_calls(self) -> tuple[ToolCall, ...]:
        """With ids that are there and differ, since an answer to a call is found by its id."""
        made: list[ToolCall] = []
        for call in self._calls:
            taken = not call.id or any(call.id == other.id for other in made)
            made.append(
                ToolCall(f"call_{secrets.token_hex(6)}" if taken else call.id, call.name, "".join(call.pieces) or "{}")
            )
        return tuple(made)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
