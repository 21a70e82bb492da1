"""The clauses of a prompt that nothing was made of, so that they can be said rather than dropped."""

from collections.abc import Iterator, Sequence
from typing import Any

from builder.answers import Say, say_in
from builder.drafter.features import VERBS
from builder.drafter.fields import AUXILIARIES, CLAUSES, DETERMINERS, MANY
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.measures import UNITS
from builder.drafter.phrases import GROUPS, HAS, KEEPS, OPENERS, PREPOSITIONS, PRONOUNS
from builder.drafter.sketch import AppSketch
from builder.drafter.text import Prompt, Word, Words, lemmas

SILENT = (
    VERBS
    | GROUPS
    | OPENERS
    | DETERMINERS
    | MANY
    | AUXILIARIES
    | CLAUSES
    | HAS
    | KEEPS
    | PREPOSITIONS
    | PRONOUNS
    | grammar("silent")
)
LOOKS = grammar("background") | grammar("component") | grammar("outward")
MOST = 40
LONGEST_QUOTE = 80
GENERAL = frozenset("user account title date view".split())  # in many apps, and no answer to a wish for a feature


def leftover(
    prompt: Prompt, sketch: AppSketch, name: str, used: Sequence[Words], said: Sequence[Words]
) -> Iterator[tuple[Word, ...]]:
    """Each clause at least half of whose words of meaning are in no part of the app."""
    places = {word.start for words in (*used, *said) for word in words}
    known, count = vocabulary(sketch, name), 0
    for number, sentence in enumerate(prompt.sentences):
        for clause in _clauses(sentence):
            content = [w for w in clause if _has_meaning(w)]
            unknown = [w for w in content if w.start not in places and not {w.lemma, w.norm} & known]
            is_head = number == 0 and clause[0] is sentence[0]
            if unknown and not is_head and len(unknown) * 2 > len(content):
                count += 1
                yield _trimmed(clause)
            if count == MOST:
                return


def lost(prompt: Prompt, things: Sequence[Words]) -> Iterator[str]:
    """The things that an app has no room for."""
    yield from (prompt.quote(words) for words in things[:MOST])
    if len(things) > MOST:
        yield say_in(prompt.language)("unused.things", n=len(things) - MOST)


def shortened(text: str, say: Say) -> Iterator[str]:
    """What was not read: how it begins, and how much it is."""
    rest = " ".join(text.split())
    if rest:
        end = say("unused.letters", n=len(rest))
        yield rest if len(rest) <= LONGEST_QUOTE else f"{rest[:LONGEST_QUOTE]}… ({end})"


def _has_meaning(word: Word) -> bool:
    silent = word.norm in SILENT or word.lemma in lexicon().app_words or word.lemma in UNITS or word.lemma in LOOKS
    return word.is_word and not silent and not word.norm.isdecimal()


def _trimmed(clause: list[Word]) -> tuple[Word, ...]:
    while not clause[-1].is_word:
        clause = clause[:-1]
    while not clause[0].is_word:
        clause = clause[1:]
    return tuple(clause)


def vocabulary(sketch: AppSketch, name: str) -> set[str]:
    """The words that the app itself has: a clause about one of its fields was understood."""
    texts = [name, *(text for e in sketch.entities for text in (e.key, e.label, e.label_plural, *e.synonyms))]
    for field in (f for e in sketch.entities for f in e.fields):
        texts += [field.key, field.label, *field.synonyms, *(label for label, _ in field.choices)]
    texts += [word for f in sketch.features for word in _option_words(f.options)]
    texts += [f.name.replace("_", " ") for f in sketch.features]
    texts += [view for e in sketch.entities for view in (e.view or "").split()]
    neighbours = {"previous", "next"} if any(f.options.get("previous_next") for f in sketch.features) else set()
    return {word for text in texts for word in (*lemmas(text).split(), *text.lower().split())} | neighbours


def _option_words(options: dict[str, Any]) -> Iterator[str]:
    for value in options.values():
        for text in value if isinstance(value, list | tuple) else [value]:
            if isinstance(text, str):
                yield text.replace("_", " ").replace(":", " ")


def _clauses(sentence: Words) -> Iterator[list[Word]]:
    clause: list[Word] = []
    depth = 0
    for word in sentence:
        depth = max(0, depth + (word.text in "([") - (word.text in ")]"))
        if depth == 0 and (word.text in {",", ":"} or word.norm == "and"):
            if clause:
                yield clause
            clause = []
        else:
            clause.append(word)
    if clause:
        yield clause
