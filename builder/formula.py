"""The arithmetic of computed fields: numbers, field names, + - * / and brackets. Nothing else can be said in it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class FormulaError(ValueError):
    """The formula says something this arithmetic has no word for; the message names it."""


@dataclass(frozen=True)
class Formula:
    tree: ast.expr

    @classmethod
    def parse(cls, text: str) -> "Formula":
        try:
            tree = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise FormulaError(f"{text!r} is not arithmetic") from None
        for _ in _fields(tree):
            pass
        return cls(tree)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(_fields(self.tree))

    def render(self, prefix: str = "") -> str:
        """The expression as Python and TypeScript both read it, each field behind `prefix`."""
        return _render(self.tree, prefix)


def _fields(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            yield from _fields(left)
            yield from _fields(right)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield from _fields(operand)
        case _:
            raise FormulaError(f"{ast.unparse(node)!r} is not a number, a field, or + - * /")


def _render(node: ast.expr, prefix: str) -> str:
    match node:
        case ast.Name(id=name):
            return prefix + name
        case ast.BinOp(left=left, op=op, right=right):
            return f"({_render(left, prefix)} {_OPERATORS[type(op)]} {_render(right, prefix)})"
        case ast.UnaryOp(operand=operand):
            return f"(-{_render(operand, prefix)})"
        case _:
            return ast.unparse(node)
