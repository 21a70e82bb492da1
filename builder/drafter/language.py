"""Whether a prompt's sentences are in the drafter's language, and what its words call in ten others.

Tells English from not English, no more: a sentence that is not understood is not taken apart.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from builder import datasets
from builder.drafter.dataset import Subject, query_of
from builder.drafter.lexicon import grammar
from builder.drafter.shelf import Blueprint, shelf
from builder.drafter.text import Prompt, Word, normal

_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯]")  # scripts that put no spaces between words, or few
_SPELLED = re.compile(r"[^\W\d_]+")
EARLY = 6  # words: what an app is about is said at its start


def is_understood(prompt: Prompt) -> bool:
    """English by its letters and its small words; a handful of bare words passes as English too."""
    letters = [letter for letter in prompt.text if letter.isalpha()]
    latin = sum(1 for letter in letters if letter.isascii() or (normal(letter).isalpha() and ord(letter) < 0x250))
    if latin * 2 < len(letters):
        return False
    words = [word.lower() for word in _SPELLED.findall(prompt.text)]
    foreign = max(sum(1 for word in words if word in small) for small in _languages())
    return foreign <= sum(1 for word in words if word in _english())


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
        words = (w for w in prompt.words[:EARLY] if _plain(w.text).find(stem) in (range(99) if unspaced else (0,)))
        word = next(words, None)
        if word and (best is None or len(stem) > best[0]):
            best = len(stem), (word,)
    return best


def _plain(text: str) -> str:
    """Without accents; letters that are not Latin stay what they are, so that no two languages mix."""
    return normal(text) if all(ord(letter) < 0x250 for letter in text) else text.lower()


@cache
def _languages() -> tuple[frozenset[str], ...]:
    raw = yaml.safe_load(Path(__file__).with_name("languages.yaml").read_text(encoding="utf-8"))
    return tuple(frozenset(words) for words in raw.values())


@cache
def _english() -> frozenset[str]:
    kinds = ("determiners", "auxiliaries", "clauses", "has", "prepositions", "pronouns", "openers", "keeps", "many")
    return frozenset("and not".split()).union(*map(grammar, kinds))
