"""The rows that a new database starts with, from `backend/seed/*.json`. The first row of a file gets the id 1."""

import json
import typing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import orm

from backend import entities
from backend.database import Base
from backend.schema import In

FOLDER = Path(__file__).parent / "seed"

Rows = list[dict[str, typing.Any]]


def fill(connection: sa.Connection) -> None:
    contents = {model: _read(model, schema) for model, schema in entities.MODELS}
    for model, rows in contents.items():
        relations = set(sa.inspect(model).relationships.keys())
        _insert(connection, model.__table__, [{k: v for k, v in row.items() if k not in relations} for row in rows])
    for model, rows in contents.items():  # when all rows are there, those that point at each other can
        for relation in sa.inspect(model).relationships:
            _link(connection, relation, [row for row in rows if row[relation.key]])
    if connection.dialect.name == "postgresql":
        for model in contents:
            _continue_ids(connection, model)


def _read(model: type[Base], schema: type[In]) -> Rows:
    path = FOLDER / f"{model.__tablename__}.json"
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [{"id": id} | schema.model_validate(row).model_dump() for id, row in enumerate(rows, start=1)]


def _insert(connection: sa.Connection, table: sa.FromClause, rows: Rows) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


def _link(connection: sa.Connection, relation: orm.RelationshipProperty, rows: Rows) -> None:
    if relation.secondary is not None:
        links = [{"source_id": r["id"], "target_id": target} for r in rows for target in dict.fromkeys(r[relation.key])]
        _insert(connection, relation.secondary, links)
    elif rows:
        (column,) = relation.local_columns
        update = sa.update(column.table).where(column.table.c.id == sa.bindparam("row_id"))
        values = [{"row_id": row["id"], "chosen_id": row[relation.key]} for row in rows]
        connection.execute(update.values({column.name: sa.bindparam("chosen_id")}), values)


def _continue_ids(connection: sa.Connection, model: type[Base]) -> None:
    """PostgreSQL counts ids itself, and doesn't notice those that were given."""
    sequence = sa.func.pg_get_serial_sequence(f'"{model.__tablename__}"', "id")
    connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(sa.func.max(model.id), 0) + 1, False)))
