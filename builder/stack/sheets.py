"""What the templates of posters and decks see: the facts in order, sizes of type that fit them, a drawing."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from builder.sheets import Deck, Fact, Sheet, opened_sheet
from builder.spec import AppKind, AppSpec
from builder.stack.motifs import motif
from builder.yaml_files import read_yaml

FOLDER = Path(__file__).parents[2] / "templates" / "slides"
WIDTH = {"date": 88, "shout": 90, "quiet": 78, "notice": 88, "statement": 88, "card": 80, "menu": 80, "certificate": 66}
LARGEST = {
    "date": 17,
    "shout": 21,
    "quiet": 14,
    "notice": 13,
    "statement": 20,
    "card": 12,
    "menu": 11,
    "certificate": 8,
}
LINES = {"date": 3, "shout": 4, "quiet": 4, "notice": 3, "statement": 6, "card": 3, "menu": 2, "certificate": 2}
SMALLEST = 4.5
PAPER = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210), "A6": (105, 148), "Letter": (216, 279)}  # millimetres
_WIDE = re.compile(r"[぀-ヿ㐀-鿿가-힯]")


@dataclass(frozen=True)
class Opened:
    """`size` is the headline's, in hundredths of the sheet's width."""

    sheet: Sheet | None = None
    deck: Deck | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    size: float = 0
    art: str = ""

    @property
    def paper(self) -> tuple[int, int]:
        across, down = PAPER[self.sheet.paper] if self.sheet else PAPER["A3"]
        return (down, across) if self.sheet and self.sheet.landscape else (across, down)

    @property
    def folder(self) -> Path | None:
        """The templates of what was opened."""
        return FOLDER / "sheet" if self.sheet else FOLDER / "deck" if self.deck else None

    @property
    def groups(self) -> list[tuple[str, list[Fact]]]:
        """Details and dishes under their labels, in the order of the prompt."""
        return _labelled(self.sheet.of("detail", "item") if self.sheet else (), "")

    @property
    def prices(self) -> list[tuple[str, list[Fact]]]:
        """Bare amounts are called prices; "free entry" says itself what it is."""
        return _labelled(self.sheet.of("price") if self.sheet else (), self.words["price"])


def opened(spec: AppSpec) -> Opened:
    if spec.kind is not AppKind.SLIDES or spec.starter is None:
        return Opened()
    found = opened_sheet(spec.starter.name, spec.starter.options)
    said = words(spec.locale)
    if isinstance(found, Sheet):
        return Opened(found, None, said, headline_size(found), motif(found.motif, found.headline))
    return Opened(None, found, said, art=motif(found.motif, spec.name) if found else "")


def words(locale: str) -> Mapping[str, str]:
    return _words()["en"] | _words().get(locale.split("-")[0], {})


def headline_size(sheet: Sheet) -> float:
    """As large as the longest word and the lines allow; a letter is taken to be half as wide as it is high."""
    text, layout = sheet.headline, sheet.layout
    width, lines = WIDTH[layout], LINES[layout]
    letters = [sum(2 if _WIDE.match(c) else 1 for c in word) for word in text.split()] or [1]
    longest = min(max(letters), 16) if not _WIDE.search(text) else 8
    by_word = width / (0.56 * longest)
    by_area = (
        math.sqrt(width * LARGEST[layout] * lines / (0.6 * max(8, sum(letters) + len(letters))))
        if lines
        else LARGEST[layout]
    )
    return round(max(SMALLEST, min(LARGEST[layout], by_word, by_area)), 2)


def _labelled(facts: Iterable[Fact], otherwise: str) -> list[tuple[str, list[Fact]]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        said = any(len(word) > 3 for word in re.findall(r"[^\W\d_]+", fact.text)) or _WIDE.search(fact.text)
        found.setdefault(fact.label or ("" if said else otherwise), []).append(fact)
    return list(found.items())


@cache
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, Any] = read_yaml(FOLDER / "words.yaml")
    return loaded
