"""A stretch of a prompt: where it starts and ends, so that what is printed points at the person's words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from builder.yaml_files import read_yaml

# One for one, so that every letter keeps its place: digits of other scripts, full-width marks.
PLAIN = str.maketrans("٠١٢٣٤٥٦٧٨٩０１２３４５６７８９，、：；。！？（）؛،؟：", "01234567890123456789,,:;.!?();,?:")
_EDGES = " \t\n\r,;:-–—•*·|،؛，、；：。#"


@dataclass(frozen=True, order=True)
class Span:
    start: int
    end: int

    def of(self, text: str) -> str:
        return " ".join(text[self.start : self.end].split())

    def holds(self, place: int) -> bool:
        return self.start <= place < self.end

    def trimmed(self, text: str) -> "Span":
        start, end = self.start, self.end
        while start < end and text[start] in _EDGES:
            start += 1
        while end > start and text[end - 1] in _EDGES:
            end -= 1
        if end > start and text[end - 1] == "." and not re.search(r"\b\w\.\w\.$|\b\w\.$", text[start:end]):
            end -= 1
        return Span(start, end)

    def __bool__(self) -> bool:
        return self.end > self.start


@cache
def words() -> dict[str, Any]:
    loaded: dict[str, Any] = read_yaml(Path(__file__).with_name("words.yaml"))
    return loaded


@cache
def word_set(name: str) -> frozenset[str]:
    return frozenset(words()[name].lower().split())


def paper() -> list[str]:
    return [*(word for size in words()["sizes"].values() for word in size), *words()["landscape"]]


def small(text: str) -> str:
    """In small letters, one for one: of all letters İ alone is longer as a small one."""
    return text.replace("İ", "i").lower()


@lru_cache(maxsize=4)
def plain_of(text: str) -> str:
    return text.translate(PLAIN)


@lru_cache(maxsize=256)
def _either(longest: tuple[str, ...]) -> str:
    return "(?:" + "|".join(_alone(phrase) for phrase in longest) + ")"


def either(phrases: Iterable[str]) -> str:
    """An expression for any of them, the longest first; words of scripts with spaces stand alone."""
    longest = sorted({p.lower() for p in phrases}, key=len, reverse=True)
    return _either(tuple(longest))


def _alone(phrase: str) -> str:
    escaped = re.escape(phrase).replace(r"\ ", r"\s+")
    if re.search(r"[㐀-鿿]", phrase):
        return escaped
    end = "" if phrase.endswith("'") else r"(?!\w)"
    return rf"(?<!\w){escaped}{end}"


def small_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’\-][^\W_]+)*", text.lower())
