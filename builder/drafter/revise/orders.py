"""Cut a message into orders: a verb and what it is about. Knows no app."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from builder.drafter.text import Prompt, Word, Words

MOST_ORDERS = 24  # of one message: the rest is told
LONGEST_ORDER = 300  # words
LONGEST_START = 8  # words before the verb: "on the task page please also …"


class Verb(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    RENAME = "rename"
    CHANGE = "change"
    LINK = "link"
    HAVE = "have"
    UNDO = "undo"


VERBS = {
    Verb.ADD: "add include insert need want introduce give allow let show create".split(),
    Verb.REMOVE: "remove delete drop without eliminate discard".split(),
    Verb.RENAME: "rename call relabel".split(),
    Verb.CHANGE: "make change turn set convert switch use put translate".split(),
    Verb.LINK: "link connect relate associate attach".split(),
    Verb.UNDO: "undo revert".split(),
}
OF_WORD = {word: verb for verb, words in VERBS.items() for word in words}
PHRASES = {("get", "rid", "of"): Verb.REMOVE, ("take", "away"): Verb.REMOVE, ("take", "out"): Verb.REMOVE,
           ("no", "longer"): Verb.REMOVE, ("go", "back"): Verb.UNDO, ("roll", "back"): Verb.UNDO,
           ("belongs", "to"): Verb.LINK, ("belong", "to"): Verb.LINK}  # fmt: skip
OPENING = frozenset(phrase[0] for phrase in PHRASES)
# Behind these a verb says what people may do, not what is to be done: "only admins can delete deals".
MAY = frozenset("can may could cannot must should shall will would never not able".split())


@dataclass(frozen=True)
class Order:
    """`before` are the words between the last order and the verb: "tasks need a due date" is about tasks; `further` are
    more than an order is read for.
    """

    verb: Verb
    words: tuple[Word, ...]
    before: tuple[Word, ...] = ()
    further: tuple[Word, ...] = ()


def read_orders(prompt: Prompt) -> list[Order]:
    return [order for sentence in prompt.sentences for order in _in_sentence(sentence)]


def _in_sentence(sentence: Words) -> Iterator[Order]:
    starts = list(_starts(sentence))
    for at, (start, end, verb) in enumerate(starts):
        until = starts[at + 1][0] if at + 1 < len(starts) else len(sentence)
        before = tuple(sentence[:start]) if at == 0 else ()
        words = _trimmed(sentence[end:until])
        yield Order(verb, words[:LONGEST_ORDER], before[-LONGEST_START:], words[LONGEST_ORDER:])


def _starts(sentence: Words) -> Iterator[tuple[int, int, Verb]]:
    """Where an order begins: at the first verb, then after a comma or an "and"."""
    at, begun, depth = 0, False, 0
    while at < len(sentence):
        depth += (sentence[at].text in "([") - (sentence[at].text in ")]")
        length, verb = _verb(sentence, at)
        if verb is Verb.REMOVE and at and (sentence[at - 1].norm in MAY or _is_to(sentence, at)):
            verb = None
        if not verb and not begun and at and sentence[at].norm in {"has", "have"} and not _in_clause(sentence[:at]):
            verb = Verb.HAVE
        opens = (
            not begun
            or sentence[at - 1].text in {",", ":"}
            or sentence[at - 1].norm in {"and", "then", "also", "please"}
        )
        if verb and opens and depth <= 0:
            yield at, at + length, verb
            begun = True
            at += length
        else:
            at += 1


def _in_clause(before: Words) -> bool:
    """ "… before it has a value" says when, not what."""
    return any(w.norm in {"before", "after", "if", "when", "unless", "until", "while", "because", "it"} for w in before)


def _is_to(sentence: Words, at: int) -> bool:
    """ "people want to delete", but not "I want to remove the price"."""
    return at > 1 and sentence[at - 1].norm == "to" and sentence[0].norm not in {"i", "we", "please"}


def _verb(sentence: Words, at: int) -> tuple[int, Verb | None]:
    for phrase, verb in PHRASES.items() if sentence[at].norm in OPENING else ():
        if tuple(w.norm for w in sentence[at : at + len(phrase)]) == phrase:
            return len(phrase), verb
    return 1, OF_WORD.get(sentence[at].norm) or OF_WORD.get(sentence[at].lemma)


def _trimmed(words: Words) -> tuple[Word, ...]:
    found = list(words)
    while found and (found[-1].norm in {"and", "then", "also", "please", "too", "as"} or found[-1].text in ",:"):
        found.pop()
    while found and found[0].text in ",:":
        found.pop(0)
    return tuple(found)
