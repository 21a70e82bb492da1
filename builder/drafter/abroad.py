"""Recognise a kind of app by its name in another language: all there is where no sentence is understood."""

import re
from collections.abc import Iterable
from functools import cache

from builder import datasets
from builder.drafter.dataset import Subject, query_of
from builder.drafter.shelf import Blueprint, shelf
from builder.drafter.text import Prompt, Word, normal

_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯]")  # scripts that put no spaces between words, or few
Run = tuple[tuple[Word, ...], str]
EARLY = 9  # words: what an app is about is said at its start


def called_blueprint(prompt: Prompt) -> tuple[Blueprint, tuple[Word, ...]] | None:
    """The blueprint that the longest of its names in another language calls."""
    start = _Start(prompt)
    found = [(blueprint, call) for blueprint in shelf() if (call := _called(start, blueprint.abroad))]
    if not found:
        return None
    blueprint, (_, words) = max(found, key=lambda pair: (pair[1][0], -pair[1][1][0].start))
    return blueprint, words


def called_subject(prompt: Prompt) -> Subject | None:
    start = _Start(prompt)
    for name in datasets.catalogue():
        described = datasets.describe(name)
        call = _called(start, (*described["words"], *described.get("abroad", ())))
        if call:
            return Subject(name, described["main"], query_of(prompt, described), call[1])
    return None


class _Start:
    """The runs of words at the start of a prompt, by how many words they are, each with its plain form."""

    def __init__(self, prompt: Prompt) -> None:
        self._words = prompt.words
        self._runs: dict[int, list[Run]] = {}

    def runs(self, length: int) -> list[Run]:
        if length not in self._runs:
            runs = [self._words[at : at + length] for at in range(min(EARLY, len(self._words)))]
            self._runs[length] = [(run, _plain(" ".join(w.text for w in run))) for run in runs]
        return self._runs[length]


def _called(start: _Start, names: Iterable[str]) -> tuple[int, tuple[Word, ...]] | None:
    """How long the longest name is that starts a word, or in scripts without spaces stands anywhere, and where."""
    best: tuple[int, tuple[Word, ...]] | None = None
    for stem, starts in map(_stem, names):
        if best is not None and len(stem) <= best[0]:
            continue
        run = next((words for words, plain in start.runs(stem.count(" ") + 1) if plain.find(stem) in starts), None)
        if run:
            best = len(stem), run
    return best


@cache
def _stem(name: str) -> tuple[str, range]:
    """The plain form of a name, and where in a run it may stand."""
    return _plain(name), range(99 if _UNSPACED.search(name) else 1)


def _plain(text: str) -> str:
    """Without accents; letters that are not Latin stay what they are, so that no two languages mix."""
    return normal(text) if all(ord(letter) < 0x250 for letter in text) else text.lower()
