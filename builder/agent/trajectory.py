"""A build as training data: what the model was told and did, and how it turned out, as lines of JSON.

Three forms: `raw` (everything, and what a replay plays), `openai` (chat fine-tuning) and `slime` (SFT and RL). Knows
no tables: steps and events come in as values.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from builder.agent.journal import Step
from builder.model.chat import Message

Line = dict[str, Any]
Told = tuple[str, Mapping[str, Any]]  # an event's kind and its data
VERSION = 1


class Form(StrEnum):
    RAW = "raw"
    OPENAI = "openai"
    SLIME = "slime"


@dataclass
class Evidence:
    """What was found out between one step and the next."""

    checks: list[Line] = field(default_factory=list)
    requirements: list[Line] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    score: int | None = None

    @property
    def reward(self) -> float | None:
        """From -1 to 1: of what ended in this step, how much more passed than failed. None when nothing ended."""
        ended = [check["status"] for check in self.checks] + [item["status"] for item in self.requirements]
        good, bad = sum(s in {"passed", "proven"} for s in ended), ended.count("failed")
        return (good - bad) / (good + bad) if good + bad else None

    def line(self) -> Line:
        return {**vars(self), "reward": self.reward}


@dataclass
class Outcome:
    """How a build turned out. `after` is the evidence by step; what came after the last step has its own."""

    build: str = ""
    message: str = ""
    kind: str = ""
    status: str = ""
    usage: Line = field(default_factory=dict)
    released: list[int] = field(default_factory=list)
    score: int | None = None
    requirements: dict[str, Line] = field(default_factory=dict)
    steps: dict[int, Evidence] = field(default_factory=dict)
    last: Evidence = field(default_factory=Evidence)

    @property
    def reward(self) -> float:
        """From 0 to 1: nothing without a release; else the mean of the proven share and the score, as far as known."""
        if not self.released:
            return 0.0
        parts = [] if self.score is None else [self.score / 100]
        if self.requirements:
            proven = sum(item["status"] == "proven" for item in self.requirements.values())
            parts.append(proven / len(self.requirements))
        return round(sum(parts) / len(parts), 4) if parts else 0.5

    def line(self) -> Line:
        told = {"build": self.build, "kind": self.kind, "status": self.status}
        return {
            **told,
            "reward": self.reward,
            "score": self.score,
            "releases": self.released,
            "requirements": list(self.requirements.values()),
            "usage": self.usage,
        }


def read_outcome(events: Iterable[Told], **known: Any) -> Outcome:
    """From a build's stored events. A check that ends while a step's tools run comes before that step's own event."""
    outcome = Outcome(**known)
    for kind, data in events:
        if kind == "step" and "n" in data and not data.get("live"):
            outcome.steps[int(data["n"])] = outcome.last
            outcome.last = Evidence()
        elif kind == "usage":
            outcome.usage = {key: value for key, value in data.items() if key not in {"build_id", "at"}}
        else:
            _note(outcome, kind, data)
    return outcome


def _note(outcome: Outcome, kind: str, data: Mapping[str, Any]) -> None:
    if kind == "check" and data.get("status") in {"passed", "failed"}:
        found = [str(finding.get("message", "")) for finding in data.get("findings") or ()]
        kept = {key: data.get(key) for key in ("name", "status", "gate")}
        outcome.last.checks.append({**kept, "findings": found})
    elif kind == "requirement" and "id" in data:
        proof = data.get("proof") or {}
        item = {key: data.get(key) for key in ("id", "text", "status", "reason")} | {"finding": proof.get("finding")}
        before = outcome.requirements.get(str(item["id"]), {}).get("status", "open")
        outcome.requirements[str(item["id"])] = item
        if item["status"] != before:
            outcome.last.requirements.append(item)
    elif kind == "build" and "score" in data:
        outcome.score = outcome.last.score = data["score"]
    elif kind == "build" and "release" in data:
        outcome.released.append(data["release"])
        outcome.last.released.append(data["release"])


def _as_is(value: Any) -> Any:
    return value


def trajectory(
    steps: Sequence[Step],
    outcome: Outcome,
    tools: Sequence[Mapping[str, Any]],
    form: Form,
    clean: Callable[[Any], Any] = _as_is,
) -> Iterator[Line]:
    """The lines of a build, cleaned one by one."""
    make = {Form.RAW: _raw, Form.OPENAI: _openai, Form.SLIME: _slime}[form]
    return (clean(line) for line in make(steps, outcome, list(tools)))


def _raw(steps: Sequence[Step], outcome: Outcome, tools: list[Any]) -> Iterator[Line]:
    """A line for the build, one for each step, one for the outcome."""
    yield {"type": "build", "version": VERSION, "build": outcome.build, "message": outcome.message, "tools": tools}
    for step in steps:
        evidence = outcome.steps.get(step.n, Evidence())
        yield {
            "type": "step",
            "n": step.n,
            "messages": list(step.messages),
            "commit": step.commit,
            "compacted": step.compacted,
            **evidence.line(),
        }
    yield {"type": "outcome", **outcome.line(), "after_last_step": outcome.last.line()}


def _openai(steps: Sequence[Step], _outcome: Outcome, tools: list[Any]) -> Iterator[Line]:
    """One line a conversation: one, or one more for each time that it was folded, as the model saw it."""
    for messages, _ in _conversations(steps):
        yield {"messages": [_openai_message(message) for message in messages], "tools": tools}


def _openai_message(message: Message) -> Line:
    """Without what the fine-tuning form does not know, such as the reasoning."""
    known = ("role", "content", "tool_calls", "tool_call_id", "name")
    kept = {key: message[key] for key in known if message.get(key) is not None}
    return {**kept, "content": None} if kept.get("tool_calls") and not kept.get("content") else kept


def _slime(steps: Sequence[Step], outcome: Outcome, tools: list[Any]) -> Iterator[Line]:
    """One line a conversation: `prompt` and `label` are what RL reads, `messages` what SFT reads."""
    for number, (messages, ns) in enumerate(_conversations(steps), 1):
        rewards = [{"n": n, **outcome.steps.get(n, Evidence()).line()} for n in ns]
        shaped = [_slime_message(message) for message in messages]
        first = next((i for i, message in enumerate(messages) if message["role"] == "assistant"), len(messages))
        yield {
            "prompt": shaped[:first],
            "messages": shaped,
            "tools": tools,
            "label": str(outcome.reward),
            "metadata": {**outcome.line(), "part": number, "steps": rewards, "tools": tools},
        }


def _slime_message(message: Message) -> Line:
    """GLM's chat template walks through arguments, so they are an object and not its text."""
    calls = [
        {**call, "function": {**call["function"], "arguments": _object(call["function"]["arguments"])}}
        for call in message.get("tool_calls") or ()
    ]
    return {**message, "content": message.get("content") or "", **({"tool_calls": calls} if calls else {})}


def _object(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    try:
        value = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"not_json": arguments}


def _conversations(steps: Sequence[Step]) -> Iterator[tuple[list[Message], list[int]]]:
    """The messages between two foldings, with the numbers of their steps, up to the last thing the model said."""
    parts: list[tuple[list[Message], list[int]]] = []
    for step in steps:
        if step.compacted or not parts:
            parts.append(([], []))
        parts[-1][0].extend(step.messages)
        parts[-1][1].append(step.n)
    for messages, ns in parts:
        while messages and messages[-1]["role"] != "assistant":
            messages.pop()
        if messages:
            yield messages, ns


def replies(lines: Iterable[Mapping[str, Any]]) -> Iterator[Line]:
    """What the model answered in a `raw` trajectory, as lines of a transcript that a replay plays."""
    for line in lines:
        if line.get("type") != "step":
            continue
        if line.get("compacted"):
            yield {"reply": {"content": _summary(line["messages"])}}
            continue
        for message in line["messages"]:
            if message["role"] == "assistant":
                yield {"reply": _reply(message)}


def _reply(message: Mapping[str, Any]) -> Line:
    reply: Line = {"content": message.get("content") or None}
    if message.get("reasoning_content"):
        reply["reasoning"] = message["reasoning_content"]
    if message.get("tool_calls"):
        functions = [call["function"] for call in message["tool_calls"]]
        reply["tool_calls"] = [{"name": f["name"], "arguments": _played(f["arguments"])} for f in functions]
    return reply


def _played(arguments: Any) -> Any:
    """As the model wrote them: what was not JSON is kept in a wrapping, which is taken off again."""
    value = _object(arguments)
    return value["not_json"] if set(value) == {"not_json"} else value


def _summary(messages: Sequence[Message]) -> str:
    """What the model wrote when the conversation was folded; it stands at the end of the new opening."""
    told = str(messages[-1].get("content") or "")
    return told.rpartition("# Where you stand\n")[2].removesuffix("\nGo on from here.")
