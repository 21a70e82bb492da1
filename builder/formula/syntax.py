"""The parts of a formula once it is read."""

from collections.abc import Iterator
from dataclasses import dataclass


class FormulaError(ValueError):
    """The formula says something that can't be worked out; the message names it."""


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Flag:
    value: bool


@dataclass(frozen=True)
class Today:
    pass


@dataclass(frozen=True)
class Field:
    name: str


@dataclass(frozen=True)
class Related:
    """A field of the one row that a relation leads to: `product.price`."""

    relation: str
    field: str


@dataclass(frozen=True)
class Gathered:
    """Something about the rows of `entity` that point here, by its only relation to here or by the one named `by`."""

    function: str
    entity: str
    field: str | None
    by: str | None


@dataclass(frozen=True)
class Call:
    """A function with its arguments. Operators are functions, too: `+ - * / neg = != < <= > >= and or not`."""

    function: str
    arguments: tuple["Node", ...]


Node = Number | Text | Flag | Today | Field | Related | Gathered | Call


def parts(node: Node) -> Iterator[Node]:
    """The node and all that it is made of."""
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from parts(argument)


def depth(node: Node) -> int:
    return 1 + max((depth(a) for a in node.arguments), default=0) if isinstance(node, Call) else 1
