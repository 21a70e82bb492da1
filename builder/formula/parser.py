"""Read a formula: `price * quantity`, `if(days_since(last_watered) > 7, "thirsty", "happy")`, `sum(item.total)`.

By precedence, as everywhere: or, and, not, comparisons, + -, * /, the minus sign, brackets.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from builder.formula.syntax import (
    Call,
    Field,
    Flag,
    FormulaError,
    Gathered,
    Node,
    Number,
    Related,
    Text,
    Today,
    depth,
    parts,
)

MAX_LENGTH, MAX_BRACKETS, MAX_DEPTH = 500, 24, 60

# Each function with the least and the most arguments that it takes.
FUNCTIONS = {
    "if": (3, 3),
    "min": (2, 20),
    "max": (2, 20),
    "round": (1, 2),
    "days_since": (1, 1),
    "days_until": (1, 1),
    "age": (1, 1),
    "lower": (1, 1),
}
GATHERING = ("count", "sum", "avg", "latest")
BINDING = ({"or"}, {"and"}, {"=", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/"})
CONJUNCTION, COMPARISON = 1, 2
SAME = {"==": "=", "<>": "!="}
WORDS: dict[str, Node] = {"true": Flag(True), "false": Flag(False), "today": Today()}
TOKEN = re.compile(
    r"""\s*(?: (?P<number> \d+(?:\.\d+)?) (?![\w.])
             | (?P<name> [A-Za-z_]\w*)
             | (?P<text> "[^"]*" | '[^']*')
             | (?P<sign> <= | >= | == | != | <> | [-+*/()<>=,.]))""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True)
class Formula:
    tree: Node

    @classmethod
    def parse(cls, text: str) -> "Formula":
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"it is longer than {MAX_LENGTH} characters")
        reader = _Reader(list(_tokens(text)))
        tree = reader.expression()
        reader.expect("", "an operator")
        if depth(tree) > MAX_DEPTH:
            raise FormulaError(f"it joins more than {MAX_DEPTH} things")
        return cls(tree)

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the row itself, the relations that it follows among them."""
        found = (p.name if isinstance(p, Field) else p.relation if isinstance(p, Related) else "" for p in self.parts)
        return frozenset(found) - {""}

    @property
    def parts(self) -> Iterator[Node]:
        return parts(self.tree)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a kind and a text, and last an empty one."""
    at = 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if found is None:
            raise FormulaError(f"{text[at:].split()[0][:20]!r} can't stand in a formula")
        kind = str(found.lastgroup)
        yield kind, found[kind].lower() if kind == "name" else found[kind]
        at = found.end()
    yield "end", ""


class _Reader:
    """Recursive descent, which goes down no further than brackets do."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_BRACKETS:
            raise FormulaError(f"it has more than {MAX_BRACKETS} levels of brackets")
        found = self._binary(0)
        self._depth -= 1
        return found

    def _binary(self, level: int) -> Node:
        if level == len(BINDING):
            return self._unary()
        left = self._negated(level)
        while (sign := self._sign()) in BINDING[level]:
            self._next()
            left = Call(sign, (left, self._negated(level)))
            if level == COMPARISON and self._sign() in BINDING[level]:
                raise FormulaError("compare two things at a time, and join comparisons with `and`")
        return left

    def _negated(self, level: int) -> Node:
        """`not` binds weaker than a comparison and stronger than `and`."""
        signs = 0
        while level == CONJUNCTION and self._sign() == "not":
            self._next()
            signs += 1
        found = self._binary(level + 1)
        return self._repeated("not", found, signs)

    def _unary(self) -> Node:
        signs = 0
        while self._sign() == "-":
            self._next()
            signs += 1
        return self._repeated("neg", self._value(), signs)

    def _repeated(self, function: str, node: Node, times: int) -> Node:
        for _ in range(times % 2 + 2 * (times > 1 and times % 2 == 0)):
            node = Call(function, (node,))
        return node

    def _value(self) -> Node:
        kind, text = self._next()
        if kind == "number":
            return Number(_number(text))
        if kind == "text":
            return Text(text[1:-1])
        if text == "(":
            found = self.expression()
            self.expect(")", "a closing bracket")
            return found
        if kind == "name" and self._sign() == "(":
            return self._call(text)
        if kind == "name" and self._sign() == ".":
            return Related(text, self._field())
        if kind == "name" and text not in ("and", "or", "not"):
            return WORDS[text] if text in WORDS else Field(text)
        raise FormulaError(f"a value is missing before {text!r}" if text else "it ends where a value is missing")

    def _call(self, name: str) -> Node:
        self._next()
        if name in GATHERING:
            return self._gathered(name)
        if name not in FUNCTIONS:
            known = ", ".join([*FUNCTIONS, *GATHERING])
            raise FormulaError(f"there is no function {name!r}; there are {known}")
        arguments = [self.expression()] if self._sign() != ")" else []
        while self._sign() == ",":
            self._next()
            arguments.append(self.expression())
        self.expect(")", f"a comma or the closing bracket of {name}")
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise FormulaError(f"{name} takes {wanted} values, not {len(arguments)}")
        return Call(name, tuple(arguments))

    def _gathered(self, function: str) -> Node:
        entity, field, by = self._name(), None, None
        if self._sign() == ".":
            field = self._field()
        if self._sign() == ",":
            self._next()
            by = self._name()
        self.expect(")", f"the closing bracket of {function}")
        if (function == "count") != (field is None):
            form = "count(ENTITY)" if function == "count" else f"{function}(ENTITY.FIELD)"
            raise FormulaError(f"say {form}")
        return Gathered(function, entity, field, by)

    def _field(self) -> str:
        self._next()
        return self._name()

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise FormulaError(f"a name is missing before {text!r}" if text else "it ends where a name is missing")
        return text

    def expect(self, sign: str, what: str) -> None:
        _, text = self._next()
        if text != sign:
            raise FormulaError(f"{what} is missing" + (f" before {text!r}" if text else ""))

    def _sign(self) -> str:
        """The sign or word that comes next, if it is one."""
        kind, text = self._tokens[self._at]
        return SAME.get(text, text) if kind in ("sign", "name") else ""

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or number > 1e15:
        raise FormulaError(f"the number {text[:20]} is too large")
    return number
