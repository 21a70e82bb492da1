"""The types of values that go in and out over HTTP, and the bases of the models made of them."""

import copy
import datetime as dt
import math
import re
import typing
from decimal import Decimal

import pydantic

from backend import database, words

LARGEST = 2**53 - 1  # the largest whole number that a browser keeps exactly
LARGEST_ID = 2**31 - 1


def _keyed(pattern: str, message: str, flags: int = 0) -> pydantic.AfterValidator:
    compiled = re.compile(pattern, flags)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(message)
        return value

    return pydantic.AfterValidator(check)


def _formatted(name: str) -> typing.Any:
    """What the OpenAPI document calls this kind of text, so that a program knows what to send."""
    return pydantic.Field(json_schema_extra={"format": name})


def _written(pattern: str, message: str) -> pydantic.BeforeValidator:
    """Moments come as text in one form; numbers, which could be read as seconds since 1970, are refused."""
    compiled = re.compile(pattern)

    def check(value: object) -> object:
        if isinstance(value, str) and not compiled.fullmatch(value):
            raise ValueError(message)
        if value is not None and not isinstance(value, str | dt.date | dt.time):
            raise ValueError(message)
        return value

    return pydantic.BeforeValidator(check)


def _checked(read: typing.Callable[[str], object], message: str) -> pydantic.WrapValidator:
    def check(value: object, handler: typing.Callable[[object], object]) -> object:
        try:
            return handler(read(value) if isinstance(value, str) else value)
        except (ValueError, OverflowError):
            raise ValueError(message) from None

    return pydantic.WrapValidator(check)


def _no_longer_than(length: int) -> pydantic.AfterValidator:
    """As a validator, because a `max_length` here would win over a field's own."""

    def check(value: str) -> str:
        if len(value) > length:
            raise ValueError(words.ERROR_LONG.format(max=length))
        return value

    return pydantic.AfterValidator(check)


def _at_most(count: int) -> pydantic.AfterValidator:
    def check(values: list) -> list:
        if len(values) > count:
            raise ValueError(words.ERROR_CHOOSE_MOST.format(max=count))
        return values

    return pydantic.AfterValidator(check)


def _within(largest: float) -> pydantic.AfterValidator:
    def check(value: float) -> float:
        if abs(value) > largest:
            raise ValueError(words.ERROR_HUGE)
        return value

    return pydantic.AfterValidator(check)


def _in_utc(value: dt.datetime) -> dt.datetime:
    """Kept without a zone, in UTC."""
    try:
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
    except OverflowError:
        raise ValueError(words.ERROR_MOMENT) from None


Line = typing.Annotated[str, _no_longer_than(500)]
Text = typing.Annotated[str, _no_longer_than(20_000)]
Integer = typing.Annotated[int, pydantic.Strict(), _within(LARGEST)]
Number = typing.Annotated[float, pydantic.Strict(), pydantic.Field(allow_inf_nan=False), _within(1e15)]
Money = typing.Annotated[
    Decimal,
    pydantic.Field(max_digits=13, decimal_places=2, allow_inf_nan=False),
    pydantic.PlainSerializer(float, return_type=float, when_used="json"),
]
Amount = typing.Annotated[Decimal, pydantic.PlainSerializer(float, return_type=float, when_used="json")]
Flag = typing.Annotated[bool, pydantic.Strict()]
Date = typing.Annotated[
    dt.date,
    _checked(dt.date.fromisoformat, words.ERROR_DATE),
    _written(r"\d{4}-\d\d-\d\d", words.ERROR_DATE),
]
DateTime = typing.Annotated[
    dt.datetime,
    pydantic.AfterValidator(_in_utc),
    _checked(dt.datetime.fromisoformat, words.ERROR_MOMENT),
    _written(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", words.ERROR_MOMENT),
]
Time = typing.Annotated[
    dt.time,
    _checked(dt.time.fromisoformat, words.ERROR_TIME),
    _written(r"\d\d:\d\d(:\d\d)?", words.ERROR_TIME),
]
Email = typing.Annotated[
    str,
    pydantic.Field(max_length=254),
    _formatted("email"),
    _keyed(r"[^@\s<>()\[\],;:\"\\]+@[^@\s<>()\[\],;:\"\\.]+(\.[^@\s<>()\[\],;:\"\\.]+)+", words.ERROR_MAIL),
]
Url = typing.Annotated[
    str,
    pydantic.Field(max_length=2000),
    _formatted("uri"),
    _keyed(r"https?://[^\s/?#\"<>]+[^\s\"<>]*", words.ERROR_URL, re.I),
]
Phone = typing.Annotated[
    str,
    pydantic.Field(max_length=40),
    _formatted("phone"),
    _keyed(r"\+?[\d ()./-]*(\d[ ()./-]*){3,}", words.ERROR_PHONE),
]
Color = typing.Annotated[
    str,
    _formatted("color"),
    _keyed(r"#[0-9a-fA-F]{6}", words.ERROR_COLOR),
    pydantic.AfterValidator(str.lower),
]
File = typing.Annotated[
    str,
    pydantic.Field(max_length=300_000),
    _formatted("uri-reference"),
    _keyed(r"https?://[^\s\"<>]+|/(?!/)[^\s\"<>]*|data:image/[a-z+]+;base64,[A-Za-z0-9+/=]*", words.ERROR_URL, re.I),
]
Rating = typing.Annotated[int, pydantic.Strict(), _within(LARGEST)]
Id = typing.Annotated[int, pydantic.Strict(), pydantic.Field(ge=1, le=LARGEST_ID)]
Ids = typing.Annotated[list[Id], _at_most(1000)]
Computed = typing.Annotated[
    float | None, pydantic.BeforeValidator(lambda n: n if n is not None and math.isfinite(n) else None)
]


class In(pydantic.BaseModel):
    """What a client sends: texts are trimmed, an empty one counts as none, an unknown field is refused."""

    model_config = pydantic.ConfigDict(extra="forbid", protected_namespaces=())

    @pydantic.model_validator(mode="before")
    @classmethod
    def _trim(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {name: _trimmed(value) if isinstance(value, str) else value for name, value in data.items()}

    @pydantic.field_validator("*", mode="before")
    @classmethod
    def _writable(cls, value: object) -> object:
        # No database keeps the first in a text; half of a surrogate pair is no character.
        if isinstance(value, str) and ("\0" in value or any("\ud800" <= c <= "\udfff" for c in value)):
            raise ValueError(words.ERROR_CHARACTERS)
        return value


def _trimmed(text: str) -> str | None:
    return text.strip() or None


def partial(model: type[In]) -> type[In]:
    """The same fields, none of them required: what a PATCH carries. One that isn't sent isn't set."""
    fields: dict[str, typing.Any] = {}
    for name, info in model.model_fields.items():
        optional = copy.copy(info)
        optional.default, optional.default_factory = None, None
        fields[name] = (info.annotation, optional)
    return pydantic.create_model(model.__name__.removesuffix("In") + "Patch", __base__=In, **fields)


class Row(pydantic.BaseModel):
    """What a client gets: read from a row of the database."""

    model_config = pydantic.ConfigDict(from_attributes=True, protected_namespaces=())

    id: int


class Ref(pydantic.BaseModel):
    """A row as others name it."""

    id: int
    label: str
    color: str | None = None

    @pydantic.model_validator(mode="before")
    @classmethod
    def _of_row(cls, row: object) -> object:
        if not isinstance(row, database.Base):
            return row
        return {"id": row.id, "label": database.label(row), "color": getattr(row, row.COLOR) if row.COLOR else None}


Refs = list[Ref]
