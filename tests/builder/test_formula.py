"""Formulas: what can be said in them, of what kind the result is, and what is refused and why."""

import pytest
from pydantic import ValidationError

from builder.formula import Formula, FormulaError, Formulas, Kind
from tests.samples import spec

PLANT = [
    {"name": "name", "type": "string", "label": "Name"},
    {"name": "last_watered", "type": "date", "label": "Last watered"},
    {"name": "interval", "type": "integer", "label": "Days"},
    {"name": "price", "type": "money", "label": "Price", "unit": "€"},
    {"name": "place", "type": "choice", "label": "Place", "choices": [{"value": "sun", "label": "Sun"}]},
]
WATERING = [
    {"name": "plant", "type": "relation", "label": "Plant", "target": "plant"},
    {"name": "helpers", "type": "relation", "label": "Helpers", "target": "person", "many": True},
    {"name": "day", "type": "date", "label": "Day"},
    {"name": "share", "type": "computed", "label": "Share", "formula": "1 / plant.interval"},
    {"name": "back", "type": "computed", "label": "Back", "formula": "if(plant.result = plant.result, 1, 2)"},
]
PERSON = [
    {"name": "name", "type": "string", "label": "Name"},
    {"name": "boss", "type": "relation", "label": "Boss", "target": "person"},
    {"name": "helped", "type": "computed", "label": "Helped", "formula": "count(watering)"},
]


def garden(formula: str, **more: object) -> dict:
    result = {"name": "result", "type": "computed", "label": "Result", "formula": formula} | more
    entities = {"plant": [*PLANT, result], "watering": WATERING, "person": PERSON}
    return {"name": "Garden", "entities": [thing(name, fields) for name, fields in entities.items()]}


def thing(name: str, fields: list) -> dict:
    return {"name": name, "plural": f"{name}s", "label": name, "label_plural": name, "fields": fields}


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("interval * 2 + 1", Kind.NUMBER),
        ("price * interval", Kind.MONEY),
        ("price / price", Kind.NUMBER),
        ("last_watered + interval", Kind.DATE),
        ("today - last_watered", Kind.NUMBER),
        ("not interval > 3 and place = 'sun'", Kind.FLAG),
        ("IF(days_since(last_watered) > 2 * interval, 'dramatic', 'happy')", Kind.TEXT),
        ('name + " (" + lower(name) + ")"', Kind.TEXT),
        ("count(watering)", Kind.NUMBER),
        ("latest(watering.day)", Kind.DATE),
        ("avg(watering.share)", Kind.NUMBER),
        ("max(price, 5)", Kind.MONEY),
    ],
)
def test_what_can_be_said_and_of_what_kind_it_is(formula, kind):
    assert Formulas(spec(garden(formula))).check().kinds["plant", "result"] is kind


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("", "ends where a value is missing"),
        ("price *", "ends where a value is missing"),
        ("price interval", "an operator is missing before 'interval'"),
        ("(price", "a closing bracket is missing"),
        ("price; drop", "';' can't stand in a formula"),
        ("().__class__", "a value is missing before"),
        ("__import__('os')", "there is no function '__import__'"),
        ("name.upper", "name doesn't lead to one other row"),
        ("nothing + 1", "plant has no field 'nothing'"),
        ("plant.price", "plant has no field 'plant'"),
        ("1e9", "can't stand in a formula"),
        ("'open", "can't stand in a formula"),
        ("if(price > 1, 2)", "if takes 3 values, not 2"),
        ("if(price, 1, 2)", "has to be a condition, not an amount of money"),
        ("if(price > 1, 2, 'two')", "both results of `if` have to be of one kind, not a number and a text"),
        ("name + 1", "`+` can't join a number and a text"),
        ("days_since(name)", "days_since takes a date, not a text"),
        ("1 < interval < 3", "compare two things at a time"),
        ("name > 'b'", "> compares numbers or dates, not a text"),
        ("place = 'shade'", "place is never 'shade'; it is one of sun"),
        ("round(price, 9)", "decimal places from 0 to 6"),
        ("sum(watering)", "say sum(ENTITY.FIELD)"),
        ("sum(watering.day)", "sum takes numbers; watering.day is a date"),
        ("count(person)", "no person points at plant"),
        ("count(watering, day)", "'day' is no relation from watering to plant"),
        ("sum(watering.back)", "need each other can't be worked out: plant.result → watering.back → plant.result"),
        ("result + 1", "need each other can't be worked out: plant.result → plant.result"),
        ("(" * 30 + "1" + ")" * 30, "more than 24 levels of brackets"),
        ("1" + "+1" * 80, "joins more than 60 things"),
        ("9" * 30, "is too large"),
    ],
)
def test_a_refusal_names_its_cause(formula, reason):
    with pytest.raises(ValidationError, match=r"the formula of plant\.result|need each other") as refused:
        spec(garden(formula))
    assert reason in refused.value.errors()[0]["msg"]


def test_a_long_formula_is_refused_before_it_is_read():
    with pytest.raises(FormulaError, match="longer than"):
        Formula.parse("(" * 100_000)


def test_formulas_that_double_each_other_are_refused_before_they_fill_the_memory():
    fields = [{"name": "a0", "type": "integer", "label": "a"}]
    fields += [
        {"name": f"a{n}", "type": "computed", "label": "a", "formula": f"a{n - 1} + a{n - 1}"} for n in range(1, 60)
    ]
    with pytest.raises(ValidationError, match="grows too long"):
        spec({"name": "Much", "entities": [thing("much", fields)]})


def test_a_result_has_to_be_one_of_the_choices():
    choices = [{"value": "dry", "label": "Dry"}, {"value": "wet", "label": "Wet"}]
    spec(garden("if(interval > 1, 'dry', 'wet')", choices=choices))
    with pytest.raises(ValidationError, match="'moist' is none of its choices: dry, wet"):
        spec(garden("if(interval > 1, 'dry', 'moist')", choices=choices))
    with pytest.raises(ValidationError, match="has to be one of its choices, in quotes: dry, wet"):
        spec(garden("name", choices=choices))
