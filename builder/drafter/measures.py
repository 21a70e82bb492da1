"""What kind of value a name says, and the units and ranges that stand beside it. Knows no sentence."""

from collections.abc import Sequence
from functools import lru_cache

from builder.drafter.lexicon import Kind, grammar, lexicon
from builder.drafter.text import Word, Words

DETERMINERS = grammar("determiners")
UNITS = {
    "kg": "kg", "kilo": "kg", "kilogram": "kg", "g": "g", "gram": "g", "lb": "lb", "mg": "mg", "pound": "lb", "m": "m",
    "meter": "m", "metre": "m", "cm": "cm", "centimeter": "cm", "centimetre": "cm", "mm": "mm", "km": "km",
    "kilometer": "km", "kilometre": "km", "mile": "mi", "inch": "in", "ft": "ft", "feet": "ft", "m2": "m²",
    "m²": "m²", "sqm": "m²", "sqft": "sq ft", "day": "days", "week": "weeks", "month": "months", "year": "years",
    "hour": "h", "h": "h", "minute": "min", "min": "min", "second": "s", "%": "%", "percent": "%", "€": "€",
    "eur": "€", "euro": "€", "$": "$", "usd": "$", "dollar": "$", "£": "£", "gbp": "£", "l": "l", "liter": "l",
    "litre": "l", "ml": "ml", "kcal": "kcal", "calorie": "kcal", "celsius": "°C", "kwh": "kWh", "watt": "W",
}  # fmt: skip
BOUNDS = frozenset("maximum minimum max min total".split())
HEADED = frozenset("of to for from with by per".split())  # what stands before one says what it is: "price per hour"
WHOLE_UNITS = {"min", "days", "weeks", "months", "years", "s", "kcal"}


@lru_cache(maxsize=20_000)
def kind_of(key: str) -> Kind | None:
    """What the lexicon says, with the head before "of" where the ending says nothing: "date of the last visit"."""
    exact = lexicon().fields.get(key)
    if exact:
        return exact
    words = key.split()
    if words[-2:] and words[0] in BOUNDS:
        words = words[1:] or words
    if words[:2] in (["number", "of"], ["amount", "of"], ["count", "of"]):
        return lexicon().fields["quantity"]
    if words[0] == "what" and len(words) > 2:  # "what was done"
        return lexicon().fields["note"]
    if words[0] == "date" and len(words) == 2:
        return lexicon().fields["date"]
    if words[0] in {"is", "has", "was"} and len(words) > 1:
        return lexicon().fields["done"]
    if words[-1] == "time" and len(words) > 1 and _lasts(words[-2]):
        return lexicon().fields["duration"]
    if words[-1] == "on" and len(words) > 1:
        return lexicon().fields["date"]
    if words[-1] == "at" and len(words) > 1:
        return lexicon().fields["timestamp"]
    if _is_participle(words):
        return lexicon().fields["done"]
    head = next((at for at, word in enumerate(words) if at and word in HEADED), None)
    return lexicon().kind(" ".join(words[:head]))


def _lasts(before: str) -> bool:
    """Whether such a time is how long it takes: "burn time" and "drying time", not "opening time"."""
    return before in grammar("lasting") or (before.endswith("ing") and before not in grammar("clocked"))


def _is_participle(words: list[str]) -> bool:
    """ "vaccinated", "picked up": a yes or no."""
    if len(words) > 2 or (len(words) == 2 and words[1] not in {"up", "in", "out", "off", "over", "back"}):
        return False
    return len(words[0]) > 4 and words[0].endswith("ed") and not words[0].endswith("eed")


def is_number(kind: Kind | None) -> bool:
    return kind is not None and kind.type.is_number


def range_of(words: Sequence[Word]) -> tuple[float | None, float | None, list[Word]]:
    """ "from 1 to 10", "between 1 and 10", "1-10", "1 to 5", "out of 5"."""
    rest = list(words)
    for at, word in enumerate(rest):
        if word.norm in {"to", "and", "-", "–", "—"} and 0 < at < len(rest) - 1:
            low, high = _number(rest[at - 1]), _number(rest[at + 1])
            if low is not None and high is not None and low < high:
                start = at - 2 if at > 1 and rest[at - 2].norm in {"from", "between", "in", "of"} else at - 1
                return low, high, rest[:start] + rest[at + 2 :]
        if word.norm == "on" and at and at + 2 == len(rest) and rest[at + 1].norm in {"5", "10", "20", "100"}:
            return 0, _number(rest[at + 1]), rest[:at]  # "note sur 20"
        if word.norm == "of" and at and rest[at - 1].norm == "out" and at + 1 < len(rest):
            high = _number(rest[at + 1])
            if high and high > 1:
                return 1, high, rest[: at - 1] + rest[at + 2 :]
        if "-" in word.norm:
            low_text, _, high_text = word.norm.partition("-")
            if low_text.isdecimal() and high_text.isdecimal() and int(low_text) < int(high_text):
                return float(low_text), float(high_text), rest[:at] + rest[at + 1 :]
    return None, None, rest


def _number(word: Word) -> float | None:
    return float(word.norm) if word.norm.replace(".", "", 1).isdecimal() and len(word.norm) < 12 else None


def unit_of(words: Sequence[Word], alone: bool = False) -> tuple[str | None, list[Word]]:
    """The unit after "in" ("weight in kg"), or the only word of a bracket."""
    rest = list(words)
    if alone and len(rest) == 1 and as_unit(rest[0]):
        return as_unit(rest[0]), []
    for at, word in enumerate(rest[:-1]):
        if word.norm == "in" and at and as_unit(rest[at + 1]):
            return as_unit(rest[at + 1]), rest[:at] + rest[at + 2 :]
        if word.norm == "in" and at and at + 2 == len(rest) and is_number(kind_of(key_of(rest[:at]))):
            return rest[at + 1].text[:20], rest[:at]  # "height in hands"
    return None, rest


def as_unit(word: Word) -> str | None:
    return UNITS.get(word.text.lower()) or UNITS.get(word.lemma)


def key_of(words: Words) -> str:
    return " ".join(w.lemma for w in words if w.norm not in DETERMINERS)[:120] or words[-1].lemma
