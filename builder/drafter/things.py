"""Where what reads as a field is a thing that the blueprint has: "a travel planner with a packing list".

Knows blueprints and readings, and no sentence.
"""

from collections.abc import Sequence, Set

from builder.drafter.measures import kind_of
from builder.drafter.reading import Reading
from builder.drafter.shelf import Blueprint
from builder.drafter.sketch import EntitySketch, FieldSketch


def take_things(reading: Reading, blueprint: Blueprint, kinds: Sequence[EntitySketch], asked: Set[int]) -> None:
    """Of the app and its things, takes the fields that are things and those that ask for a feature and nothing else."""
    for entity in list(reading.entities):
        model = blueprint.sketch.entity(entity.key)
        model = model or (blueprint.sketch.entities[0] if entity in kinds or entity.guessed else None)
        if model is None:
            continue
        for field, thing in [(f, _thing(f, model, blueprint)) for f in entity.fields]:
            if thing:
                entity.fields.remove(field)
                reading.listed.add(reading.open(thing.key, thing.label, field.words).key)
        if entity.fields and all(f.plural and {w.start for w in f.words} & asked for f in entity.fields):
            entity.fields = []  # "a poll site with comments"
            reading.listed.add(entity.key)


def _thing(field: FieldSketch, model: EntitySketch, blueprint: Blueprint) -> EntitySketch | None:
    """The part of what was spoken of that is called so, unless that has a field of the name."""
    found = blueprint.sketch.entity(field.key)
    if found is None or found is model or field.said or field.choices or kind_of(field.key):
        return None
    is_part = any(f.target == model.key for f in found.fields)
    return found if is_part and not any(f.answers_to(field.key) for f in model.fields) else None
