"""What a list can be filtered by: the values of a column and how often each occurs, or its smallest and largest."""

import datetime as dt
import typing
from collections.abc import Sequence

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm

from backend.database import label
from backend.listing import Choice, Column, Flag, Listing, Range, Relation, Relations
from backend.schema import Amount

MOST = 200


class Value(pydantic.BaseModel):
    value: bool | int | str
    label: str
    count: int
    color: str | None = None


class Limits(pydantic.BaseModel):
    min: int | float | Amount | dt.datetime | dt.date | dt.time | None
    max: int | float | Amount | dt.datetime | dt.date | dt.time | None


Facets = dict[str, list[Value] | Limits]


def find(session: orm.Session, listing: Listing, names: Sequence[str]) -> Facets:
    return {name: _facet(session, listing.columns[name]) for name in names}


def _facet(session: orm.Session, column: Column) -> list[Value] | Limits:
    if isinstance(column, Range):
        query = sa.select(sa.func.min(column.attribute), sa.func.max(column.attribute))
        low, high = session.execute(query).one()
        return Limits.model_construct(min=low, max=high)
    if isinstance(column, Relation):
        return _rows(session, column, _counted(session, column.key))
    if isinstance(column, Relations):
        return _rows(session, column, _counted(session, column.attribute.property.secondary.c.target_id))
    counts = _counted(session, column.attribute)
    if isinstance(column, Choice):
        return [Value(value=value, label=name, count=counts.get(value, 0)) for value, name in column.labels.items()]
    if isinstance(column, Flag):
        flags = (True, False)
        return [Value(value=f, label=column.labels[str(f).lower()], count=counts.get(f, 0)) for f in flags]
    return [Value(value=value, label=value, count=count) for value, count in sorted(counts.items())]


def _counted(session: orm.Session, key: typing.Any) -> dict[typing.Any, int]:
    """How often each value occurs; of very many only the most frequent."""
    count = sa.func.count()
    query = sa.select(key, count).where(key.is_not(None)).group_by(key).order_by(count.desc(), key).limit(MOST)
    return {value: number for value, number in session.execute(query)}


def _rows(session: orm.Session, column: Relation | Relations, counts: dict[int, int]) -> list[Value]:
    model = column.target
    found = []
    for row in session.scalars(sa.select(model).where(model.id.in_(counts))):
        color = getattr(row, row.COLOR) if row.COLOR else None
        found.append(Value(value=row.id, label=label(row), count=counts[row.id], color=color))
    return sorted(found, key=lambda value: value.label.lower())
