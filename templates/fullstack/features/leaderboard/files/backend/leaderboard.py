"""Who is ahead: rows, or the people they belong to, by a number. Those who are level share a place."""

import typing

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm
from starlette.datastructures import QueryParams

from backend import database, schema
from backend.arithmetic import Money
from backend.listing import Listing, Number, Relation

MOST = 100


class Place(pydantic.BaseModel):
    place: int
    row: schema.Ref
    value: float


def of_rows(session: orm.Session, listing: Listing, query: QueryParams, by: str, lowest: bool = False) -> list[Place]:
    """The rows of a list by one of its numbers, the highest first unless the lowest is best."""
    model, value = listing.model, _number(listing, by)
    chosen = listing.select(query).order_by(None).with_only_columns(model.id)
    ranked = sa.select(model.id, value).where(model.id.in_(chosen), value.is_not(None))
    found = session.execute(ranked.order_by(value.asc() if lowest else value.desc(), model.id).limit(MOST)).all()
    return _places(session, model, found)


def of_people(
    session: orm.Session,
    listing: Listing,
    query: QueryParams,
    by: str,
    of: str,
    kind: str = "sum",
    lowest: bool = False,
) -> list[Place]:
    """Those that the rows point at, by the sum or mean of a number, or by how many rows there are."""
    model, person = listing.model, typing.cast(Relation, listing.columns[of])
    value = sa.func.count() if by == "count" else getattr(sa.func, kind)(_number(listing, by))
    chosen = listing.select(query).order_by(None).with_only_columns(model.id)
    added_up = sa.select(person.key, value).where(model.id.in_(chosen), person.key.is_not(None)).group_by(person.key)
    ranked = added_up.having(value.is_not(None)).order_by(value.asc() if lowest else value.desc(), person.key)
    found = session.execute(ranked.limit(MOST)).all()
    return _places(session, person.target, found)


def _number(listing: Listing, by: str) -> sa.ColumnElement[typing.Any]:
    number = typing.cast(Number, listing.columns[by]).attribute
    return sa.type_coerce(number, sa.BigInteger) / 100.0 if isinstance(number.type, Money) else number


def _places(
    session: orm.Session, model: type[database.Base], found: typing.Sequence[sa.Row[typing.Any]]
) -> list[Place]:
    rows = {row.id: row for row in session.scalars(sa.select(model).where(model.id.in_([id for id, _ in found])))}
    places: list[Place] = []
    for position, (id, value) in enumerate(found, 1):
        value = round(float(value), 2)
        level = places[-1].place if places and places[-1].value == value else position
        if id in rows:
            places.append(Place(place=level, row=schema.Ref.model_validate(rows[id]), value=value))
    return places
