"""A poster, an invitation, a menu or a certificate of the facts that a prompt holds; None where they are too few."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from builder.answers import say_in
from builder.drafter.sheets.facts import MOST, Facts, Found, Looks, amount, is_wish, read_facts
from builder.drafter.sheets.genres import Genre
from builder.drafter.sheets.headline import headline
from builder.drafter.sheets.parts import Group, Part, cut_groups, cut_parts
from builder.drafter.sheets.spans import PLAIN, Span, either, small_words, words
from builder.drafter.text import Prompt
from builder.sheets import Fact, Sheet

FORMS = {"invitation": "card", "menu": "menu", "certificate": "certificate"}
PAPER = {"poster": "A3", "flyer": "A5", "invitation": "A6", "menu": "A4", "certificate": "A4"}
MANY, LONG = 6, 420  # details, and letters of them, that make a notice of a poster
MOTIFS = ("rings", "waves", "stripes", "confetti", "hills")


@dataclass(frozen=True)
class Made:
    """A starter's options, where its parts came from, what was said of looks, and what could not be used."""

    options: dict[str, Any]
    name: str
    sources: tuple[tuple[str, Span], ...]
    looks: tuple[Span, ...] = ()
    unused: tuple[Span, ...] = ()
    style: str = "clean"


def make_sheet(prompt: Prompt, genre: Genre) -> Made | None:
    facts = _menu(prompt, genre) if genre.name == "menu" else None
    facts = facts or read_facts(prompt, cut_parts(prompt.text, genre.rest, genre.moments), genre.moments)
    title = facts.title or genre.subject
    if not title and facts.details:
        title = facts.found.pop(facts.found.index(facts.details[0])).span
    if not title or not _is_enough(genre, facts):
        return None
    subject = headline(
        prompt.text, title, prompt.language, bent=title == genre.subject and title.start > genre.called.start
    )
    said = prompt.text.lower()
    if genre.name == "certificate":  # who gives it, not where
        facts.found = [
            Found(f.fact.model_copy(update={"kind": "detail"}), f.span) if f.fact.kind == "place" else f
            for f in facts.found
        ]
    sheet = Sheet.model_validate(
        {
            "genre": genre.name,
            "headline": subject[:600],
            "eyebrow": headline(prompt.text, genre.subject, prompt.language, True)[:120]
            if facts.title and genre.subject
            else "",
            "paper": _paper(said, genre),
            "landscape": genre.name == "certificate" or re.search(either(words()["landscape"]), said) is not None,
            "motif": motif_for(prompt, subject),
            "facts": tuple(f.fact for f in facts.found[:MOST]),
            **_big_day(facts),
        }
    )
    style = _vocabulary(prompt.text, "styles") or (
        "editorial" if genre.name in {"invitation", "menu", "certificate"} else "clean"
    )
    sheet = sheet.model_copy(update={"layout": _layout(sheet, genre, style)})
    say = say_in(prompt.language)
    named = ((say(f"fact.{f.fact.kind}"), f.span) for f in facts.found[:MOST])
    sources = ((say("page.headline"), title), *named)
    unused = (*facts.unused, *(f.span for f in facts.found[MOST:]))
    return Made(sheet.model_dump(exclude_defaults=True), subject, sources, tuple(facts.looks), unused, style)


def relaid(sheet: Sheet, style: str) -> Sheet:
    """The sheet in the layout that suits its facts and a style."""
    form = FORMS.get(sheet.genre)
    return sheet if form else sheet.model_copy(update={"layout": _poster_layout(sheet, style)})


def _is_enough(genre: Genre, facts: Facts) -> bool:
    details = facts.details
    count = sum(
        len(small_words(f.fact.text)) if not re.search(r"[㐀-鿿]", f.fact.text) else len(f.fact.text) // 2
        for f in details
    )
    match genre.name:
        case "menu":
            return sum(1 for f in facts.found if f.fact.figure) >= 3
        case "certificate":
            return bool(facts.found) and (facts.typed > 0 or count >= 2)
        case "invitation":
            return any(f.fact.kind in {"date", "time"} for f in facts.found)
    if genre.is_weak and not facts.typed:
        return False
    if facts.typed or genre.stated:
        return True
    return count >= (8 if genre.about else 4) and len(details) >= 2 and count >= 2 * len(details)


def _menu(prompt: Prompt, genre: Genre) -> Facts | None:
    """Dishes with their prices under the headings that the prompt gives; the rest as on any sheet."""
    facts, looks = Facts(), Looks(prompt)
    for group in cut_groups(prompt.text, genre.rest, genre.moments):
        is_full = len(facts.found) >= MOST and sum(1 for f in facts.found if f.fact.figure) >= MOST
        dishes = [] if is_full else list(_dishes(prompt, group, looks))
        if any(f.fact.figure for f in dishes):
            facts.found += dishes
        elif looks.are_all_of(group.span):
            facts.looks.append(group.span)
        elif is_full or is_wish(prompt.text, group.span):
            facts.unused.append(group.span)
        else:
            more = read_facts(
                prompt, cut_parts(prompt.text[: group.span.end], group.span.start, genre.moments), genre.moments
            )
            facts.found, facts.looks, facts.unused = (
                facts.found + more.found,
                facts.looks + more.looks,
                facts.unused + more.unused,
            )
    return facts if any(f.fact.figure for f in facts.found) else None


def _dishes(prompt: Prompt, group: Group, looks: Looks) -> Iterator[Found]:
    label = group.heading.of(prompt.text) if group.heading else ""
    for part in group.parts or (Part(group.span),):
        if looks.are_all_of(part.span):
            continue
        said = part.span.of(prompt.text)
        plain = said.translate(PLAIN)
        price = amount(plain)
        dish = said[: price.start()].rstrip(" -–—:.…") if price else said
        if dish:
            yield Found(
                Fact(
                    kind="item",
                    text=dish[:1].upper() + dish[1:600],
                    figure=plain[price.start() : price.end()] if price else "",
                    label=label[:1].upper() + label[1:600],
                ),
                part.span,
            )


def _paper(said: str, genre: Genre) -> str:
    return next((size for size, known in words()["sizes"].items() if re.search(either(known), said)), PAPER[genre.name])


def motif_for(prompt: Prompt, subject: str) -> str:
    return (
        _vocabulary(subject, "motifs")
        or _vocabulary(prompt.text, "motifs")
        or MOTIFS[hashlib.sha256(subject.encode()).digest()[1] % len(MOTIFS)]
    )


def _vocabulary(text: str, name: str) -> str | None:
    """The first of the named lists that has a word of the text; in scripts without spaces a word within it."""
    found = set(small_words(text)) | {w[:-1] for w in small_words(text) if w.endswith("s")}
    wide = re.search(r"[㐀-鿿]", text)
    for key, known in words()[name].items():
        if any(
            word in found or (" " in word and word in text.lower()) or (wide and not word.isascii() and word in text)
            for word in known
        ):
            return str(key)
    return None


def _big_day(facts: Facts) -> dict[str, str]:
    moment = next((f.moment for f in facts.found if f.moment and f.moment.day), None)
    return {"day": moment.day, "month": moment.month} if moment else {}


def _layout(sheet: Sheet, genre: Genre, style: str) -> str:
    if genre.stated and len(sheet.facts) <= 1:
        return "statement"
    return FORMS.get(genre.name) or _poster_layout(sheet, style)


def _poster_layout(sheet: Sheet, style: str) -> str:
    details = sheet.of("detail", "programme", "contact")
    if sheet.layout == "statement":
        return "statement"
    if (
        len(details) > MANY
        or sum(len(f.text) for f in details) > LONG
        or any(f.label for f in details)
        or not sheet.of("date", "time")
    ):
        return "notice"
    if style == "editorial":
        return "quiet"
    if style in {"bold-dark", "technical"} or not sheet.day:
        return "shout"
    return "date"
