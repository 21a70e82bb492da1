"""Exact money, and formulas as SQL: what SQLAlchemy brings no type or function for."""

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext import compiler


class Money(sa.TypeDecorator[Decimal]):
    """An exact amount with two decimals, kept as a whole number of hundredths."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: sa.Dialect) -> int | None:
        return None if value is None else int((value * 100).to_integral_value())

    def process_result_value(self, value: int | None, _dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 100


class Days(sa.sql.functions.FunctionElement[float]):
    """A moment as a number of days, so that two of them can be subtracted."""

    type = sa.Float()
    inherit_cache = True


@compiler.compiles(Days, "sqlite")
def _days_sqlite(element: Days, compiled: sa.Compiled, **options: object) -> str:
    return f"julianday({compiled.process(element.clauses, **options)})"


@compiler.compiles(Days, "postgresql")
def _days_postgresql(element: Days, compiled: sa.Compiled, **options: object) -> str:
    return f"(extract(epoch from {compiled.process(element.clauses, **options)}) / 86400.0)"


def number(mapped: orm.MappedColumn) -> sa.ColumnElement[float]:
    """The column as a number that a formula can calculate with."""
    column, kind = mapped.column, mapped.column.type
    if isinstance(kind, Money):
        return sa.cast(sa.type_coerce(column, sa.BigInteger), sa.Float) / 100
    if isinstance(kind, sa.Date | sa.DateTime):
        return Days(column)
    if isinstance(kind, sa.Boolean):
        return sa.cast(sa.cast(column, sa.Integer), sa.Float)
    return sa.cast(column, sa.Float)


def divided(dividend: sa.ColumnElement, divisor: sa.ColumnElement) -> sa.ColumnElement[float]:
    """A quotient; nothing where the divisor is zero."""
    return dividend / sa.func.nullif(divisor, 0)


def computed(expression: sa.ColumnElement) -> sa.ColumnElement[float]:
    """The result of a formula, without the last digits that binary fractions bring."""
    return sa.type_coerce(sa.func.round(sa.cast(expression, sa.Numeric), 6), sa.Float)
