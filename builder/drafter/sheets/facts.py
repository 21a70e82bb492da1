"""Tell what each part of a prompt is: a day, a time, a place, a price, a contact, a wish for the look, or a detail."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from babel.numbers import list_currencies

from builder.drafter.leftover import SILENT
from builder.drafter.lexicon import lexicon
from builder.drafter.sheets.moments import Moment, within
from builder.drafter.sheets.parts import Part
from builder.drafter.sheets.spans import PLAIN, Span, either, paper, small, small_words, word_set, words
from builder.drafter.text import Prompt, Word
from builder.drafter.theme import BACKGROUND, COMPONENT, LOOKS, colors_in
from builder.sheets import Fact, FactKind

_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+|(?:https?://|www\.)\S+|(?<!\w)@\w{3,}"
    r"|(?<!\w)[\w-]+\.(?:com|org|net|de|es|fr|it|pt|br|ru|cn|id|eu|io|example)(?:/\S*)?(?!\w)"
    r"|(?<![\d.,])(?:\+\d|\(?0\d|\d{3}[-.\s])[\d\s()./-]{5,}\d(?!\w)"
)
_MONEY_WORD = (
    r"euros?|eur|dollars?|pounds?|pence|cents?|руб\w*|р\.|yuan|yen|reais|real|rupiah|francs?|pesos?"
    r"|元|块|日元|ريال|دولار|درهم|يورو|جنيه"
)
_CURRENCIES = "|".join(sorted(list_currencies())).lower()
_AMOUNT = re.compile(  # of small letters
    rf"(?:[€$£¥₽₹₩₪]|r\$|rp\.?|us\$|(?<!\w)(?:{_CURRENCIES})(?!\w))\s?\d[\d.,]*"
    rf"|(?<!\w)\d[\d.,]*\s?(?:[€$£¥₽₹₩₪]|(?:{_MONEY_WORD}|{_CURRENCIES})(?!\w))"
)
MOST = 80  # as many as a sheet shows
_TONES = frozenset("dark light bright pale pastel neon dark-mode".split())
_OF_LOOKS = LOOKS | BACKGROUND | COMPONENT
_COMPOUNDS = tuple(
    "park haus halle platz straße strasse schule garten kirche "
    " hof saal zentrum theater museum kino bahnhof markt strand".split()
)


@dataclass(frozen=True)
class Found:
    """A fact with the words it came from; `moment` is a date's."""

    fact: Fact
    span: Span
    moment: Moment | None = None


@dataclass
class Facts:
    found: list[Found] = field(default_factory=list)
    title: Span | None = None
    looks: list[Span] = field(default_factory=list)
    unused: list[Span] = field(default_factory=list)

    @property
    def typed(self) -> int:
        return sum(1 for f in self.found if f.fact.kind not in {"detail", "item"})

    @property
    def details(self) -> list[Found]:
        return [f for f in self.found if f.fact.kind == "detail"]


def read_facts(prompt: Prompt, parts: Sequence[Part], moments: Sequence[Moment]) -> Facts:
    facts, text, looks = Facts(), prompt.text, Looks(prompt)
    for part in parts:
        own = within(moments, part.span)
        kind = label_kind(part.label.of(text)) if part.label else None
        if kind == "theme" or looks.are_all_of(part.span):
            facts.looks.append(part.span)
        elif kind == "title":
            facts.title = part.span
        elif len(facts.found) >= MOST or is_wish(text, part.span):
            facts.unused.append(part.span)
        else:
            facts.found += _facts_of(text, part, kind, own)
    if prompt.language != "de":  # where every noun has a capital
        _name_place(text, facts)
    return facts


def _facts_of(text: str, part: Part, kind: str | None, own: Sequence[Moment]) -> Iterator[Found]:
    plain = part.span.of(text).translate(PLAIN)
    label = part.label.of(text) if part.label and kind is None else ""
    led = _led(text, part.span)
    if kind == "contact" or _CONTACT.search(plain):
        yield _found("contact", text, led if kind else part.span)
    elif kind in {"place", "price", "signature"}:
        yield _found(kind, text, led)
    elif own and kind != "programme" and not (label and _before(text, part.span, own[0])):
        yield from _of_moments(text, part.span, own)
    elif own:
        yield _programme(text, part.span, own[0])
    elif _is_price(plain):
        yield _found("price", text, led, label=label)
    elif signed := _signed(text, part.span):
        yield _found("signature", text, signed)
    elif is_place(text, part.span):
        yield _found("place", text, _without_small(text, part.span, "prepositions"))
    else:
        yield _found("detail", text, led, label=label)


def _of_moments(text: str, span: Span, own: Sequence[Moment]) -> Iterator[Found]:
    """Days and times alone, what follows them on its own; a sentence that only mentions one stays whole."""
    if before := _before(text, span, own[0]):
        opens = not own[0].is_date and own[-1].span.end == span.end and len(before.of(text).split()) <= 3
        yield _found("time" if opens else "detail", text, _led(text, span))  # "doors open at 7 pm"
        return
    rest = Span(own[-1].span.end, span.end).trimmed(text)
    if rest and not own[-1].is_date and not is_place(text, rest) and len(rest.of(text).split()) <= 12:
        yield from (_moment(text, moment) for moment in own[:-1])
        yield _programme(text, span, own[-1])
        return
    for last, moment in zip([None, *own], own, strict=False):
        between = Span(last.span.end, moment.span.start) if last else None
        if between and (kept := _content(text, between)):
            yield _found("detail", text, kept)
        yield _moment(text, moment)
    if rest and is_place(text, rest):
        yield _found("place", text, _without_small(text, rest, "prepositions"))
    elif rest and (kept := _content(text, rest)):
        yield _found("detail", text, kept)


def _moment(text: str, moment: Moment) -> Found:
    return Found(
        Fact(kind="date" if moment.is_date else "time", text=_capital(moment.span.of(text))), moment.span, moment
    )


def _programme(text: str, span: Span, moment: Moment) -> Found:
    rest = Span(moment.span.end, span.end).trimmed(text) or Span(span.start, moment.span.start).trimmed(text)
    return Found(Fact(kind="programme", text=_capital(rest.of(text)), lead=moment.span.of(text)), span, moment)


def _before(text: str, span: Span, moment: Moment) -> Span | None:
    return _content(text, Span(span.start, moment.span.start))


def _content(text: str, span: Span) -> Span | None:
    """Without the small words at its edges; nothing where it holds no other."""
    kept = _without_small(text, span.trimmed(text))
    while match := re.search(r"(?:^|\s)([^\W\d_]+)$", text[kept.start : kept.end]):
        if match.group(1).lower() not in word_set("small"):
            break
        kept = Span(kept.start, kept.start + match.start()).trimmed(text)
    return kept if any(c.isalnum() for c in kept.of(text)) else None


def _found(kind: FactKind | str, text: str, span: Span, label: str = "") -> Found:
    return Found(Fact(kind=kind, text=_capital(span.of(text))[:600], label=_capital(label)), span)  # type: ignore[arg-type]


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if "@" in first or "." in first.rstrip(".") else text[:1].upper() + text[1:]


def _led(text: str, span: Span) -> Span:
    """Without the "and" or "with" before it."""
    match = _lead_in().match(text[span.start : span.end].lower())
    return Span(span.start + match.end(), span.end) if match and match.end() < span.end - span.start else span


@cache
def _lead_in() -> re.Pattern[str]:
    return re.compile(either(words()["lead_ins"]) + r"\s*(?=\S)")


def _without_small(text: str, span: Span, known: str = "small") -> Span:
    start = span.start
    while match := re.match(r"\s*([^\W\d_]+(?!\w)|[在于])\s*(?=\S)", text[start : span.end]):
        word = match.group(1)
        if word.lower() not in word_set(known) or (word[0].isupper() and word.lower() not in {"at", "in", "im", "am"}):
            break
        start += match.end()
    return Span(start, span.end)


def _is_price(plain: str) -> bool:
    if _free().fullmatch(plain.lower()):
        return True
    rest, amounts = _AMOUNT.subn(" ", small(plain))
    if not amounts:
        return False
    others = small_words(rest)
    return len(others) <= 3 or others[0] in _labels()["price"]


@cache
def _free() -> re.Pattern[str]:
    lead, free = f"(?:{either(words()['lead_ins'])}\\s*)?", either(words()["free"])
    return re.compile(rf"\W*{lead}{free}(?:\s(?:for|für|para|pour|per|untuk|для)(?:\s\S+){{1,3}})?\W*")


def amount(plain: str) -> re.Match[str] | None:
    """Where the price at the end of a line of a menu stands: with a currency, or a bare number."""
    money = list(_AMOUNT.finditer(small(plain)))
    if money and not plain[money[-1].end() :].strip(" .)"):
        return money[-1]
    return re.search(r"(?<!\w)\d{1,5}(?:[.,]\d{1,2})?(?:[.,]-)?(?=\s*$)", plain)


def _signed(text: str, span: Span) -> Span | None:
    match = _signing().match(text[span.start : span.end].lower())
    return Span(span.start + match.end(), span.end) if match else None


@cache
def _signing() -> re.Pattern[str]:
    return re.compile(either(s for s in words()["labels"]["signature"] if " " in s or not s.isascii()) + r"\s*")


def is_place(text: str, span: Span) -> bool:
    said = span.of(text)
    if re.search(r"[㐀-鿿]", said):
        return len(said) <= 20 and said.endswith(tuple(words()["places_zh"]))
    found = small_words(said)
    if not found or len(found) > 8:
        return False
    known = [
        at
        for at, word in enumerate(found)
        if word in word_set("places") or (word.endswith(_COMPOUNDS) and len(word) > 6)
    ]
    led = found[0] in word_set("prepositions") or re.match(r"\d+\w?\s", said) is not None
    arabic = re.search(r"[؀-ۿ]", said) is not None
    if led or said[0].isupper() or arabic:
        return bool(known) and (not led or len(found) <= 5)
    return bool(known) and len(found) <= 3 and (known[-1] == len(found) - 1 or known[0] == 0)


def _name_place(text: str, facts: Facts) -> None:
    """A town behind the place; where no word says where, a name behind the day or the time: "7 pm, Blue Note"."""
    placed = any(f.fact.kind == "place" for f in facts.found)
    for at, (before, after) in enumerate(zip(facts.found, facts.found[1:], strict=False)):
        said = after.span.of(text).split()
        town = before.fact.kind == "place" and len(said) == 1 and said[0][0].isupper()
        named = 1 < len(said) <= 5 and all(word[0].isupper() for word in said if len(word) > 2)
        named &= not placed and before.fact.kind in {"date", "time"}
        if after.fact.kind == "detail" and not after.fact.label and (town or named):
            facts.found[at + 1] = Found(after.fact.model_copy(update={"kind": "place"}), after.span)
            placed = True


def is_wish(text: str, span: Span) -> bool:
    """ "with a photo of a guitar", "a QR code": something to be drawn or fetched."""
    said = span.of(text).lower()
    found = small_words(said)
    if any(wish in said for wish in _unspaced_wishes()):
        return True
    opens = bool(found) and (found[0] in {"a", "an", "un", "una", "ein", "eine", "une"} or found[0] in word_set("asks"))
    return opens and not word_set("wishes").isdisjoint(found)


@cache
def _unspaced_wishes() -> tuple[str, ...]:
    return tuple(wish for wish in word_set("wishes") if re.match("[㐀-鿿]", wish))


class Looks:
    """Tells the parts that hold only words of colour, style, paper and the like: said of the page, not on it."""

    def __init__(self, prompt: Prompt) -> None:
        self.text, self.words = prompt.text, prompt.words

    def are_all_of(self, span: Span) -> bool:
        said = self.text[span.start : span.end]
        papers = set(small_words(" ".join(_papers().findall(said.lower()))))
        first = bisect_left(self.words, span.start, key=_start)
        own = self.words[first : bisect_left(self.words, span.end, first, key=_start)]
        colored = {word.start for start, end, _ in colors_in(own) for word in own[start:end]}
        telling = {w.start for w in own if w.start in colored or w.norm in lexicon().styles or w.norm in _TONES}
        if not papers and not any(w.is_word and w.start in telling for w in own):
            return False
        owned, unknown = False, 0
        for word in own:
            written = set(small_words(self.text[word.start : word.end]))
            owns = word.lemma in _OF_LOOKS or not word_set("lettering").isdisjoint(written)
            tells = word.start in telling or written <= papers
            small = not word.is_word or word.norm in SILENT or written <= _small()
            owned, unknown = owned or owns, unknown + (not (owns or tells or small))
        named = len(said.split()) > 1 and all(w[0].isupper() for w in said.split()) and not owned
        return not named and unknown <= (2 if owned and not re.search(r"\d", said) else 0)


@cache
def _papers() -> re.Pattern[str]:
    return re.compile(either(paper()))


@cache
def _small() -> frozenset[str]:
    return word_set("asks") | word_set("small")


def _start(word: Word) -> int:
    return word.start


def label_kind(label: str) -> str | None:
    said = " ".join(small_words(label))
    return next((kind for kind, known in _labels().items() if said in known), None)


@cache
def _labels() -> dict[str, frozenset[str]]:
    return {kind: frozenset(" ".join(small_words(w)) for w in known) for kind, known in words()["labels"].items()}
