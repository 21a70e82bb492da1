"""An AppSpec as a sketch again, so that it can be changed with the words that made it."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from builder.drafter.reference import References
from builder.drafter.revise.references import App
from builder.drafter.sketch import AppSketch, EntitySketch, FeatureSketch, FieldSketch, RuleSketch
from builder.drafter.text import lemmas
from builder.spec import AppSpec, Entity, FieldType, SpecField


def opened(spec: AppSpec) -> AppSketch:
    """Keys come from the names, which stay as they are; what features and rules name stays as it is written."""
    keys = {e.name: _key_of(e.name) for e in spec.entities}
    shown = {p.entity: p.view for p in reversed(spec.pages) if p.view in {None, "cards", "table", "list"}}
    sketch = AppSketch(spec.name, spec.tagline, style=spec.theme.style, mode=spec.theme.mode)
    language = spec.locale.split("-")[0]
    sketch.entities = [_entity(e, keys, shown, language) for e in spec.entities]
    for entity in sketch.entities:
        entity.aside = bool(spec.pages) and entity.name not in shown
    named = _Names(sketch.entities)
    sketch.features = [
        FeatureSketch(f.name, keys[f.entity] if f.entity else None, named.options(f.options, f.entity, None))
        for f in spec.features
    ]
    sketch.rules = [
        RuleSketch(r.kind, keys[r.entity], tuple(map(_key, r.fields)), named.options(r.options, r.entity, r.fields))
        for r in spec.rules
    ]
    for entity, own in zip(sketch.entities, spec.entities, strict=True):
        for field in (f for f in entity.fields if f.formula):
            field.formula = named.formula(str(field.formula), own.name)
    return sketch


def opened_beside(app: App, own: App | None) -> tuple[AppSketch, EntitySketch]:
    """A sketch in which one thing is whole, and the others are only what they are called and how many rows they have.

    Raises ValidationError where the thing can't be.
    """
    sketch = AppSketch(app["name"])
    keys = {e["name"]: _key_of(e["name"]) for e in app["entities"]}
    language = app["locale"].split("-")[0]
    for entity in app["entities"]:
        if entity is own:
            sketch.entities.append(_entity(Entity.model_validate(entity), keys, {}, language))
        else:
            sketch.entities.append(_called(entity, keys))
    return sketch, next((e for e in sketch.entities if own and e.name == own["name"]), sketch.entities[0])


def _called(entity: App, keys: dict[str, str]) -> EntitySketch:
    label, name, plural = entity["label"], entity["name"], entity["plural"]
    sketch = EntitySketch(label, keys[name], entity["label_plural"], name=name, plural=plural)
    sketch.dataset, sketch.seed = entity["dataset"], entity["seed"]
    return sketch


class _Names:
    """What options and formulas name, as places of the sketch: wishes look for them there."""

    def __init__(self, entities: list[EntitySketch]) -> None:
        # Choices are named by their values here, so a label that changed in between does no harm.
        valued = [replace(e, fields=[_valued(f) for f in e.fields]) for e in entities]
        self.references = References(valued)
        self.entities = {str(e.name): e for e in valued}

    def options(self, given: dict[str, Any], entity: str | None, fields: Any) -> dict[str, Any]:
        here = self.entities[entity] if entity else None
        with suppress(ValueError, KeyError):
            return self.references.options(given, here, next(iter(fields or ()), None))
        return dict(given)

    def formula(self, text: str, entity: str) -> str:
        here = self.entities[entity]
        with suppress(ValueError, KeyError):
            return self.references.formula(text, here, {v: v for f in here.fields for v in f.values})
        return text


def _valued(field: FieldSketch) -> FieldSketch:
    return replace(field, choices=[(value, None) for value in field.values]) if field.values else field


def _key_of(entity: str) -> str:
    return entity.replace("_", " ")


def _key(name: str) -> str:
    return name.removesuffix("_field").replace("_", " ")


def _entity(entity: Entity, keys: dict[str, str], shown: dict[str | None, Any], language: str) -> EntitySketch:
    sketch = EntitySketch(
        entity.label,
        keys[entity.name],
        entity.label_plural,
        name=entity.name,
        plural=entity.plural,
        dataset=entity.dataset,
        icon=entity.icon,
        view=shown.get(entity.name),
        synonyms=tuple({lemmas(entity.label), lemmas(entity.label_plural)} - {keys[entity.name]}),
        language=language,
    )
    sketch.fields = [_field(f, keys) for f in entity.fields]
    sketch.seed = [_row(row, entity) for row in entity.seed]
    return sketch


def _field(field: SpecField, keys: dict[str, str]) -> FieldSketch:
    key = _key(field.name)
    return FieldSketch(
        field.label,
        key,
        field.type,
        name=field.name,
        required=field.required,
        unique=field.unique,
        choices=[(c.label, c.color) for c in field.choices],
        values=tuple(c.value for c in field.choices),
        unit=field.unit,
        min=field.min,
        max=field.max,
        target=keys[field.target] if field.target else None,
        many=field.many,
        formula=field.formula,
        synonyms=tuple({lemmas(field.label), key.rsplit(" ", 1)[-1]} - {key}),
        said=True,
    )


def _row(row: dict[str, Any], entity: Entity) -> dict[str, Any]:
    """By field key, choices by their labels, as sketches have them."""
    found = {}
    for field in entity.fields:
        if field.name in row:
            value = row[field.name]
            if field.type is FieldType.CHOICE:
                value = next((c.label for c in field.choices if c.value == value), value)
            found[_key(field.name)] = value
    return found
