"""What the features about work and time go by in an entity: the fields that options name, else those that suit.

Every function answers None, or nothing, where an entity has no field that would do: the feature is then left out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from builder.rules import NoOverlap
from builder.stack.figures import report_of
from builder.stack.looks import LISTS, entity_path
from builder.stack.templates import as_python
from builder.stack.views import EntityView, FieldView, Words

STATUS = re.compile(r"(^|_)(status|stage|state|phase|step|column|decision|approval)$")
DAY = re.compile(r"(^|_)(date|day|due|deadline|on|when|at|starts?|from|begins?|check_in|arrival|scheduled)(_|$)")
END = re.compile(r"(^|_)(ends?|until|to|finish|finishes|check_out|departure|returned|return|due|stop|stopped)(_|$)")
LENGTH = re.compile(r"(^|_)(minutes|duration|length|mins)$")
ASIDE = re.compile(
    r"(^|_)(cancel|cancell?ed|reject(ed)?|declin(e|ed)|lost|fail(ed)?|no_show|archiv(e|ed)|blocked|on_hold)$"
)

BADGES = 3


def status_field(entity: EntityView, feature: str) -> FieldView | None:
    """The choice that says where a row stands."""
    asked = _asked(entity, feature, "field", {"choice"})
    return asked or _first(entity, {"choice"}, STATUS) or _first(entity, {"choice"})


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
    field = _asked(entity, "status_workflow", "stamp", {"date", "datetime"}) if entity.has("status_workflow") else None
    label = entity.options("status_workflow").get("label")
    if field is None:
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
    named = _asked(entity, "kanban", "field", {"choice"}) or _asked(entity, "kanban", "field", {"relation"})
    field = named or status_field(entity, "kanban") or _first(entity, {"relation"})
    if field is None or field.many:
        return None
    found: dict[str, Any] = {"field": field.name, "badges": _badges(entity, field)}
    if money := _first(entity, {"money"}):
        found["sum"] = money.name
    return found


def _badges(entity: EntityView, columns: FieldView) -> list[str]:
    """What a card of the board says in colour, but for what its column says already."""
    shown = [f for f in entity.fields if f.type in {"choice", "relation"} and not f.many and f.name != columns.name]
    return [f.name for f in sorted(shown, key=lambda f: f.type != "choice")][:BADGES]


@dataclass(frozen=True)
class When:
    """The fields that say when a row takes place. `minutes` is a number, a field, or a field of a related row."""

    date: str
    time: str | None = None
    end: str | None = None
    minutes: int | str | None = None
    factor: int = 1

    @property
    def given(self) -> dict[str, int | str]:
        named = {"date": self.date, "time": self.time, "end": self.end, "minutes": self.minutes}
        factor = {"factor": self.factor} if self.factor != 1 else {}
        return {name: value for name, value in named.items() if value is not None} | factor

    @property
    def arguments(self) -> list[str]:
        return [f"{name}={as_python(value)}" for name, value in self.given.items()]


def takes_place(entity: EntityView) -> When | None:
    """When its rows take place, for an entity with a calendar or bookings."""
    features = [name for name in ("calendar", "booking", "availability") if entity.has(name)]
    options = {k: v for name in reversed(features) for k, v in entity.options(name).items()}
    days = {"date", "datetime"}
    date = _named(entity, options.get("date") or options.get("start"), days) if features else None
    if date is None and features:
        ahead = [f for f in entity.fields if f.type in days and not END.search(f.name)]
        date = next((f for f in ahead if DAY.search(f.name)), next(iter(ahead), _first(entity, days)))
    if date is None:
        return None
    time: FieldView | None = None
    if date.type == "date":
        time = _named(entity, options.get("time"), {"time"})
        time = time or next((f for f in entity.fields if f.type == "time" and not END.search(f.name)), None)
    ends = {date.type} if date.type == "datetime" or not time else {"time"}
    end = _named(entity, options.get("end"), {*ends, "time"}) or _end(entity, ends - {""}, date.name)
    if end is not None and end.type == "time" and not time:
        end = None
    minutes, factor = (None, 1) if end or (date.type == "date" and not time) else _minutes(entity, options)
    return When(date.name, time.name if time else None, end.name if end else None, minutes, factor)


def _end(entity: EntityView, types: set[str], date: str) -> FieldView | None:
    return next((f for f in entity.fields if f.type in types and f.name != date and END.search(f.name)), None)


def _minutes(entity: EntityView, options: dict[str, Any]) -> tuple[int | str | None, int]:
    """How long it takes: as the options say, else by a length of its own or of something it belongs to."""
    asked = options.get("minutes")
    if isinstance(asked, int) and not isinstance(asked, bool):
        return max(asked, 5), 1
    relation, _, name = str(asked or "").rpartition(".")
    owner = entity.field(relation).target if relation in {f.name for f in entity.relations if not f.many} else None
    places = [(entity, "")] if not relation else [(owner, f"{relation}.")] if owner else []
    if not asked:
        places = [(entity, ""), *((f.target, f"{f.name}.") for f in entity.relations if f.target and not f.many)]
    for place, prefix in places:
        named = _named(place, name, {"integer", "decimal"}) if name else _first(place, {"integer"}, LENGTH)
        if named is not None:
            return f"{prefix}{named.name}", 60 if named.unit in {"h", "hours", "hour"} else 1
    return None, 1


def calendar(entity: EntityView) -> dict[str, Any] | None:
    """When rows take place, and the field whose colour they have."""
    when = takes_place(entity) if entity.has("calendar") else None
    if when is None:
        return None
    asked = _named(entity, entity.options("calendar").get("color"), {"choice", "relation"})
    tinted = next((f for f in entity.relations if f.target and f.target.color_field and not f.many), None)
    color = asked or tinted or _first(entity, {"choice"})
    return when.given | ({"color": color.name} if color else {})


@dataclass(frozen=True)
class Booking:
    """What rows of an entity book, and the rows that don't count because of what one of their fields says."""

    of: FieldView
    besides: dict[str, list[str]]
    books: bool
    by_days: bool
    opens: str
    closes: str


def booking(entity: EntityView) -> Booking | None:
    asked = entity.options("booking") or entity.options("availability")
    when = takes_place(entity) if entity.has("booking") or entity.has("availability") else None
    if when is None:
        return None
    of = _named(entity, asked.get("of"), {"relation"}) or (None if asked.get("of") else _first(entity, {"relation"}))
    if of is None or of.many:
        return None
    rules = [r for r in entity.rules if isinstance(r, NoOverlap)]
    besides = {k: list(map(str, v)) for rule in rules for k, v in rule.out.items()}
    besides = {k: v for k, v in besides.items() if _named(entity, k, {"choice"})}
    by_days = entity.field(when.date).type == "date" and not when.time
    return Booking(of, besides, entity.has("booking"), by_days, *_hours(of, asked))


def _hours(of: FieldView, asked: dict[str, Any]) -> tuple[str, str]:
    """When what is booked opens and closes: times, or fields of its own that say so."""
    own = {f.name for f in of.target.fields if f.type == "time"} if of.target else set()
    found = []
    for option, words, usual in (("opens", "open", "09:00"), ("closes", "clos", "18:00")):
        given = str(asked.get(option) or "")
        named = next((name for name in sorted(own) if name == given or (not given and words in name)), None)
        found.append(named or (given if re.fullmatch(r"[012]\d:[0-5]\d", given) else usual))
    return found[0], found[1]


def with_bookings(entities: list[EntityView], days: bool | None = None) -> list[EntityView]:
    """The entities whose rows book something: by the day, by the hour, or either."""
    found = ((e, booking(e)) for e in entities)
    return [e for e, booked in found if booked and days in (None, booked.by_days)]


@dataclass(frozen=True)
class ViewPage:
    """A way of looking at an entity's rows that has a page of its own."""

    view: str
    component: str
    path: str
    in_navigation: bool


def view_pages(entity: EntityView, routes: list[Any]) -> list[ViewPage]:
    """The pages that features bring beside the list; one that no entry of the navigation leads to has the list's path
    with its own name behind it.
    """
    pages = []
    for view, (component, wanted) in VIEWS.items():
        if wanted(entity):
            own = [r.path for r in routes if r.view == view and r.page.entity and r.page.entity.name == entity.name]
            path = own[0] if own else f"/{entity.plural}/{view}"
            pages.append(ViewPage(view, component, path, bool(own)))
    return pages


def view_switch(entity: EntityView, routes: list[Any]) -> list[tuple[str, str]]:
    """The views of the entity's rows and their paths, where the navigation alone doesn't lead to all of them."""
    pages = [page for page in view_pages(entity, routes) if page.view in SWITCHED]
    lists = [r for r in routes if r.view in LISTS and r.page.entity and r.page.entity.name == entity.name]
    if not pages or (lists and all(page.in_navigation for page in pages)):
        return []
    return [("list", entity_path(entity.app, entity)), *((page.view, page.path) for page in pages)]


def switched_views(entities: list[EntityView], routes: list[Any]) -> list[str]:
    return list(dict.fromkeys(view for e in entities for view, _ in view_switch(e, routes)))


def with_workflow(entities: list[EntityView]) -> list[EntityView]:
    return [e for e in entities if workflow(e)]


def with_pages(entities: list[EntityView]) -> bool:
    """Whether any entity shows its rows on a page beside its list."""
    return any(with_views(entities, view) for view in SWITCHED)


def with_views(entities: list[EntityView], view: str) -> list[EntityView]:
    """The entities that have such a page."""
    return [e for e in entities if VIEWS[view][1](e)]


def _asked(entity: EntityView, feature: str, option: str, types: set[str]) -> FieldView | None:
    return _named(entity, entity.options(feature).get(option), types)


def _named(entity: EntityView, name: Any, types: set[str]) -> FieldView | None:
    return next((f for f in entity.fields if f.name == name and f.type in types), None)


def _first(entity: EntityView, types: set[str], named: re.Pattern[str] | None = None) -> FieldView | None:
    fields = (f for f in entity.fields if f.type in types and not f.many)
    return next((f for f in fields if named is None or named.search(f.name)), None)


VIEWS: dict[str, tuple[str, Callable[[EntityView], Any]]] = {  # the component of the page, and who has one
    "board": ("BoardPage", board),
    "calendar": ("CalendarPage", calendar),
    "report": ("ReportPage", report_of),
}
SWITCHED = ("board", "calendar")  # those that show rows, as the list does

GLOBALS: dict[str, Any] = {
    f.__name__: f
    for f in (
        workflow,
        with_workflow,
        stamp,
        next_steps,
        board,
        takes_place,
        calendar,
        booking,
        with_bookings,
        view_pages,
        view_switch,
        switched_views,
        with_pages,
        with_views,
    )
}
