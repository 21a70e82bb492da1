"""The clauses of a prompt that nothing was made of, so that they can be said rather than dropped."""

from collections.abc import Iterator, Sequence

from builder.drafter.entities import OPENERS
from builder.drafter.fields import DETERMINERS
from builder.drafter.lexicon import lexicon
from builder.drafter.text import Prompt, Word, Words

SILENT = OPENERS | DETERMINERS | frozenset(
    "build create make website site app web page of for in on with by to from at as its one them it please thanks thank "
    "everything nice good well simple same way very really edit add delete remove update open back".split()
)  # fmt: skip
MOST = 40


def leftover(prompt: Prompt, used: Sequence[Words], said: Sequence[Words]) -> Iterator[tuple[Word, ...]]:
    places = {word.start for words in (*used, *said) for word in words}
    count = 0
    for number, sentence in enumerate(prompt.sentences):
        for clause in _clauses(sentence):
            content = [w for w in clause if w.is_word and w.norm not in SILENT and w.lemma not in lexicon().app_words]
            is_head = number == 0 and clause[0] is sentence[0]
            if content and not is_head and not any(w.start in places for w in clause) and count < MOST:
                count += 1
                yield tuple(clause)


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
