"""The opening of a run: the system prompt, the same for every run of a kind, and one message with the assignment."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from builder.agent.assignment import Assignment
from builder.agent.ledger import Requirement
from builder.model.chat import Message
from builder.spec import AppSpec

PROMPTS = Path(__file__).parents[1] / "prompts"
MAX_SEED_ROWS, MAX_LISTED_FILES = 2, 400
_prompts = Environment(
    loader=FileSystemLoader(PROMPTS),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # noqa: S701 - a prompt is plain text
    keep_trailing_newline=False,
)


def opening(
    assignment: Assignment, requirements: Sequence[Requirement], files: Mapping[str, bytes], *, research: bool
) -> list[Message]:
    """`files` are listed by name and number of lines; what is in them the model reads where it needs it."""
    spec = assignment.spec
    system = _prompts.get_template("agent_system.md.jinja").render(kind=spec.kind.value, research=research)
    listed = [(path, _size(data)) for path, data in sorted(files.items())][:MAX_LISTED_FILES]
    user = _prompts.get_template("agent_opening.md.jinja").render(
        message=assignment.message,
        history=assignment.history[-12:],
        spec=json.dumps(_short_spec(spec), ensure_ascii=False, separators=(",", ":")),
        requirements=requirements,
        files=listed,
        notes=assignment.notes,
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def _short_spec(spec: AppSpec) -> dict[str, Any]:
    """Without what is not set, and with the first rows of the seed only."""
    values = spec.model_dump(mode="json", exclude_defaults=True)
    for entity in values.get("entities", ()):
        rows = entity.get("seed") or []
        if len(rows) > MAX_SEED_ROWS:
            entity["seed"] = [*rows[:MAX_SEED_ROWS], f"and {len(rows) - MAX_SEED_ROWS} more"]
    return values


def _size(data: bytes) -> str:
    lines = data.count(b"\n")
    return f"{lines} lines" if b"\0" not in data else f"{len(data)} bytes"
