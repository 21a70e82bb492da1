"""Every change of a row: who made it, when, why, and what was there before and after. Kept with the change itself."""

import copy
import dataclasses
import datetime as dt
import decimal
import json
import typing
from collections.abc import Callable, Sequence

import pydantic
import sqlalchemy as sa
from sqlalchemy import event, orm

from backend import database, schema, signatures
from backend.database import Base

MOST = 200
LONGEST = 20_000

Values = dict[str, typing.Any]
Patch = typing.TypeVar("Patch", bound=schema.In)


@dataclasses.dataclass(frozen=True)
class Kept:
    """Where the changes of a table are kept, of which fields, and what else is written with each change."""

    table: sa.Table
    fields: Sequence[str]
    log: Callable[[orm.Session, Base, Values], None] | None


class Change(pydantic.BaseModel):
    field: str
    before: typing.Any
    after: typing.Any


class Entry(pydantic.BaseModel):
    """One change. The first entry of a row tells that it was made, and holds no changes."""

    id: int
    who: str
    at: dt.datetime
    summary: str
    changes: list[Change]


_kept: dict[type[Base], Kept] = {}


def keep(
    model: type[Base], fields: Sequence[str], log: Callable[[orm.Session, Base, Values], None] | None = None
) -> sa.Table:
    """Keep the changes of these fields from now on. `log` is told of every change, too."""
    name = model.__tablename__
    table = sa.Table(
        f"{name}_history",
        Base.metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("row_id", sa.ForeignKey(f"{name}.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
    )
    _kept[model] = Kept(table, fields, log)
    return table


def of(session: orm.Session, table: sa.Table, row_id: int) -> list[Entry]:
    """What happened to a row, the last change first."""
    found = sa.select(table).where(table.c.row_id == row_id).order_by(table.c.id.desc()).limit(MOST)
    return [
        Entry(
            id=entry.id,
            who=entry.who,
            at=entry.at.replace(tzinfo=dt.UTC),
            summary=entry.summary,
            changes=[Change(field=name, **values) for name, values in json.loads(entry.changes).items()],
        )
        for entry in session.execute(found)
    ]


def asking(patch: type[Patch], name: str) -> type[Patch]:
    """The body of a change that has to say why."""
    reason = typing.Annotated[str, pydantic.Field(max_length=500)]
    return pydantic.create_model(patch.__name__, __base__=patch, **{name: (reason, ...)})


def take_reason(session: orm.Session, body: Patch, name: str) -> Patch:
    """The body without the reason, which is kept with the change."""
    session.info["reason"] = getattr(body, name)
    rest = copy.copy(body)
    rest.__pydantic_fields_set__ = body.model_fields_set - {name}
    return rest


@event.listens_for(orm.Session, "after_flush")
def _write_down(session: orm.Session, _context: object) -> None:
    for row in (*session.new, *session.dirty):
        kept = _kept.get(type(row))
        is_new = row in session.new
        changes = _changes(session, row, kept.fields) if kept else {}
        if kept and (changes or is_new):
            reason = session.info.pop("reason", "")
            values = {
                "row_id": row.id,
                "who": signatures.name(session),
                "at": dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0),
                "summary": reason,
                "changes": json.dumps({} if is_new else changes, ensure_ascii=False),
            }
            session.execute(sa.insert(kept.table).values(values))
            if kept.log and not is_new:
                kept.log(session, row, values)


def _changes(session: orm.Session, row: Base, fields: Sequence[str]) -> Values:
    """What is another now, by field: the value before and after as people read it."""
    found: Values = {}
    mapped = sa.inspect(type(row))
    for name in fields:
        relation = mapped.relationships.get(name)
        if relation is None or relation.uselist:
            key, read = name, _labels if relation is not None else _plain
        else:
            (column,) = relation.local_columns
            key, read = mapped.get_property_by_column(column).key, _named(session, relation.mapper.class_)
        history = sa.inspect(row).attrs[key].history
        if history.has_changes():
            kept = list(history.unchanged or ())
            before, after = read([*kept, *(history.deleted or ())]), read([*kept, *(history.added or ())])
            if before != after:
                found[name] = {"before": before, "after": after}
    return found


def _plain(values: list[typing.Any]) -> typing.Any:
    value = values[0] if values else None
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value[:LONGEST] if isinstance(value, str) else value


def _labels(rows: list[Base]) -> list[str]:
    return sorted(database.label(row) for row in rows)


def _named(session: orm.Session, model: type[Base]) -> Callable[[list[int | None]], str | None]:
    def name(ids: list[int | None]) -> str | None:
        row = session.get(model, ids[0]) if ids and ids[0] is not None else None
        return database.label(row) if row else None

    return name
