"""What a file says by its grammar: whether it parses, what it defines, what it imports. Runs none of it."""

import ast
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple

import tree_sitter_css
import tree_sitter_javascript
import tree_sitter_python
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

from builder.agent.edits import lines_of, numbered

MAX_SYMBOLS = 200
_GRAMMARS = {
    "py": tree_sitter_python.language,
    "ts": tree_sitter_typescript.language_typescript,
    "tsx": tree_sitter_typescript.language_tsx,
    "js": tree_sitter_javascript.language,
    "css": tree_sitter_css.language,
}
OUTLINED = frozenset({"py", "ts", "tsx", "js", "css", "html", "md"})
_DEFINES = {
    "py": {"class_definition", "function_definition", "decorated_definition"},
    "ts": {
        "function_declaration", "class_declaration", "interface_declaration", "type_alias_declaration",
        "lexical_declaration", "enum_declaration", "method_definition", "abstract_class_declaration",
    },
    "css": {"rule_set", "media_statement", "at_rule", "keyframes_statement", "supports_statement"},
}  # fmt: skip
_DEFINES["tsx"] = _DEFINES["js"] = _DEFINES["ts"]
_TOLD_BY_TAG = {"section", "main", "nav", "header", "footer", "dialog", "form", "canvas", "h1", "h2", "h3", "script"}
_CSS_TOKEN = re.compile(
    r"""/\*.*?(?P<comment>\*/|\Z)|"(?:\\.|[^"\\\n])*(?P<double>"|(?=\n|\Z))|'(?:\\.|[^'\\\n])*(?P<single>'|(?=\n|\Z))"""
    r"|\\.|url\([^)\"']{0,1000}\)|(?P<bracket>[{}()\[\]])",
    re.DOTALL,
)
_OPENING_TAG = re.compile(r"<([a-zA-Z][\w-]{0,40})((?:\"[^\"]{0,400}\"|'[^']{0,400}'|[^>\"']){0,400})>")
_PAIRS = {"}": "{", ")": "(", "]": "["}


class SyntaxProblem(NamedTuple):
    line: int
    message: str


@dataclass(frozen=True)
class Symbol:
    """`text` is the first line of a definition, as it stands there."""

    line: int
    depth: int
    text: str


def find_problem(path: str, text: str) -> SyntaxProblem | None:
    """The first place where the file doesn't parse. A kind of file without a grammar here has none."""
    match extension(path):
        case "py":
            return _python_problem(text)
        case "json" | "webmanifest":
            return _json_problem(text)
        case "css":
            return _css_problem(text)
        case "html":
            return _html_problem(text)
        case "ts" | "tsx" | "js" as kind:
            return _tree_problem(kind, text)
        case _:
            return None


def around(text: str, line: int, reach: int = 3) -> str:
    lines = lines_of(text)
    first = max(line - reach, 1)
    return numbered([each[:300] for each in lines[first - 1 : line + reach]], first)


def outline(path: str, text: str) -> list[Symbol]:
    """What the file defines, in its order."""
    kind = extension(path)
    if kind == "md":
        heads = ((number, line) for number, line in enumerate(text.splitlines(), 1) if re.match(r"#{1,4} ", line))
        return [Symbol(number, 0, line[:110]) for number, line in heads][:MAX_SYMBOLS]
    if kind == "html":
        return list(_html_symbols(text))[:MAX_SYMBOLS]
    if kind not in _DEFINES:
        return []
    return list(_symbols(_parse(kind, text).root_node, kind, lines_of(text), 0))[:MAX_SYMBOLS]


def imported(path: str, text: str) -> list[tuple[int, str]]:
    """The modules that a file imports, each with its line; relative ones of Python begin with a dot."""
    match extension(path):
        case "py":
            return _python_imports(text)
        case "ts" | "tsx" | "js" as kind:
            return list(_script_imports(_parse(kind, text).root_node))
        case "css":
            pattern = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]+)""")
            return [(text.count("\n", 0, m.start()) + 1, m[1]) for m in islice(pattern.finditer(text), 200)]
        case _:
            return []


def extension(path: str) -> str:
    return PurePosixPath(path).suffix[1:].lower()


@cache
def _language(kind: str) -> Language:
    return Language(_GRAMMARS[kind]())


def _parse(kind: str, text: str) -> Tree:
    return Parser(_language(kind)).parse(text.encode(errors="replace"))


def _python_problem(text: str) -> SyntaxProblem | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is the author's matter, not ours
            compile(text, "file", "exec", dont_inherit=True)
    except SyntaxError as error:
        return SyntaxProblem(error.lineno or 1, error.msg)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return SyntaxProblem(1, f"Python can't compile this: {error or type(error).__name__}")
    return None


def _json_problem(text: str) -> SyntaxProblem | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return SyntaxProblem(error.lineno, error.msg)
    except (ValueError, RecursionError) as error:
        return SyntaxProblem(1, str(error))
    return None


def _css_problem(text: str, first: int = 1) -> SyntaxProblem | None:
    """By its brackets, comments and strings: the grammar knows less of today's CSS than browsers do."""
    open_ones: list[tuple[str, int]] = []
    line, counted = first, 0
    for token in _CSS_TOKEN.finditer(text):
        line, counted = line + text.count("\n", counted, token.start()), token.start()
        if token[0].startswith("/*") and not token["comment"]:
            return SyntaxProblem(line, "this comment is never closed")
        if (token[0][0] == '"' and not token["double"]) or (token[0][0] == "'" and not token["single"]):
            return SyntaxProblem(line, "this string is not closed on its line")
        bracket = token["bracket"]
        if bracket in ("{", "(", "["):
            open_ones.append((bracket, line))
        elif bracket and (not open_ones or open_ones.pop()[0] != _PAIRS[bracket]):
            return SyntaxProblem(line, f"{bracket!r} closes nothing that is open")
    return SyntaxProblem(open_ones[-1][1], f"{open_ones[-1][0]!r} is never closed") if open_ones else None


def _tree_problem(kind: str, text: str, first: int = 1) -> SyntaxProblem | None:
    node = _first_error(_parse(kind, text).root_node)
    if node is None:
        return None
    line = node.start_point.row + first
    if node.is_missing:
        return SyntaxProblem(line, f"{node.type!r} is missing")
    words = " ".join((node.text or b"").decode(errors="replace").split())
    return SyntaxProblem(line, f"can't be parsed: {words[:60]}{'…' if len(words) > 60 else ''}")


def _first_error(root: Node) -> Node | None:
    """The innermost first error. Without recursion: a hostile file nests deeper than Python does."""
    node, found = root, None
    while node.has_error:
        if node.is_error or node.is_missing:
            found = node
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return found or node
        if inner.is_missing:
            return inner
        node = inner
    return found


def _html_problem(text: str) -> SyntaxProblem | None:
    """HTML itself forgives; what is inside its scripts and styles doesn't."""
    for name, attributes, body, line in _raw_elements(text):
        if body is None:
            return SyntaxProblem(line, f"this {name} is never closed")
        if name == "style":
            problem = _css_problem(body, line)
        elif "json" in attributes:
            problem = (found := _json_problem(body)) and SyntaxProblem(found.line + line - 1, found.message)
        elif re.search(r"""type\s*=\s*["']?(?!module|text/javascript)""", attributes):
            problem = None  # a template or a shader
        else:
            problem = _tree_problem("js", body, line)
        if problem:
            return problem
    if re.search(r"<html[\s>]", text, re.IGNORECASE) and "</html" not in text.lower():
        return SyntaxProblem(len(text.splitlines()), "the file ends before </html>, as if it were cut off")
    return None


def _raw_elements(text: str) -> Iterator[tuple[str, str, str | None, int]]:
    """Each script and style: its name, attributes, what is inside (None when it never ends) and where that begins.
    A comment that never ends is one too.
    """
    opening, at = re.compile(r"<(script|style)\b([^>]{0,1000})>|<!--", re.IGNORECASE), 0
    while found := opening.search(text, at):
        if found[1] is None:
            at = text.find("-->", found.end())
            if at < 0:
                yield "comment", "", None, text.count("\n", 0, found.start()) + 1
                return
            continue
        name = found[1].lower()
        end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, found.end())
        body = text[found.end() : end.start()] if end else None
        yield name, found[2].lower(), body, text.count("\n", 0, found.end()) + 1
        at = end.end() if end else len(text)


def _symbols(node: Node, kind: str, lines: list[str], depth: int) -> Iterator[Symbol]:
    for child in node.children:
        if child.type in ("export_statement", "class_body", "block") and depth < 3:
            yield from _symbols(child, kind, lines, depth)
        elif child.type in _DEFINES[kind]:
            row = child.start_point.row
            yield Symbol(row + 1, depth, lines[row].strip()[:110] if row < len(lines) else "")
            yield from _inside(child, kind, lines, depth)
        elif kind == "py" and depth == 0 and (target := _assigned(child)):
            yield Symbol(child.start_point.row + 1, 0, f"{target} = …")


def _inside(node: Node, kind: str, lines: list[str], depth: int) -> Iterator[Symbol]:
    """What a class holds, and what a decorator is on."""
    if kind == "css" or depth >= 2:
        return
    for child in node.children:
        if node.type == "decorated_definition" and child.type in _DEFINES["py"]:
            row = child.start_point.row
            yield Symbol(row + 1, depth, lines[row].strip()[:110])
            yield from _inside(child, kind, lines, depth)
        elif "class" in node.type and child.type in ("block", "class_body"):
            yield from _symbols(child, kind, lines, depth + 1)


def _assigned(node: Node) -> str | None:
    inner = node.children[0] if node.type == "expression_statement" and node.children else None
    left = inner.child_by_field_name("left") if inner is not None and inner.type == "assignment" else None
    return left.text.decode(errors="replace")[:60] if left is not None and left.text else None


def _html_symbols(text: str) -> Iterator[Symbol]:
    """Elements that give a page its parts or have an id, and what its scripts define."""
    found = []
    for tag in _OPENING_TAG.finditer(text):
        name = tag[1].lower()
        if name in _TOLD_BY_TAG or re.search(r"\bid\s*=", tag[2]):
            said = "" if name == "script" else text[tag.end() : tag.end() + 60].split("<")[0].split("\n")[0].strip()
            found.append(Symbol(text.count("\n", 0, tag.start()) + 1, 0, f"{tag[0][:90]}{said}"))
    for name, _, body, line in _raw_elements(text):
        if name == "script" and body:
            found += [Symbol(each.line + line - 1, 1, each.text) for each in outline("inline.js", body)]
    yield from sorted(found, key=lambda symbol: symbol.line)


def _python_imports(text: str) -> list[tuple[int, str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        nodes = list(ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = [(node.lineno, alias.name) for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return sorted(found + [(node.lineno, "." * node.level + (node.module or "")) for node in froms])


def _script_imports(root: Node) -> Iterator[tuple[int, str]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting += reversed(node.children)
        source = node.child_by_field_name("source") if node.type in ("import_statement", "export_statement") else None
        if node.type == "call_expression":
            called = node.child_by_field_name("function")
            if called is not None and called.text in (b"import", b"require"):
                arguments = node.child_by_field_name("arguments")
                source = next((c for c in arguments.children if c.type == "string"), None) if arguments else None
        if source is not None and source.text:
            yield node.start_point.row + 1, source.text.decode(errors="replace").strip("\"'`")
