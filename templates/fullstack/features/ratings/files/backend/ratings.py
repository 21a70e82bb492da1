"""Stars that people give: one rating each, from one to five."""

import typing

import pydantic
import sqlalchemy as sa

from backend import schema, visitor
from backend.database import Base


class Rating(schema.In):
    stars: typing.Annotated[int, pydantic.Strict(), pydantic.Field(ge=1, le=5)]


def stars() -> sa.Column[int]:
    return sa.Column("stars", sa.BigInteger, nullable=False)


def mean(model: type[Base], ratings: sa.Table) -> sa.ColumnElement[float]:
    """The mean of a row's stars with one decimal; none where nobody has rated it."""
    of_row = sa.select(sa.func.round(sa.cast(sa.func.avg(ratings.c.stars), sa.Numeric), 1))
    return sa.type_coerce(of_row.where(ratings.c.row_id == model.id).correlate(model).scalar_subquery(), sa.Float)


def own(model: type[Base], ratings: sa.Table) -> sa.ScalarSelect[int]:
    """The stars that who is asking gave."""
    mine = sa.select(ratings.c.stars).where(ratings.c.row_id == model.id, visitor.is_current(ratings.c.visitor))
    return mine.correlate(model).scalar_subquery()
