"""How far a reading can be trusted: prose reads as odd things with odd fields, and those are better left out.

Judges words, not meanings. What is doubted here is not lost: nothing was made of it, so it is told as not used.
"""

from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.measures import kind_of
from builder.drafter.reading import Reading
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.text import Word

LONGEST = 4  # words of a field that is no clause
NOBODY = frozenset(grammar("pronouns") | grammar("nobody"))
SENTENCE = grammar("pronouns") | grammar("auxiliaries") | grammar("adverbs") | frozenset("and or but to".split())


def doubt(reading: Reading) -> None:
    """Take out the fields that are clauses, and the things that are nobody or have no field left."""
    linked = {key for pair in (*reading.links, *reading.many_links) for key in pair}
    kept: list[EntitySketch] = []
    for entity in reading.entities:
        had = bool(entity.fields)
        clear = [f for f in entity.fields if is_field(f)]
        # Where most fields are clear the others are names as people make them: "minutes to cook", "want in return".
        entity.fields = [
            f for f in entity.fields if f in clear or (len(clear) * 2 >= len(entity.fields) and _is_short(f))
        ]
        if not _is_thing(entity) and len(entity.fields) > 1:
            entity.key = entity.label = entity.label_plural = (
                ""  # "what we have for sale: address, price": the app's own
            )
        if _is_thing(entity) and (entity.fields or not had or entity.key in linked | reading.listed):
            kept.append(entity)
    reading.entities = kept


def is_sure(entity: EntitySketch) -> bool:
    """Whether its fields were listed, so that no others are wanted."""
    return (
        (entity.listed and len(entity.fields) > 1)
        or len(entity.fields) >= 3
        or (len(entity.fields) > 1 and any(f.said for f in entity.fields))
    )


def is_field(field: FieldSketch) -> bool:
    """A name of a few words, none of which makes a sentence of it; what the lexicon knows is one in any case."""
    words = [w for w in field.words if w.is_word and w.end > w.start] or []
    if field.key in lexicon().fields or field.choices or field.derived or not words:
        return True
    name = field.key.split()
    if len(name) > LONGEST or set(name) & SENTENCE or name[0] in grammar("prepositions"):
        return False
    return kind_of(field.key) is not None or not any(_is_verb(w, at) for at, w in enumerate(words) if w.lemma in name)


def _is_short(field: FieldSketch) -> bool:
    name = field.key.split()
    return len(name) <= LONGEST and not set(name) & (grammar("pronouns") | grammar("auxiliaries") - {"not"})


def _is_verb(word: Word, at: int) -> bool:
    verbs = grammar("verbs") | grammar("keeps") | grammar("stores")
    return word.norm in verbs or (at == 0 and word.norm.endswith("ing") and len(word.norm) > 5)


def _is_thing(entity: EntitySketch) -> bool:
    words = entity.key.split()
    if entity.listed and words == ["user"]:  # "users (name, email)" are kept like any other thing
        return True
    return not words or not (words[-1] in NOBODY or set(words) & (grammar("auxiliaries") | grammar("adverbs") | NOBODY))
