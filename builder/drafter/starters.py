"""Find the ready page that a prompt asks for, and what it says of its options. Knows no page from within."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

from builder.drafter.telling import Source
from builder.drafter.text import Prompt, Word, Words, lemmas
from builder.drafter.theme import colors_in
from builder.spec import Starter
from builder.stack.starters import Option, Scalar, about, names

EARLY = 16  # words: what is wanted is said at the start
LONGEST = 4
STARTS, ALONE = 6, 3  # words: a name of several stands before the one, a name of one in a prompt of the other
AHEAD = frozenset("from to until up".split())  # words that stand before their number only
NEAR = 4  # words between a number and what it is of


@dataclass(frozen=True)
class Found:
    name: str
    words: tuple[Word, ...]


def find_starter(prompt: Prompt) -> Found | None:
    """The one with the longest of its names near the start; of two the earlier."""
    best: tuple[int, int, Found] | None = None
    for at, words in _phrases(prompt):
        meant, written = " ".join(w.lemma for w in words), lemmas(prompt.quote(words).lower())
        for name in (*_known().get(meant, ()), *_known().get(written, ())):
            rank = (len(words), -at)
            if best is None or rank > best[:2]:
                best = (*rank, Found(name, words))
    return best[2] if best else None


def calls_starter(prompt: Prompt) -> tuple[Word, ...]:
    """A starter's name where it says for itself what is wanted: one of several words at the start, or nearly alone.

    A single word may be of anything: "snake" of a zoo, "tip" of a waiter's diary.
    """
    found = find_starter(prompt)
    words = [word for word in prompt.words if word.is_word]
    if found is None or found.words[0].start > words[min(STARTS, len(words)) - 1].start:
        return ()
    written = prompt.quote(found.words)
    lone = len(words) <= ALONE or (len(found.words) == 1 and _lists(prompt, found))
    return found.words if " " in written or "-" in written or lone else ()


def _lists(prompt: Prompt, found: Found) -> bool:
    """ "Hangman: dog, cat, …": what follows is for the one list that the page takes."""
    options = about(found.name).options.values()
    return (
        any(isinstance(option.default, list) for option in options) and next(_listed(prompt, found), None) is not None
    )


def shaped(found: Found, prompt: Prompt) -> tuple[Starter, list[Source]]:
    """The starter with the options that the prompt names, and the words that named them."""
    options: dict[str, Any] = {}
    sources: list[Source] = [(f"starter.{about(found.name).name}", found.words)]
    for key, option in about(found.name).options.items():
        said = None if isinstance(option.default, list) else _said(option, prompt)
        if said is not None:
            options[key], words = said
            sources.append((f"starter.{key}", words))
    used = {word.start for _, words in sources for word in words}
    for key, option in about(found.name).options.items():
        listed = next(_listed(prompt, found, used), None) if isinstance(option.default, list) else None
        if listed is not None:
            options[key], words = listed
            sources.append((f"starter.{key}", words))
    return Starter(name=found.name, options=options), sources


def _said(option: Option, prompt: Prompt) -> tuple[Scalar, tuple[Word, ...]] | None:
    if option.choices:
        return next(
            ((value, words) for value, wanted in option.choices.items() for words in _find(prompt, wanted)), None
        )
    if option.min is not None or option.max is not None:
        return next(_numbers(option, prompt), None)
    if isinstance(option.default, bool):
        return next(((not option.default, words) for words in _find(prompt, option.words)), None)
    return None


def _listed(prompt: Prompt, found: Found, used: Collection[int] = ()) -> Iterator[tuple[list[str], tuple[Word, ...]]]:
    """What stands between commas behind a colon, or behind the name and "with": names for a wheel, words, cities."""
    for sentence in prompt.sentences:
        opens = (at for at, word in enumerate(sentence) if word.text == ":" or _follows(sentence, at, found))
        at = next(opens, None)
        pieces: list[list[Word]] = [[]]
        for word in sentence[at + 1 :] if at is not None else ():
            if word.text == "," or word.norm == "and":
                pieces.append([])
            else:
                pieces[-1].append(word)
        kept = [_without_color(piece) for piece in pieces if not any(word.start in used for word in piece)]
        kept = [piece for piece in kept if piece]
        if len(kept) > 1:
            yield [prompt.quote(piece)[:60] for piece in kept[:100]], tuple(word for piece in kept for word in piece)


def _follows(sentence: Words, at: int, found: Found) -> bool:
    return at > 0 and sentence[at].norm in {"with", "for"} and sentence[at - 1] == found.words[-1]


def _without_color(piece: list[Word]) -> list[Word]:
    """ "New York in navy": the colour is the page's."""
    at = next((at for at, word in enumerate(piece) if word.norm == "in"), len(piece))
    return piece[:at] if any(True for _ in colors_in(piece[at + 1 :])) else piece


def _numbers(option: Option, prompt: Prompt) -> Iterator[tuple[Scalar, tuple[Word, ...]]]:
    """ "25 minutes", "from 5 to 50", "a 5 by 5 board": the number beside one of the option's words."""
    wanted = {lemmas(word) for word in option.words}
    low, high = option.min if option.min is not None else 0, option.max if option.max is not None else 1e9
    for sentence in prompt.sentences:
        for at, word in enumerate(sentence):
            number = number_of(word)
            if number is None or not low <= number <= high:
                continue
            before, after = sentence[max(0, at - 1) : at], sentence[at + 1 : at + 1 + NEAR]
            own = takewhile(lambda w: number_of(w) is None, after)  # what stands behind the next number is that one's
            behind = [w for w in own if w.lemma not in AHEAD]
            near = next((w for w in (*before, *behind) if w.lemma in wanted), None)
            if near:
                yield number, (word, near) if near.start > word.start else (near, word)


def number_of(word: Word) -> int | float | None:
    text = word.norm
    if not text.replace(".", "", 1).isdecimal() or len(text) > 9:
        return None
    return float(text) if "." in text else int(text)


def _find(prompt: Prompt, wanted: tuple[str, ...]) -> Iterator[tuple[Word, ...]]:
    phrases = {lemmas(word) for word in wanted}
    for sentence in prompt.sentences:
        for at in range(len(sentence)):
            for length in range(1, LONGEST + 1):
                words = tuple(sentence[at : at + length])
                if " ".join(w.lemma for w in words) in phrases or " ".join(w.text.lower() for w in words) in phrases:
                    yield words


def _phrases(prompt: Prompt) -> Iterator[tuple[int, tuple[Word, ...]]]:
    before = 0
    for sentence in prompt.sentences:
        words: Words = sentence[: max(0, EARLY - before)]
        for at in range(len(words)):
            for length in range(LONGEST, 0, -1):
                if at + length <= len(words):
                    yield before + at, tuple(words[at : at + length])
        before += len(sentence)


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """Starters by every phrase that calls them."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names():
        for word in about(name).words:
            found[lemmas(word)] = (*found.get(lemmas(word), ()), name)
    return found
