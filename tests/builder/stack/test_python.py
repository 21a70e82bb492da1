"""Formulas as SQL: two ways that must agree, Python's own arithmetic and the database's."""

import random
import sqlite3

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from builder.stack.features import Features
from builder.stack.python import formula_sql, orm_attribute
from builder.stack.views import FieldView, SpecView
from tests.samples import spec

VALUES = {"a": 6, "b": -2, "c": 0, "d": 5}


def computed(formula: str) -> FieldView:
    numbers = [{"name": name, "type": "integer", "label": name} for name in VALUES]
    text = {"name": "word", "type": "string", "label": "Word"}
    result = {"name": "result", "type": "computed", "label": "Result", "formula": formula}
    thing = {"name": "thing", "plural": "things", "label": "Thing", "label_plural": "Things"}
    app = spec({"name": "Sums", "entities": [thing | {"fields": [text, *numbers, result]}]})
    return SpecView(app, Features(app, ())).entity("thing").field("result")


class arithmetic:  # noqa: N801 - as the module that the rendered code imports
    @staticmethod
    def number(column: orm.MappedColumn[int]) -> sa.ColumnElement[float]:
        return sa.cast(column, sa.Float)

    @staticmethod
    def divided(dividend: sa.ColumnElement[float], divisor: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
        return dividend / sa.func.nullif(divisor, 0)


def in_database(formula: str) -> float | None:
    columns = {name: sa.literal(value) for name, value in VALUES.items()}
    expression = eval(" ".join(formula_sql(computed(formula))), {"sa": sa, "arithmetic": arithmetic} | columns)
    sql = str(sa.select(expression).compile(compile_kwargs={"literal_binds": True}))
    return sqlite3.connect(":memory:").execute(sql).fetchone()[0]


def in_python(formula: str) -> float | None:
    try:
        return float(eval(formula, dict(VALUES)))
    except ZeroDivisionError:
        return None


def test_formulas_mean_the_same_in_python_and_in_the_database():
    rng = random.Random(7)

    def expression(depth: int) -> str:
        if depth == 0 or rng.random() < 0.2:
            return rng.choice([*VALUES, "2", "0.5"])
        if rng.random() < 0.1:
            return f"-({expression(depth - 1)})"
        return f"({expression(depth - 1)}) {rng.choice('+-*/')} ({expression(depth - 1)})"

    for _ in range(60):
        formula = expression(rng.randint(1, 4))
        if len(formula) <= 300:
            assert in_database(formula) == pytest.approx(in_python(formula)), formula


def test_a_formula_over_words_is_empty():
    assert formula_sql(computed("word + 1")) == ["sa.null()", "+ sa.literal(1.0)"]


def test_a_long_sum_has_a_line_for_each_term():
    lines = orm_attribute(computed("a + b + c + d - a * b")).splitlines()
    assert lines[2:7] == [
        "            arithmetic.number(a)",
        "            + arithmetic.number(b)",
        "            + arithmetic.number(c)",
        "            + arithmetic.number(d)",
        "            - arithmetic.number(a) * arithmetic.number(b)",
    ]
