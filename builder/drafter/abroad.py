"""Recognise a kind of app by its name in another language: all there is where no sentence is understood."""

import re
from collections.abc import Iterable

from builder import datasets
from builder.drafter.dataset import Subject, query_of
from builder.drafter.shelf import Blueprint, shelf
from builder.drafter.text import Prompt, Word, normal

_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯]")  # scripts that put no spaces between words, or few
EARLY = 9  # words: what an app is about is said at its start


def called_blueprint(prompt: Prompt) -> tuple[Blueprint, tuple[Word, ...]] | None:
    """The blueprint that the longest of its names in another language calls."""
    found = [(blueprint, call) for blueprint in shelf() if (call := _called(prompt, blueprint.abroad))]
    if not found:
        return None
    blueprint, (_, words) = max(found, key=lambda pair: (pair[1][0], -pair[1][1][0].start))
    return blueprint, words


def called_subject(prompt: Prompt) -> Subject | None:
    for name in datasets.catalogue():
        described = datasets.describe(name)
        call = _called(prompt, (*described["words"], *described.get("abroad", ())))
        if call:
            return Subject(name, described["main"], query_of(prompt, described), call[1])
    return None


def _called(prompt: Prompt, names: Iterable[str]) -> tuple[int, tuple[Word, ...]] | None:
    """How long the longest name is that starts a word, or in scripts without spaces stands anywhere, and where."""
    best: tuple[int, tuple[Word, ...]] | None = None
    for name in names:
        unspaced = bool(_UNSPACED.search(name))
        stem = _plain(name)
        length = stem.count(" ") + 1
        runs = (prompt.words[at : at + length] for at in range(min(EARLY, len(prompt.words))))
        starts = range(99) if unspaced else (0,)
        run = next((r for r in runs if _plain(" ".join(w.text for w in r)).find(stem) in starts), None)
        if run and (best is None or len(stem) > best[0]):
            best = len(stem), run
    return best


def _plain(text: str) -> str:
    """Without accents; letters that are not Latin stay what they are, so that no two languages mix."""
    return normal(text) if all(ord(letter) < 0x250 for letter in text) else text.lower()
