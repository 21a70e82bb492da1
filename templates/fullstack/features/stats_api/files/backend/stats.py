"""Figures over a list: how many rows, or the sum or mean of a number, for each value of a column or each month."""

import dataclasses
import typing

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm
from starlette.datastructures import QueryParams

from backend import errors, words
from backend.arithmetic import Money
from backend.database import label
from backend.listing import Choice, Column, Flag, Listing, Moment, Number, Relation, Relations

OWN = ("by", "measure")
MOST = 500


class Figure(pydantic.BaseModel):
    key: str
    label: str
    value: float | None


@dataclasses.dataclass
class Grouping:
    """What rows are grouped by, the words for each key, and the order of the keys where they have one."""

    key: sa.ColumnElement[typing.Any]
    name: typing.Callable[[typing.Any], str]
    text: typing.Callable[[typing.Any], str] = str
    order: list[typing.Any] | None = None
    links: sa.Table | None = None
    by_time: bool = False


def figures(session: orm.Session, listing: Listing, query: QueryParams) -> list[Figure]:
    """One figure over all rows of the list; with `by`, one for each of the `MOST` largest groups."""
    measure = measure_of(listing, query.get("measure") or "count")
    chosen = listing.select(query, also=OWN).order_by(None).with_only_columns(listing.model.id)
    if not query.get("by"):
        value = session.scalar(sa.select(measure).where(listing.model.id.in_(chosen)))
        return [Figure(key="all", label=words.ALL, value=rounded(value))]
    grouping = grouping_of(session, listing, query["by"])
    return grouped(session, listing, chosen, measure, grouping)


def grouped(
    session: orm.Session,
    listing: Listing,
    chosen: sa.Select[typing.Any],
    measure: sa.ColumnElement[typing.Any],
    grouping: "Grouping",
) -> list[Figure]:
    """The measure of each group among the chosen rows, in the order that the groups have."""
    figures = joined(listing, chosen, [grouping], measure)
    found = session.execute(figures.order_by(measure.desc(), grouping.key).limit(MOST)).all()
    if grouping.order is not None:
        found = sorted(found, key=lambda row: grouping.order.index(row[0]) if row[0] in grouping.order else MOST)
    elif grouping.by_time:
        found = sorted(found, key=lambda row: row[0] or 0)
    return [
        Figure(key="", label="–", value=rounded(value))
        if key is None
        else Figure(key=grouping.text(key), label=grouping.name(key), value=rounded(value))
        for key, value in found
    ]


def joined(
    listing: Listing,
    chosen: sa.Select[typing.Any],
    groupings: list["Grouping"],
    measure: sa.ColumnElement[typing.Any],
) -> sa.Select[typing.Any]:
    keys = [grouping.key for grouping in groupings]
    figures = sa.select(*keys, measure).select_from(listing.model).where(listing.model.id.in_(chosen))
    for links in {g.links for g in groupings if g.links is not None}:
        figures = figures.join(links, links.c.source_id == listing.model.id)
    return figures.group_by(*keys)


def openapi(listing: Listing) -> dict[str, typing.Any]:
    own = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in OWN]
    return {"parameters": own + [p for p in listing.openapi["parameters"] if p["name"] not in OWN]}


def measure_of(listing: Listing, measure: str) -> sa.ColumnElement[typing.Any]:
    if measure == "count":
        return sa.func.count(sa.distinct(listing.model.id))
    kind, _, name = measure.partition(":")
    column = listing.columns.get(name)
    if kind not in ("sum", "avg") or not isinstance(column, Number):
        raise errors.invalid("measure", words.ERROR_MEASURE)
    number = column.attribute
    if isinstance(number.type, Money):
        number = sa.type_coerce(number, sa.BigInteger) / 100.0
    return sa.func.sum(number) if kind == "sum" else sa.func.avg(number)


def grouping_of(session: orm.Session, listing: Listing, by: str) -> Grouping:
    kind, _, name = by.rpartition(":")
    column = listing.columns.get(name)
    if column is None or kind not in ("", "month") or (kind and not _has_months(column)):
        raise errors.invalid("by", words.ERROR_BY)
    if kind:
        month = sa.extract("year", column.attribute) * 100 + sa.extract("month", column.attribute)
        return Grouping(month, _month, _month, by_time=True)
    if isinstance(column, Relation):
        return Grouping(column.key, _titles(session, column))
    if isinstance(column, Relations):
        links = column.attribute.property.secondary
        return Grouping(links.c.target_id, _titles(session, column), links=links)
    if isinstance(column, Choice):
        return Grouping(column.attribute, lambda key: column.labels.get(key, key), order=list(column.labels))
    if isinstance(column, Flag):
        return Grouping(column.attribute, lambda key: column.labels[_flag(key)], _flag, [True, False])
    return Grouping(column.attribute, str)


def _has_months(column: Column) -> bool:
    return isinstance(column, Moment) and isinstance(column.attribute.type, sa.Date | sa.DateTime)


def _titles(session: orm.Session, column: Relation | Relations) -> typing.Callable[[int], str]:
    def title(id: int) -> str:
        row = session.get(column.target, id)
        return label(row) if row else str(id)

    return title


def _month(number: int) -> str:
    return f"{number // 100:04}-{number % 100:02}"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def rounded(value: typing.Any) -> float | None:
    return None if value is None else round(float(value), 6)
