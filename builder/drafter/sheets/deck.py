"""A deck of the facts that a prompt holds: a title, a slide for each group of facts, a closing. Never a placeholder."""

import re
from collections.abc import Iterator, Mapping, Sequence

from builder.answers import say_in
from builder.drafter.sheets.facts import Looks, is_wish, label_kind
from builder.drafter.sheets.genres import Genre
from builder.drafter.sheets.headline import headline
from builder.drafter.sheets.moments import starts_with_month
from builder.drafter.sheets.parts import Group, cut_groups
from builder.drafter.sheets.sheet import Made, motif_for
from builder.drafter.sheets.spans import PLAIN, small_words, word_set
from builder.drafter.text import Prompt
from builder.sheets import Deck, Item, Slide

FEWEST = 2  # groups of facts
SHORT, SENTENCE = 8, 4  # words of a figure's text, and that a part needs to be more than a topic
_UNIT = (
    r"(?:\s?(?:%|‰|€|\$|£|¥|₽|million(?:s|en|es)?|billion|mio\.?|mln|млн|млрд|тыс|тысяч|万元?|亿元?|[kKmMbB]n?(?!\w)"
    r"|euros?|dollars?|руб\w*|juta|ribu|مليون)(?!\w)|%|€)"
)
_FIGURE = re.compile(
    rf"(?<![^\W㐀-鿿])(?<![.,])[+−-]?(?:[€$£¥₽]|R\$|Rp)?\s?\d[\d.,]*(?:[  ]\d{{3}})*{_UNIT}{{0,2}}", re.IGNORECASE
)
_BAR = re.compile(rf"(?P<name>[^\d]+?)[\s:–-]+(?P<figure>[€$£¥₽]?\d[\d.,]*{_UNIT}{{0,2}})", re.IGNORECASE)
_TAIL = frozenset(
    "to by of from is was were are at in for up down zu auf um von ist a de en es sur est para "
    "do di per è до на ke dari".split()
)
_ASKED = re.compile(
    r"(\d{1,2})\s+slides?|(\d{1,2})\s+(?:folien|diaposit\w+|слайд\w*)|(\d{1,2})\s?(?:页|张)", re.IGNORECASE
)
_NUMBERS = {w: n for n, w in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)}


def make_deck(prompt: Prompt, genre: Genre, words: Mapping[str, str]) -> Made | None:
    text, groups, looks, unused = prompt.text, [], [], []
    of_look = Looks(prompt)
    title, lead, sources = genre.subject, "", []
    opened = text[genre.called.end : genre.rest + 2].translate(PLAIN)
    structured = ":" in opened or "\n" in text[genre.rest :]
    name = headline(text, title, prompt.language, bent=title.start > genre.called.start) if title else ""
    for group in cut_groups(text, genre.rest, genre.moments):
        first = not structured and text.find(".", genre.called.end, group.span.start) < 0
        if of_look.are_all_of(group.span) or (group.heading and label_kind(group.heading.of(text)) == "theme"):
            looks.append(group.span)
        elif group.heading and label_kind(group.heading.of(text)) == "title" and group.parts:
            title, lead = group.parts[0].span, ", ".join(p.span.of(text) for p in group.parts[1:])
        elif _is_of_slides(text, group, first) or is_wish(text, group.span):
            unused.append(group.span)
        else:
            groups.append(group)
    say = say_in(prompt.language)
    slides: list[Slide] = []
    for group in groups:
        kind = label_kind(group.heading.of(text)) if group.heading else None
        if kind == "notes" and slides:
            slides[-1] = slides[-1].model_copy(update={"notes": f"{slides[-1].notes}\n{_rest(text, group)}"[:4000]})
        else:
            slides += slides_of(text, group, name, words["figures"])
        sources.append(
            (group.heading.of(text)[:60] if group.heading else say("page.slide", n=len(slides) + 1), group.span)
        )
    if title != genre.subject:
        name = headline(text, title, prompt.language, bent=False)
    if not title or sum(1 for g in groups if _tells(text, g)) < FEWEST:
        return None
    opening = Slide(
        layout="title", heading=name[:600], lead=_capital(lead), notes=text[: genre.rest].strip(" :,\n")[:600]
    )
    whole = [opening, *slides[:70]]
    if asked_slides(text) != len(whole):
        whole.append(closing_of(words, name, slides))
    deck = Deck.model_validate({"motif": motif_for(prompt, name), "slides": whole})
    told = ((say("page.title"), title), *sources)
    return Made(deck.model_dump(exclude_defaults=True), name, told, tuple(looks), tuple(unused))


def asked_slides(text: str) -> int | None:
    match = _ASKED.search(text[:400])
    if match:
        return int(next(g for g in match.groups() if g))
    worded = re.search(rf"\b({'|'.join(_NUMBERS)})[ -]slides?\b", text[:400], re.IGNORECASE)
    return _NUMBERS[worded.group(1).lower()] if worded else None


def _is_of_slides(text: str, group: Group, loose: bool) -> bool:
    """What is said of the slides rather than on them; in the sentence that asks, all without a figure or a name."""
    said = group.span.of(text)
    found = small_words(said)
    if (
        bool(set(found) & word_set("of_slides"))
        and (loose or found[0] in word_set("asks") | word_set("openers"))
        and not group.heading
    ):
        return True
    return loose and not re.search(r"\d", said) and not any(word[0].isupper() for word in said.split()[1:])


def _tells(text: str, group: Group) -> bool:
    """More than the name of a topic: a figure, a list under a heading, or a sentence."""
    said = group.span.of(text)
    long_ = len(small_words(said)) >= SENTENCE or len(re.findall(r"[㐀-鿿]", said)) >= 5
    return bool(re.search(r"\d", said)) or bool(group.heading and group.parts) or long_


def slides_of(text: str, group: Group, subject: str, in_figures: str) -> Iterator[Slide]:
    heading = _capital(group.heading.of(text)) if group.heading else ""
    parts = [_without_aside(p.span.of(text)) for p in group.parts if not _is_note(p.span.of(text))]
    notes = group.span.of(text)[:4000]
    figures = [_figure(part) for part in parts]
    if not parts:
        yield Slide(layout="statement", heading=heading or notes[:600], notes=notes)
    elif len(parts) > 2 and all(starts_with_month(part) for part in parts) and not all(figures):
        yield Slide(layout="timeline", heading=heading or subject, items=tuple(map(_dated, parts)), notes=notes)
    elif len(parts) > 2 and (bars := _bars(parts)):
        yield Slide(layout="bars", heading=heading or subject, lead=bars[1], items=bars[0], notes=notes)
    elif len(parts) == 1 and figures[0]:
        yield _number(figures[0], heading, parts[0], notes)
    elif all(figures) and len(parts) <= 4:
        yield Slide(layout="numbers", heading=heading or in_figures, items=tuple(f for f in figures if f), notes=notes)
    elif len(parts) == 1 and not heading:
        yield Slide(layout="statement", heading=_capital(parts[0])[:600], notes=notes)
    else:
        first = heading or _capital(parts[0])
        items = tuple(Item(text=_capital(part)[:600]) for part in (parts if heading else parts[1:])[:40])
        yield Slide(layout="list", heading=first[:600], items=items, notes=notes)


def _number(figure: Item, heading: str, said: str, notes: str) -> Slide:
    before, after = _around(said, figure.figure)
    bare = Item(figure=figure.figure)
    if heading:
        return Slide(layout="number", heading=heading, items=(figure,), notes=notes)
    if not before or small_words(before)[-1] in _TAIL:
        return Slide(layout="number", heading=_capital(said if before else after or said), items=(bare,), notes=notes)
    item = bare.model_copy(update={"text": after})
    return Slide(layout="number", heading=_capital(before), items=(item,), notes=notes)


def _figure(said: str) -> Item | None:
    """The first figure of a short text, with what it is of; a year or a day is none."""
    match = _FIGURE.search(said.translate(PLAIN))
    if not match or len(small_words(said)) > SHORT or re.fullmatch(r"(?:19|20)\d\d|\d\.?", match.group().strip()):
        return None
    figure = said[match.start() : match.end()].strip(" ,.")
    before, after = _around(said, figure)
    whole = (before and after) or (before and small_words(before)[-1:] and small_words(before)[-1] in _TAIL)
    return Item(figure=figure, text=_capital(said if whole else before or after))


def _around(said: str, figure: str) -> tuple[str, str]:
    before, _, after = said.partition(figure)
    return before.strip(" ,:–-"), after.strip(" ,.:–-")


def _is_note(said: str) -> bool:
    head, colon, _ = said.translate(PLAIN).partition(":")
    return bool(colon) and label_kind(head) == "notes"


def _bars(parts: Sequence[str]) -> tuple[tuple[Item, ...], str] | None:
    """Names with one number each, drawn to scale, and the unit where the last one tells it for all."""
    found: list[tuple[str, str, float]] = []
    for part in parts:
        match = _BAR.fullmatch(part.translate(PLAIN).strip())
        if not match:
            return None
        found.append(
            (part[: match.end("name")].strip(), part[match.start("figure") :].strip(), _value(match["figure"]))
        )
    most = max(value for _, _, value in found)
    if most <= 0:
        return None
    units = [re.sub(r"[\d.,\s]", "", figure) for _, figure, _ in found]
    shared = units[-1] if units[-1].isalpha() and not any(units[:-1]) else ""
    items = (
        Item(text=_capital(n), figure=f.removesuffix(shared).strip(), value=round(100 * v / most, 1))
        for n, f, v in found
    )
    return tuple(items), shared


def _value(figure: str) -> float:
    digits = re.search(r"\d[\d.,]*", figure)
    plain = digits.group().rstrip(".,") if digits else "0"
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", plain):
        return float(re.sub(r"[.,]", "", plain))
    head, _, tail = plain.replace(",", ".").rpartition(".")
    return float(f"{head.replace('.', '')}.{tail}" if head else tail)


def _dated(part: str) -> Item:
    at = starts_with_month(part)
    return Item(lead=_capital(part[:at].strip()), text=_capital(part[at:].strip(" :–-")))


def closing_of(words: Mapping[str, str], name: str, slides: Sequence[Slide]) -> Slide:
    """What the deck said, a line for each slide, under a thank-you."""
    lines = [line for slide in slides for line in _said(slide)]
    return Slide(
        layout="closing", heading=words["thanks"], lead=name, items=tuple(Item(text=line[:120]) for line in lines[:6])
    )


def _said(slide: Slide) -> Iterator[str]:
    if slide.layout == "numbers":
        yield from (i.text if i.figure in i.text else f"{i.text}: {i.figure}" for i in slide.items)
    elif slide.layout == "number" and slide.items and slide.items[0].figure not in slide.heading:
        yield f"{slide.heading}: {slide.items[0].figure}"
    else:
        yield slide.heading


def _rest(text: str, group: Group) -> str:
    return " ".join(p.span.of(text) for p in group.parts)


def _without_aside(said: str) -> str:
    """ "(bar chart please)" is said to the one who makes the slide."""

    def keep(match: re.Match[str]) -> str:
        found = set(small_words(match.group()))
        return "" if found and found <= word_set("of_slides") | word_set("asks") | word_set("small") else match.group()

    return re.sub(r"\s*\([^()]{1,60}\)", keep, said).strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
