"""Reasoning and tool calls that a server without parsers leaves in the text, as GLM, Qwen and others write them.

    <think>reasoning</think>text
    <tool_call>name\\n<arg_key>path</arg_key>\\n<arg_value>a.py</arg_value>\\n</tool_call>
    <tool_call>{"name": "name", "arguments": {"path": "a.py"}}</tool_call>

Text comes in pieces that may end anywhere, also in the middle of a tag; what might be a tag's beginning is held back.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

OPEN_THINK, CLOSE_THINK = "<think>", "</think>"
OPEN_CALL, CLOSE_CALL = "<tool_call>", "</tool_call>"
ARGUMENT = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)

Schemas = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Written:
    """A piece of text or reasoning, or a whole call with its arguments as JSON."""

    channel: Literal["reasoning", "text", "call"]
    text: str
    name: str = ""


class TagReader:
    """`schemas` are the parameters of the declared tools by name: text that names no tool stays text."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._held = ""
        self._inside: Literal["start", "think", "text", "call"] = "start"
        self._around: Literal["reasoning", "text"] = "text"
        self._body: list[str] = []
        self._tail = ""

    def feed(self, piece: str) -> Iterator[Written]:
        if self._inside == "call" and (piece := self._gathered(piece)) == "":
            return
        self._held += piece
        while (step := self._step(end=False)) is not None:
            yield from step
        if self._inside == "call":
            held, self._held = self._held, ""
            self._gathered(held)

    def end(self) -> Iterator[Written]:
        self._held += "".join(self._body)
        self._body = []
        while (self._held or self._inside == "call") and (step := self._step(end=True)) is not None:
            yield from step

    def _gathered(self, piece: str) -> str:
        """All of a call's body once its end has come: a long file in small pieces is searched and joined once."""
        self._body.append(piece)
        self._tail += piece
        if CLOSE_CALL not in self._tail:
            self._tail = self._tail[1 - len(CLOSE_CALL) :]
            return ""
        body, self._body, self._tail = "".join(self._body), [], ""
        return body

    def _step(self, *, end: bool) -> list[Written] | None:
        """One move forward, or None when more text is needed."""
        match self._inside:
            case "start":
                return self._start(end=end)
            case "think":
                return self._until((CLOSE_THINK, *self._call_tags()), "reasoning", end=end)
            case "text":
                return self._until(self._call_tags(), "text", end=end)
            case "call":
                return self._call(end=end)

    def _start(self, *, end: bool) -> list[Written] | None:
        """Only at the very beginning is `<think>` a tag; later it may be part of a program."""
        begun = self._held.lstrip()
        if begun.startswith(OPEN_THINK):
            self._held, self._inside = begun[len(OPEN_THINK) :].lstrip("\n"), "think"
            return []
        if not end and OPEN_THINK.startswith(begun):
            return None
        self._inside = "text"
        return []

    def _until(
        self, tags: tuple[str, ...], channel: Literal["reasoning", "text"], *, end: bool
    ) -> list[Written] | None:
        found = min(((at, tag) for tag in tags if (at := self._held.find(tag)) >= 0), default=None)
        if found is not None:
            at, tag = found
            before, self._held = self._held[:at], self._held[at + len(tag) :]
            self._inside, self._around = ("call" if tag == OPEN_CALL else "text"), channel
            if tag == CLOSE_THINK:
                self._held = self._held.lstrip("\n")
            return [Written(channel, before)] if before else []
        keep = 0 if end else max((_overlap(self._held, tag) for tag in tags), default=0)
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return [Written(channel, ready)] if ready else None

    def _call_tags(self) -> tuple[str, ...]:
        return (OPEN_CALL,) if self._schemas else ()

    def _call(self, *, end: bool) -> list[Written] | None:
        at = self._held.find(CLOSE_CALL)
        if at < 0 and not end:
            return None
        body, self._held = (self._held, "") if at < 0 else (self._held[:at], self._held[at + len(CLOSE_CALL) :])
        if (call := parse_call(body, self._schemas, complete=at >= 0)) is not None:
            self._held, self._inside = self._held.lstrip("\n"), "text"
            return [call]
        self._inside = "think" if self._around == "reasoning" else "text"
        return [Written(self._around, OPEN_CALL + body + (CLOSE_CALL if at >= 0 else ""))]


def parse_call(body: str, schemas: Schemas, *, complete: bool = True) -> Written | None:
    """The call that was written between the tags, or None when it names no tool.

    One that is cut off keeps its text as arguments: they are no JSON, so that nothing half written is ever done.
    """
    if body.lstrip().startswith("{"):
        return _json_call(body, schemas)
    name, _, rest = body.partition("<arg_key>")
    name = name.strip()
    if name not in schemas:
        return None
    given = f"<arg_key>{rest}" if rest else ""
    if not complete or ARGUMENT.sub("", given).strip():
        return Written("call", body, name)
    properties = schemas[name].get("properties") or {}
    arguments = {key.strip(): _value(text, properties.get(key.strip())) for key, text in ARGUMENT.findall(given)}
    return Written("call", json.dumps(arguments, ensure_ascii=False), name)


def _json_call(body: str, schemas: Schemas) -> Written | None:
    try:
        call = json.loads(body)
        name, arguments = call["name"], call.get("arguments", {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(name, str) or name not in schemas:
        return None
    return Written("call", arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False), name)


def _value(text: str, schema: Any) -> Any:
    """As the schema says: a string stays as it was written, to the byte; everything else is JSON."""
    if isinstance(schema, dict) and _allows_string(schema):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _allows_string(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    if kinds == "string" or (isinstance(kinds, list) and "string" in kinds):
        return True
    return any(isinstance(part, dict) and _allows_string(part) for part in schema.get("anyOf") or ())


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of `text` may begin `tag`."""
    return next((n for n in range(min(len(tag) - 1, len(text)), 0, -1) if text.endswith(tag[:n])), 0)
