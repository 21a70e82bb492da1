"""What a shop of a trade sells: the goods, the prices and the shelves of a plant shop are not those of a bookshop.

`trades/CODE.yaml` holds for each trade the words it is known by, its name as a shop, four shelves and ten goods, and
`trades/trades.yaml` what is the same in all. They are read when a shop is asked for, and only in its language.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from builder.drafter.shelf import shelf
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import Prompt, Word, Words, normal, plural
from builder.spec import FieldType
from builder.yaml_files import read_yaml

FOLDER = Path(__file__).with_name("trades")
SHELVES = (0, 0, 0, 1, 1, 1, 2, 2, 3, 3)  # on which of the four each of the ten stands
STOCK = (24, 7, 40, 3, 15, 0, 32, 12, 5, 18)
REORDER = (8, 5, 12, 4, 6, 4, 10, 6, 3, 8)
DEAR = 150  # a price from which few are kept
COMMA = {"zh": "、", "ar": "، "}
EARLY = 14  # words: what a shop sells is said at its start
BEHIND = frozenset("with where".split())  # and what else it has behind these
SELLS = frozenset("sell selling offer".split())
HEAD_LAST = frozenset("en de ru zh".split())  # "garden furniture": of two words side by side the last is sold
JOINED = ("وال", "بال", "لل", "ال", "و", "ل")  # what Arabic writes onto a noun


@dataclass(frozen=True)
class Trade:
    """`called` are the words of a prompt that say what is sold."""

    name: str
    language: str
    called: Words

    @property
    def shop(self) -> str:
        return str(_told(self.language)[self.name]["shop"])

    @property
    def shelves(self) -> list[str]:
        return list(_told(self.language)[self.name]["shelves"])

    def counted(self) -> int:
        """How many of the goods, from the first on, are what was named: ten bicycles, but no soil beside the plants."""
        things = _common()[self.name].get("things", {})
        return max((things.get(said, 0) for word in self.called for said in (word.lemma, word.norm)), default=0)

    def goods(self) -> Iterator[dict[str, Any]]:
        for at, (text, price) in enumerate(
            zip(_told(self.language)[self.name]["goods"], _prices(self.name), strict=True)
        ):
            name, _, about = text.partition(" | ")
            few = 6 if price >= DEAR else 1
            yield {"name": name, "about": about or None, "price": price, "shelf": SHELVES[at],
                   "stock": STOCK[at] // few, "reorder": REORDER[at] // few}  # fmt: skip


def trades() -> tuple[str, ...]:
    return tuple(_common())


def find_trade(text: Prompt, sketch: AppSketch, looks: Set[int]) -> Trade | None:
    """The trade of a shop, by what its prompt says at the start that it sells; `looks` are words about its looks."""
    if sketch.blueprint != "shop" or not (FOLDER / f"{text.language}.yaml").is_file():
        return None
    words = tuple(word for word in text.words[:EARLY] if word.start not in looks)
    ahead = next((at for at, word in enumerate(words) if at and BEHIND & {word.norm, word.lemma}), len(words))
    hits = list(_hits(words[:ahead], text.language)) or [
        hit for hit in _hits(words, text.language) if _is_sold(words, hit[0])
    ]
    if not hits:
        return None
    start, end, name = hits.pop(0)
    while text.language in HEAD_LAST and hits and hits[0][0] == end:
        start, end, name = hits.pop(0)
    return Trade(name, text.language, words[start:end])


def call_goods(sketch: AppSketch, trade: Trade) -> None:
    """A trade's goods are products; what is counted by one word, such as bicycles, keeps that."""
    main = sketch.entities[0]
    own = next(b for b in shelf() if b.name == sketch.blueprint).sketch.entities[0]
    if main.key != own.key:
        return
    if trade.counted() and main.label != own.label:
        main.label_plural = plural(main.label) if trade.language == "en" else main.label_plural
        return
    for field in (f for e in sketch.entities for f in e.fields if f.target == main.key and f.label == main.label):
        field.label, field.name = own.label, own.key
    main.label, main.label_plural, main.name, main.renamed = own.label, own.label_plural, None, False


def stock_shelves(sketch: AppSketch, trade: Trade) -> None:
    """The goods take the place of the rows that the blueprint has, and of the lines of its orders."""
    main, goods = sketch.entities[0], list(trade.goods())
    if main.renamed:
        goods = goods[: trade.counted() or len(goods)]
    title = next((f for f in main.fields if f.type is FieldType.STRING), None)
    if title is None:
        return
    shelves = _set_up(sketch, main, trade.shelves[: goods[-1]["shelf"] + 1])
    main.seed = [_row(main, title, one, shelves) for one in goods]
    sketch.tagline = COMMA.get(trade.language, ", ").join(trade.shelves[: goods[-1]["shelf"] + 1])
    for entity in sketch.entities[1:]:
        pointer = next((f for f in entity.fields if f.target == main.key and not f.many), None)
        for at, row in enumerate(entity.seed if pointer else ()):
            _order(entity, row, pointer, at % len(goods), goods)  # type: ignore[arg-type]


def _order(
    entity: EntitySketch, row: dict[str, Any], pointer: FieldSketch, at: int, goods: list[dict[str, Any]]
) -> None:
    row[pointer.key] = at + 1
    for field in entity.fields:
        if field.type is FieldType.MONEY and row.get(field.key) is not None:
            row[field.key] = goods[at]["price"]
        elif field.type is FieldType.INTEGER and row.get(field.key) is not None:
            row[field.key] = 1 if goods[at]["price"] >= DEAR else min(row[field.key], 3)


def _set_up(sketch: AppSketch, main: EntitySketch, names: list[str]) -> FieldSketch | None:
    """The field that says on which shelf a thing stands, once the shelves are there."""
    for field in main.fields:
        target = next((e for e in sketch.entities if e.key == field.target == "category"), None)
        title = next((f for f in target.fields if f.type is FieldType.STRING), None) if target else None
        if target and title and not field.many:
            target.seed = [{f.key: None for f in target.fields if f.type is FieldType.TEXT} | {title.key: name}
                           for name in names]  # fmt: skip
            return field
    return None


def _row(main: EntitySketch, title: FieldSketch, one: dict[str, Any], shelves: FieldSketch | None) -> dict[str, Any]:
    row = {title.key: one["name"]}
    for field in main.fields:
        if field is shelves:
            row[field.key] = one["shelf"] + 1
        elif field.type is FieldType.MONEY and field.key not in row:
            row[field.key] = one["price"]
        elif field.type is FieldType.INTEGER and field.answers_to("stock"):
            row[field.key] = one["stock"]
        elif field.type is FieldType.INTEGER and field.answers_to("reorder level"):
            row[field.key] = one["reorder"]
        elif field.type is FieldType.TEXT and field.answers_to("description"):
            row[field.key] = one["about"]
        elif field.type is FieldType.IMAGE:
            row[field.key] = None
    return row


def _is_sold(words: Words, at: int) -> bool:
    return any(SELLS & {word.norm, word.lemma} for word in words[max(0, at - 3) : at])


def _hits(words: Words, code: str) -> Iterator[tuple[int, int, str]]:
    """Where a trade is named: from which word, to which, and the trade; of phrases that start together the longest."""
    at = 0
    while at < len(words):
        found = _hit(words, at, code)
        if found:
            yield at, at + found[0], found[1]
        at += found[0] if found else 1


def _hit(words: Words, at: int, code: str) -> tuple[int, str] | None:
    best: tuple[int, int, str] | None = None
    for phrase, name in _phrases(code):
        run = words[at : at + len(phrase)]
        weight = (len(phrase), sum(map(len, phrase)))
        if len(run) == len(phrase) and (best is None or weight > best[:2]) and all(map(_is_said, run, phrase)):
            best = (*weight, name)
    known = _meant(words, at)
    if known and (best is None or known[0] > best[0]):
        return known
    return (best[0], best[2]) if best else None


def _meant(words: Words, at: int) -> tuple[int, str] | None:
    """By what the words mean in English: the lemma of a word may be a phrase, such as "book shop"."""
    meanings = _meanings()
    for length in (3, 2, 1):
        run = words[at : at + length]
        if len(run) < length:
            continue
        said = {" ".join(w.lemma for w in run), " ".join(w.norm for w in run)}
        name = next((meanings[one] for one in said if one in meanings), None)
        if name:
            return length, name
    return None


def _is_said(word: Word, stem: str) -> bool:
    """Whether the word starts like that, is just that before a full stop or, where no spaces are, holds that."""
    written = _plain(word.text)
    if stem.endswith("."):
        return written == stem[:-1]
    if not stem.isascii() and any("㐀" <= letter <= "鿿" for letter in stem):
        return stem in written
    bare = (written.removeprefix(end) for end in JOINED if written.startswith(end))
    return written.startswith(stem) or any(one.startswith(stem) for one in bare)


def _plain(text: str) -> str:
    return normal(text) if all(ord(letter) < 0x250 for letter in text) else text.lower().replace("ё", "е")


@cache
def _phrases(code: str) -> Sequence[tuple[tuple[str, ...], str]]:
    """The beginnings of words by which another language knows the trades."""
    if code == "en":
        return ()
    return [(tuple(_plain(str(w)).split()), name) for name, told in _told(code).items() for w in told["words"]]


@cache
def _meanings() -> dict[str, str]:
    """The trades by their English words, each as it is and as a shop of it."""
    found: dict[str, str] = {}
    for name, told in _told("en").items():
        for word in told["words"]:
            for one in (word, f"{word} shop", f"{word} store"):
                found.setdefault(str(one), name)
    return found


@cache
def _told(code: str) -> dict[str, dict[str, Any]]:
    return dict(read_yaml(FOLDER / f"{code}.yaml"))


@cache
def _common() -> dict[str, dict[str, Any]]:
    return dict(read_yaml(FOLDER / "trades.yaml"))


def _prices(name: str) -> list[float]:
    return list(_common()[name]["prices"])
