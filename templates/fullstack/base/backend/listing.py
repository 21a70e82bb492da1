"""Lists of rows: searched, filtered, sorted and paged as a query string says. Knows columns, not what they mean."""

import datetime as dt
import functools
import math
import typing
from collections.abc import Mapping, Sequence

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm
from starlette.datastructures import QueryParams

from backend import errors, words
from backend.arithmetic import Money
from backend.database import Base
from backend.schema import LARGEST_ID

LARGEST_PAGE = 1_000_000
LARGEST_SIZE = 200
PAGING = {"q": "string", "page": "integer", "size": "integer", "sort": "string"}

Expression = sa.ColumnElement[typing.Any]
Item = typing.TypeVar("Item")


class Page(pydantic.BaseModel, typing.Generic[Item]):
    items: list[Item]
    total: int
    page: int
    size: int


class Listing:
    """The columns of a model that a query can name, those that a search looks in, and the order without a wish."""

    def __init__(
        self, model: type[Base], columns: Sequence["Column"], search: Sequence[str], order: str = "id", size: int = 24
    ) -> None:
        self.model = model
        self.columns = {"id": Id(model.id)} | {column.name: column for column in columns}
        self.filters = {name: column for column in reversed(columns) for name in column.parameters}
        self.search, self.order, self.size = search, order, size

    def page(self, session: orm.Session, query: QueryParams) -> dict[str, typing.Any]:
        page = _whole(query, "page", 1, LARGEST_PAGE)
        size = _whole(query, "size", self.size, LARGEST_SIZE)
        rows = self.select(query)
        total = session.scalar(sa.select(sa.func.count()).select_from(rows.order_by(None).subquery()))
        relations = [orm.selectinload(getattr(self.model, r.key)) for r in sa.inspect(self.model).relationships]
        items = session.scalars(rows.options(*relations).limit(size).offset((page - 1) * size)).all()
        return {"items": items, "total": total, "page": page, "size": size}

    def select(self, query: QueryParams, also: Sequence[str] = ()) -> sa.Select[tuple[Base]]:
        """All rows that the query asks for, in its order. `also` are parameters that the caller reads itself."""
        self._refuse_unknown(query, also)
        found = sa.select(self.model)
        for word in _clean(query.get("q", "")).split():
            found = found.where(sa.or_(*(contains(self.columns[name].text(), word) for name in self.search)))
        for name, column in self.filters.items():
            values = [_clean(value) for value in query.getlist(name) if value != ""] if name not in also else []
            if values:
                found = found.where(column.matches(name, values))
        return found.order_by(*self.ordering(query.get("sort") or self.order))

    def ordering(self, sort: str) -> list[Expression]:
        """Rows without a value come last either way; rows that are level keep their order from page to page."""
        column = self.columns.get(sort.removeprefix("-"))
        if column is None:
            raise errors.invalid("sort", words.ERROR_SORT.format(names=", ".join(self.columns)))
        key = column.sort_key()
        return [sa.nulls_last(key.desc() if sort.startswith("-") else key.asc()), self.model.id.asc()]

    @property
    def openapi(self) -> dict[str, typing.Any]:
        """The query parameters, for the description of the API."""
        named = PAGING | {name: "string" for name in self.filters}
        return {"parameters": [{"name": n, "in": "query", "schema": {"type": t}} for n, t in named.items()]}

    def _refuse_unknown(self, query: QueryParams, also: Sequence[str]) -> None:
        for name in query:
            if name not in PAGING and name not in self.filters and name not in also:
                raise errors.invalid(name, words.ERROR_PARAMETER)


class Column:
    """A column as a query sees it. Kinds differ in how they sort, what a search reads, and what filters they take."""

    def __init__(self, attribute: typing.Any) -> None:
        self.attribute = attribute
        self.name: str = attribute.key

    @property
    def parameters(self) -> list[str]:
        return [self.name]

    def sort_key(self) -> Expression:
        return self.attribute

    def text(self) -> Expression:
        return sa.cast(self.attribute, sa.String)

    def matches(self, _parameter: str, values: list[str]) -> Expression:
        return self.attribute.in_(values)


class Id(Column):
    pass


class Text(Column):
    def sort_key(self) -> Expression:
        return sa.func.lower(self.attribute)

    def text(self) -> Expression:
        return self.attribute


class Choice(Column):
    """One of a few values, each with its label; they sort in the order given."""

    def __init__(self, attribute: typing.Any, labels: Mapping[str, str]) -> None:
        super().__init__(attribute)
        self.labels = labels

    def sort_key(self) -> Expression:
        return sa.case({value: position for position, value in enumerate(self.labels)}, value=self.attribute)

    def text(self) -> Expression:
        return sa.case(dict(self.labels), value=self.attribute)


class Flag(Column):
    """Yes or no, with the words for each."""

    def __init__(self, attribute: typing.Any, labels: Mapping[str, str] | None = None) -> None:
        super().__init__(attribute)
        self.labels = labels or {"true": words.YES, "false": words.NO}

    def matches(self, parameter: str, values: list[str]) -> Expression:
        if not set(values) <= {"true", "false"}:
            raise errors.invalid(parameter, words.ERROR_TRUE_FALSE)
        return self.attribute.in_([value == "true" for value in values])


class Range(Column):
    """Something between a smallest and a largest value."""

    @property
    def parameters(self) -> list[str]:
        return [f"{self.name}_min", f"{self.name}_max"]

    def matches(self, parameter: str, values: list[str]) -> Expression:
        limits = [self.read(parameter, value) for value in values]
        return self.attribute >= min(limits) if parameter.endswith("_min") else self.attribute <= max(limits)

    def read(self, parameter: str, value: str) -> typing.Any:
        raise NotImplementedError


class Number(Range):
    def text(self) -> Expression:
        if isinstance(self.attribute.type, Money):
            return sa.cast(sa.type_coerce(self.attribute, sa.BigInteger) / 100.0, sa.String)
        return super().text()

    def matches(self, parameter: str, values: list[str]) -> Expression:
        if not isinstance(self.attribute.type, Money):
            return super().matches(parameter, values)
        hundredths = sa.type_coerce(self.attribute, sa.BigInteger)
        limits = [self.read(parameter, value) * 100 for value in values]
        return hundredths >= min(limits) if parameter.endswith("_min") else hundredths <= max(limits)

    def read(self, parameter: str, value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not abs(number) <= 1e16:
            raise errors.invalid(parameter, words.ERROR_USE_NUMBER)
        return number


class Moment(Range):
    """A date, a time, or both. A date as the end of a range of moments means all of that day."""

    def read(self, parameter: str, value: str) -> typing.Any:
        kind = self.attribute.type.python_type
        try:
            moment = kind.fromisoformat(value)
        except ValueError:
            raise errors.invalid(parameter, _USE[kind]) from None
        if kind is dt.datetime:
            if moment.tzinfo:
                moment = _in_utc(parameter, moment)
            if parameter.endswith("_max") and len(value) == len("2025-12-31"):
                moment = dt.datetime.combine(moment, dt.time.max)
        return moment


class Relation(Column):
    """Another row. It sorts and is found by the other's title, and filtered by the other's id."""

    @property
    def target(self) -> type[Base]:
        return self.attribute.property.mapper.class_

    @functools.cached_property
    def key(self) -> Expression:
        """The column that holds the other's id."""
        (column,) = self.attribute.property.local_columns
        return column

    def sort_key(self) -> Expression:
        return sa.func.lower(self.text())

    def text(self) -> Expression:
        return _title_of(self.target, self.key)

    def matches(self, parameter: str, values: list[str]) -> Expression:
        return self.key.in_(_ids(parameter, values))


class Relations(Column):
    """Any number of other rows; they sort by the first of the titles."""

    @property
    def target(self) -> type[Base]:
        return self.attribute.property.mapper.class_

    def sort_key(self) -> Expression:
        return self._titles(sa.func.min)

    def text(self) -> Expression:
        return self._titles(lambda title: sa.func.aggregate_strings(title, " "))

    def matches(self, parameter: str, values: list[str]) -> Expression:
        links = self.attribute.property.secondary
        chosen = sa.select(links.c.source_id).where(links.c.target_id.in_(_ids(parameter, values)))
        return self.attribute.class_.id.in_(chosen)

    def _titles(self, together: typing.Callable[[Expression], Expression]) -> Expression:
        links = self.attribute.property.secondary.alias()
        title = sa.func.lower(_title_of(self.target, links.c.target_id))
        found = sa.select(together(title)).where(links.c.source_id == self.attribute.class_.id)
        return found.correlate(self.attribute.class_).scalar_subquery()


def contains(text: Expression, word: str) -> Expression:
    """Whether the text has the word in it, in whatever case; `%` and `_` in it are only characters."""
    return sa.func.lower(text).contains(word.lower(), autoescape=True)


def _title_of(model: type[Base], id: Expression) -> Expression:
    """What people call the row with this id, as SQL."""
    target = orm.aliased(model)
    title = getattr(target, model.TITLE)
    if isinstance(title.property, orm.RelationshipProperty):
        (column,) = title.property.local_columns
        title = _title_of(title.property.mapper.class_, sa.inspect(target).selectable.corresponding_column(column))
    if model.LABELS:
        title = sa.case(dict(model.LABELS), value=title)
    return sa.select(sa.cast(title, sa.String)).where(target.id == id).correlate_except(target).scalar_subquery()


def _whole(query: QueryParams, name: str, default: int, largest: int) -> int:
    value = query.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= largest):
        raise errors.invalid(name, words.ERROR_PAGE.format(max=largest))
    return int(value)


def _ids(parameter: str, values: list[str]) -> list[int]:
    if not all(v.isascii() and v.isdigit() and len(v) < 11 and int(v) <= LARGEST_ID for v in values):
        raise errors.invalid(parameter, words.ERROR_ID)
    return [int(value) for value in values]


def _in_utc(parameter: str, moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError:
        raise errors.invalid(parameter, words.ERROR_YEARS.format(last=9998)) from None


def _clean(value: str) -> str:
    return value.replace("\0", "")


_USE = {dt.date: words.ERROR_USE_DATE, dt.datetime: words.ERROR_USE_MOMENT, dt.time: words.ERROR_USE_TIME}
