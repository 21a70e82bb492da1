"""Turn a sketch into an AppSpec: safe names, targets that exist, seed values as the types want them."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from builder.datasets import load
from builder.drafter.lexicon import lexicon
from builder.drafter.localise import shown_label
from builder.drafter.reference import Named, Place, find
from builder.drafter.seeds import ROWS, complete, invent, moment
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import plural
from builder.names import identifier
from builder.spec import Choice, Entity, Feature, FieldType, Page, Rule, SpecField

VIEWS = (  # features with a page of their own, in the order of the navigation
    ("kanban", "board", "Board"),
    ("calendar", "calendar", "Calendar"),
    ("quiz", "quiz", "Quiz"),
    ("favorites", "favorites", "Favourites"),
    ("compare", "compare", "Compare"),
)


class AbsentError(LookupError):
    """What a blueprint names is not in the app that a person asked for."""


class Naming:
    """Which safe name each entity and field of a sketch got."""

    def __init__(self, sketch: AppSketch) -> None:
        self.sketch = sketch
        self.entities: dict[str, str] = {}
        self.plurals: dict[str, str] = {}
        self.fields: dict[str, dict[str, str]] = {}
        taken: set[str] = set()
        for entity in sketch.entities:
            name = identifier(entity.name or entity.label, taken, entity=True)
            many = self._plural(entity, name, taken)
            taken |= {name, many}
            self.entities[entity.key], self.plurals[entity.key] = name, many
            names: dict[str, str] = {}
            for field in entity.fields:
                names[field.key] = identifier(field.name or field.label, set(names.values()))
            self.fields[entity.key] = names

    def say(self, value: Any) -> Any:
        """An option or a formula in the names of the app; of a list, what the app has."""
        match value:
            case Named():
                return "".join(part if isinstance(part, str) else self.at(part) for part in value.parts)
            case list():
                found = list(self._said(value))
                if value and not found:
                    raise AbsentError(value)
                return found
            case dict():
                return {self.say(key): self.say(one) for key, one in value.items()}
            case _:
                return value

    def _said(self, values: list[Any]) -> Iterator[Any]:
        for value in values:
            with suppress(AbsentError):
                yield self.say(value)

    def at(self, place: Place) -> str:
        found = find(self.sketch, place)
        if found is None:
            raise AbsentError(place)
        entity, field = found
        return self.fields[entity.key][field.key] if field else self.entities[entity.key]

    @staticmethod
    def _plural(entity: EntitySketch, name: str, taken: set[str]) -> str:
        """A word that is its own plural, such as "Pokémon" or "Sheep", names one and many alike."""
        words = entity.plural or entity.label_plural or plural(entity.label)
        alike = words in {entity.plural and entity.name, entity.label}
        return identifier(words, taken if alike else {*taken, name}, entity=True)


def assemble_entities(sketch: AppSketch, naming: Naming, today: date) -> tuple[Entity, ...]:
    for entity in sketch.entities:
        entity.fields = _each_once(entity.fields)
    seeds = _seeds(sketch, today)
    return tuple(_entity(entity, naming, seeds[entity.key], seeds) for entity in sketch.entities)


def assemble_entity(sketch: AppSketch, entity: EntitySketch, naming: Naming, today: date) -> Entity:
    """One alone, of an app whose others have their rows already."""
    entity.fields = _each_once(entity.fields)
    rows = completed(sketch, entity, today)
    if not rows and not entity.dataset:
        rows = invent(entity, _counts(sketch), today)
    return _entity(entity, naming, rows, {e.key: e.seed for e in sketch.entities})


def completed(sketch: AppSketch, entity: EntitySketch, today: date) -> list[dict[str, Any]]:
    """The rows that it has, with values for the fields that have none."""
    return [] if entity.dataset else complete(entity, [dict(row) for row in entity.seed], _counts(sketch), today)


def _counts(sketch: AppSketch) -> dict[str, int]:
    return {e.key: len(load(e.dataset)) if e.dataset else len(e.seed) or ROWS for e in sketch.entities}


def _each_once(fields: list[FieldSketch]) -> list[FieldSketch]:
    """What is said twice is there once, as it was said first."""
    found: dict[str, FieldSketch] = {}
    for field in fields:
        found.setdefault(field.key, field)
    return list(found.values())


def assemble_page(entity: EntitySketch, naming: Naming) -> Page:
    """The page of a thing among the others."""
    key = entity.key
    return _page(naming.plurals[key], entity.label_plural[:120], naming.entities[key], entity.view)


def _seeds(sketch: AppSketch, today: date) -> dict[str, list[dict[str, Any]]]:
    """A blueprint's own rows where it has some, completed; invented ones elsewhere; none beside a data set."""
    _forget_strangers(sketch)
    counts = _counts(sketch)
    return {
        e.key: []
        if e.dataset or sketch.read_only
        else complete(e, [dict(row) for row in e.seed], counts, today)
        if e.seed
        else invent(e, counts, today)
        for e in sketch.entities
    }


def _forget_strangers(sketch: AppSketch) -> None:
    """A blueprint's row that names a row of a thing which got other rows is pointed anew."""
    for entity in sketch.entities:
        for field in entity.fields:
            target = next((e for e in sketch.entities if e.key == field.target), None)
            names = {str(value) for row in target.seed for value in row.values()} if target else set()
            values = [row[field.key] for row in entity.seed if row.get(field.key) is not None]
            said = {name for value in values for name in (value if isinstance(value, list) else [value])}
            places = set(range(1, len(target.seed) + 1)) if target else set()
            if target and not said <= names | places:
                for row in entity.seed:
                    row.pop(field.key, None)


def _entity(
    sketch: EntitySketch, naming: Naming, rows: list[dict[str, Any]], seeds: Mapping[str, list[dict[str, Any]]]
) -> Entity:
    names = naming.fields[sketch.key]
    fields = tuple(_field(field, names[field.key], naming) for field in sketch.fields)
    by_key = dict(zip(names, fields, strict=True))
    return Entity(
        name=naming.entities[sketch.key],
        plural=naming.plurals[sketch.key],
        label=sketch.label[:120],
        label_plural=(sketch.label_plural or plural(sketch.label))[:120],
        fields=fields,
        seed=tuple(_row(row, sketch, by_key, seeds) for row in rows),
        dataset=sketch.dataset,
        icon=sketch.icon or lexicon().icon(sketch.key),
    )


def _field(sketch: FieldSketch, name: str, naming: Naming) -> SpecField:
    return SpecField(
        name=name,
        type=sketch.type,
        label=sketch.label[:120],
        required=sketch.required,
        unique=sketch.unique,
        choices=_choices(sketch),
        unit=sketch.unit_shown or sketch.unit,
        min=sketch.min,
        max=sketch.max,
        target=naming.entities[sketch.target] if sketch.target is not None else None,
        many=sketch.many,
        formula=naming.say(sketch.formula),
    )


def _choices(sketch: FieldSketch) -> tuple[Choice, ...]:
    if sketch.type is FieldType.BOOLEAN and sketch.choices:
        return tuple(Choice(value=v, label=c[0]) for v, c in zip(("true", "false"), sketch.choices, strict=True))
    taken: list[str] = []
    choices = []
    fixed = sketch.values if len(sketch.values) == len(sketch.choices) else ()
    for at, (label, color) in enumerate(sketch.choices):
        value = fixed[at] if fixed else choice_value(label, taken)
        taken.append(value)
        choices.append(Choice(value=value, label=label, color=color))
    return tuple(choices)


def choice_value(label: str, taken: list[str]) -> str:
    return identifier(label, taken)


def _row(
    row: Mapping[str, Any],
    sketch: EntitySketch,
    fields: Mapping[str, SpecField],
    seeds: Mapping[str, list[dict[str, Any]]],
) -> dict[str, Any]:
    found = {}
    for field in sketch.fields:
        if field.type is not FieldType.COMPUTED and row.get(field.key) is not None:
            found[fields[field.key].name] = _value(row[field.key], field, fields[field.key], seeds)
    return found


def _value(value: Any, sketch: FieldSketch, field: SpecField, seeds: Mapping[str, list[dict[str, Any]]]) -> Any:
    if sketch.type is FieldType.CHOICE:
        return next((c.value for c in field.choices if c.label == value), None)
    if sketch.type is FieldType.RELATION and sketch.target is not None:
        return _positions(value, seeds.get(sketch.target, []), sketch.many)
    return value


def _positions(value: Any, rows: list[dict[str, Any]], many: bool) -> Any:
    """Titles as 1-based positions: the first text of a row is what names it."""
    if many:
        return [_positions(one, rows, False) for one in value]
    if isinstance(value, int):
        return value
    at = next((at for at, row in enumerate(rows, 1) if value in row.values()), None)
    if at is None:
        raise ValueError(f"no seed row is called {value!r}")
    return at


def assemble_parts(sketch: AppSketch, naming: Naming) -> tuple[tuple[Feature, ...], tuple[Rule, ...], tuple[Page, ...]]:
    return tuple(_features(sketch, naming)), tuple(_rules(sketch, naming)), _pages(sketch, naming)


def _features(sketch: AppSketch, naming: Naming) -> Iterator[Feature]:
    """All but those that go by something which the app doesn't have."""
    for feature in sketch.features:
        entity = naming.entities[feature.entity] if feature.entity is not None else None
        with suppress(AbsentError):
            yield Feature(name=feature.name, entity=entity, options=naming.say(feature.options))


def _rules(sketch: AppSketch, naming: Naming) -> Iterator[Rule]:
    for rule in sketch.rules:
        with suppress(AbsentError):
            fields = tuple(naming.at((rule.entity, field)) for field in rule.fields)
            options = naming.say(rule.options)
            yield Rule(kind=rule.kind, entity=naming.at((rule.entity, None)), fields=fields, options=options)


def _pages(sketch: AppSketch, naming: Naming) -> tuple[Page, ...]:
    listed = [e for e in sketch.entities if not e.aside] or sketch.entities
    pages = [assemble_page(e, naming) for e in listed]
    taken = {page.name for page in pages}
    if any(f.name == "dashboard" for f in sketch.features):
        label = shown_label("Dashboard", sketch.entities[0].language)
        pages.insert(0, _page(identifier("dashboard", taken), label, None, "dashboard"))
    for name, view, label in VIEWS:
        feature = next((f for f in sketch.features if f.name == name), None)
        if feature and sketch.entities:
            key = feature.entity if feature.entity is not None else sketch.entities[0].key
            own = shown_label(label, sketch.entities[0].language)
            page = _page(identifier(view, taken), own, naming.entities[key], view)
            pages.insert(0 if view == sketch.home else len(pages), page)
    return tuple(pages)


def _page(name: str, label: str, entity: str | None, view: str | None) -> Page:
    return Page.model_validate({"name": name, "label": label, "entity": entity, "view": view})


def resolve_moments(sketch: AppSketch, today: date) -> None:
    for entity in sketch.entities:
        entity.seed = [{key: moment(value, today) for key, value in row.items()} for row in entity.seed]
