"""Cut what a prompt says into groups and parts, by its own lines, marks and labels. Knows no language."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from builder.drafter.sheets.moments import Moment
from builder.drafter.sheets.spans import PLAIN, Span, plain_of, small_words

LONGEST_LABEL = 7  # words before a colon
_BULLET = re.compile(r"\s*(?:[-•–*·]|\d{1,2}[.)](?=\s)|#{1,4}(?=\s))\s*")
_SLIDE = re.compile(
    r"\s*(?:slide|folie|diapositiva|diapositive|слайд|slaid|第)\s?\d{1,2}\s?(?:页|张)?\s?[:.\-–—)]\s*", re.IGNORECASE
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|st|no|nr|str|tel|prof|sra?|ул|г|approx|ca|inc|ltd|vs|jl|mio|mln|mrd|млн|тыс|bzw|usw|etc)|\b\w)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Part:
    """A part of a group. Its label, where it has one, holds for those that follow it as well."""

    span: Span
    label: Span | None = None


@dataclass(frozen=True)
class Group:
    """`span` is all of it, heading and all; `heading` stands before its colon, or on a line of its own."""

    span: Span
    heading: Span | None
    parts: tuple[Part, ...]


def cut_parts(text: str, start: int, moments: tuple[Moment, ...]) -> tuple[Part, ...]:
    """Everything from `start` on, as single parts with the labels they stand under."""
    found: list[Part] = []
    start = _begin(text, start)
    for sentence in _split(text, Span(start, len(text)), "\n;.!?|•", moments):
        label: Span | None = None
        for piece in _split(text, sentence, ",", moments):
            head, body = _labelled(text, _unbulleted(text, piece))
            label = head or label
            if body := body.trimmed(text):
                found.append(Part(body, label))
    return tuple(found)


def cut_groups(text: str, start: int, moments: tuple[Moment, ...]) -> tuple[Group, ...]:
    """By the coarsest mark that is there: lines, semicolons, sentences, or commas."""
    whole = Span(_begin(text, start), len(text))
    lines = [line for line in _split(text, whole, "\n", moments) if line.trimmed(text)]
    if len(lines) > 1 or _SLIDE.search(text, start):
        pieces = [p for line in _joined(text, lines) for p in _at_slides(text, line)]
        return tuple(_group(text, piece, _marks(text, piece), moments) for piece in pieces)
    marks = next((m for m in (";", ".!?", ",") if len(list(_split(text, whole, m, moments))) > 1), ",")
    marks = ";.!?" if marks == ";" else marks
    pieces = list(_split(text, whole, marks, moments))
    if marks == ",":
        pieces = list(_under_labels(text, pieces))
    return tuple(_group(text, piece, ",", moments) for piece in pieces if piece.trimmed(text))


def _begin(text: str, start: int) -> int:
    """Past the colon behind what opens the prompt; a line's own marks stay."""
    match = re.match(r"[ \t]*[:,;.–—-]?[ \t]*", text[start:].translate(PLAIN))
    return start + (match.end() if match else 0)


def _group(text: str, piece: Span, marks: str, moments: tuple[Moment, ...]) -> Group:
    lines = [line for line in _split(text, piece, "\n", moments) if line.trimmed(text)]
    first = _unbulleted(text, lines[0])
    heading, body = _labelled(text, first)
    if heading is None and len(lines) > 1:
        heading, body = first.trimmed(text), Span(first.end, first.end)
    bodies = [body, *(_unbulleted(text, line) for line in lines[1:])]
    own = "\0" if len(lines) > 1 else marks
    parts = [p.trimmed(text) for b in bodies for p in _split(text, b, own, moments)]
    return Group(piece.trimmed(text), heading, tuple(Part(p) for p in parts if p))


def _marks(text: str, line: Span) -> str:
    line = _unbulleted(text, line)
    inside = text[line.start : line.end].translate(PLAIN)
    if ";" in inside:
        return ";"
    return ".!?" if re.search(r"[.!?]\s+\S", inside) and len(inside) > 60 else ","


def _joined(text: str, lines: list[Span]) -> Iterator[Span]:
    """A line with the bullets below it is one group; so are plain lines below a heading of the Markdown kind."""
    at = 0
    while at < len(lines):
        first, end = lines[at], at + 1
        written = text[first.start : first.end].strip()
        opens = (
            written.endswith(":") or written.startswith("#") or (at + 1 < len(lines) and not _is_bullet(text, first))
        )
        while opens and end < len(lines) and (_is_bullet(text, lines[end]) or _is_below(text, written, lines[end])):
            end += 1
        yield Span(first.start, lines[end - 1].end)
        at = end


def _is_bullet(text: str, line: Span) -> bool:
    return re.match(r"\s*[-•–*·]\s", text[line.start : line.end]) is not None


def _is_below(text: str, heading: str, line: Span) -> bool:
    return heading.startswith("#") and not text[line.start : line.end].lstrip().startswith("#")


def _at_slides(text: str, line: Span) -> Iterator[Span]:
    starts = [m.start() for m in _SLIDE.finditer(text, line.start, line.end)]
    edges = [line.start, *[s for s in starts if s > line.start], line.end]
    for start, end in pairwise(edges):
        if Span(start, end).trimmed(text):
            yield Span(start, end)


def _unbulleted(text: str, piece: Span) -> Span:
    for pattern in (_SLIDE, _BULLET):
        match = pattern.match(text, piece.start, piece.end)
        if match:
            piece = Span(match.end(), piece.end)
    return piece


def _labelled(text: str, piece: Span) -> tuple[Span | None, Span]:
    """ "Where: the park": the label, and what follows it."""
    plain = text[piece.start : piece.end].translate(PLAIN)
    match = re.match(r"([^:\n]{1,70}?)\s?:(?!//)(?!\d)", plain)
    if (
        not match
        or len(small_words(match.group(1))) > LONGEST_LABEL
        or not match.group(1).strip()
        or "," in match.group(1)
    ):
        return None, piece
    label = Span(piece.start, piece.start + match.end(1)).trimmed(text)
    return label or None, Span(piece.start + match.end(), piece.end)


def _under_labels(text: str, pieces: list[Span]) -> Iterator[Span]:
    """Parts between commas belong to the last of them that has a label."""
    open_: Span | None = None
    for piece in pieces:
        head, _ = _labelled(text, piece)
        if head:
            if open_:
                yield open_
            open_ = piece
        elif open_:
            open_ = Span(open_.start, piece.end)
        else:
            yield piece
    if open_:
        yield open_


def _split(text: str, piece: Span, marks: str, moments: tuple[Moment, ...]) -> Iterator[Span]:
    """At each of these marks that stands outside of brackets, of days and times, and of numbers and abbreviations."""
    plain = plain_of(text)
    depth, start = 0, piece.start
    for match in _edges(marks).finditer(plain, piece.start, piece.end):
        at, letter = match.start(), match.group()
        depth = max(0, depth + (letter in "([") - (letter in ")]"))
        if letter == "\n":
            depth = 0
        if letter in marks and depth == 0 and not _holds(moments, piece, at) and _separates(plain, at, start):
            yield Span(start, at + (letter in "!?"))
            start = at + 1
    if start < piece.end:
        yield Span(start, piece.end)


@cache
def _edges(marks: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape('()[]' + marks)}\n]")


def _holds(moments: tuple[Moment, ...], piece: Span, at: int) -> bool:
    """Whether a day or a time of the piece stands at this place; the moments are in their order."""
    last = bisect_right(moments, at, key=lambda moment: moment.span.start) - 1
    span = moments[last].span if last >= 0 else Span(at, at)
    return piece.start <= span.start and at < span.end <= piece.end


def _separates(plain: str, at: int, start: int) -> bool:
    letter = plain[at]
    before, after = plain[max(start, at - 1) : at], plain[at + 1 : at + 2]
    if letter in ",." and before.isdigit() and after.isdigit():
        return False
    if letter == ".":
        if re.match(r"[㐀-鿿]", before or " "):
            return True
        return re.match(r"\s*$|\s+[\w\"“«„]", plain[at + 1 : at + 8]) is not None and not _ABBREVIATION.search(
            plain[max(start, at - 8) : at]
        )
    return True
