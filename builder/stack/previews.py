"""Formulas as TypeScript, for forms that show results while they are filled in. They read the row's own fields only."""

from typing import Any

from builder.formula import Formula, Kind
from builder.formula.kinds import COUNTED, kind_of
from builder.formula.syntax import Call, Field, Flag, Node, Number, Text, Today
from builder.stack.formulas import own_formulas
from builder.stack.templates import as_json, camel
from builder.stack.views import EntityView, FieldView

FUNCTIONS = {
    "and": "both",
    "or": "either",
    "not": "not",
    "if": "choose",
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided",
    "neg": "negative",
    "min": "smallest",
    "max": "largest",
    "round": "rounded",
}
COMPARISONS = {
    "=": "equal",
    "!=": "unequal",
    "<": "less",
    ">": "more",
    "<=": "atMost",
    ">=": "atLeast",
}
DAYS = {Kind.DATE, Kind.DATETIME}


def previews(entity: EntityView) -> list[FieldView]:
    """The computed fields that a form can work out, each after those that it uses."""
    return own_formulas(entity) if entity.has("form") else []


def has_previews(entities: list[EntityView]) -> bool:
    return any(previews(e) for e in entities)


def preview(field: FieldView) -> str:
    """The result as an expression over `row`."""
    tree = Formula.parse(str(field.spec.formula)).tree
    text = _ts(tree, field.entity)
    return f"f.computed({text})" if field.kind in COUNTED - {Kind.FLAG} else text


def _ts(node: Node, entity: EntityView) -> str:
    match node:
        case Number(value=value):
            return as_json(value)
        case Text(value=value):
            return as_json(value)
        case Flag(value=value):
            return as_json(value)
        case Today():
            return "f.today()"
        case Field(name=name):
            return f"row.{name}"
        case Call():
            return _call(node, entity)
        case _:
            raise TypeError(node)


def _call(node: Call, entity: EntityView) -> str:
    kinds = [kind_of(a, entity.app.formulas.model(entity.name)) for a in node.arguments]
    parts = [_ts(a, entity) for a in node.arguments]
    function = node.function
    if function in COMPARISONS:
        return _compared(COMPARISONS[function], parts, kinds)
    if function in ("min", "max") and not set(kinds) <= COUNTED:
        return f"f.{'earliest' if function == 'min' else 'latest'}({', '.join(parts)})"
    if function in ("+", "-") and not set(kinds) <= COUNTED:
        return _with_moments(function, parts, kinds)
    return f"f.{FUNCTIONS.get(function, camel(function))}({', '.join(parts)})"


def _compared(name: str, parts: list[str], kinds: list[Kind]) -> str:
    if set(kinds) == DAYS:
        parts = [f"f.day({p})" if kind is Kind.DATETIME else p for p, kind in zip(parts, kinds, strict=True)]
    if set(kinds) <= DAYS | {Kind.TIME}:
        parts = [f"f.days({p})" for p in parts]
    return f"f.{name}({', '.join(parts)})"


def _with_moments(sign: str, parts: list[str], kinds: list[Kind]) -> str:
    if kinds == [Kind.TEXT, Kind.TEXT]:
        return f"f.joined({', '.join(parts)})"
    if not set(kinds) & COUNTED:
        return f"f.minus({', '.join(f'f.days({p})' for p in parts)})"
    moment = 1 if kinds[0] in COUNTED else 0
    count = parts[1 - moment]
    later = "laterDay" if kinds[moment] is Kind.DATE else "laterMoment"
    return f"f.{later}({parts[moment]}, {f'f.negative({count})' if sign == '-' else count})"


GLOBALS: dict[str, Any] = {f.__name__: f for f in (previews, has_previews, preview)}
