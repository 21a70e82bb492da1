"""Hear the name of a well-known product as the kind of app that it is: "Twitter clone", "a tracker like Jira".

Which product is which kind stands in `brands.yaml`. The words of the call are taken out of what is read on: they name
neither the app nor a thing that it keeps.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.text import Prompt, Word
from builder.yaml_files import read_yaml

EARLY = 400  # letters: what an app is to be like is said at its start
GOES_ON = frozenset("with where that which but in so and".split())  # behind a product that is named alone
OWN = frozenset(
    "own mini self-hosted selfhosted open open-source source free private tiny version my our me clone".split()
)
_LETTER = "a-zà-öø-ž0-9а-яё"


@dataclass(frozen=True)
class Call:
    """`blueprint` is the kind that was called; none where what the app is for is another kind of thing."""

    blueprint: str | None
    words: tuple[Word, ...]


def take_call(prompt: Prompt) -> tuple[Prompt, Call | None]:
    """The prompt without the words that call a product, and what they call."""
    for match in _pattern().finditer(prompt.text, 0, EARLY):
        brand = match["brand"].lower()
        said = _is_said(match, brand)
        if not said and not _stands_alone(prompt, match):
            continue
        start = match.start() if said else 0
        if not said or match["for"]:
            start = min((w.start for w in prompt.words), default=0) if _opens(prompt, match.start()) else start
        return _called(prompt, match, brand, start)
    return prompt, None


def _is_said(match: re.Match[str], brand: str) -> bool:
    """Whether words beside it say that it is a model for the app."""
    if brand in _raw()["words"] and not match["brand"][:1].isupper():
        return bool(match["after"])
    return bool(match["before"] or match["after"])


def _stands_alone(prompt: Prompt, match: re.Match[str]) -> bool:
    """ "Duolingo", "build me an Instagram", "Airbnb with wish lists", "Uber for dog walkers"."""
    if not _opens(prompt, match.start()):
        return False
    if match["brand"].lower() in _raw()["words"] and not match["brand"][:1].isupper():
        return False
    rest = [w for w in prompt.words if w.start >= match.end()]
    return bool(match["for"]) or not rest or not rest[0].is_word or rest[0].norm in GOES_ON | OWN


def _opens(prompt: Prompt, place: int) -> bool:
    small = grammar("title_openers") | grammar("title_tail") | lexicon().app_words | OWN | {"something"}
    return all(w.norm in small or not w.is_word for w in prompt.words if w.start < place)


def _called(prompt: Prompt, match: re.Match[str], brand: str, start: int) -> tuple[Prompt, Call]:
    words = tuple(w for w in prompt.words if w.end > start and w.start < match.end())
    rest = (tuple(w for w in sentence if w not in words) for sentence in prompt.sentences)
    others = bool(match["for"])
    kind = _kind(brand, others)
    named = tuple(w for w in words if w.end > match.start())
    return replace(prompt, sentences=tuple(s for s in rest if s)), Call(kind, named)


def _kind(brand: str, others: bool) -> str | None:
    """`others`: it is for somebody, or for things of another kind."""
    known = _kinds()
    stem = next((b for b in sorted(known, key=len, reverse=True) if brand.startswith(b)), brand)
    kind = known.get(f"{stem} for", known[stem]) if others else known[stem]
    return None if others and kind in _raw()["things"] else kind


@cache
def _pattern() -> re.Pattern[str]:
    """One pass of fixed words: linear in the prompt, of which only the start is looked at."""
    raw = _raw()
    names = sorted((b for b in _kinds() if not b.endswith(" for")), key=len, reverse=True)
    brands = "|".join(re.escape(name) + ("[а-яё]{0,3}" if _is_cyrillic(name) else "") for name in names)
    apps = "|".join(sorted(map(re.escape, grammar("title_tail")), key=len, reverse=True))
    return re.compile(
        rf"(?<![{_LETTER}.@/])(?:(?P<before>{_either(raw['before'])})\s*(?:\b(?:an?|the|un|une|ein|eine|el|la|le|o|a)\s+)?)?"
        rf"(?<![{_LETTER}.@/])(?P<brand>{brands})(?![{_LETTER}])(?:['’]s)?"
        rf"(?P<after>[\s\-]*(?:{_either(raw['after'])})(?![{_LETTER}]))?"
        rf"(?:[\s\-]+(?:{apps})(?![{_LETTER}]))?"
        rf"(?P<for>\s+(?:but\s+)?(?:{_either(raw['for'])})(?![{_LETTER}]))?",
        re.IGNORECASE,
    )


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _is_cyrillic(text: str) -> bool:
    return "а" <= text[-1] <= "я"


@cache
def _kinds() -> Mapping[str, str]:
    return {brand: kind for kind, brands in _raw()["brands"].items() for brand in brands}


@cache
def _raw() -> dict[str, Any]:
    raw: dict[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml"))
    return raw
