"""The stages that rows go through: which field says so, what may come next, what a board and its cards show.

Every function answers None where an entity has no field that would do: the feature is then left out.
"""

import re
from typing import Any

from builder.stack.lookup import asked_field, first_field
from builder.stack.views import EntityView, FieldView, Words

STATUS = re.compile(r"(^|_)(status|stage|state|phase|step|column|decision|approval)$")
ASIDE = re.compile(  # off the way: what went wrong, was given up, or waits
    r"(^|_)(cancell?ed|cancel|rejected|declined|lost|failed|no_show|archived|blocked|on_hold|gave_up|given_up|put_off|void"
    r"|called_off|withdrawn|nobody_home|sent_back|refused|abandoned|dropped|skipped|missed|expired|paused)$"
)
BADGES = 3


def status_field(entity: EntityView, feature: str) -> FieldView | None:
    """The choice that says where a row stands."""
    asked = asked_field(entity, feature, "field", {"choice"})
    return asked or first_field(entity, {"choice"}, STATUS) or first_field(entity, {"choice"})


def next_steps(entity: EntityView, field: FieldView) -> dict[str, list[str]] | None:
    """The values that may follow each value, by the rule `transition`; None where any may follow any."""
    rule = entity.field(field.name).steps
    if rule is None:
        return None
    values = [c.value for c in field.choices]
    return {value: [v for v in values if v in following and v != value] for value, following in rule.steps.items()}


def workflow(entity: EntityView) -> dict[str, Any] | None:
    """The field, and the main path through its values."""
    asked = entity.has("status_workflow") and not entity.options("status_workflow").get("stamp")
    field = status_field(entity, "status_workflow") if asked else None
    if field is None:
        return None
    path = main_path(field, next_steps(entity, field))
    return {"field": field.name, "path": path}


def stamp(entity: EntityView) -> dict[str, Any] | None:
    """The day or moment that one click writes, and what the click is called."""
    field = asked_field(entity, "status_workflow", "stamp", {"date", "datetime"})
    label = entity.options("status_workflow").get("label")
    if field is None or not entity.has("status_workflow"):
        return None
    return {"field": field.name, "label": Words(label) if isinstance(label, str) and label else field.label}


def main_path(field: FieldView, steps: dict[str, list[str]] | None) -> list[str]:
    """From the first value on, always by the first step forward; without a rule, all values in their order."""
    values = [c.value for c in field.choices]
    usual = [v for v in values if not ASIDE.search(v)] or values
    if not steps:
        return usual
    path = [usual[0]]
    while following := [v for v in steps[path[-1]] if v not in path and not ASIDE.search(v)]:
        path.append(following[0])
    return path


def board(entity: EntityView) -> dict[str, Any] | None:
    """What the columns of the board stand for, and the amounts that each column adds up."""
    if not entity.has("kanban"):
        return None
    named = asked_field(entity, "kanban", "field", {"choice"}) or asked_field(entity, "kanban", "field", {"relation"})
    field = named or status_field(entity, "kanban") or first_field(entity, {"relation"})
    if field is None or field.many:
        return None
    found: dict[str, Any] = {"field": field.name, "badges": _badges(entity, field)}
    if money := first_field(entity, {"money"}):
        found["sum"] = money.name
    return found


def _badges(entity: EntityView, columns: FieldView) -> list[str]:
    """What a card of the board says in colour, but for what its column says already."""
    shown = [f for f in entity.fields if f.type in {"choice", "relation"} and not f.many and f.name != columns.name]
    return [f.name for f in sorted(shown, key=lambda f: f.type != "choice")][:BADGES]


def with_workflow(entities: list[EntityView]) -> list[EntityView]:
    return [e for e in entities if workflow(e)]


GLOBALS: dict[str, Any] = {f.__name__: f for f in (workflow, with_workflow, stamp, next_steps, board)}
