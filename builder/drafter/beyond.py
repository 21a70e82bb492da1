"""Say kindly what no ready app can honestly be, and what can be asked for instead: `beyond.yaml` has what it is called.

A list with the name of such a thing would look like an answer and be none.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from builder.answers import say_in
from builder.drafter.text import Prompt, Word, normal
from builder.refusal import Refusal, RefusalCode

STARTS = 6  # words: what is wanted is said at the start
KEEPS = frozenset(
    "history course quiz reviews review comparison list log diary catalogue catalog inventory waitlist".split()
)
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯]")


def refuse_beyond(prompt: Prompt) -> None:
    """Raise a Refusal where the start of the prompt names what is beyond a ready app."""
    words = [word for word in prompt.words if word.is_word][:STARTS]
    if {word.norm for word in words} & KEEPS:
        return
    for stems, answer in _known():
        if any(_starts(words, stem) for stem in stems):
            raise Refusal(RefusalCode.NEEDS_MODEL, say_in(prompt.language)(f"beyond.{answer}"))


def _starts(words: list[Word], stem: str) -> bool:
    if _UNSPACED.search(stem):
        return stem in "".join(word.text for word in words)
    written = " ".join(_plain(word.text) for word in words)
    return f" {stem}" in f" {written}"


@cache
def _known() -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple(_entries())


def _entries() -> Iterator[tuple[tuple[str, ...], str]]:
    raw: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    for entry in raw:
        yield tuple(_plain(word) for word in entry["words"]), entry["answer"]


def _plain(text: str) -> str:
    """Without accents and hyphens; letters that are not Latin stay what they are."""
    plain = normal(text) if all(ord(letter) < 0x250 for letter in text) else text.lower()
    return plain.replace("-", " ")
