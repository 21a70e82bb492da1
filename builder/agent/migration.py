"""How the agent may change a database: by new numbered migrations that lose nothing, unless a person asked for it."""

import ast
import re
from collections.abc import Collection, Iterator

from builder.agent.tools.base import ToolError

FOLDER = "backend/migrations/versions/"
_NUMBERED = re.compile(rf"{FOLDER}(\d{{4}})_[a-z0-9_]+\.py")
_REMOVES = {"drop_table": "drops a table", "drop_column": "drops a column"}
_LOSES = re.compile(
    r"\bdrop\s+(table|column)\b|\btruncate\b|\bdelete\s+from\s+[\w.\"'`\[\]{}]+\s*(;|$|\Z|where\s+(?:1\s*=\s*1|1\b|true\b))"
    r"|\balter\s+table\b[^;]*\bdrop\s+(?!constraint\b|default\b|not\b)",
    re.IGNORECASE,
)


class DataLossError(ToolError):
    """`loss` says in short what would be removed."""

    def __init__(self, message: str, loss: str) -> None:
        super().__init__(message)
        self.loss = loss


def check_write(path: str, text: str, paths: Collection[str], applied: Collection[str], *, may_lose_data: bool) -> None:
    """ToolError when this may not become a migration."""
    if not path.startswith(FOLDER):
        return
    check_delete(path, applied)
    number, expected = _number(path), next_number(paths, path)
    if number != expected:
        before = f'"{expected - 1:04}"' if expected > 1 else "None"
        raise ToolError(
            f"The next migration is {FOLDER}{expected:04}_WHAT_IT_DOES.py (small letters, digits and _), "
            f'with revision = "{expected:04}" and down_revision = {before}.'
        )
    _check_revision(path, text, expected)
    if not may_lose_data and (loss := next(_losses(text), None)):
        line, what = loss
        raise DataLossError(
            f"{path}:{line} {what}, and the data in it would be gone for good. Only the person can decide that, and "
            "will be asked when you are done. Until then keep the data: add a new column or table, copy what is "
            "needed, stop using the old one.",
            f"{path} {what}",
        )


def check_delete(path: str, applied: Collection[str]) -> None:
    if path.startswith(FOLDER) and path in applied:
        raise ToolError(
            f"{path} was applied to data already, so it stays as it is. Write what should change as a new migration."
        )


def next_number(paths: Collection[str], path: str = "") -> int:
    """The number for a new migration; one that is there already keeps its own."""
    numbers = [int(found[1]) for each in paths if each != path and (found := _NUMBERED.fullmatch(each))]
    own = _number(path) if path in paths else None
    return own if own is not None else max(numbers, default=0) + 1


def _number(path: str) -> int | None:
    found = _NUMBERED.fullmatch(path)
    return int(found[1]) if found else None


def _check_revision(path: str, text: str, number: int) -> None:
    said = {key: value for key, value in _assignments(text) if key in ("revision", "down_revision")}
    wanted = {"revision": f"{number:04}", "down_revision": f"{number - 1:04}" if number > 1 else None}
    if said != wanted:
        lines = "\n".join(f'{key} = "{value}"' if value else f"{key} = None" for key, value in wanted.items())
        raise ToolError(f"{path} needs these two lines, so that it follows the one before:\n{lines}")


def _assignments(text: str) -> Iterator[tuple[str, object]]:
    for node in _tree(text).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            yield target.id, value.value


def _losses(text: str) -> Iterator[tuple[int, str]]:
    """Where what an upgrade does loses data. What a downgrade does never happens here."""
    tree = _tree(text)
    body = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == "downgrade")]
    nodes = [inner for node in body for inner in ast.walk(node)]
    made = {_first(node) for node in nodes if isinstance(node, ast.Call) and _called(node) == "create_table"} - {None}
    narrowed = {id(inner) for node in nodes if _narrows(node) for inner in _chain(node)}
    told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from _call_losses(node, narrowed, made)
        elif isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in told and _LOSES.search(_words(node)):
            yield node.lineno, "removes data by SQL"


def _call_losses(call: ast.Call, narrowed: set[int], made: set[str | None]) -> Iterator[tuple[int, str]]:
    name = _called(call)
    if name in _REMOVES and not (name == "drop_table" and _first(call) in made):
        yield call.lineno, _REMOVES[name]
    if name == "delete" and id(call) not in narrowed and not any(map(_narrows, _chain(call))):
        yield call.lineno, "deletes every row of a table"


def _narrows(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("where", "filter", "filter_by")


def _chain(node: ast.AST) -> Iterator[ast.AST]:
    """`a.b(…).c(…)`, from its end to its beginning."""
    while isinstance(node, ast.Call | ast.Attribute):
        yield node
        node = node.func if isinstance(node, ast.Call) else node.value


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _first(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _words(node: ast.Constant | ast.JoinedStr) -> str:
    """The text of a string; what an f-string fills in stands as a name."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(_words(part) if isinstance(part, ast.Constant) else "x" for part in node.values)


def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])  # the syntax check has its own word on it
