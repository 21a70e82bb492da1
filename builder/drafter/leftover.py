"""The clauses of a prompt that nothing was made of, so that they can be said rather than dropped."""

from collections.abc import Iterator, Sequence

from builder.drafter.fields import DETERMINERS
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.phrases import OPENERS
from builder.drafter.sketch import AppSketch
from builder.drafter.text import Prompt, Word, Words

SILENT = OPENERS | DETERMINERS | grammar("silent")
MOST = 40


def leftover(
    prompt: Prompt, sketch: AppSketch, used: Sequence[Words], said: Sequence[Words]
) -> Iterator[tuple[Word, ...]]:
    places = {word.start for words in (*used, *said) for word in words}
    known, count = _vocabulary(sketch), 0
    for number, sentence in enumerate(prompt.sentences):
        for clause in _clauses(sentence):
            content = [w for w in clause if w.is_word and w.norm not in SILENT and w.lemma not in lexicon().app_words]
            is_head = number == 0 and clause[0] is sentence[0]
            if (
                content
                and not is_head
                and not any(w.start in places or w.lemma in known for w in clause)
                and count < MOST
            ):
                count += 1
                yield tuple(clause)


def _vocabulary(sketch: AppSketch) -> set[str]:
    """The words that the app itself has: a clause about one of its fields was understood."""
    keys = [key for e in sketch.entities for key in (e.key, *e.synonyms)]
    keys += [key for e in sketch.entities for f in e.fields for key in (f.key, *f.synonyms)]
    neighbours = {"previous", "next"} if any(f.options.get("previous_next") for f in sketch.features) else set()
    return {word for key in keys for word in key.split()} | neighbours


def _clauses(sentence: Words) -> Iterator[list[Word]]:
    clause: list[Word] = []
    for word in sentence:
        if word.text in {",", ":"} or word.norm == "and":
            if clause:
                yield clause
            clause = []
        else:
            clause.append(word)
    if clause:
        yield clause
