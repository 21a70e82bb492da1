"""The texts of the drafting conversation, from `builder/prompts/`: what never changes first, the wish last."""

import json
import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from builder.agent.assignment import Turn
from builder.agent.ledger import Requirement
from builder.drafter.model_schema import reply_schema
from builder.spec import AppKind, AppSpec

PROMPTS = Path(__file__).parents[1] / "prompts"
MAX_TURNS, MAX_TURN = 8, 400
_FENCE = re.compile(r"<(?=\s*/?\s*(?:wish|data)\b)", re.IGNORECASE)


@cache
def instructions() -> str:
    """The system message: the same bytes for every draft and every change."""
    return _rendered("draft", schema=_json(reply_schema()))


def new_app(wish: str, draft: AppSpec, unused: Sequence[str], kind: AppKind | None, ask: bool, today: date) -> str:
    return _rendered(
        "draft_new",
        draft=_without_rows(draft),
        dataset=any(entity.dataset for entity in draft.entities),
        rows=_first_rows(draft),
        unused="\n".join(unused),
        kind=kind,
        ask=ask,
        today=f"{today:%A}, {today.isoformat()}",
        wish=wish,
    )


def change(wish: str, spec: AppSpec, requirements: Sequence[Requirement], history: Sequence[Turn]) -> str:
    return _rendered(
        "draft_change",
        app=_without_rows(spec),
        requirements="\n".join(f"{item.id}: {item.text}" for item in requirements) or "none",
        history="\n".join(f"- {turn.message[:MAX_TURN]} → {turn.outcome[:MAX_TURN]}" for turn in history[-MAX_TURNS:]),
        wish=wish,
    )


def repair(problems: Sequence[str], cut: bool) -> str:
    return _rendered("draft_repair", problems=problems, cut=cut)


def _rendered(name: str, **values: Any) -> str:
    return _environment().get_template(f"{name}.md.jinja").render(values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PROMPTS),
        autoescape=False,  # noqa: S701 - text for a model; `_inside` keeps every value within its fence
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inside,
    )


def _inside(value: Any) -> Any:
    """No value can close the fence it stands in, or open one."""
    return _FENCE.sub("‹", value) if isinstance(value, str) else value


def _without_rows(spec: AppSpec) -> str:
    return _json(spec.model_dump(mode="json", exclude_defaults=True, exclude={"entities": {"__all__": {"seed"}}}))


def _first_rows(spec: AppSpec) -> str:
    return "\n".join(f"{entity.name}: {_json(entity.seed[0])[:600]}" for entity in spec.entities if entity.seed)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
