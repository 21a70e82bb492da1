"""A third way to work formulas out, in plain Python, which the others must agree with; formulas by chance."""

import datetime as dt
import math
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from builder.formula import Formula
from builder.formula.syntax import Call, Field, Flag, Gathered, Node, Number, Related, Text, Today

Row = dict[str, Any]
TODAY = dt.date(2025, 6, 15)

PERSON = {
    "name": "person",
    "plural": "people",
    "label": "Person",
    "label_plural": "People",
    "fields": [
        {"name": "name", "type": "string", "label": "Name"},
        {"name": "born", "type": "date", "label": "Born"},
        {"name": "rate", "type": "money", "label": "Rate"},
    ],
}
PART = {
    "name": "part",
    "plural": "parts",
    "label": "Part",
    "label_plural": "Parts",
    "fields": [
        {"name": "thing", "type": "relation", "label": "Thing", "target": "thing"},
        {"name": "amount", "type": "integer", "label": "Amount"},
        {"name": "cost", "type": "money", "label": "Cost"},
        {"name": "ok", "type": "boolean", "label": "OK"},
        {"name": "day", "type": "date", "label": "Day"},
        {"name": "total", "type": "computed", "label": "Total", "formula": "amount * cost"},
    ],
}
STORED = {
    "a": "integer",
    "b": "integer",
    "c": "decimal",
    "m": "money",
    "done": "boolean",
    "name": "string",
    "start": "date",
    "made": "datetime",
    "opens": "time",
}
GATHERED = [
    "count(part)",
    "sum(part.amount)",
    "avg(part.cost)",
    "sum(part.total)",
    "latest(part.amount)",
    "person.rate",
]


def app(formulas: list[str], seed: int) -> dict[str, Any]:
    """An app with a computed field for each formula, and rows by chance, with gaps."""
    chance = random.Random(seed)
    stored = [{"name": name, "type": kind, "label": name} for name, kind in STORED.items()]
    stored.append({"name": "person", "type": "relation", "label": "Person", "target": "person"})
    computed = [{"name": f"f{n}", "type": "computed", "label": f"F{n}", "formula": f} for n, f in enumerate(formulas)]
    thing = {"name": "thing", "plural": "things", "label": "Thing", "label_plural": "Things"}
    entities = [PERSON, thing | {"fields": [*stored, *computed]}, PART]
    return {
        "name": "Sums",
        "entities": [{**e, "seed": [_row(e, chance) for _ in range(12)]} for e in entities],  # type: ignore[dict-item]
        "features": [{"name": n} for n in ("create", "edit", "filter", "sort", "export", "stats", "detail")],
    }


def _row(entity: dict[str, Any], chance: random.Random) -> Row:
    row = {f["name"]: _value(f["type"], chance) for f in entity["fields"] if f["type"] != "computed"}
    return {k: v for k, v in row.items() if k in ("done", "ok") or chance.random() < 0.85}


def _value(kind: str, chance: random.Random) -> Any:
    return {
        "integer": lambda: chance.choice([-3, 0, 1, 2, 7, 100]),
        "decimal": lambda: chance.choice([-1.5, 0.0, 0.1, 2.675, 1e6, 3.0]),
        "money": lambda: chance.choice([0.0, 0.05, 19.99, 1000.0]),
        "boolean": lambda: chance.random() < 0.5,
        "string": lambda: chance.choice(["Ann", "bob", "Émile", "ANN"]),
        "date": lambda: str(TODAY + dt.timedelta(days=chance.choice([-9000, -366, -31, -1, 0, 1, 30, 400]))),
        "datetime": lambda: str(dt.datetime(2025, 6, 1, 22, 30) + dt.timedelta(hours=chance.randint(-900, 900))),
        "time": lambda: chance.choice(["00:00:00", "09:30:00", "23:59:00"]),
        "relation": lambda: chance.randint(1, 12),
    }[kind]()


def made_up(chance: random.Random, kind: str = "any", depth: int = 3, own: bool = False) -> str:
    """A formula of the kind, only over the row's `own` fields if that is said."""
    if kind == "any":
        kind = chance.choice(["number"] * 4 + ["text", "flag", "flag", "date"])

    def some(of: str) -> str:
        return made_up(chance, of, depth - 1, own)

    leaves = {
        "number": ["a", "b", "c", "m", "2", "0.5", *([] if own else GATHERED)],
        "text": ["name", '"x"', "lower(name)"],
        "flag": ["done", "true"],
        "date": ["start", "today"],
        "datetime": ["made"],
        "time": ["opens"],
    }
    if depth <= 0 or (kind in ("datetime", "time")):
        return chance.choice(leaves[kind])
    any_kind = chance.choice(["number", "text", "date", "datetime", "time"])
    moment = chance.choice(["date", "datetime"])
    sign = chance.choice(["<", "<=", ">", ">=", "=", "!="] if any_kind != "text" else ["=", "!="])
    forms = {
        "number": [
            lambda: f"({some('number')}) {chance.choice('+-*/')} ({some('number')})",
            lambda: f"{some('number')} {chance.choice('+-')} {chance.choice(leaves['number'])}",
            lambda: f"-{chance.choice(leaves['number'])}",
            lambda: f"{chance.choice(['min', 'max'])}({some('number')}, {some('number')}, {some('number')})",
            lambda: f"round({some('number')}, {chance.randint(0, 4)})",
            lambda: f"{chance.choice(['days_since', 'days_until', 'age'])}({some(moment)})",
            lambda: f"({some('date')}) - ({some(moment)})",
            lambda: f"{some('time')} - {some('time')}",
            lambda: f"if({some('flag')}, {some('number')}, {some('number')})",
        ],
        "text": [
            lambda: f"if({some('flag')}, {some('text')}, {some('text')})",
            lambda: f"{some('text')} + {some('text')}",
        ],
        "flag": [
            lambda: f"({some(any_kind)}) {sign} ({some(any_kind)})",
            lambda: f"({some('flag')}) {chance.choice(['and', 'or'])} ({some('flag')})",
            lambda: f"not ({some('flag')})",
            lambda: f"({some('date')}) {chance.choice(['<', '>=', '='])} ({some('datetime')})",
        ],
        "date": [
            lambda: f"({some('date')}) + ({chance.choice(['a', 'b', '7', '-2', 'c'])})",
            lambda: f"{some('date')} - 30",
            lambda: f"if({some('flag')}, {some('date')}, {some('date')})",
            lambda: f"max({some('date')}, {some('date')})",
        ],
    }
    return chance.choice([*forms[kind], lambda: chance.choice(leaves[kind])])()


class World:
    """All rows, as the AppSpec gives them, and what formulas make of them."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = {e["name"]: e for e in spec["entities"]}

    def rows(self, entity: str) -> list[Row]:
        return list(self.spec[entity]["seed"])

    def value(self, entity: str, row: Row | None, name: str) -> Any:
        if row is None:
            return None
        field = next(f for f in self.spec[entity]["fields"] if f["name"] == name)
        if field["type"] == "computed":
            found = self.work_out(entity, row, Formula.parse(field["formula"]).tree)
            return round_half_up(found, 6) if is_number(found) else found
        found = row.get(name)
        if found is None or field["type"] in ("string", "boolean", "integer", "relation"):
            return found
        read = {"date": dt.date.fromisoformat, "datetime": dt.datetime.fromisoformat, "time": dt.time.fromisoformat}
        return read.get(field["type"], float)(found)

    def work_out(self, entity: str, row: Row, node: Node) -> Any:
        match node:
            case Number(value=value) | Text(value=value) | Flag(value=value):
                return value
            case Today():
                return TODAY
            case Field(name=name):
                return self.value(entity, row, name)
            case Related(relation=relation, field=name):
                at = row.get(relation)
                return self.value("person", self.rows("person")[at - 1] if at else None, name)
            case Gathered():
                return self._gathered(row, node)
            case Call(function=function, arguments=arguments):
                return call(function, [self.work_out(entity, row, a) for a in arguments])

    def _gathered(self, row: Row, node: Gathered) -> Any:
        id = next(n for n, other in enumerate(self.rows("thing"), 1) if other is row)
        rows = [r for r in self.rows("part") if r.get("thing") == id]
        if node.field is None:
            return len(rows)
        if node.function == "latest":
            rows = sorted(enumerate(rows), key=lambda r: (r[1].get("day") or "", r[0]))
            known = [v for _, r in rows if (v := self.value("part", r, node.field)) is not None]
            return known[-1] if known else None
        values = [v for r in rows if (v := self.value("part", r, node.field)) is not None]
        return sum(values) if node.function == "sum" else sum(values) / len(values) if values else None


def call(function: str, values: list[Any]) -> Any:
    if function in ("and", "or"):
        decisive = function == "or"
        return decisive if decisive in values else None if None in values else not decisive
    if function == "if":
        return None if values[0] is None else values[1] if values[0] else values[2]
    if None in values:
        return None
    first, second = values[0], values[1] if len(values) > 1 else None
    if function in ("=", "!=", "<", "<=", ">", ">="):
        return compared(function, *alike(first, second))
    if function in ("min", "max"):
        return (min if function == "min" else max)(values)
    if function in ("+", "-") and isinstance(first, dt.date) and is_number(second):
        return later(first, second if function == "+" else -second)
    if function == "-" and isinstance(first, dt.date | dt.time):
        return days(first) - days(second)
    return {
        "+": lambda: first + second,
        "-": lambda: first - second,
        "*": lambda: first * second,
        "/": lambda: first / second if second else None,
        "neg": lambda: -first,
        "not": lambda: not first,
        "round": lambda: round_half_up(first, int(second or 0)),
        "lower": lambda: first.lower(),
        "days_since": lambda: (TODAY - day(first)).days,
        "days_until": lambda: (day(first) - TODAY).days,
        "age": lambda: math.trunc((calendar(TODAY) - calendar(first)) / 10_000),
    }[function]()


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def alike(a: Any, b: Any) -> tuple[Any, Any]:
    return (day(a), day(b)) if isinstance(a, dt.date) and type(a) is not type(b) else (a, b)


def compared(sign: str, a: Any, b: Any) -> bool:
    return {"=": a == b, "!=": a != b}[sign] if sign in ("=", "!=") else {
        "<": lambda: a < b, "<=": lambda: a <= b, ">": lambda: a > b, ">=": lambda: a >= b}[sign]()  # fmt: skip


def day(moment: dt.date) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def days(moment: dt.date | dt.time) -> float:
    if isinstance(moment, dt.time):
        moment = dt.datetime.combine(dt.date(2000, 1, 1), moment)
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    return (moment - dt.datetime(2000, 1, 1)) / dt.timedelta(days=1)


def later(moment: dt.date, count: float) -> dt.date | None:
    try:
        start = moment if isinstance(moment, dt.datetime) else dt.datetime.combine(moment, dt.time())
        found = start + dt.timedelta(days=count)
    except OverflowError:
        return None
    return found if isinstance(moment, dt.datetime) else found.date()


def calendar(moment: dt.date) -> int:
    return moment.year * 10_000 + moment.month * 100 + moment.day


def round_half_up(value: float, places: int) -> float:
    if abs(value) >= 1e15:
        return value
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
