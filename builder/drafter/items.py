"""Cut a sentence into items at its commas, colons, dashes and "and"s. Knows no field and no thing."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from builder.drafter.fields import DETERMINERS
from builder.drafter.lexicon import grammar
from builder.drafter.phrases import HAS, belongs_together
from builder.drafter.text import Word, Words

DASHES = "—–"
SPLITS = frozenset("— – , : & → + and plus".split())
LONGEST_TAIL = 5
TWINS = frozenset(tuple(pair.split("/")) for pair in grammar("twins"))  # "start and end time": both are times


@dataclass
class Item:
    """Words between two commas. `opens` marks one that a colon ends, `anew` one after ", and"."""

    words: list[Word]
    sentence: int
    at: int
    opens: bool = False
    anew: bool = False


def items_of(number: int, sentence: Words) -> list[Item]:
    items = list(_cut(number, sentence))
    for item, following in itertools.pairwise(items):
        item.words += _shared_tail(item.words, following.words)
    return items


def _cut(number: int, sentence: Words) -> Iterator[Item]:
    words: list[Word] = []
    separators: list[str] = []
    start = depth = 0
    first = True
    for at, word in enumerate(sentence):
        depth += (word.text in "([") - (word.text in ")]")
        if depth <= 0 and (word.norm in SPLITS or word.text in SPLITS) and _splits(sentence, at):
            if words:
                opens = word.text == ":" or (first and word.text in DASHES)
                yield Item(words, number, start, opens, separators == [",", "and"])
                first, separators = False, []
            words, start = [], at + 1
            separators.append(word.norm)
        else:
            words.append(word)
    if words:
        yield Item(words, number, start, anew=separators == [",", "and"])


def _splits(sentence: Words, at: int) -> bool:
    word = sentence[at]
    if word.norm == "and" or word.text in DASHES:
        return not belongs_together(sentence, at)
    return word.text in {",", ":", "&", "→", "+"} or word.norm == "plus"


def _shared_tail(words: Words, following: Words) -> list[Word]:
    """What the next item says for this one too: "time" in "start and end time"."""
    bare = [w for w in following if w.norm not in DETERMINERS]
    alone = len(words) == 1 or words[-2].norm in HAS | DETERMINERS
    if not alone or not 1 < len(bare) <= LONGEST_TAIL or (words[-1].lemma, bare[0].lemma) not in TWINS:
        return []
    return bare[1:]
