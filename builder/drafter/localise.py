"""Show a sketch in the prompt's language: what a blueprint brings is in English until then. Knows no sentence.

Keys and names stay English, so that code reads well and the grammar finds its things; labels, choices, the app's name
and the rows are what a person sees. A label that the language's table lacks stays as it is.
"""

from typing import Any

from builder.drafter.language import CODES, Language
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
        _Localiser(Language.load(code)).app(sketch)


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
    def __init__(self, language: Language) -> None:
        self.language = language

    def app(self, sketch: AppSketch) -> None:
        sketch.name = self.one(sketch.name)
        sketch.tagline = self.language.texts.get(sketch.tagline, "")
        for entity in sketch.entities:
            self.entity(entity)

    def entity(self, entity: EntitySketch) -> None:
        shown = self.language.shown(entity.label)
        if shown:
            entity.label, entity.label_plural = _titled(shown.single), _titled(shown.many)
        translated = [self.row(row, entity) for row in entity.seed]
        entity.seed = translated if all(row is not None for row in translated) else []  # type: ignore[assignment]
        for field in entity.fields:
            self.field(field, entity)

    def row(self, row: dict[str, Any], entity: EntitySketch) -> dict[str, Any] | None:
        """The row in the language, None where a text of it has no translation."""
        found = dict(row)
        for field in entity.fields:
            value = row.get(field.key)
            if isinstance(value, str) and field.type is FieldType.CHOICE:
                found[field.key] = self.one(value)
            elif isinstance(value, str) and field.type in TEXTS | {FieldType.RELATION}:
                found[field.key] = self.language.texts.get(value)
                if found[field.key] is None:
                    return None
        return found

    def field(self, field: FieldSketch, entity: EntitySketch) -> None:
        person = field.label == "Name" and lexicon().icon(entity.key) == "user"
        shown = self.language.shown("person name" if person else field.label)
        if shown:
            field.label = _titled(shown.many if field.many else shown.single)
        field.choices = [(self.one(text), color) for text, color in field.choices]

    def one(self, text: str) -> str:
        shown = self.language.shown(text)
        return _titled(shown.single) if shown else text


def _titled(text: str) -> str:
    return text[:1].upper() + text[1:]
