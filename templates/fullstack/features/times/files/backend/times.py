"""When rows take place: a start and an end, whatever fields say so, and the rows of a stretch of days."""

import datetime as dt
import typing
from collections.abc import Mapping, Sequence

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm
from starlette.datastructures import QueryParams

from backend import errors, words
from backend.listing import Listing

OWN = ("since", "until")
LONGEST = dt.timedelta(days=100)
MOST = 2000
AN_HOUR = 60
LENGTHY = dt.timedelta(days=14)  # what takes a number of minutes began no longer ago than this

Item = typing.TypeVar("Item")
Moment = dt.date | dt.datetime


class Span(pydantic.BaseModel):
    """From a moment up to another; whole days from one midnight to another."""

    start: dt.datetime
    end: dt.datetime
    all_day: bool


class Event(Span, typing.Generic[Item]):
    row: Item


class Times:
    """The fields that say when: a day or a moment, perhaps a time of that day, and an end or a number of minutes.

    `minutes` is a number, a field, or a field of a related row, like `service.minutes`; `factor` makes hours of them.
    """

    def __init__(
        self,
        listing: Listing,
        date: str,
        time: str | None = None,
        end: str | None = None,
        minutes: int | str | None = None,
        factor: int = 1,
    ) -> None:
        self.listing, self.factor = listing, factor
        self.names: tuple[int | str | None, ...] = (date, time, end, minutes)
        self.date, self.end = date, end

    def events(self, session: orm.Session, query: QueryParams) -> list[dict[str, typing.Any]]:
        """The rows of the narrowed list that take place between two days, each with its span, in their order."""
        since, until = _days(query)
        model = self.listing.model
        relations = [orm.selectinload(getattr(model, r.key)) for r in sa.inspect(model).relationships]
        chosen = self.listing.select(query, also=OWN).order_by(None).options(*relations)
        found: list[dict[str, typing.Any]] = []
        for row in session.scalars(self._near(chosen, since, until).limit(MOST)):
            span = self._span(*(self._value(row, name) for name in self.names))
            if span is not None and _touches(span, since, until):
                found.append(span.model_dump() | {"row": row})
        return sorted(found, key=lambda event: (event["start"], event["end"]))

    def taken(
        self, session: orm.Session, of: sa.ColumnElement[bool], query: QueryParams, besides: Mapping[str, Sequence[str]]
    ) -> list[Span]:
        """Only when something takes place, and nothing about it: what people may know of each other's rows."""
        since, until = _days(query)
        table = self.listing.model.__table__
        columns = (self._column(name) for name in self.names)
        chosen = self._near(sa.select(*columns).where(of), since, until)
        for name, values in besides.items():
            chosen = chosen.where(sa.or_(table.c[name].is_(None), table.c[name].not_in(values)))
        spans = (self._span(*values) for values in session.execute(chosen.limit(MOST)))
        return sorted((s for s in spans if s is not None and _touches(s, since, until)), key=lambda span: span.start)

    def _near(self, chosen: sa.Select[typing.Any], since: dt.date, until: dt.date) -> sa.Select[typing.Any]:
        """A first sieve in the database; what is left is looked at one by one."""
        table = self.listing.model.__table__
        start = table.c[self.date]
        end = table.c[self.end] if self.end and isinstance(table.c[self.end].type, sa.Date | sa.DateTime) else None
        early = start >= since - LENGTHY
        return chosen.where(start < until, early if end is None else sa.or_(early, end >= since)).order_by(start)

    def _span(self, date: Moment | None, time: dt.time | None, end: typing.Any, minutes: float | None) -> Span | None:
        if date is None:
            return None
        timed = isinstance(date, dt.datetime) or time is not None
        start = date if isinstance(date, dt.datetime) else dt.datetime.combine(date, time or dt.time.min)
        if isinstance(end, dt.time):
            end = dt.datetime.combine(start, end)
            end += dt.timedelta(days=end <= start)
        elif end is not None and not isinstance(end, dt.datetime):
            end = dt.datetime.combine(end, dt.time.min) + dt.timedelta(days=1)
        if end is None or end <= start:
            length = dt.timedelta(minutes=(minutes or AN_HOUR) * self.factor) if timed else dt.timedelta(days=1)
            end = start + min(max(length, dt.timedelta(minutes=5)), LENGTHY)
        return Span(start=start, end=end, all_day=not timed)

    def _value(self, row: typing.Any, name: int | str | None) -> typing.Any:
        """What a field of the row holds, or of the row that a relation of it leads to."""
        if not isinstance(name, str):
            return name
        for part in name.split("."):
            row = getattr(row, part) if row is not None else None
        return row

    def _column(self, name: int | str | None) -> sa.ColumnElement[typing.Any]:
        if not isinstance(name, str):
            return sa.literal(name, sa.Integer)
        mapper = sa.inspect(self.listing.model)
        first, _, rest = name.partition(".")
        if not rest:
            return self.listing.model.__table__.c[name]
        relation = mapper.relationships[first]
        target = relation.mapper.local_table.alias()
        (key,) = relation.local_columns
        return sa.select(target.c[rest]).where(target.c.id == key).scalar_subquery()


def openapi(listing: Listing) -> dict[str, typing.Any]:
    return {"parameters": [*_parameters(), *(p for p in listing.openapi["parameters"] if p["name"] not in OWN)]}


def openapi_taken(of: str) -> dict[str, typing.Any]:
    booked = {"name": of, "in": "query", "schema": {"type": "integer"}, "required": True}
    return {"parameters": [booked, *_parameters()]}


def of(query: QueryParams, name: str) -> int:
    value = query.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise errors.invalid(name, words.ERROR_ID)
    return int(value)


def _parameters() -> list[dict[str, typing.Any]]:
    day = {"type": "string", "format": "date"}
    return [{"name": name, "in": "query", "schema": day, "required": True} for name in OWN]


def _days(query: QueryParams) -> tuple[dt.date, dt.date]:
    """The first day, and the one after the last."""
    days: list[dt.date] = []
    for name in OWN:
        try:
            days.append(dt.date.fromisoformat(query.get(name, "")))
        except ValueError:
            raise errors.invalid(name, words.ERROR_USE_DATE) from None
    if not dt.timedelta(0) < days[1] - days[0] <= LONGEST:
        raise errors.invalid("until", words.ERROR_UNTIL.format(days=LONGEST.days))
    if not 2 <= days[0].year <= 9990:
        raise errors.invalid("since", words.ERROR_YEARS.format(last=9990))
    return days[0], days[1]


def _touches(span: Span, since: dt.date, until: dt.date) -> bool:
    return span.end > dt.datetime.combine(since, dt.time.min) and span.start < dt.datetime.combine(until, dt.time.min)
