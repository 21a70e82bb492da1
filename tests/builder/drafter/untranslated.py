"""What a language lacks of the blueprints: `python -m tests.builder.drafter.untranslated CODE [BLUEPRINT]`.

Prints JSON in the form of `builder/blueprints/languages/CODE.json`, with empty translations. Names of people are not
among it: those are invented in the language, unless a blueprint's `texts` have all of a column.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from builder.blueprints import translations
from builder.drafter.language import Language
from builder.drafter.lexicon import lexicon
from builder.drafter.localise import TEXTS, is_code
from builder.drafter.seeds import people
from builder.drafter.shelf import Blueprint, shelf
from builder.drafter.sketch import EntitySketch, FieldSketch

MAKERS = {"author", "director"}  # of works that there are: Middlemarch is by George Eliot in every language


def labels_of(blueprint: Blueprint) -> Iterator[str]:
    yield blueprint.sketch.name
    for entity in blueprint.sketch.entities:
        yield entity.label
        for field in entity.fields:
            yield field.label
            yield from (label for label, _ in field.choices)
    for feature in blueprint.sketch.features:
        yield from _option_labels(feature.options)


def _option_labels(given: Any) -> Iterator[str]:
    inner = given.items() if isinstance(given, dict) else enumerate(given if isinstance(given, list) else ())
    for key, value in inner:
        if key == "label" and isinstance(value, str):
            yield value
        yield from _option_labels(value)


def sayable(blueprint: Blueprint) -> Iterator[str]:
    """What `labels` may have: what it shows, also as "Thing.Label" and "Thing.Field.Choice"."""
    yield from labels_of(blueprint)
    for entity in blueprint.sketch.entities:
        for field in entity.fields:
            within, choices = f"{entity.label}.{field.label}", [text for text, _ in field.choices]
            yield from (within, *(f"{w}.{text}" for text in choices for w in (entity.label, within)))


def texts_of(blueprint: Blueprint, short: bool = False) -> Iterator[str]:
    """`short`: also what may stay as it is, as codes, measures, short answers ("2 kg", "ok") and names of people do."""
    yield blueprint.sketch.tagline
    yield from filter(None, [blueprint.sketch.note])
    for entity in blueprint.sketch.entities:
        for field in entity.fields:
            if field.type in TEXTS and (short or not _names_people(entity, field)):
                values = [row.get(field.key) for row in entity.seed]
                yield from (value for value in values if isinstance(value, str) and (short or not is_code(value)))


def _names_people(entity: EntitySketch, field: FieldSketch) -> bool:
    named = field.key == "name" and lexicon().icon(entity.key) == "user"
    return named or (field.key.split()[-1] in people() and field.key not in MAKERS)


def missing(code: str, blueprint: Blueprint) -> dict[str, dict[str, str]]:
    language, own = Language.load(code), translations(code).get(blueprint.name, {})
    labels = [x for x in labels_of(blueprint) if x not in own.get("labels", {}) and not language.shown(x)]
    texts = [x for x in texts_of(blueprint) if x and x not in own.get("texts", {}) and x not in language.texts]
    return {"labels": dict.fromkeys(labels, ""), "texts": dict.fromkeys(texts, "")}


if __name__ == "__main__":
    wanted = sys.argv[2:]
    found = {b.name: missing(sys.argv[1], b) for b in shelf() if not wanted or b.name in wanted}
    print(json.dumps({k: v for k, v in found.items() if any(v.values())}, ensure_ascii=False, indent=1))
