"""Ways in which an item of a sentence opens a thing or goes on with one: "called", "is of", "into collections"."""

from builder.drafter.lexicon import lexicon
from builder.drafter.measures import kind_of
from builder.drafter.phrases import (
    NO_THINGS,
    bracket_list,
    inside_brackets,
    may_be_thing,
    phrase_before_bracket,
    without_determiners,
)
from builder.drafter.reading import Reading
from builder.drafter.sketch import EntitySketch
from builder.drafter.text import Word
from builder.spec import FieldType


def called_list(words: list[Word]) -> tuple[list[Word], list[Word]] | None:
    """ "a table called Index (key, value, order)", with or without brackets."""
    at = next(
        (at for at, word in enumerate(words) if word.norm in {"called", "named"} and 0 < at < len(words) - 1), None
    )
    if at is None or not bracket_list(words):
        return None
    head = [w for w in phrase_before_bracket(words[at + 1 :]) if w.text not in "\"'“”«»"]
    return (head, inside_brackets(words)) if head else None


def before_is(words: list[Word]) -> list[Word]:
    """ "A performance is of one play on a date": what the sentence speaks of, where no thing stands before "with"."""
    at = next((at for at, word in enumerate(words) if word.norm in {"is", "are"} and at), None)
    return words[:at] if at and len(words[:at]) <= 3 and words[-1].lemma in NO_THINGS else []


def moments_in(words: list[Word]) -> list[Word]:
    kinds = {word.start: kind_of(word.lemma) for word in words}
    return [word for word in words if (kind := kinds[word.start]) and kind.type.is_moment]


def is_measure(words: list[Word]) -> bool:
    """ "number of frames" before "with brood" is one field, and no thing that has broods."""
    bare = without_determiners(words)
    return bool(bare) and any(w.norm == "of" for w in bare[1:]) and kind_of(" ".join(w.lemma for w in bare)) is not None


def are_things_again(words: list[Word]) -> bool:
    bare = without_determiners(words)
    return 0 < len(bare) <= 3 and bare[-1].is_plural and may_be_thing(bare[-1].lemma)


def is_other_thing(words: list[Word]) -> bool:
    """One word for several that is no field, with nothing before or behind it."""
    if len(words) != 1 or not words[0].is_plural:
        return False
    kind, is_person = kind_of(words[0].lemma), lexicon().icon(words[0].lemma) == "user"
    return may_be_thing(words[0].lemma) and (kind is None or (is_person and kind.type is FieldType.INTEGER))


def grouped(reading: Reading, words: list[Word], last: EntitySketch) -> bool:
    """ "put them into collections": each points at one of these."""
    at = next((at for at, w in enumerate(words) if w.norm in {"in", "into", "under", "by"} and at), None)
    head = without_determiners(words[at + 1 :]) if at else []
    if not head or not head[-1].is_plural or len(head) > 3:
        return False
    reading.links.append((last.key, reading.open_plural(head).key))
    return True
