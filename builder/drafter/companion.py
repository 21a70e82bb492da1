"""A person's own things beside a data set: "teams with up to six …" keep teams that point at the rows of the set.

Knows no data set by name: what calls one, and what its rows are called, is in its `dataset.yaml`.
"""

from collections.abc import Iterator

from builder import datasets
from builder.drafter.dataset import Subject, query_of, sketch_subject
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import Prompt, Words
from builder.spec import FieldType

SPEAKERS = frozenset("i we".split())


def join_dataset(sketch: AppSketch, prompt: Prompt) -> list[Subject]:
    """Point at the rows of a set the fields that are called like them, and bring those rows along."""
    found = []
    for name in datasets.catalogue():
        described = datasets.describe(name)
        called = set(described["words"])
        if not any(word.norm.removesuffix("'s") in called for word in prompt.words):
            continue
        _rename_own(sketch, prompt, called)
        for key, field in list(_pointers(sketch, described["entities"], described["main"], called)):
            field.type, field.target, field.many, field.choices = FieldType.RELATION, key, field.plural, []
            subject = Subject(name, key, query_of(prompt, described), field.words)
            _bring(sketch, sketch_subject(subject))
            found.append(subject)
    return found


def _rename_own(sketch: AppSketch, prompt: Prompt, called: set[str]) -> None:
    """ "every Pokémon I caught" is a thing of the person's, which points at the one of the set."""
    for entity in sketch.entities:
        if entity.key not in called:
            continue
        verb = next(_done_with(prompt, entity.key), "my")
        field = FieldSketch(entity.label, entity.key, FieldType.STRING, required=True, words=entity.words)
        entity.key, entity.label = f"{verb} {entity.key}", f"{verb.capitalize()} {entity.label}"
        entity.label_plural, entity.icon = entity.label, "notebook-pen"
        first = entity.fields[0] if entity.fields else None
        if first and first.key == "name" and not first.words:  # made up, where nothing named the row
            entity.fields.pop(0)
        entity.fields.insert(min(1, len(entity.fields)), field)


def _done_with(prompt: Prompt, key: str) -> Iterator[str]:
    for sentence in prompt.sentences:
        for at, word in enumerate(sentence[:-2]):
            if word.lemma == key and sentence[at + 1].norm in SPEAKERS and _is_past(sentence[at + 2 :]):
                yield sentence[at + 2].text.lower()


def _is_past(words: Words) -> bool:
    return words[0].norm.endswith(("ed", "ght", "en", "wn", "ught")) or words[0].norm in {"met", "saw", "won", "found"}


def _pointers(
    sketch: AppSketch, entities: dict[str, dict[str, object]], main: str, called: set[str]
) -> Iterator[tuple[str, FieldSketch]]:
    for entity in sketch.entities:
        for field in entity.fields:
            last = field.key.split()[-1]
            if field.type in {FieldType.STRING, FieldType.TEXT} and not field.choices:
                if last in called:
                    yield main, field
                elif field.key in entities and entities[field.key].get("selects") is not None:
                    yield field.key, field


def _bring(sketch: AppSketch, other: AppSketch) -> None:
    known = {entity.key for entity in sketch.entities}
    names = {entity.label for entity in sketch.entities}
    new: list[EntitySketch] = [e for e in other.entities if e.key not in known and e.label not in names]
    sketch.entities += new
    sketch.features += [f for f in other.features if f.entity in {e.key for e in new}]
