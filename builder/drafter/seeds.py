"""Invent rows that read like life for fields that no blueprint knows: the same prompt always gives the same ones.

Knows field types and what their names mean; the words come from `seed_words/CODE.yaml`, in the language of the prompt.
Takes the day that "today" is.
"""

import random
import re
import zlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from builder.drafter.lexicon import lexicon
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.text import lemmas, normal
from builder.spec import FieldType
from builder.yaml_files import read_yaml

ROWS = 12
AHEAD = frozenset(  # days that are planned rather than past
    "due deadline start end expiry expiration check-out appointment next begin event booking travel until renewal "
    "departure arrival check-in before".split()
)
ENDS = frozenset("due end until return back check-out closing ends finish departure".split())
_TODAY = re.compile(r"today(?:([+-]\d{1,5})([dwmy]))?(?: (\d\d:\d\d))?")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
Row = dict[str, Any]


def invent(entity: EntitySketch, targets: Mapping[str, int], today: date, rows: int = ROWS) -> list[Row]:
    """Rows for every stored field, keyed by field key; `targets` says how many rows each entity has."""
    return [dict(row) for row in complete(entity, [{} for _ in range(rows)], targets, today)]


def complete(entity: EntitySketch, rows: list[Row], targets: Mapping[str, int], today: date) -> list[Row]:
    """The rows with a value for each field that has none in any of them."""
    pick = random.Random(zlib.crc32(entity.key.encode()))  # noqa: S311 - the same app each time, no secret
    for field in entity.fields:
        if field.type is FieldType.COMPUTED or any(field.key in row for row in rows):
            continue
        values = _column(entity, field, len(rows), targets, today, pick)
        before = _moment_before(entity, field)
        for at, row in enumerate(rows):
            row[field.key] = _later(row[before.key], field, at) if before and row.get(before.key) else values[at]
            if field.type is FieldType.EMAIL and row.get("name"):
                row[field.key] = _address(str(row["name"]))
    return rows


def _moment_before(entity: EntitySketch, field: FieldSketch) -> FieldSketch | None:
    """The moment that this one follows: an end its start, a due date the day of issue."""
    if not field.type.is_moment or not set(field.key.split()) & ENDS:
        return None
    earlier = entity.fields[: entity.fields.index(field)]
    return next((f for f in reversed(earlier) if f.type is field.type), None)


def _later(start: str, field: FieldSketch, at: int) -> str:
    if field.type is FieldType.TIME:
        hour, minute = map(int, start.split(":"))
        return f"{min(hour + 1 + at % 3, 23):02d}:{minute:02d}"
    begin = datetime.fromisoformat(start)
    if field.type is FieldType.DATETIME:
        return (begin + timedelta(hours=1 + at % 3)).isoformat()
    days = (14, 30, 14, 21)[at % 4] if "due" in field.key.split() else 1 + at * 3 % 6
    return (begin + timedelta(days=days)).date().isoformat()


def moment(value: Any, today: date) -> Any:
    """ "today-3d" and "today+1w 14:30" as ISO text; any other value as it is."""
    match = _TODAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    day = today + timedelta(days=int(match[1] or 0) * _DAYS[match[2] or "d"])
    return f"{day.isoformat()}T{match[3]}:00" if match[3] else day.isoformat()


@cache
def _vocabulary(language: str = "en") -> dict[str, Any]:
    """The words of the language, English where it has none; what names a kind of thing is English in all of them."""
    path = Path(__file__).with_name("seed_words") / f"{language}.yaml"
    raw: dict[str, Any] = read_yaml(path) if path.is_file() else {}
    if language == "en":
        return raw
    base = _vocabulary()
    return {k: base[k] | raw.get(k, {}) if isinstance(base[k], dict) else raw.get(k, base[k]) for k in base}


@cache
def people() -> frozenset[str]:
    """Words for somebody: a field called so holds a person's name."""
    return frozenset(_vocabulary()["people"])


def _column(
    entity: EntitySketch, field: FieldSketch, count: int, targets: Mapping[str, int], today: date, pick: random.Random
) -> list[Any]:
    if field.type is FieldType.RELATION:
        return _related(field, count, targets.get(field.target or "", 0), entity.key, pick)
    if field.type in {FieldType.STRING, FieldType.TEXT}:
        return _texts(entity, field, count)
    return [_value(entity, field, at, count, today, pick) for at in range(count)]


def _value(entity: EntitySketch, field: FieldSketch, at: int, count: int, today: date, pick: random.Random) -> Any:
    match field.type:
        case FieldType.CHOICE:
            return field.choices[(at * 7 // 3) % len(field.choices)][0]
        case FieldType.BOOLEAN:
            return pick.random() < 0.4
        case FieldType.INTEGER | FieldType.RATING | FieldType.DECIMAL | FieldType.MONEY:
            return _number(entity, field, pick)
        case FieldType.DATE:
            return _day(entity, field, at, count, today, pick).isoformat()
        case FieldType.DATETIME:
            return datetime.combine(_day(entity, field, at, count, today, pick), _hour(pick)).isoformat()
        case FieldType.TIME:
            return _hour(pick).strftime("%H:%M")
        case FieldType.EMAIL:
            return _address(_person(at, entity.language))
        case FieldType.PHONE:
            return f"+1 555 01{(at * 37 + 12) % 100:02d} {(at * 731 + 204) % 1000:03d}"
        case FieldType.URL:
            return "https://example.com/" + _vocabulary()["slugs"][at % len(_vocabulary()["slugs"])]
        case FieldType.COLOR:
            return _vocabulary()["colors"][at % len(_vocabulary()["colors"])]
        case _:
            return None


def _number(entity: EntitySketch, field: FieldSketch, pick: random.Random) -> float | int:
    low, high = _span(entity, field)
    value: float = low + (high - low) * pick.random() ** 1.4
    if field.type is FieldType.MONEY:
        return _price(value, low, high, pick)
    return round(value, 1) if field.type is FieldType.DECIMAL else round(value)


def _price(value: float, low: float, high: float, pick: random.Random) -> float:
    """As prices are written: round ones, and some that end in 50 or 90 cents."""
    if value >= 1000:
        value = round(value, -3 if value > 50_000 else -1)
    elif value >= 100:
        value = round(value / 5) * 5
    else:
        value = int(value) + pick.choice([0, 0, 0.5, 0.9])
    return float(min(max(value, low), high))


def _span(entity: EntitySketch, field: FieldSketch) -> tuple[float, float]:
    spans: dict[str, tuple[float, float]] = _vocabulary()["spans"]
    names = (f"{field.key} {field.unit}", field.key, *reversed(field.key.split()))
    known = next((spans[name] for name in names if name in spans), None)
    if (
        known is None
        and field.type is FieldType.MONEY
        and field.key.split()[-1] in {"price", "cost", "amount", "total"}
    ):
        known = _vocabulary()["prices"].get(lexicon().icon(entity.key))
    fallback = {FieldType.MONEY: (4.0, 180.0), FieldType.RATING: (1.0, 5.0), FieldType.DECIMAL: (0.5, 60.0)}
    low, high = known or fallback.get(field.type, (1.0, 24.0))
    low = max(low, field.min) if field.min is not None else low
    high = min(high, field.max) if field.max is not None else high
    if field.type is FieldType.RATING and field.max:
        low = field.max * 0.4
    return (low, high) if low <= high else (field.min or 0, field.max or (field.min or 0) + 10)


def _day(entity: EntitySketch, field: FieldSketch, at: int, count: int, today: date, pick: random.Random) -> date:
    """Birthdays lie far back, deadlines around today, most other days behind."""
    words = set(field.key.split())
    if words & {"birthday", "birth", "birthdate"}:
        oldest = (0, 11) if lexicon().icon(entity.key) == "paw-print" else (19, 70)
        return today - timedelta(days=365 * pick.randint(*oldest) + pick.randint(0, 364))
    if words & AHEAD:
        return today + timedelta(days=round((at - count / 3) * 4 + pick.randint(0, 3)))
    return today - timedelta(days=at * 9 + pick.randint(0, 6))


def _hour(pick: random.Random) -> time:
    return time(pick.randint(8, 19), pick.choice([0, 15, 30, 45]))


def _related(field: FieldSketch, count: int, rows: int, own: str, pick: random.Random) -> list[Any]:
    if not rows or field.target == own:
        return [[] if field.many else None for _ in range(count)]
    if field.many:
        return [sorted(pick.sample(range(1, rows + 1), min(rows, 1 + at % 3))) for at in range(count)]
    return [at * 5 % rows + 1 for at in range(count)]


def _texts(entity: EntitySketch, field: FieldSketch, count: int) -> list[Any]:
    key, last = field.key, field.key.split()[-1]
    words = _vocabulary(entity.language)
    thing = key.split()[-2] if " " in key and last.endswith("ed") else last  # "songs played" are songs
    names = (f"{entity.key} {key}", f"{lexicon().icon(entity.key)} {key}", key, last, thing)
    if field.type is FieldType.TEXT:
        pool = next((words["texts"][name] for name in names if name in words["texts"]), words["texts"]["note"])
    elif key == "number":
        start = 101 if lexicon().icon(entity.key) == "house" else 1041
        return [str(start + at) for at in range(count)]
    elif any(name in words["strings"] for name in names):
        pool = next(words["strings"][name] for name in names if name in words["strings"])
    elif last in words["people"] or last == "by" or "person" in field.synonyms:
        return [_person(at + len(key), entity.language) for at in range(count)]
    elif last in {"name", "title", "subject", "label", "question"} or field is entity.fields[0]:
        return _names(entity, count)
    elif key.startswith("where "):
        pool = words["strings"]["place"]
    else:
        pool = words["strings"]["phrase" if " " in key else "word"]
    offset = zlib.crc32(key.encode()) % len(pool)
    return [pool[(offset + at * (5 if len(pool) % 5 else 3)) % len(pool)] for at in range(count)]


def _names(entity: EntitySketch, count: int) -> list[str]:
    """People for members and clients, companies for suppliers, else "Oak table", "Harbour tour"."""
    called = lemmas(entity.label) if entity.renamed else entity.key
    icon = lexicon().icon(called)
    words = _vocabulary(entity.language)
    own = next((word for word in reversed(called.split()) if word in words["things"]), None)
    if icon == "user" and own is None:
        return [_person(at, entity.language) for at in range(count)]
    things = words["things"].get(own or icon)
    if things:
        return [
            things[at % len(things)] if at < len(things) else f"{things[at % len(things)]} {at // len(things) + 1}"
            for at in range(count)
        ]
    return [_named(words, entity.label, words["qualities"][at % len(words["qualities"])]) for at in range(count)]


def _named(words: dict[str, Any], label: str, quality: str) -> str:
    """As the language joins the two: "Old table", "Mesa del puerto"."""
    pattern: str = words["naming"]
    return pattern.format(noun=label if pattern.startswith("{noun}") else label.lower(), quality=quality)


def _person(at: int, language: str) -> str:
    words = _vocabulary(language)
    first, last = words["first_names"][at % len(words["first_names"])], words["last_names"]
    return (
        f"{last[(at * 7 + 3) % len(last)]}{first}" if language == "zh" else f"{first} {last[(at * 7 + 3) % len(last)]}"
    )


def _address(name: str) -> str:
    words = ["".join(letter for letter in word if letter.isalnum()) for word in _ascii(name).split()]
    return ".".join(word for word in words if word) + "@example.com"


def _ascii(text: str) -> str:
    return normal(text).replace("'", "")
