"""What a model answered in a run, as a file: JSON Lines, one object for each of its replies, in order.

    {"reply": {"content": "text or null", "reasoning": "text", "tool_calls": [{"name": "finish", "arguments": {}}]}}

The first line may be a head instead, with what was asked. All fields of a reply may be left out. `arguments` is an
object, or a string where the model wrote something else. A line may hold more (the request, a comment); only `reply`
is read.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.model.chat import Reply, ToolCall


class TranscriptError(ValueError):
    """A transcript has a line that is no reply; the message says which."""


def read_transcript(path: Path) -> list[Reply]:
    lines = path.read_text(encoding="utf-8").splitlines()
    first = 1 if lines and _is_head(lines[0]) else 0
    numbered = list(enumerate(lines, 1))[first:]
    return [_read_line(line, f"{path.name}:{number}") for number, line in numbered if line.strip()]


def write_transcript(path: Path, replies: Iterable[Reply]) -> None:
    lines = [json.dumps({"reply": _form(reply)}, ensure_ascii=False) for reply in replies]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def reply_from(form: dict[str, Any], number: int) -> Reply:
    """The reply that a transcript's line or a hand-written file tells; its calls get ids that a rerun gets again."""
    calls = tuple(
        ToolCall(f"call_{number}_{index}", str(call["name"]), _text(call.get("arguments", {})))
        for index, call in enumerate(form.get("tool_calls") or ())
    )
    finish = str(form.get("finish") or ("tool_calls" if calls else "stop"))
    return Reply(form.get("content") or "", form.get("reasoning") or "", calls, finish)


def _is_head(line: str) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and "prompt" in value and "reply" not in value


def _read_line(line: str, where: str) -> Reply:
    try:
        return reply_from(json.loads(line)["reply"], int(where.rpartition(":")[2]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TranscriptError(f'{where} is not of the form {{"reply": {{…}}}}: {error!r}') from error


def _text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _form(reply: Reply) -> dict[str, Any]:
    form: dict[str, Any] = {"content": reply.text or None}
    if reply.reasoning:
        form["reasoning"] = reply.reasoning
    if reply.calls:
        form["tool_calls"] = [{"name": call.name, "arguments": _value(call.arguments)} for call in reply.calls]
    if reply.finish not in {"stop", "tool_calls"}:
        form["finish"] = reply.finish
    return form


def _value(arguments: str) -> Any:
    """Arguments as an object where the text can be had back from it."""
    try:
        value = json.loads(arguments)
    except ValueError:
        return arguments
    return value if isinstance(value, dict) and _text(value) == arguments else arguments
