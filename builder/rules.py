"""The rules of an AppSpec, read: which fields they are about, and what they say of them.

Each reading raises a ValueError with a sentence that names the rule and what it lacks. Accounts, and what each person
may do once, are read elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from builder.spec import AppSpec, Entity, Rule, SpecField

NUMBERS = ("integer", "decimal", "money", "rating")
MOMENTS = ("date", "datetime", "time")
SOURCES = {
    "created_by": ("string", "relation"),
    "changed_by": ("string", "relation"),
    "created_at": ("datetime", "date"),
    "changed_at": ("datetime", "date"),
}
TELLING = ("choice", "boolean", "string", "integer", "rating")  # what a condition can look at
Value = str | int | float | bool
Out = dict[str, tuple[Value, ...]]  # rows that don't count: a field, and its values that say so


@dataclass(frozen=True)
class Way:
    """A field of the row itself, or of the row that a relation leads to."""

    field: str
    relation: str | None = None


@dataclass(frozen=True)
class Within:
    """A number between two limits."""

    entity: str
    field: str
    min: float | None
    max: float | None


@dataclass(frozen=True)
class Ordered:
    """One field before another, or equal to it."""

    entity: str
    first: str
    second: str


@dataclass(frozen=True)
class RequiredIf:
    entity: str
    field: str
    when: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Filled:
    """What the server fills in."""

    entity: str
    field: str
    source: str


@dataclass(frozen=True)
class Steps:
    """The values that may follow each value, and those that a new row may have."""

    entity: str
    field: str
    steps: dict[str, tuple[str, ...]]
    starts: tuple[str, ...]


@dataclass(frozen=True)
class NoOverlap:
    """From `start` to `end`, or so many minutes from a time of a date on. With `nights` the last day is free again."""

    entity: str
    by: tuple[str, ...]
    start: str
    end: str | None = None
    time: str | None = None
    minutes: Way | int | None = None
    nights: bool = False
    out: Out = field(default_factory=dict)


@dataclass(frozen=True)
class Room:
    """No more rows for each `of`, or no larger a sum of `count`, than `limit`."""

    entity: str
    of: str | None
    limit: Way | float
    count: str | None = None
    out: Out = field(default_factory=dict)


Read = Within | Ordered | RequiredIf | Filled | Steps | NoOverlap | Room


def read_rules(spec: "AppSpec") -> list[Read]:
    """The rules that the stack keeps beside the database's own constraints."""
    return [found for rule in spec.rules if (found := _read(spec, rule)) is not None]


def check_rules(spec: "AppSpec") -> None:
    filled: set[tuple[str, str]] = set()
    for found in read_rules(spec):
        if isinstance(found, Filled):
            if (found.entity, found.field) in filled:
                raise ValueError(f"two rules fill in {found.entity}.{found.field}")
            filled.add((found.entity, found.field))
    for rule in spec.rules:
        if rule.kind == "unique":
            _unique(_Reader(spec, rule))
        if rule.kind == "refuse_delete":
            _refuse_delete(_Reader(spec, rule))


def _read(spec: "AppSpec", rule: "Rule") -> Read | None:
    reader = _Reader(spec, rule)
    match str(rule.kind):
        case "range":
            return _range(reader)
        case "required_if":
            return _required_if(reader)
        case "computed":
            return _filled(reader)
        case "transition":
            return _transition(reader)
        case "no_overlap":
            return _no_overlap(reader)
        case "capacity":
            return _capacity(reader)
        case _:
            return None


class _Reader:
    """One rule, and the fields that it names."""

    def __init__(self, spec: "AppSpec", rule: "Rule") -> None:
        self.spec, self.rule, self.entity = spec, rule, spec.entity(rule.entity)

    @property
    def options(self) -> dict[str, Any]:
        return self.rule.options

    def wrong(self, what: str) -> ValueError:
        return ValueError(f"the rule {self.rule.kind} of {self.entity.name!r} {what}")

    def fields(self, *counts: int) -> list["SpecField"]:
        names = self.rule.fields
        if len(names) not in counts or len(set(names)) < len(names):
            raise self.wrong(f"needs {' or '.join(map(str, counts))} of its fields, not {len(names)}")
        return [self.field(name, "fields") for name in names]

    def field(self, name: Any, what: str, types: tuple[str, ...] = (), of: "Entity | None" = None) -> "SpecField":
        entity = of or self.entity
        found = next((f for f in entity.fields if f.name == name), None)
        if found is None:
            raise self.wrong(f"names {name!r} for {what}, which {entity.name!r} doesn't have")
        if found.formula is not None or found.many:
            kind = "is computed" if found.formula is not None else "holds many rows"
            raise self.wrong(f"can't go by {name!r}, which {kind}")
        if types and found.type not in types:
            raise self.wrong(f"needs {what} that is {_or(types)}; {name!r} is {found.type}")
        return found

    def option(self, name: str, types: tuple[str, ...]) -> str:
        """The name of a field that an option gives."""
        if not self.options.get(name):
            raise self.wrong(f"needs the option {name!r}")
        return self.field(self.options[name], name, types).name

    def way(self, name: str, types: tuple[str, ...]) -> Way:
        """A field, or `relation.field`."""
        said = self.options.get(name)
        if not isinstance(said, str):
            raise self.wrong(f"needs the option {name!r}: a field, or relation.field")
        first, _, then = said.partition(".")
        if not then:
            return Way(self.field(first, name, types).name)
        relation = self.field(first, name, ("relation",))
        target = self.spec.entity(str(relation.target))
        return Way(self.field(then, name, types, target).name, relation.name)

    def out(self) -> Out:
        given = self.options.get("except") or {}
        if not isinstance(given, dict):
            raise self.wrong("needs `except` as {field: [values]}")
        return {name: self.values(self.field(name, "except", TELLING), value) for name, value in given.items()}

    def values(self, of: "SpecField", given: Any) -> tuple[Value, ...]:
        """Values that the field can have."""
        found = tuple(given) if isinstance(given, list | tuple) else (given,)
        if not found or not all(isinstance(v, str | int | float) for v in found):
            raise self.wrong(f"needs values of {of.name!r}")
        if of.type == "boolean":
            flags = {"true": True, "false": False}
            found = tuple(flags.get(str(v).lower(), v) for v in found)
            if not set(found) <= {True, False}:
                raise self.wrong(f"compares {of.name!r}, which is true or false")
        return tuple(self._choice(of, v) for v in found) if of.type == "choice" else found

    def _choice(self, of: "SpecField", given: Value) -> str:
        """One of the values; people write the label as well."""
        for choice in of.choices:
            if str(given).casefold() in (choice.value, choice.label.casefold()):
                return choice.value
        raise self.wrong(f"names {given!r} for {of.name!r}, which is {_or(tuple(c.value for c in of.choices))}")


def _range(rule: _Reader) -> Read:
    found = rule.fields(1, 2)
    if len(found) == 1:
        rule.field(found[0].name, "a number", NUMBERS)
        limits = [_limit(rule, name) for name in ("min", "max")]
        low, high = (_tighter(limits[0], found[0].min, max), _tighter(limits[1], found[0].max, min))
        if low is None and high is None:
            raise rule.wrong("needs the option 'min' or 'max'")
        if low is not None and high is not None and low > high:
            raise rule.wrong(f"leaves no number for {found[0].name!r}: its minimum is above its maximum")
        return Within(rule.entity.name, found[0].name, low, high)
    kinds = {("number" if f.type in NUMBERS else f.type) for f in found}
    if len(kinds) > 1 or kinds.isdisjoint({"number", *MOMENTS}):
        raise rule.wrong(f"compares two numbers or two moments of one type; {_and(found)}")
    return Ordered(rule.entity.name, found[0].name, found[1].name)


def _limit(rule: _Reader, name: str) -> float | None:
    given = rule.options.get(name)
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
        raise rule.wrong(f"needs a number for {name!r}")
    return given


def _tighter(one: float | None, other: float | None, choose: Any) -> float | None:
    known = [n for n in (one, other) if n is not None]
    return choose(known) if known else None


def _required_if(rule: _Reader) -> Read:
    (needed,) = rule.fields(1)
    if needed.type == "boolean":
        raise rule.wrong(f"can't require {needed.name!r}: a yes-or-no is always there")
    when = rule.option("field", TELLING)
    if when == needed.name:
        raise rule.wrong(f"makes {needed.name!r} depend on itself")
    values = rule.values(rule.field(when, "field"), rule.options.get("is"))
    return RequiredIf(rule.entity.name, needed.name, when, values)


def _filled(rule: _Reader) -> Read | None:
    """One without a source is a computed field, which says by itself how it is computed."""
    if "source" not in rule.options:
        return None
    (found,) = rule.fields(1)
    source = rule.options["source"]
    if source not in SOURCES:
        raise rule.wrong(f"needs the option 'source': {_or(tuple(SOURCES))}")
    rule.field(found.name, "a field", SOURCES[source])
    people = rule.spec.feature("auth")
    if found.target is not None and (people is None or found.target != people.options.get("entity")):
        raise rule.wrong(f"fills in who it was, which {found.name!r} can only point at with accounts")
    return Filled(rule.entity.name, found.name, source)


def _transition(rule: _Reader) -> Read:
    (found,) = rule.fields(1)
    rule.field(found.name, "a field", ("choice",))
    given = rule.options.get("from")
    if not isinstance(given, dict) or not given:
        raise rule.wrong("needs the option 'from': for each value the values that may follow it")
    values = [c.value for c in found.choices]
    steps: dict[str, tuple[str, ...]] = dict.fromkeys(values, ())
    for value, following in given.items():
        (before,) = rule.values(found, value)
        steps[str(before)] = tuple(map(str, rule.values(found, following))) if following else ()
    reached = {v for before, following in steps.items() for v in following if v != before}
    starts = tuple(v for v in values if v not in reached or v == values[0])
    return Steps(rule.entity.name, found.name, steps, starts)


def _no_overlap(rule: _Reader) -> Read:
    by = tuple(rule.field(name, "by").name for name in _listed(rule.options.get("by")))
    options: dict[str, Any] = {"out": rule.out(), "nights": rule.options.get("nights") is True}
    if rule.options.get("start"):
        start, end = (rule.option(name, ("date", "datetime")) for name in ("start", "end"))
        kinds = {rule.field(name, "start").type for name in (start, end)}
        if len(kinds) > 1:
            raise rule.wrong(f"needs `start` and `end` of one type; {_and([rule.field(n, '') for n in (start, end)])}")
        return NoOverlap(rule.entity.name, by, start, end, **options)
    if not rule.options.get("date"):
        raise rule.wrong("needs the options `start` and `end`, or `date`, `time` and `minutes`")
    date, time = rule.option("date", ("date",)), rule.option("time", ("time",))
    minutes = rule.options.get("minutes")
    if isinstance(minutes, bool) or not isinstance(minutes, int):
        return NoOverlap(rule.entity.name, by, date, time=time, minutes=rule.way("minutes", NUMBERS), **options)
    if minutes < 1:
        raise rule.wrong("needs at least one minute")
    return NoOverlap(rule.entity.name, by, date, time=time, minutes=minutes, **options)


def _capacity(rule: _Reader) -> Read:
    limit: Way | float
    given = rule.options.get("limit")
    of = rule.option("of", ("relation",)) if rule.options.get("of") else None
    if isinstance(given, int | float) and not isinstance(given, bool):
        limit = given
    else:
        limit = rule.way("limit", NUMBERS)
        of = of or limit.relation
        if limit.relation is None or limit.relation != of:
            raise rule.wrong("needs `limit` as a number, or as a field of what `of` leads to")
    count = rule.option("count", NUMBERS) if rule.options.get("count") else None
    return Room(rule.entity.name, of, limit, count, rule.out())


def _unique(rule: _Reader) -> None:
    if not rule.rule.fields:
        raise rule.wrong("names no fields")
    rule.fields(len(rule.rule.fields))


def _refuse_delete(rule: _Reader) -> None:
    names = _listed(rule.options.get("while"))
    known = {e.name: [f for f in e.fields if f.target == rule.entity.name] for e in rule.spec.entities}
    for name in names:
        if name not in known:
            raise rule.wrong(f"names the unknown entity {name!r}")
        if not known[name]:
            raise rule.wrong(f"waits for {name!r}, which doesn't point at it")


def _listed(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list | tuple) else [] if value is None else [value]


def _and(fields: list["SpecField"]) -> str:
    return " and ".join(f"{f.name!r} is {f.type}" for f in fields)


def _or(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]
