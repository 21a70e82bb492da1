"""What the features about work and time go by in an entity: the fields that options name, else those that suit.

Every function answers None, or nothing, where an entity has no field that would do: the feature is then left out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from builder.spec import RuleKind
from builder.stack.figures import report_of
from builder.stack.views import EntityView, FieldView, SpecView

STATUS = re.compile(r"(^|_)(status|stage|state|phase|step|column|decision|approval)$")
DAY = re.compile(r"(^|_)(date|day|due|deadline|on|when|at|starts?|from|begins?|check_in|arrival|scheduled)(_|$)")
END = re.compile(r"(^|_)(ends?|until|to|finish|finishes|check_out|departure|returned|return|due|stop|stopped)(_|$)")
LENGTH = re.compile(r"(^|_)(minutes|duration|length|mins)$")
ASIDE = re.compile(
    r"(^|_)(cancel|cancell?ed|reject(ed)?|declin(e|ed)|lost|fail(ed)?|no_show|archiv(e|ed)|blocked|on_hold)$"
)
ORDER = re.compile(r"(^|_)(position|order|rank|sort|sort_order|priority_order|place|index)$")


def status_field(entity: EntityView, feature: str) -> FieldView | None:
    """The choice that says where a row stands."""
    asked = _asked(entity, feature, "field", {"choice"})
    return asked or _first(entity, {"choice"}, STATUS) or _first(entity, {"choice"})


def next_steps(entity: EntityView, field: FieldView) -> dict[str, list[str]] | None:
    """The values that may follow each value, by the rule `transition`; None where any may follow any."""
    values = [c.value for c in field.choices]
    for rule in entity.app.spec.rules:
        if rule.kind is RuleKind.TRANSITION and rule.entity == entity.name and rule.fields[:1] == (field.name,):
            given = rule.options.get("from") or {}
            return {value: [v for v in values if v in (given.get(value) or ()) and v != value] for value in values}
    return None


def workflow(entity: EntityView) -> dict[str, Any] | None:
    """The field, the main path through its values, and the values off that path."""
    field = status_field(entity, "status_workflow") if entity.has("status_workflow") else None
    if field is None:
        return None
    path = main_path(field, next_steps(entity, field))
    return {"field": field.name, "path": path}


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
    named = _asked(entity, "kanban", "field", {"choice"}) or _asked(entity, "kanban", "field", {"relation"})
    field = named or status_field(entity, "kanban") or _first(entity, {"relation"})
    if field is None or field.many:
        return None
    found: dict[str, Any] = {"field": field.name}
    if money := _first(entity, {"money"}):
        found["sum"] = money.name
    return found


def ordering(entity: EntityView) -> FieldView | None:
    """The whole number that keeps the order made by hand."""
    if not entity.has("drag_drop"):
        return None
    return _asked(entity, "drag_drop", "field", {"integer"}) or _first(entity, {"integer"}, ORDER)


@dataclass(frozen=True)
class ViewPage:
    """A way of looking at an entity's rows that has a page of its own."""

    view: str
    component: str
    icon: str
    path: str
    in_navigation: bool


def view_pages(entity: EntityView, routes: list[Any]) -> list[ViewPage]:
    """The pages that features bring beside the list; one that no entry of the navigation leads to has the list's path
    with its own name behind it.
    """
    pages = []
    for view, (component, icon, wanted) in VIEWS.items():
        if wanted(entity):
            own = [r.path for r in routes if r.view == view and r.page.entity and r.page.entity.name == entity.name]
            path = own[0] if own else f"/{entity.plural}/{view}"
            pages.append(ViewPage(view, component, icon, path, bool(own)))
    return pages


def with_views(app: SpecView, view: str) -> list[EntityView]:
    """The entities that have such a page."""
    return [e for e in app.entities if any(p.view == view for p in view_pages(e, []))]


def _asked(entity: EntityView, feature: str, option: str, types: set[str]) -> FieldView | None:
    name = entity.options(feature).get(option)
    return next((f for f in entity.fields if f.name == name and f.type in types), None)


def _first(entity: EntityView, types: set[str], named: re.Pattern[str] | None = None) -> FieldView | None:
    fields = (f for f in entity.fields if f.type in types and not f.many)
    return next((f for f in fields if named is None or named.search(f.name)), None)


# component, icon, and whether it is asked for
VIEWS: dict[str, tuple[str, str, Callable[[EntityView], Any]]] = {"report": ("ReportPage", "chart-column", report_of)}

GLOBALS: dict[str, Any] = {
    f.__name__: f for f in (workflow, next_steps, board, ordering, view_pages, with_views, status_field)
}
