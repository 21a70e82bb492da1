"""Python expressions laid out as formatters leave them: on one line where they fit, else a part on each."""

from dataclasses import dataclass

WIDTH = 120
BINDING = {"or": 0, "<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1, "+": 2, "-": 2, "*": 3, "neg": 4}


@dataclass(frozen=True)
class Atom:
    text: str


@dataclass(frozen=True)
class Call:
    head: str
    arguments: tuple["Layout", ...]


@dataclass(frozen=True)
class Chain:
    """Terms with operators of one precedence between them; the first has none."""

    terms: tuple[tuple[str, "Layout"], ...]

    @property
    def binding(self) -> int:
        return BINDING[self.terms[1][0]]


@dataclass(frozen=True)
class Brackets:
    inner: "Layout"


@dataclass(frozen=True)
class Minus:
    inner: "Layout"


Layout = Atom | Call | Chain | Brackets | Minus


def call(head: str, *arguments: "Layout | str") -> Call:
    return Call(head, tuple(Atom(a) if isinstance(a, str) else a for a in arguments))


def chain(left: Layout, operator: str, right: Layout) -> Chain:
    """`left operator right`, in brackets where it would be read otherwise without."""
    binding = BINDING[operator]
    joins = isinstance(left, Chain) and left.binding == binding and binding > 1
    first = left.terms if isinstance(left, Chain) and joins else (("", _within(left, binding)),)
    return Chain((*first, (operator, _within(right, binding))))


def minus(inner: Layout) -> Minus:
    return Minus(_within(inner, BINDING["neg"] - 1))


def _within(part: Layout, binding: int) -> Layout:
    return Brackets(part) if isinstance(part, Chain) and part.binding <= binding else part


def flat(part: Layout) -> str:
    match part:
        case Atom(text=text):
            return text
        case Call(head=head, arguments=arguments):
            return f"{head}({', '.join(map(flat, arguments))})"
        case Chain(terms=terms):
            return " ".join(f"{operator} {flat(term)}".lstrip() for operator, term in terms)
        case Brackets(inner=inner):
            return f"({flat(inner)})"
        case Minus(inner=inner):
            return f"-{flat(inner)}"


def laid_out(part: Layout, indent: int = 0, before: int = 0, after: int = 0) -> str:
    """The expression behind `before` characters of its first line; `after` have to fit behind its last one."""
    line = flat(part)
    if indent + before + len(line) + after <= WIDTH:
        return line
    pad = " " * indent
    match part:
        case Call(head=head, arguments=arguments):
            return f"{head}(\n{_arguments(arguments, indent + 4)}\n{pad})"
        case Chain(terms=terms):
            signs = [f"{operator} ".lstrip() for operator, _ in terms]
            lines = [sign + laid_out(term, indent, len(sign)) for sign, (_, term) in zip(signs, terms, strict=True)]
            return f"\n{pad}".join(lines)
        case Brackets(inner=inner):
            return f"(\n{pad}    {laid_out(inner, indent + 4)}\n{pad})"
        case Minus(inner=inner):
            return "-" + laid_out(inner, indent, before + 1, after)
        case _:
            return line


def _arguments(arguments: tuple[Layout, ...], indent: int) -> str:
    """All on one line where they fit, else one a line, each with a comma; a single one needs none."""
    pad = " " * indent
    line = ", ".join(map(flat, arguments))
    if indent + len(line) <= WIDTH:
        return pad + line
    if len(arguments) == 1:
        return pad + laid_out(arguments[0], indent)
    return "\n".join(f"{pad}{laid_out(a, indent, after=1)}," for a in arguments)
