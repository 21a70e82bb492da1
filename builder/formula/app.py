"""The formulas of a whole AppSpec: they use what is there, go round in no circle, and have a kind each."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from builder.formula.kinds import Kind, kind_of, results
from builder.formula.parser import Formula
from builder.formula.syntax import Field, FormulaError, Gathered, Related

if TYPE_CHECKING:
    from builder.spec import AppSpec, Entity, SpecField

MAX_PARTS = 400
Place = tuple[str, str]  # an entity and one of its computed fields

KINDS = {
    "integer": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "rating": Kind.NUMBER,
    "money": Kind.MONEY,
    "boolean": Kind.FLAG,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "time": Kind.TIME,
}


class Formulas:
    """Every formula of the app, read once. Raises a FormulaError that names the field where one can't be."""

    def __init__(self, app: "AppSpec") -> None:
        self.app = app
        self.read: dict[Place, Formula] = {}
        self.kinds: dict[Place, Kind] = {}
        for entity in app.entities:
            for field in entity.fields:
                if field.formula is not None:
                    with _naming(entity.name, field.name):
                        self.read[entity.name, field.name] = Formula.parse(field.formula)

    def check(self) -> "Formulas":
        uses = {}
        for place in self.read:
            with _naming(*place):
                uses[place] = set(self._uses(place))
        sizes: dict[Place, int] = {}
        for place in _ordered(uses):
            with _naming(*place):
                sizes[place] = self._size(place, sizes)
                self.kinds[place] = kind_of(self.read[place].tree, self.model(place[0]))
                self._fits_its_choices(place)
        return self

    def model(self, entity: str) -> "EntityModel":
        return EntityModel(self, self.app.entity(entity))

    def _uses(self, place: Place) -> Iterator[Place]:
        """The computed fields that a formula names."""
        here = self.model(place[0])
        for part in self.read[place].parts:
            rows, name = _named(part, here)
            if rows is not None and name is not None and rows.field(name).formula is not None:
                yield rows.entity.name, name

    def amounts(self, entity: str, name: str) -> Iterator["SpecField"]:
        """The fields of money that a formula calculates with."""
        here = self.model(entity)
        for part in self.read[entity, name].parts:
            rows, used = _named(part, here)
            if rows is not None and used is not None and rows.field(used).type == "money":
                yield rows.field(used)
            elif rows is not None and used is not None and rows.field(used).formula:
                yield from self.amounts(rows.entity.name, used)

    def _size(self, place: Place, sizes: dict[Place, int]) -> int:
        """The parts of a formula when those that it uses are written out in it, as the database does."""
        here = self.model(place[0])
        total = 0
        for part in self.read[place].parts:
            rows, name = _named(part, here)
            total += 1 if rows is None or name is None else sizes.get((rows.entity.name, name), 1)
        if total > MAX_PARTS:
            raise FormulaError("it grows too long with the formulas that it uses written out")
        return total

    def _fits_its_choices(self, place: Place) -> None:
        choices = {c.value for c in self.app.entity(place[0]).field(place[1]).choices}
        if not choices or (self.kinds[place] is Kind.FLAG and choices <= {"true", "false"}):
            return
        found = results(self.read[place].tree, self.model(place[0]))
        if found is None:
            raise FormulaError(f"its result has to be one of its choices, in quotes: {', '.join(sorted(choices))}")
        if unknown := sorted(found - choices):
            raise FormulaError(f"{unknown[0]!r} is none of its choices: {', '.join(sorted(choices))}")


class EntityModel:
    """What a formula of one entity can speak of."""

    def __init__(self, formulas: Formulas, entity: "Entity") -> None:
        self.formulas, self.entity = formulas, entity

    def field(self, name: str) -> "SpecField":
        found = next((f for f in self.entity.fields if f.name == name), None)
        if found is None:
            raise FormulaError(f"{self.entity.name} has no field {name!r}")
        return found

    def kind(self, name: str) -> Kind:
        field = self.field(name)
        if field.target is not None:
            raise FormulaError(f"{name} is another row; name a field of it, like {name}.FIELD")
        return self.formulas.kinds[self.entity.name, name] if field.formula else KINDS.get(field.type, Kind.TEXT)

    def choices(self, name: str) -> frozenset[str] | None:
        values = frozenset(c.value for c in self.field(name).choices)
        return values if values and self.kind(name) is Kind.TEXT else None

    def related(self, relation: str) -> "EntityModel":
        field = self.field(relation)
        if field.target is None or field.many:
            raise FormulaError(f"{relation} doesn't lead to one other row")
        return self.formulas.model(field.target)

    def pointing(self, entity: str, by: str | None) -> "EntityModel":
        found = self._pointing.get(entity, [])
        if by is not None and by not in found:
            raise FormulaError(f"{by!r} is no relation from {entity} to {self.entity.name}")
        if not found:
            raise FormulaError(f"no {entity} points at {self.entity.name}")
        if by is None and len(found) > 1:
            raise FormulaError(f"{entity} points here by {' and '.join(found)}; name one of them after a comma")
        return self.formulas.model(entity)

    @cached_property
    def _pointing(self) -> dict[str, list[str]]:
        app, here = self.formulas.app, self.entity.name
        return {e.name: [f.name for f in e.fields if f.target == here] for e in app.entities}


def _named(part: object, here: EntityModel) -> tuple[EntityModel | None, str | None]:
    """The entity and the field that a part of a formula names."""
    match part:
        case Field(name=name):
            return here, name
        case Related(relation=relation, field=name):
            return here.related(relation), name
        case Gathered(entity=entity, field=field, by=by):
            return here.pointing(entity, by), field
        case _:
            return None, None


def _ordered(uses: dict[Place, set[Place]]) -> list[Place]:
    try:
        return list(TopologicalSorter(uses).static_order())
    except CycleError as error:
        circle = " → ".join(f"{entity}.{field}" for entity, field in error.args[1])
        raise FormulaError(f"formulas that need each other can't be worked out: {circle}") from None


@contextmanager
def _naming(entity: str, field: str) -> Iterator[None]:
    """Says of which field a mistake is."""
    try:
        yield
    except FormulaError as error:
        raise FormulaError(f"the formula of {entity}.{field}: {error}") from None
