"""Find what kind of sheet a prompt calls for, what it is about, and where its facts begin. Knows no fact."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.sheets.moments import Moment, find_moments
from builder.drafter.sheets.spans import PLAIN, Span, either, paper, small_words, word_set, words
from builder.drafter.text import lemmas

EARLY = 160  # letters: what is wanted is said at the start
MOST_BEFORE = 12  # words before the genre: "please make me a big, colourful A3 …"
MOST_OWN = 6  # of them that say what it is about: "summer party poster"
_STOP = re.compile(r"[:;!?\n|•]|\.(?=\s|$)|,|\s[-–—]\s|[（(]")
_KEEPS = frozenset(
    "app application tracker manager list log inventory register database collection archive library store shop "
    "planner organizer organiser editor maker generator builder management viewer gallery board feedback design "
    "designer system tool website site template templates printing service business company".split()
)


@dataclass(frozen=True)
class Genre:
    """`called` are the words that name it, `subject` those that say of what; the facts follow from `rest` on.

    `about` tells a topic ("about the moon") from an occasion ("for our party"); `stated` a text to be shown as it is.
    """

    name: str
    called: Span
    subject: Span
    rest: int
    moments: tuple[Moment, ...] = ()
    about: bool = False
    stated: bool = False
    linked: bool = True  # to its subject by a word or a mark: "poster sessions" are no poster

    @property
    def is_deck(self) -> bool:
        return self.name == "deck"

    @property
    def is_weak(self) -> bool:
        return self.name in words()["weak"]


def find_genre(text: str) -> Genre | None:
    plain = text.translate(PLAIN).lower()
    if len(plain) != len(text):  # a letter whose small form is longer: places would be lost
        plain = text.translate(PLAIN)
    moments: tuple[Moment, ...] | None = None
    for name, match in _calls(plain):
        moments = find_moments(text) if moments is None else moments
        found = _read(text, plain, name, Span(match.start(), match.end()), moments)
        if found:
            return found
    return None


def whole_deck(text: str) -> Genre:
    """A prompt that is known to ask for slides and names none: its first words are the title."""
    moments = find_moments(text)
    stop = _stop(text.translate(PLAIN), 0, moments)
    return Genre("deck", Span(0, 0), _without_determiners(text, Span(0, stop).trimmed(text)), stop, moments)


def _calls(plain: str) -> Iterator[tuple[str, re.Match[str]]]:
    found = [(m.start(), -m.end(), name, m) for name, p in _patterns() for m in p.finditer(plain[:EARLY])]
    for _, _, name, match in sorted(found, key=lambda f: f[:2]):
        yield name, match


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(either(called))) for name, called in words()["genres"].items())


def _read(text: str, plain: str, name: str, called: Span, moments: tuple[Moment, ...]) -> Genre | None:
    own = _own_before(text, plain, called)
    if own is None or any(word in _KEEPS for word in small_words(plain[called.end : called.end + 24])[:1]):
        return None
    compound = re.match(r"[\s-]*(?:card|karte|en)?(?=[\s:,.]|$)", plain[called.end :])
    at = called.end + (compound.end() if compound and "-" in compound.group() else 0)
    kinds = _connectors(plain, at)
    if kinds is None:
        return None
    start, about, says, linked = kinds
    stop = _stop(plain, start, moments)
    if re.match(rf"\s*{either(words()['lead_ins'])}", plain[start:stop]):
        stop = start  # "a poster with a live band, …": what is with it is no title
    subject = _without_determiners(text, Span(start, stop).trimmed(text))
    separated = plain[at:start].strip(" ") == "" and (start >= len(plain) or plain[start] in ":\n,;-–—")
    if own and (not subject or separated):
        subject = own
    elif own and not linked:
        return None  # "the poster session opens …": words on both sides and nothing between that joins them
    if not subject:  # "Poster: Summer party, 12 July"
        first = start + len(plain[start:]) - len(plain[start:].lstrip(" :-–—\n\t,"))
        if not any(m.span.start == first for m in moments):
            stop = _stop(plain, first, moments)
            label = plain[stop : stop + 1] == ":" and len(small_words(plain[first:stop])) < 3
            if not label:
                subject = _without_determiners(text, Span(first, stop).trimmed(text))
                return Genre(name, called, subject, stop, moments, about, says or _is_quoted(text, subject))
        return Genre(name, called, Span(first, first), first, moments, about, says)
    stated = says or _is_quoted(text, subject)
    joined = linked or subject == own
    return Genre(name, called, subject, max(stop, called.end), moments, about, stated, joined)


def _own_before(text: str, plain: str, called: Span) -> Span | None:
    """What the words before the genre say it is about; nothing where they only ask, None where they want else."""
    start = max(plain.rfind(mark, 0, called.start) for mark in ".!?\n,:")
    before = Span(start + 1, called.start)
    if re.search(r"[㐀-鿿]", before.of(text)):
        return _own_chinese(text, before)
    found = [
        (m, m.group().strip("'’"))
        for m in re.finditer(r"[^\W_]+(?:['’\-][^\W_]+)*['’]?", plain[before.start : before.end])
    ]
    if len(found) > MOST_BEFORE or any(lemmas(word) in _forbidden() for _, word in found):
        return None
    while found and found[0][1] in word_set("openers"):
        found.pop(0)
    if not found or all(word in word_set("openers") or _is_color(word) for _, word in found):
        return Span(called.start, called.start)
    if len(found) > MOST_OWN:
        return None
    return Span(before.start + found[0][0].start(), before.start + found[-1][0].end())


def _own_chinese(text: str, before: Span) -> Span | None:
    start, end = before.start, before.end
    openers = sorted(words()["openers_zh"], key=len, reverse=True)
    changed = True
    while changed and start < end:
        changed = False
        piece = text[start:end]
        for opener in openers:
            if piece.startswith((opener, " ")):
                start += len(opener) if piece.startswith(opener) else 1
                changed = True
                break
            if piece.endswith((opener, " ")):
                end -= len(opener) if piece.endswith(opener) else 1
                changed = True
                break
    return Span(start, end) if end - start <= 24 else None


@cache
def _forbidden() -> frozenset[str]:
    """Words of an app that keeps things: a list of posters is no poster."""
    return frozenset(grammar("keeps") | {"track", "manage", "organise", "organize", "sell", "rent", "collect"}) - {
        "make"
    } | (_KEEPS - {"design", "business", "company", "service", "shop", "board", "store", "library", "gallery"})


def _is_color(word: str) -> bool:
    from builder.drafter.theme import _color

    return (
        _color(word.replace("-", "")) is not None
        or word in {"dark", "light", "pale", "bright"}
        or word in lexicon().styles
    )


def _connectors(plain: str, at: int) -> tuple[int, bool, bool, bool] | None:
    """Where the subject starts; whether it is a topic, a text to be shown, and joined to the genre at all."""
    about = says = linked = False
    while match := _connector_pattern().match(plain, at):
        about |= match.lastgroup == "about"
        says |= match.lastgroup == "says"
        linked |= match.lastgroup not in {"gap", "paper", "count"}
        at = match.end()
    if not linked and plain[at : at + 1].isalpha() and not re.match(r"[㐀-鿿؀-ۿ]", plain[at]):
        following = small_words(plain[at : at + 40])
        if not following or following[0] not in word_set("small") | word_set("openers") | word_set("asks"):
            return (at, about, says, False)
    return at, about, says, linked


@cache
def _connector_pattern() -> re.Pattern[str]:
    named = "|".join(rf"(?P<{kind}>\s*{either(words()['connectors'][kind])})" for kind in ("says", "about", "for"))
    named += r"|(?P<count>\s*(?:of\s)?(?:\w{1,6}\s)?slides(?!\w))"
    named += rf"|(?P<paper>\s*{either(paper())})"
    return re.compile(rf"{named}|(?P<gap>[ \t]+(?={either(w for k in words()['connectors'].values() for w in k)}))")


def _stop(plain: str, start: int, moments: tuple[Moment, ...]) -> int:
    """Where the subject ends: at the first mark, or before the first day or time with what leads to it."""
    quoted = re.match(r"\s*[\"“«„'‘](.{2,120}?)[\"”»“'’](?=\W|$)", plain[start : start + 130])
    if quoted:
        return start + quoted.end()
    match = _STOP.search(plain, start)
    stop = match.start() if match else len(plain)
    first = next((m.span.start for m in moments if start <= m.span.start < stop), None)
    if first is None:
        return stop
    end = first
    while lead := re.search(r"(?:^|\s)([^\W\d_]+)[\s,]*$", plain[start:end]):
        if lead.group(1) not in word_set("small"):
            break
        end = start + lead.start()
    return end


def _without_determiners(text: str, span: Span) -> Span:
    start = span.start
    while match := re.match(r"\s*([^\W\d_]+)\s+(?=\S)|\s*([dl]['’])", text[start : span.end]):
        if (match.group(1) or "").lower() not in word_set("determiners") and not match.group(2):
            break
        start += match.end()
    return Span(start, span.end).trimmed(text)


def _is_quoted(text: str, span: Span) -> bool:
    return (
        text[max(0, span.start - 1) : span.start + 1].strip()[:1] in {'"', "“", "«", "„"}
        and len(span.of(text).split()) > 1
    )
