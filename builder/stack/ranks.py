"""Who is ahead: what rows are ranked by, and whether much or little of it is best."""

import re
from typing import Any

from builder.stack.views import EntityView

SCORE = re.compile(r"(^|_)(points?|score|wins?|total|goals?|stars|likes|votes?|level|xp|streak|rating)($|_)")
LOWEST = re.compile(
    r"^((best|fastest|finish(ing)?|race|lap|net|gun|chip|record)_)?(time|pace|lap)$|(^|_)(strokes|faults|penalt(y|ies))$"
)
STANDING = re.compile(r"(^|_)(standings?|rankings?|leaderboards?|scoreboards?|high_?scores?)$")
PLACE = re.compile(r"^(rank|place|position|standing)$")


def leaderboard(entity: EntityView) -> dict[str, Any] | None:
    """What rows are ranked by, and the relation to whom they are added up for."""
    if not entity.has("leaderboard"):
        return None
    options = entity.options("leaderboard")
    kind, _, name = str(options.get("by") or "").rpartition(":")
    numbers = {f.name: str(f.label) for f in entity.fields if f.is_number} | dict.fromkeys(entity.added, "")
    if name not in numbers and name != "count":
        scores = [n for n in numbers if SCORE.search(n)] or list(numbers)
        kind, name = "", next(iter(scores), "count")
    of = next((f for f in entity.fields if f.name == options.get("of") and f.is_relation and not f.many), None)
    if name == "count" and of is None:
        return None
    best = options.get("best")
    return {
        "by": name,
        "kind": kind if kind in ("sum", "avg") else "sum",
        "of": of.name if of else None,
        "lowest": best == "lowest" or (best != "highest" and bool(LOWEST.search(name))),
    }


def ranking(entity: EntityView) -> str | None:
    """The order of rows that stand in one, the best first: those of a leaderboard, and what is called standings."""
    ranked = leaderboard(entity)
    if ranked:
        return None if ranked["of"] else f"{'' if ranked['lowest'] else '-'}{ranked['by']}"
    if not STANDING.search(entity.name):
        return None
    numbers = [str(f.name) for f in entity.fields if f.is_number]
    places = [name for name in numbers if PLACE.search(name) or LOWEST.search(name)]
    scores = [f"-{name}" for name in numbers if SCORE.search(name)]
    return next(iter([*places, *scores]), None)


def ranked_entities(entities: list[EntityView]) -> list[EntityView]:
    return [e for e in entities if leaderboard(e)]


GLOBALS: dict[str, Any] = {f.__name__: f for f in (leaderboard, ranking, ranked_entities)}
