"""When rows take place, and what they book: the fields that options name, else those that suit."""

import re
from dataclasses import dataclass
from typing import Any

from builder.rules import NoOverlap
from builder.stack.lookup import first_field, named_field
from builder.stack.templates import as_python
from builder.stack.views import EntityView, FieldView

DAY = re.compile(r"(^|_)(date|day|due|deadline|on|when|at|starts?|from|begins?|check_in|arrival|scheduled)(_|$)")
END = re.compile(r"(^|_)(ends?|until|to|finish|finishes|check_out|departure|returned|return|due|stop|stopped)(_|$)")
LENGTH = re.compile(r"(^|_)(minutes|duration|length|mins)$")


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
    date = named_field(entity, options.get("date") or options.get("start"), days) if features else None
    if date is None and features:
        ahead = [f for f in entity.fields if f.type in days and not END.search(f.name)]
        date = next((f for f in ahead if DAY.search(f.name)), next(iter(ahead), first_field(entity, days)))
    if date is None:
        return None
    time: FieldView | None = None
    if date.type == "date":
        time = named_field(entity, options.get("time"), {"time"})
        time = time or next((f for f in entity.fields if f.type == "time" and not END.search(f.name)), None)
    ends = {date.type} if date.type == "datetime" or not time else {"time"}
    end = named_field(entity, options.get("end"), {*ends, "time"}) or _end(entity, ends - {""}, date.name)
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
        named = named_field(place, name, {"integer", "decimal"}) if name else first_field(place, {"integer"}, LENGTH)
        if named is not None:
            return f"{prefix}{named.name}", 60 if named.unit in {"h", "hours", "hour"} else 1
    return None, 1


def calendar(entity: EntityView) -> dict[str, Any] | None:
    """When rows take place, and the field whose colour they have."""
    when = takes_place(entity) if entity.has("calendar") else None
    if when is None:
        return None
    asked = named_field(entity, entity.options("calendar").get("color"), {"choice", "relation"})
    tinted = next((f for f in entity.relations if f.target and f.target.color_field and not f.many), None)
    color = asked or tinted or first_field(entity, {"choice"})
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
    of = named_field(entity, asked["of"], {"relation"}) if "of" in asked else first_field(entity, {"relation"})
    if of is None or of.many:
        return None
    rules = [r for r in entity.rules if isinstance(r, NoOverlap)]
    besides = {k: list(map(str, v)) for rule in rules for k, v in rule.out.items()}
    besides = {k: v for k, v in besides.items() if named_field(entity, k, {"choice"})}
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


GLOBALS: dict[str, Any] = {f.__name__: f for f in (takes_place, calendar, booking, with_bookings)}
