"""Where the kind of app itself is what was said to have things: "a blog with comments", "a restaurant's site"."""

from collections.abc import Sequence

from builder.drafter.features import Mention
from builder.drafter.measures import kind_of
from builder.drafter.reading import Reading
from builder.drafter.shelf import Blueprint, Match
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import Prompt
from builder.spec import FieldType

COUNTED = {FieldType.STRING, FieldType.TEXT, FieldType.INTEGER, FieldType.BOOLEAN, FieldType.FILE, FieldType.IMAGE}


def take_kind(reading: Reading, match: Match, prompt: Prompt, mentions: Sequence[Mention]) -> tuple[AppSketch, bool]:
    """The blueprint with the fields said of the app itself, and whether there were such words.

    What else the app was said to have become things of its own. Where a thing is described by fields, all stays.
    """
    known, asked = match.blueprint.sketch, {word.start for mention in mentions for word in mention.words}
    kinds, found = [e for e in reading.entities if _is_kind(e, match, prompt)], False
    if any(e.fields for e in reading.entities if e not in kinds):
        return known, False
    for entity in kinds:
        own = [f for f in entity.fields if not _starts(f) & asked and _is_field(f, known.entities[0])]
        if entity.fields and len(own) * 2 > len(entity.fields):
            continue
        known, found = known.copy(), True
        main = known.entities[0]
        main.fields += [f for f in own if main.find(f.key) is None]
        reading.forget(entity)
        for field in entity.fields:
            if field not in own and not _starts(field) & asked and not _is_known(field.key, match.blueprint):
                reading.name(field)
    return known, found


def _is_kind(entity: EntitySketch, match: Match, prompt: Prompt) -> bool:
    """Whether its name is what calls the blueprint, and nothing that the blueprint keeps.

    Only English tells surely that there are several: "restaurants" are rated, "a restaurant" takes orders.
    """
    several = prompt.language == "en" and entity.words and entity.words[-1].is_plural
    if not entity.key or several or match.blueprint.sketch.entity(entity.key):
        return False
    return bool({word.start for word in entity.words} & match.places)


def _is_known(key: str, blueprint: Blueprint) -> bool:
    return key in blueprint.words or blueprint.sketch.entity(key) is not None


def _is_field(field: FieldSketch, main: EntitySketch) -> bool:
    kind = kind_of(field.key)
    known = kind is not None and (not field.plural or kind.type not in COUNTED)
    return bool(known or field.said or field.choices or main.find(field.key))


def _starts(field: FieldSketch) -> set[int]:
    return {word.start for word in field.words}
