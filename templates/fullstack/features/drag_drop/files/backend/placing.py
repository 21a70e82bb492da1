"""The order that people make by hand: a whole number in every row, counted anew when one of them moves."""

import typing

import sqlalchemy as sa
from sqlalchemy import orm

from backend import errors, schema, words
from backend.database import Base


class Place(schema.In):
    """The row that another one comes before or after."""

    before: schema.Id | None = None
    after: schema.Id | None = None


def move(session: orm.Session, row: Base, field: str, place: Place) -> None:
    model = type(row)
    beside = place.before or place.after
    order = sa.nulls_last(getattr(model, field).asc())
    ids = list(session.scalars(sa.select(model.id).where(model.id != row.id).order_by(order, model.id)))
    if beside not in ids:
        raise errors.invalid("before" if place.before else "after", words.ERROR_PLACE)
    ids.insert(ids.index(beside) + (place.before is None), row.id)
    _number(session, model, field, ids)
    session.commit()


def _number(session: orm.Session, model: type[Base], field: str, ids: list[int]) -> None:
    column = model.__table__.c[field]
    numbers = {id: number for id, number in session.execute(sa.select(model.id, column))}
    changed: list[dict[str, typing.Any]] = [
        {"id": id, field: number} for number, id in enumerate(ids, 1) if numbers.get(id) != number
    ]
    if column.unique and changed:  # no two rows have the same number in between
        session.execute(sa.update(model), [{"id": one["id"], field: -one[field]} for one in changed])
    if changed:
        session.execute(sa.update(model), changed)
