"""What people write into cells, as values: numbers with commas or points, days in any usual order, yes and no."""

import datetime as dt
import re
import typing
from decimal import Decimal, InvalidOperation

from backend import words

YES = {"true", "yes", "y", "1", "x", "on", "✓", "ja", "oui", "si", "sí", "sim", "tak", "да"}
NO = {"false", "no", "n", "0", "off", "-", "–", "nein", "non", "não", "nao", "nie", "нет"}
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
NUMERIC_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
WORDED_DAY = re.compile(
    r"(\d{1,2})\.?(?:st|nd|rd|th)? ([a-z]{3,})\.?,? (\d{4})|([a-z]{3,})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})"
)
NUMBER = re.compile(r"[^\d+\-−.,]*([+\-−]?)[^\d.,]*([\d.,'’\s]*\d[\d.,'’\s]*)\D*")
CLOCK = re.compile(r"(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?:\.\d+)? ?([ap])?\.?m?\.?")


def number(text: str, decimal_comma: bool) -> Decimal:
    """The number without currency, unit and separators of thousands."""
    found = NUMBER.fullmatch(text.replace("\u00a0", " "))
    if not found or min(text.count(","), text.count(".")) > 1:
        raise ValueError(words.ERROR_NUMBER)
    digits = re.sub(r"['’\s]", "", found[2])
    mark = _decimal_mark(digits, decimal_comma)
    plain = "".join("." if c == mark else c for c in digits if c not in ",." or c == mark)
    try:
        return Decimal(plain) * (-1 if found[1] in ("-", "−") else 1)
    except InvalidOperation:
        raise ValueError(words.ERROR_NUMBER) from None


def _decimal_mark(digits: str, decimal_comma: bool) -> str:
    """Of two kinds the last one; what comes twice parts thousands; 1,234 is read as the rest of the file is."""
    last = max(digits, key=lambda c: (c in ",.") * digits.rfind(c))
    if last not in ",." or digits.count(last) > 1:
        return ""
    if len(set(digits) & set(",.")) == 1 and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
        return last if (last == ",") == decimal_comma else ""
    return last


def flag(text: str, labels: typing.Mapping[str, str]) -> bool:
    """Yes or no, in words that a column has for it or that people use."""
    word = text.casefold()
    for value, label in labels.items():
        if word == label.casefold():
            return value == "true"
    if word not in YES | NO:
        raise ValueError(words.ERROR_YES_NO)
    return word in YES


def day_comes_first(texts: typing.Iterable[str]) -> bool | None:
    """Whether days like 3/4/2025 start with the day: one beyond the twelfth tells; nothing where none does."""
    for text in texts:
        found = NUMERIC_DAY.match(text)
        if found and int(found[1]) > 12:
            return True
        if found and int(found[2]) > 12:
            return False
        if found and "." in text[: found.end()]:
            return True
    return None


def date(text: str, day_first: bool) -> dt.date:
    word = text.strip().lower()
    try:
        if found := re.fullmatch(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})", word):
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        if found := NUMERIC_DAY.fullmatch(word):
            one, other, year = int(found[1]), int(found[2]), int(found[3])
            year += 0 if year > 99 else 2000 if year < 70 else 1900
            return dt.date(year, other, one) if day_first else dt.date(year, one, other)
        if found := WORDED_DAY.fullmatch(word):
            name, day, year = (found[2], found[1], found[3]) if found[2] else (found[4], found[5], found[6])
            return dt.date(int(year), MONTHS.index(name[:3]) + 1, int(day))
    except ValueError:
        pass
    raise ValueError(words.ERROR_DATE)


def time(text: str) -> dt.time:
    found = CLOCK.fullmatch(text.strip().lower())
    try:
        if found:
            hour = int(found[1])
            if found[4]:
                hour = hour % 12 + (12 if found[4] == "p" else 0)
            return dt.time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        pass
    raise ValueError(words.ERROR_TIME)


def moment(text: str, day_first: bool) -> dt.datetime:
    """A day with a time behind it; without one, its beginning."""
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    day, _, clock = text.replace("T", " ").partition(" ")
    for at in (m.start() for m in re.finditer(" ", text)):
        if CLOCK.fullmatch(text[at + 1 :].strip().lower()):
            day, clock = text[:at], text[at + 1 :]
            break
    else:
        day, clock = text, ""
    return dt.datetime.combine(date(day.rstrip(","), day_first), time(clock) if clock else dt.time())
