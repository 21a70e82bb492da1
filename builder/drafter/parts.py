"""Tell a thing from a field by the blueprint: "quizzes with questions" are two things. Knows no sentence."""

from builder.drafter.reading import Reading
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.spec import FieldType

TEXTS = {FieldType.STRING, FieldType.TEXT}


def take_parts(reading: Reading, known: AppSketch) -> None:
    """Where all that was said of a thing is what the blueprint has as parts of it, those are things and no fields.

    "Students with name, class and grade" have a grade each: a name is a field, and so is what stands beside it.
    """
    for entity in list(reading.entities):
        parts = [_part(field, entity, known) for field in entity.fields]
        if not parts or None in parts:
            continue
        entity.fields = []
        for part in filter(None, parts):
            if not any(part.answers_to(e.key) for e in reading.entities):
                reading.entities.append(EntitySketch(part.label, part.key, part.label_plural, words=entity.words))
            reading.listed.add(part.key)
        reading.listed.add(entity.key)


def _part(field: FieldSketch, entity: EntitySketch, known: AppSketch) -> EntitySketch | None:
    """The thing that the field is called like, each of which belongs to one of what the field was said of."""
    whole, part = known.entity(entity.key), known.entity(field.key)
    if whole is None or part is None or part is whole or field.said or field.type not in TEXTS:
        return None
    belongs = any(own.target == whole.key and own.required and not own.many for own in part.fields)
    return part if belongs else None
