"""The rows an app starts with: those a model wrote as a table, else those of the draft where they still fit."""

from collections.abc import Mapping
from typing import Any

from builder.spec import AppSpec, Entity

MAX_ROWS = 60
MAX_CELL = 2000
Raw = dict[str, Any]


def seed_rows(entity: Entity, given: Mapping[str, Any], base: AppSpec) -> tuple[Raw, ...]:
    """The rows that were written, else those of the draft; none beside a data set."""
    if entity.dataset:
        return ()
    table = given.get(entity.name)
    if isinstance(table, dict):
        return tuple(_table(table, entity))
    old = next((e for e in base.entities if e.name == entity.name), None)
    if old is None:
        return ()
    names = {field.name for field in entity.stored_fields}
    rows = [{k: _titled(v, k, old, given, base) for k, v in row.items() if k in names} for row in old.seed]
    return tuple(row for row in rows if entity.title.name in row)


def _table(table: Raw, entity: Entity) -> list[Raw]:
    names, values = table.get("fields"), table.get("values")
    known = {field.name for field in entity.stored_fields}
    if not isinstance(names, list) or not isinstance(values, list):
        return []
    rows = [zip(names, row, strict=False) for row in values[:MAX_ROWS] if isinstance(row, list)]
    return [{k: _cell(v) for k, v in row if isinstance(k, str) and k in known and _cell(v) is not None} for row in rows]


def _cell(value: Any) -> Any:
    match value:
        case str():
            return value[:MAX_CELL]
        case bool() | int() | float():
            return value
        case list():
            return [str(item)[:MAX_CELL] for item in value[:50]]
        case _:
            return None


def _titled(value: Any, name: str, old: Entity, given: Mapping[str, Any], base: AppSpec) -> Any:
    """A position in rows that were since replaced is told by the title it meant."""
    target = next((f.target for f in old.fields if f.name == name), None)
    if target is None or not isinstance(given.get(target), dict):
        return value
    if isinstance(value, list | tuple):
        return [_titled(one, name, old, given, base) for one in value]
    other = base.entity(target)
    if isinstance(value, int) and 1 <= value <= len(other.seed):
        return other.seed[value - 1].get(other.title.name)
    return value
