"""Show a sketch in the prompt's language: what a blueprint brings is in English until then. Knows no sentence.

Keys and names stay English, so that code reads well and the grammar finds its things; labels, choices, the app's name
and the rows are what a person sees. A label that the language's table lacks stays as it is.
"""

import re
from contextlib import suppress
from typing import Any

from builder.blueprints import translations
from builder.drafter.language import CODES, Language, Shown
from builder.drafter.lexicon import lexicon
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import plural
from builder.spec import FieldType

TEXTS = {FieldType.STRING, FieldType.TEXT}


def localise(sketch: AppSketch, code: str) -> None:
    if code == "en":
        return
    for entity in sketch.entities:
        _name(entity)
        entity.language = code
        entity.label_plural = _several(entity, code)
    if code in CODES:
        _Localiser(Language.load(code), sketch.blueprint).app(sketch)


def shown_label(text: str, code: str) -> str:
    """One English label of the interface, such as that of a page, as the language shows it."""
    shown = Language.load(code).shown(text) if code in CODES else None
    return _titled(shown.single) if shown else text


def _name(entity: EntitySketch) -> None:
    entity.name = entity.name or entity.key
    entity.plural = entity.plural or plural(entity.key)
    for field in entity.fields:
        field.name = field.name or field.key


def _several(entity: EntitySketch, code: str) -> str:
    """Where English rules made the plural of a word that is not English: the language's own, or the word as it is."""
    if entity.label_plural != plural(entity.label):
        return entity.label_plural
    if code in {"es", "pt", "fr"} and entity.label[-1:].isalpha():
        return entity.label + ("s" if entity.label[-1] in "aeiouáéó" or code == "fr" else "es")
    return entity.label


class _Localiser:
    """What the blueprint's own translations say wins over the language's table, and what they say of a thing's field or
    choice alone ("Thing.Label"; of a choice also "Thing.Field.Choice") over what they say of a word.
    """

    def __init__(self, language: Language, blueprint: str) -> None:
        own = translations(language.code).get(blueprint, {})
        self.language, self.labels = language, own.get("labels", {})
        self.texts = {**language.texts, **own.get("texts", {})}

    def app(self, sketch: AppSketch) -> None:
        sketch.name = self.one(sketch.name)
        sketch.tagline = self.texts.get(sketch.tagline, "")
        sketch.note = self.texts.get(sketch.note, sketch.note)
        _point_by_place(sketch)
        for entity in sketch.entities:
            self.entity(entity)
        for feature in sketch.features:
            self.labelled(feature.options)

    def labelled(self, given: Any) -> None:
        """The labels among a feature's options, those of its parts too: each tile of a dashboard has one."""
        for key, value in given.items() if isinstance(given, dict) else enumerate(given):
            if key == "label" and isinstance(value, str):
                given[key] = self.one(value)
            elif isinstance(value, dict | list):
                self.labelled(value)

    def entity(self, entity: EntitySketch) -> None:
        said = any(key.startswith(f"{entity.label}.") for key in self.labels)
        thing = entity.label if said else _titled(entity.key)  # a person may have called it in the language already
        if shown := self.shown(entity.label):
            entity.label, entity.label_plural = _titled(shown.single), _titled(shown.many)
        for field in entity.fields:
            self.field(field, entity, thing)
        if not any("name" in row for row in entity.seed):  # an address is made of the name that is invented
            for field in (f for f in entity.fields if f.type is FieldType.EMAIL):
                for row in entity.seed:
                    row.pop(field.key, None)

    def column(self, field: FieldSketch, rows: list[dict[str, Any]]) -> None:
        """The column in the language. Where a text of it has no translation it goes: names are invented anew, and
        notes that nobody needs stay empty rather than saying what doesn't fit.
        """
        given = [value for row in rows if isinstance(value := row.get(field.key), str)]
        told = {text: self.texts.get(text) or (text if is_code(text) else None) for text in given}
        for row in rows:
            if None not in told.values():
                row[field.key] = told.get(row.get(field.key))  # type: ignore[arg-type]
            elif field.type is FieldType.TEXT and not field.required:
                row[field.key] = None
            else:
                row.pop(field.key, None)

    def field(self, field: FieldSketch, entity: EntitySketch, thing: str) -> None:
        within = (f"{thing}.{field.label}", thing)
        person = field.label == "Name" and lexicon().icon(entity.key) == "user"
        label = "person name" if person else field.label
        shown = self.own(field.label, thing) or self.language.shown(f"{label} as a field") or self.language.shown(label)
        if shown:
            field.label = _titled(shown.many if field.many else shown.single)
        if unit := field.unit and self.shown(f"{field.unit} as a unit"):
            field.unit_shown = unit.single
        if field.type is FieldType.CHOICE:
            for row in entity.seed:
                row[field.key] = self.one(row[field.key], *within) if isinstance(row.get(field.key), str) else None
        elif field.type in TEXTS:
            self.column(field, entity.seed)
        field.choices = [(self.one(text, *within), color) for text, color in field.choices]

    def shown(self, text: str, *within: str) -> Shown | None:
        return self.own(text, *within) or self.language.shown(text)

    def own(self, text: str, *within: str) -> Shown | None:
        keys = (key for key in (*(f"{w}.{text}" for w in within), text) if key in self.labels)
        if (key := next(keys, None)) is None:
            return None
        single, _, many = self.labels[key].partition(" / ")
        return Shown(single, many or single)

    def one(self, text: str, *within: str) -> str:
        shown = self.shown(text, *within)
        return _titled(shown.single) if shown and shown.single != text else text  # "kg" stays as it is written


def _point_by_place(sketch: AppSketch) -> None:
    """What names a row by a text of it says where the row stands instead, for the text will be another."""
    for entity in sketch.entities:
        for field in entity.fields:
            target = next((e for e in sketch.entities if e.key == field.target), None)
            for row in entity.seed if target else ():
                with suppress(StopIteration):
                    row[field.key] = _place(row.get(field.key), target.seed)  # type: ignore[union-attr]


def _place(named: Any, rows: list[dict[str, Any]]) -> Any:
    if isinstance(named, list):
        return [_place(one, rows) for one in named]
    return next(at for at, row in enumerate(rows, 1) if named in row.values()) if isinstance(named, str) else named


def is_code(text: str) -> bool:
    """ "A-1041", "H91": no word of any language."""
    return not re.search(r"[^\W\d_]{3}", text)


def _titled(text: str) -> str:
    return text[:1].upper() + text[1:]
