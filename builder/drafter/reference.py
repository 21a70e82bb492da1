"""What the formulas, rules and features of a blueprint name, so that an app finds it under the names it gives.

A blueprint calls a thing by its key, a field as its file does and a choice by its label. That is read here once,
against the blueprint itself: a name that leads nowhere is an error of the file. The safe names are known when the app
is put together (`Naming` in `assemble.py`), whatever a person called things meanwhile.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from builder.drafter.sketch import AppSketch, EntitySketch, FeatureSketch, FieldSketch, RuleSketch
from builder.drafter.text import lemmas
from builder.spec import FieldType

Place = tuple[str, str | None]  # a thing's key, and a field's

THINGS = frozenset("entity while log options votes messages order item".split())
CHOICES = frozenset("approved rejected admin is from".split())
PLAIN = frozenset("formats style scope read write source label size max min before previous_next".split())
ELSEWHERE = {"log": frozenset("entry summary by at".split()), "messages": frozenset({"room"})}
WORDS = frozenset("and or not true false today".split())
NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.RATING})
ALIKE = (NUMBERS, frozenset({FieldType.DATE, FieldType.DATETIME}), frozenset({FieldType.STRING, FieldType.TEXT}))
_PATH = re.compile(r"(?P<before>-|(?:sum|avg|month):)?(?P<name>\w+)(?:\.(?P<then>\w+))?")
_FORMULA = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')
    |\b(?:count|sum|avg|latest)\(\s*(?P<thing>\w+)(?:\.(?P<of>\w+))?(?:\s*,\s*(?P<by>\w+))?
    |\b(?P<name>[a-z_]\w*)\b(?:\.(?P<then>\w+))?(?!\s*\()""",
    re.VERBOSE,
)


class Named(str):
    """A text as the file writes it, cut into words that stay and places that are named.

    `types` are those of the fields, where a formula or a feature can do with no other.
    """

    __slots__ = ("parts", "types")
    parts: tuple[str | Place, ...]
    types: Mapping[Place, FieldType]

    @classmethod
    def made(cls, parts: tuple[str | Place, ...]) -> "Named":
        named = cls("".join(part if isinstance(part, str) else str(part[1] or part[0]) for part in parts))
        named.parts, named.types = parts, {}
        return named

    @classmethod
    def of(
        cls,
        text: str,
        places: Iterator[tuple[int, int, str | Place]],
        types: Callable[[Place], FieldType | None] | None = None,
    ) -> "Named":
        named, parts, end = cls(text), [], 0  # type: tuple[Named, list[str | Place], int]
        for start, stop, place in places:
            parts += [text[end:start], place]
            end = stop
        named.parts = (*parts, text[end:])
        named.types = {place: found for place in named.places if types and (found := types(place))}
        return named

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(part for part in self.parts if not isinstance(part, str))


class References:
    """Reads what one blueprint names."""

    def __init__(self, entities: list[EntitySketch]) -> None:
        self.entities = {e.key: e for e in entities}

    def entity(self, name: str) -> EntitySketch:
        found = self.entities.get(lemmas(name.replace("_", " ")))
        if found is None:
            raise ValueError(f"there is no {name!r} among {', '.join(self.entities)}")
        return found

    def formula(self, text: str, here: EntitySketch, labels: Mapping[str, str]) -> Named:
        """`labels` are the field's own choices, with the values that their labels stand for."""
        return Named.of(text, self._in_formula(text, here, labels), self._type)

    def options(self, given: Mapping[str, Any], here: EntitySketch | None, field: str | None = None) -> dict[str, Any]:
        """`field` is the one whose choices are meant where no option names another."""
        here = self.entity(given["entity"]) if "entity" in given else here
        own = str(given.get("field", field))
        found: dict[str, Any] = {}
        for key, value in given.items():
            other = next((given[o] for o, keys in ELSEWHERE.items() if o in given and key in keys), None)
            found[key] = self._option(key, value, self.entity(other) if other else here, own)
        return found

    def _option(self, key: str, value: Any, here: EntitySketch | None, field: str) -> Any:
        if isinstance(value, list):
            return [self._option(key, one, here, field) for one in value]
        if key == "except":
            return {self._path(name, here): self._values(here, name, chosen) for name, chosen in value.items()}
        if key in CHOICES:
            return self._values(here, field, value)
        if isinstance(value, Mapping):
            return self.options(value, here)
        if not isinstance(value, str) or key in PLAIN or value == "count":
            return value
        return _thing(value, self.entity(value)) if key in THINGS else self._path(value, here)

    def _path(self, text: str, here: EntitySketch | None) -> Named:
        match = _PATH.fullmatch(text)
        if match is None or here is None:
            raise ValueError(f"{text!r} names no field")
        return Named.of(text, self._steps(match, here), self._type)

    def _type(self, place: Place) -> FieldType | None:
        return next((f.type for f in self.entities[place[0]].fields if f.key == place[1]), None)

    def _values(self, here: EntitySketch | None, field: str, chosen: Any) -> Any:
        """Labels as the values that they stand for, in whatever they are kept."""
        if isinstance(chosen, Mapping):
            return {self._values(here, field, a): self._values(here, field, b) for a, b in chosen.items()}
        if isinstance(chosen, list):
            return [self._values(here, field, one) for one in chosen]
        if not isinstance(chosen, str) or here is None:
            return chosen
        return _value(chosen, values_of(_field(here, field)))

    def _steps(self, match: re.Match[str], here: EntitySketch) -> Iterator[tuple[int, int, str | Place]]:
        """A field, or one behind a relation."""
        first = _field(here, match["name"])
        yield (*match.span("name"), (here.key, first.key))
        if match["then"]:
            target = self.entity(first.target or match["then"])
            yield (*match.span("then"), (target.key, _field(target, match["then"]).key))

    def _in_formula(
        self, text: str, here: EntitySketch, labels: Mapping[str, str]
    ) -> Iterator[tuple[int, int, str | Place]]:
        for match in _FORMULA.finditer(text):
            if match["text"]:
                yield (*match.span(), f'"{_value(match["text"][1:-1], {**self._labels(here), **labels})}"')
            elif match["thing"]:
                thing = self.entity(match["thing"])
                yield (*match.span("thing"), (thing.key, None))
                for part in ("of", "by"):
                    if match[part]:
                        yield (*match.span(part), (thing.key, _field(thing, match[part]).key))
            elif match["name"] not in WORDS:
                yield from self._steps(match, here)

    def _labels(self, here: EntitySketch) -> dict[str, str]:
        """What the choices of a thing and of what it points at are called."""
        around = [here, *(self.entity(f.target) for f in here.fields if f.target is not None)]
        return {k: v for entity in reversed(around) for f in entity.fields for k, v in values_of(f).items()}


def values_of(field: FieldSketch) -> dict[str, str]:
    return dict(zip((label for label, _ in field.choices), field.values, strict=True)) if field.values else {}


def named(value: Any) -> Iterator[Named]:
    """Every text in an option that names something."""
    if isinstance(value, Named):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from named(one)
    elif isinstance(value, Mapping):
        yield from named([*value.keys(), *value.values()])


def forget_unanswered(sketch: AppSketch) -> None:
    """Leave out the computed fields, features and rules that go by something which the app doesn't have."""
    lost = True
    while lost:
        lost = False
        for entity in sketch.entities:
            kept = [f for f in entity.fields if f.type is not FieldType.COMPUTED or _works(sketch, entity, f.formula)]
            lost, entity.fields = lost or len(kept) < len(entity.fields), kept
    parts: tuple[FeatureSketch | RuleSketch, ...] = (*sketch.features, *sketch.rules)
    for part in parts:
        part.options = {key: _answered(sketch, value) for key, value in part.options.items()}
    sketch.features = [f for f in sketch.features if _is_answered(sketch, f.options)]
    sketch.rules = [
        r
        for r in sketch.rules
        if _is_answered(sketch, r.options) and all(find(sketch, (r.entity, f)) for f in r.fields)
    ]


def _works(sketch: AppSketch, here: EntitySketch, formula: str | None) -> bool:
    """Whether all of it is there, and the rows that it gathers point here in one way only, or in the way it says."""
    if not _is_answered(sketch, formula):
        return False
    for text in named(formula):
        gathered = [find(sketch, place) for place in text.places if place[1] is None]
        for thing in (found[0] for found in gathered if found):
            pointing = [f for f in thing.fields if f.target == here.key]
            said = {place[1] for place in text.places}
            if len(pointing) != 1 and not any(f.key in said for f in pointing):
                return False
    return True


def _answered(sketch: AppSketch, value: Any) -> Any:
    """Of a list, what the app has."""
    if not isinstance(value, list):
        return value
    return [_answered(sketch, one) for one in value if _is_answered(sketch, one)] or value


def _is_answered(sketch: AppSketch, value: Any) -> bool:
    return all(_is_like(find(sketch, place), text.types.get(place)) for text in named(value) for place in text.places)


def _is_like(found: tuple[EntitySketch, FieldSketch | None] | None, wanted: FieldType | None) -> bool:
    """Whether the field can stand for one of that type: a choice only with its own values, a number for a number."""
    if found is None or wanted is None:
        return found is not None
    field = found[1]
    if field is None or field.type is FieldType.CHOICE is wanted:
        return field is not None and bool(field.values)
    return field.type is wanted or any({field.type, wanted} <= alike for alike in ALIKE)


def find(sketch: AppSketch, place: Place) -> tuple[EntitySketch, FieldSketch | None] | None:
    """What an app has in the place of what a blueprint named."""
    entity = sketch.entity(place[0])
    if entity is None or place[1] is None:
        return (entity, None) if entity else None
    field = next((f for f in entity.fields if f.key == place[1]), None)
    field = field or next((f for f in entity.fields if f.answers_to(str(place[1]))), None)
    return (entity, field) if field else None


def _thing(text: str, entity: EntitySketch) -> Named:
    return Named.of(text, iter([(0, len(text), (entity.key, None))]))


def _field(entity: EntitySketch, name: str) -> FieldSketch:
    found = next((f for f in entity.fields if f.name == name), None)
    if found is None:
        raise ValueError(f"{entity.key} has no field {name!r}")
    return found


def _value(label: str, values: Mapping[str, str]) -> str:
    if label not in values:
        raise ValueError(f"{label!r} is none of {', '.join(values)}")
    return values[label]
