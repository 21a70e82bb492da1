"""Of what kind a formula's result is, and whether what it joins goes together. Knows entities, but no SQL."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from builder.formula.syntax import Call, Field, Flag, FormulaError, Gathered, Node, Number, Related, Text, Today


class Kind(StrEnum):
    NUMBER = "number"
    MONEY = "amount of money"
    TEXT = "text"
    FLAG = "yes-or-no"
    DATE = "date"
    DATETIME = "date and time"
    TIME = "time"


COUNTED = {Kind.NUMBER, Kind.MONEY, Kind.FLAG}
DAYS = {Kind.DATE, Kind.DATETIME}
MOMENTS = DAYS | {Kind.TIME}
COMPARED = {"=", "!=", "<", "<=", ">", ">="}


class Model(Protocol):
    """What a formula of one entity can speak of. Each call raises a FormulaError for what isn't there."""

    def kind(self, name: str) -> Kind:
        """Of a field of the row itself."""

    def related(self, relation: str) -> "Model":
        """The entity that a relation to one row leads to."""

    def pointing(self, entity: str, by: str | None) -> "Model":
        """The entity whose rows point here by one relation."""

    def choices(self, name: str) -> frozenset[str] | None:
        """The values that a choice field has; none for fields of other types."""


def kind_of(node: Node, model: Model) -> Kind:
    match node:
        case Number():
            return Kind.NUMBER
        case Text():
            return Kind.TEXT
        case Flag():
            return Kind.FLAG
        case Today():
            return Kind.DATE
        case Field(name=name):
            return model.kind(name)
        case Related(relation=relation, field=name):
            return model.related(relation).kind(name)
        case Gathered():
            return _gathered(node, model)
        case Call():
            kinds = [kind_of(argument, model) for argument in node.arguments]
            _known_choices(node, model)
            return _call(node, kinds)


def results(node: Node, model: Model) -> frozenset[str] | None:
    """The texts that can come out, where they can be told."""
    match node:
        case Text(value=value):
            return frozenset({value})
        case Field(name=name):
            return model.choices(name)
        case Call(function="if", arguments=(_, first, second)):
            found = results(first, model), results(second, model)
            return None if found[0] is None or found[1] is None else found[0] | found[1]
        case _:
            return None


def _gathered(node: Gathered, model: Model) -> Kind:
    rows = model.pointing(node.entity, node.by)
    if node.field is None:
        return Kind.NUMBER
    kind = rows.kind(node.field)
    if node.function == "latest":
        return kind
    _only(COUNTED, [kind], f"{node.function} takes numbers; {node.entity}.{node.field} is")
    return Kind.NUMBER if kind is Kind.FLAG else kind


def _call(node: Call, kinds: list[Kind]) -> Kind:
    function = node.function
    if function in ("and", "or", "not"):
        _only({Kind.FLAG}, kinds, f"`{function}` joins conditions, not")
        return Kind.FLAG
    if function in COMPARED:
        return _comparison(function, kinds)
    if function in ("+", "-", "*", "/"):
        return _sum(function, *kinds)
    if function == "if":
        _only({Kind.FLAG}, kinds[:1], "the first value of `if` has to be a condition, not")
        return _alike(kinds[1:], "both results of `if` have to be of one kind, not")
    if function in ("min", "max"):
        _only(COUNTED | MOMENTS, kinds, f"{function} takes numbers or dates, not")
        return _alike(kinds, f"{function} takes values of one kind, not")
    if function in ("days_since", "days_until", "age"):
        _only(DAYS, kinds, f"{function} takes a date, not")
        return Kind.NUMBER
    if function == "lower":
        _only({Kind.TEXT}, kinds, "lower takes a text, not")
        return Kind.TEXT
    _only(COUNTED, kinds, f"{'the minus sign' if function == 'neg' else function} takes a number, not")
    if function == "round" and len(kinds) > 1:
        _places(node.arguments[1])
    return Kind.NUMBER if kinds[0] is Kind.FLAG else kinds[0]


def _comparison(sign: str, kinds: list[Kind]) -> Kind:
    if sign not in ("=", "!="):
        _only(COUNTED | MOMENTS, kinds, f"{sign} compares numbers or dates, not")
    if not set(kinds) <= DAYS:
        _alike(kinds, f"{sign} compares values of one kind, not")
    return Kind.FLAG


def _sum(sign: str, left: Kind, right: Kind) -> Kind:
    numbers = left in COUNTED and right in COUNTED
    if sign == "+" and left is right is Kind.TEXT:
        return Kind.TEXT
    if sign in "+-" and left in DAYS and right in COUNTED:
        return left
    if sign == "+" and left in COUNTED and right in DAYS:
        return right
    if sign == "-" and ({left, right} <= DAYS or left is right is Kind.TIME):
        return Kind.NUMBER
    if not numbers:
        raise FormulaError(f"`{sign}` can't join {_said([left, right])}")
    if sign == "/" and left is right is Kind.MONEY:
        return Kind.NUMBER
    return Kind.MONEY if left is Kind.MONEY or (right is Kind.MONEY and sign != "/") else Kind.NUMBER


def _alike(kinds: Iterable[Kind], what: str) -> Kind:
    """The one kind of them all; an amount of money goes with numbers, and yes and no count as 1 and 0 beside them."""
    found = set(kinds)
    if len(found) > 1 and found <= COUNTED:
        return Kind.MONEY if Kind.MONEY in found else Kind.NUMBER
    if len(found) > 1:
        raise FormulaError(f"{what} {_said(found)}")
    return found.pop()


def _only(allowed: set[Kind], kinds: Iterable[Kind], what: str) -> None:
    if wrong := [kind for kind in kinds if kind not in allowed]:
        raise FormulaError(f"{what} {_said(wrong[:1])}")


def _said(kinds: Iterable[Kind]) -> str:
    return " and ".join(f"{'an' if kind is Kind.MONEY else 'a'} {kind}" for kind in sorted(kinds))


def _places(node: Node) -> None:
    if not (isinstance(node, Number) and node.value in range(7)):
        raise FormulaError("round takes a number of decimal places from 0 to 6")


def _known_choices(node: Call, model: Model) -> None:
    """A quoted value beside a choice field has to be one that the field can have."""
    if node.function not in ("=", "!="):
        return
    for one, other in (node.arguments, reversed(node.arguments)):
        if isinstance(one, Field) and isinstance(other, Text):
            values = model.choices(one.name)
            if values is not None and other.value not in values:
                raise FormulaError(f"{one.name} is never {other.value!r}; it is one of {', '.join(sorted(values))}")
