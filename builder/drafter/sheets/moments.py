"""Days and times as people write them, in the languages of the drafter; the names are CLDR's, by Babel.

Finds where they stand and keeps the words as they are: nothing is calculated.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from babel import Locale

from builder.drafter.sheets.spans import PLAIN, Span, small

LANGUAGES = ("en", "ru", "es", "zh", "de", "fr", "pt", "it", "id", "ar", "ar_SY")
_EVERY = "every|each|jeden|jede|cada|chaque|todos os|todas as|tous les|ogni|каждый|каждую|каждое|setiap|كل|hari|每"
_TO = r"[-–—]|to|till|until|bis|und|and|a|à|al|au|e|y|et|и|до|по|alle|s\.?d\.?|sampai|hingga|إلى|حتى|至|到"
_CLOCK = r"[012]?\d[:.][0-5]\d"
_HALVES = "上午|下午|晚上|早上|中午|傍晚|凌晨"
_WHOLE = (
    "noon|midnight|mittags|mitternacht|mediodía|medianoche|midi|minuit|meio-dia|mezzogiorno|mezzanotte"
    "|полдень|полночь|منتصف الليل"
)


_DAYS, _MONTHS = ("day", "day2", "day3", "day4"), ("month", "month2", "month3")


@dataclass(frozen=True)
class Moment:
    """`day` and `month` are those of a date, as they are written; a clock time has none."""

    span: Span
    is_date: bool
    day: str = ""
    month: str = ""


@lru_cache(maxsize=4)
def find_moments(text: str) -> tuple[Moment, ...]:
    """In the order of the text, none within another."""
    plain = small(text.translate(PLAIN))
    found = [*_dates(plain, text), *_times(plain)]
    kept: list[Moment] = []
    for moment in sorted(found, key=lambda m: (m.span.start, -m.span.end)):
        if not kept or moment.span.start >= kept[-1].span.end:
            kept.append(moment)
    return tuple(kept)


def within(moments: Sequence[Moment], span: Span) -> Sequence[Moment]:
    """Those that stand in the span; the moments are in their order."""
    first = bisect_left(moments, span.start, key=_start)
    return [m for m in moments[first : bisect_left(moments, span.end, first, key=_start)] if m.span.end <= span.end]


def _start(moment: Moment) -> int:
    return moment.span.start


def starts_with_month(text: str) -> int:
    """How many letters of the start are a month or a quarter, with a year or without; 0 for none."""
    match = _month_pattern().match(text)
    year = re.match(r"(?:19|20)\d\d(?=[\s:–-])", text)
    found = match or year
    return found.end() if found else 0


@cache
def _month_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:(?:{_months()})\.?|Q[1-4])(?:\s\d{{4}})?(?=[\s:–-])", re.IGNORECASE)


def _dates(plain: str, text: str) -> Iterator[Moment]:
    for match in _date_pattern().finditer(plain):
        day, month = (
            next((text[slice(*match.span(name))] for name in names if match[name]), "") for names in (_DAYS, _MONTHS)
        )
        yield Moment(Span(match.start(), match.end()), True, day.lstrip("0"), month.rstrip("."))


def _times(text: str) -> Iterator[Moment]:
    for match in _time_pattern().finditer(text):
        yield Moment(Span(match.start(), match.end()), False)


@cache
def _date_pattern() -> re.Pattern[str]:
    months, days = _months(), _weekdays()
    range_ = rf"(?:\s?(?:{_TO})\s?(?:el\s|den\s)?[0-3]?\d\.?(?:st|nd|rd|th)?)?"
    year = r"(?:,?\s(?:de\s|del\s|do\s)?(?:19|20)\d\d(?:\s?(?:г\.|года|год))?)?"
    ordinal = r"(?:st|nd|rd|th|er|º|ª|°|-?го|-?е)?\.?"
    weekday = rf"(?:(?:{days})\.?,?\s(?:the\s|den\s|dem\s|el\s|le\s|il\s)?)?"
    named = (
        rf"(?<![\d.])(?P<day>[0-3]?\d){ordinal}{range_}\s?(?:of\s|de\s|di\s)?(?P<month>{months})(?!\w)(?:\.(?=,?\s(?:19|20)\d\d))?{year}",
        rf"(?<!\w)(?P<month2>{months})\.?\s(?P<day2>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:.,]*\d|\s?[ap]\.?m){range_}{year}",
        r"(?<![\d.])(?P<day3>[0-3]?\d)\.[01]?\d\.(?:(?:20)?\d\d)?(?!\d)",
        r"(?<![\d/.])[0-3]?\d/[0-3]?\d(?:/(?:20)?\d\d)?(?![\d/])",
    )
    alternatives = (
        f"{weekday}(?:{'|'.join(named)})",
        r"(?:(?:19|20)\d\d年)?(?P<month3>\d{1,2}月)(?P<day4>\d{1,2})[日号]?(?:\s?[至到\-–]\s?(?:\d{1,2}月)?\d{1,2}[日号]?)?"
        r"(?:\s?[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?",
        r"(?<!\d)20\d\d-[01]\d-[0-3]\d(?!\d)",
        rf"(?:(?:{_EVERY})\s?)?(?<!\w)(?:{days})(?:\s(?:{_TO})\s(?:{days}))?",
    )
    return re.compile("|".join(alternatives))  # of small letters: to heed no case takes five times as long


@cache
def _time_pattern() -> re.Pattern[str]:
    suffix = r"(?:\s?(?:uhr|hrs|hs|h|o'clock|часов|часа|час|wib|wita|wit)(?!\w))"
    half = r"(?:\s?(?:a\.m\.?|p\.m\.?|am|pm)(?!\w)|\s?(?:مساءً|مساء|صباحًا|صباحا|ظهرًا|ظهرا|ص|م)(?!\w))"
    named = r"(?:pukul|jam|dalle ore|dalle|alle ore|alle|ore|às|a las|desde las|الساعة)\s"
    piece = (
        rf"(?:(?:{_HALVES})?[012]?\d[点點时時](?:半|[0-5]?\d分?)?|(?:{_HALVES})\s?{_CLOCK}"
        rf"|(?<![\d.,€$£:]){_CLOCK.replace('[:.]', ':')}(?:{half}|{suffix})?"
        rf"|(?<![\d.,€$£]){_CLOCK}(?:{half}|{suffix})|(?<![\d.,€$£:])[012]?\d(?:{half}|\s?h[0-5]\d(?!\w)|{suffix})"
        rf"|{named}[012]?\d(?:[:.][0-5]\d)?(?:{half}|{suffix})?|(?<!\w)(?:{_WHOLE})(?!\w))"
    )
    bare = r"(?:from|von|de|da|dalle|с|dari|من|从)\s(?:las\s)?[012]?\d(?:[:.][0-5]\d)?"
    to = rf"\s?(?:{_TO})\s?(?:las\s|ore\s)?"
    end = rf"(?:{piece}|[012]?\d(?:[:.][0-5]\d)?(?![\d.,%€$£]|\s?[%€$£]))"
    alone = r"(?<!\w)(?:at|um|ab|в)\s[012]?\d(?=\s*(?:[,;\n]|\.(?:\s|$)|$))"
    left = r"(?<![\d.,€$£:])[012]?\d(?:[:.][0-5]\d)?"
    return re.compile(rf"(?<!\w){bare}{to}{end}|{piece}(?:{to}{end})?(?!\w)|{left}{to}{piece}|{alone}")


@cache
def _months() -> str:
    names: set[str] = set()
    for code in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names |= set(Locale.parse(code).months[context][width].values())
    return _either(name for name in names if not name[0].isdigit() and "月" not in name)


@cache
def _weekdays() -> str:
    """Full names; Russian ones in any case, English and the Romance ones in the plural, too."""
    names: set[str] = set()
    for code in LANGUAGES:
        names |= set(Locale.parse(code).days["format"]["wide"].values())
    names = {name.lower() for name in names}
    bent = [re.escape(n[:-1]) + r"\w{1,3}" for n in names if re.match("[а-я]", n) and n[-1] in "аье"]
    whole = [re.escape(n) + (r"s?(?!['’]s)" if n.isascii() or n[0].isalpha() else "") for n in names if "星" not in n]
    shorts = "mon tue wed thu fri sat sun sábados? domingos? segunda terça quarta quinta sexta".split()
    alternatives = sorted([*bent, *whole, *shorts], key=len, reverse=True)
    return "(?:" + "|".join(alternatives) + r")(?!\w)|(?:星期|周|礼拜)[一二三四五六日天]"


def _either(names: Iterator[str]) -> str:
    cleaned = {name.rstrip(".").lower() for name in names}
    return "|".join(re.escape(name) for name in sorted(cleaned, key=len, reverse=True))
