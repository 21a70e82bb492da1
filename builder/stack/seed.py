"""The rows an app starts with, as JSON files beside its migrations, with the licence of the data they came from.

A row of the AppSpec or of a data set may name related rows by title, and may lack or misspell a value: here it is
made to fit, so that a new database can always be filled. The position of a row in its file is its id.
"""

import datetime as dt
import importlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from builder.names import identifier
from builder.stack.columns import LENGTHS
from builder.stack.templates import as_json
from builder.stack.views import EntityView, FieldView, SpecView

FOLDER = "backend/seed"
LARGEST = 2**53 - 1
Rows = list[dict[str, Any]]
Ids = dict[str, dict[str, int]]
Fit = Callable[[FieldView, Any], Any]


def seed_files(view: SpecView) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    written = {entity.name: written_rows(entity) for entity in view.entities}
    ids = {entity.name: _ids_by_title(entity, written[entity.name]) for entity in view.entities}
    for entity in view.entities:
        rows = [_fitted(entity, row, ids) for row in written[entity.name]]
        if entity.is_people:
            _give_roles(entity, rows)
        elif view.people and entity.access and entity.access.owner:
            _give_owners(entity, rows, len(written[view.people.entity]))
        if rows:
            lines = ",\n  ".join(as_json(row) for row in _unrepeated(entity, rows))
            files[f"{FOLDER}/{entity.table}.json"] = f"[\n  {lines}\n]\n".encode()
    return files | dict(_licences(view))


def written_rows(entity: EntityView) -> Rows:
    """The rows as they were written: those of the data set, then those that the AppSpec spells out."""
    rows: Rows = []
    if entity.spec.dataset:
        rows += importlib.import_module("builder.datasets").load(entity.spec.dataset)
    return [*rows, *entity.spec.seed]


def _ids_by_title(entity: EntityView, rows: Rows) -> dict[str, int]:
    """The ids of the rows, by position and by title; the first of two rows with one title has it."""
    ids: dict[str, int] = {}
    for position, row in enumerate(rows, 1):
        ids[str(position)] = position
        ids.setdefault(_key(row.get(entity.title.name)), position)
    return ids


def _key(title: object) -> str:
    return " ".join(str(title).split()).casefold()


def _fitted(entity: EntityView, row: dict[str, Any], ids: Ids) -> dict[str, Any]:
    fitted: dict[str, Any] = {}
    for field in [*entity.stored_fields, *entity.kept_back]:
        value = _fit(field, row.get(field.name), ids)
        if field.is_login:
            value = str(value or login_for(field, row)).lower()
        if value is None and field.required:
            value = _stand_in(field, ids)
        if value is not None and value != []:
            fitted[field.name] = value
    return fitted


def login_for(field: FieldView, row: dict[str, Any]) -> str:
    """Somebody's login after their name: mira.berg@example.org."""
    name = identifier(str(row.get(field.entity.title.name) or "somebody"), ()).replace("_", ".")
    return f"{name}@example.org" if field.type == "email" else name


def _give_owners(entity: EntityView, rows: Rows, people: int) -> None:
    """Rows of which nothing is said are spread over the people. What is kept to its owner is the first one's for the
    most part, or all of it where it belongs together with other such things: a demo account has something to see.
    """
    access = entity.access
    assert access is not None
    owner = str(access.owner)
    written = [_is_said(owner, row) for row in written_rows(entity)]
    private = access.read == "own"
    order: Sequence[int] = range(1, people + 1)
    if private and entity.app.people and not entity.app.people.role:
        order = range(1, 2) if _is_linked(entity) else [1, 1, 2, 1, 3][: max(1, 2 * people - 1)]
    for position, (row, said) in enumerate(zip(rows, written, strict=True)):
        if not said and people:
            row[owner] = order[position % len(order)]


def _is_said(name: str, row: dict[str, Any]) -> bool:
    return row.get(name) not in (None, "")


def _is_linked(entity: EntityView) -> bool:
    """Whether it points at things that are kept to their owners, too, or they point at it."""
    ends = [f.target for f in entity.relations] + [f.entity for f in entity.reverse_relations]
    others = [e for e in ends if e is not None and e.name != entity.name and not e.is_people]
    return any(e.access is not None and e.access.read == "own" for e in others)


def _give_roles(entity: EntityView, rows: Rows) -> None:
    """One of them is an admin, and those of whom nothing is said are not."""
    people = entity.app.people
    role = next((f for f in entity.fields if f.is_role), None)
    if people is None or role is None:
        return
    admin = True if role.type == "boolean" else people.admin
    others = [False] if role.type == "boolean" else [c.value for c in role.choices if c.value != admin]
    written = [_fit(role, row.get(role.name), {}) for row in written_rows(entity)]
    for row, said in zip(rows, written, strict=True):
        row[role.name] = others[0] if said is None else said
    if rows and all(row[role.name] != admin for row in rows):
        rows[0][role.name] = admin


def _fit(field: FieldView, value: Any, ids: Ids) -> Any:
    """The value as the app's own validation takes it, or None."""
    if value is None or value == "":
        return None
    if field.is_relation:
        known = ids[str(field.spec.target)]
        wanted = value if isinstance(value, list | tuple) else [value]
        found = [known[_key(v)] for v in wanted if _key(v) in known]
        return list(dict.fromkeys(found)) if field.many else next(iter(found), None)
    try:
        fit: Fit = FITS.get(field.type, _text)
        return fit(field, value)
    except (ValueError, TypeError, ArithmeticError):
        return None


def _text(field: FieldView, value: Any) -> str | None:
    text = "".join(c for c in str(value).strip() if c != "\0" and not "\ud800" <= c <= "\udfff")
    longest = LENGTHS.get(field.type, 500)
    if field.type in LENGTHS and field.max is not None and field.max >= 1:
        longest = min(longest, int(field.max))
    return text[:longest].strip() or None


def _matching(pattern: str) -> Fit:
    def fit(_field: FieldView, value: Any) -> str | None:
        text = str(value).strip()
        return text if re.fullmatch(pattern, text) else None

    return fit


def _number(field: FieldView, value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a number")
    low, high = field.min, field.max
    if field.type == "rating":
        low, high = 1 if low is None else low, 5 if high is None else high
    return min(max(number, -LARGEST if low is None else low), LARGEST if high is None else high)


def _whole(field: FieldView, value: Any) -> int:
    if isinstance(value, int) and abs(value) <= LARGEST:
        return int(_number(field, value))
    return round(_number(field, value))


def _decimal(field: FieldView, value: Any) -> float | int:
    number = min(max(_number(field, value), -1e15), 1e15)
    return int(number) if number.is_integer() else number


def _money(field: FieldView, value: Any) -> float:
    _number(field, value)
    return float(min(Decimal(str(_number(field, value))).quantize(Decimal("0.01")), Decimal(99_999_999_999)))


def _boolean(_field: FieldView, value: Any) -> bool:
    return value.strip().lower() in {"true", "yes", "1"} if isinstance(value, str) else bool(value)


def _choice(field: FieldView, value: Any) -> str | None:
    """One of the values; people write the label as well."""
    return next((c.value for c in field.choices if _key(value) in (c.value, _key(c.label))), None)


def _date(_field: FieldView, value: Any) -> str:
    return dt.date.fromisoformat(str(value)[:10]).isoformat()


def _datetime(_field: FieldView, value: Any) -> str:
    moment = dt.datetime.fromisoformat(str(value))
    return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).replace(tzinfo=None).isoformat()


def _time(_field: FieldView, value: Any) -> str:
    return dt.time.fromisoformat(str(value)).strftime("%H:%M:%S")


FITS: dict[str, Fit] = {
    "integer": _whole,
    "rating": _whole,
    "decimal": _decimal,
    "money": _money,
    "boolean": _boolean,
    "choice": _choice,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "color": _matching(r"#[0-9a-fA-F]{6}"),
    "email": _matching(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
    "url": _matching(r"https?://[^\s\"<>/?#]+[^\s\"<>]{0,1000}"),
    "image": _matching(r"https?://[^\s\"<>]{1,1000}|/(?!/)[^\s\"<>]*"),
    "file": _matching(r"https?://[^\s\"<>]{1,1000}|/(?!/)[^\s\"<>]*"),
    "phone": _matching(r"\+?[\d ()./-]{3,39}"),
}


def _stand_in(field: FieldView, ids: Ids) -> Any:
    """A value for a required field that a row lacks: refusing the whole app for it would help nobody."""
    if field.is_relation:
        first = 1 if ids[str(field.spec.target)] else None
        return [first] if field.many and first else first
    if field.is_number:
        return _whole(field, 0)
    stand_ins = {
        "boolean": False,
        "choice": field.choices[0].value if field.choices else None,
        "date": "2025-01-01",
        "datetime": "2025-01-01T09:00:00",
        "time": "09:00:00",
        "email": "someone@example.org",
        "url": "https://example.org",
        "image": "/favicon.svg",
        "file": "/favicon.svg",
        "phone": "000 000",
        "color": "#808080",
    }
    return stand_ins.get(field.type, "–")


def _unrepeated(entity: EntityView, rows: Rows) -> Rows:
    """The rows with every unique value once: a repeated one becomes another, or is left out."""
    for field in entity.stored_fields:
        if not field.unique or field.many:
            continue
        taken: set[Any] = set()
        for position, row in enumerate(rows, 1):
            value = row.get(field.name)
            if value in taken:
                row[field.name] = value = _another(field, value, position, taken)
            if value is not None:
                taken.add(value)
    return rows


def _another(field: FieldView, value: Any, position: int, taken: set[Any]) -> Any:
    if field.type in LENGTHS:
        return f"{value[:400]} {position}"
    if field.is_number:
        return max(taken) + 1
    if field.type == "email":
        return f"{position}.{value}"
    if field.type == "url":
        return f"{value}#{position}"
    if field.type == "date":
        return (dt.date.fromisoformat(value) + dt.timedelta(days=position)).isoformat()
    return None


def _licences(view: SpecView) -> Iterator[tuple[str, bytes]]:
    for entity in view.entities:
        if entity.spec.dataset:
            name, licence = importlib.import_module("builder.datasets").licence(entity.spec.dataset)
            yield f"LICENSES/{name}", licence
