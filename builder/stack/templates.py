"""Jinja2 set up for source code: strict names, no words of a person unescaped, slots that features fill."""

import html
import importlib
import importlib.util
import json
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from builder.stack.features import Features
from builder.stack.locales import direction, words
from builder.stack.looks import has_pictures, look, routes, views
from builder.stack.views import EntityView, SpecView, Words, pascal
from builder.stack.wording import noun, tagline

OWN_LINE_SLOT = re.compile(r"^([ \t]*)\{\{ ?(slot\([^\n]*\)) ?\}\}\n", re.MULTILINE)


class Renderer:
    """Renders the templates of one app."""

    def __init__(self, view: SpecView, features: Features, helpers: Mapping[str, Any]) -> None:
        self._features, self.helpers = features, dict(helpers)
        self._environment = _environment()
        self._environment.globals = {
            "spec": view,
            "entities": view.entities,
            "theme": _theme(view),
            "has": lambda feature, entity=None: features.has(feature, entity and entity.name),
            "options": lambda feature, entity=None: features.options(feature, entity and entity.name),
            "active": lambda entity=None: features.active(entity and entity.name),
            "fit": fit,
            "slot_lines": self._slot_lines,
            **helpers,
            "look": look,
            "routes": routes(view),
            "views": views(view),
            "has_pictures": has_pictures(view),
            "words": words(view.locale),
            "direction": direction(view.locale),
            "noun": lambda label: noun(label, view.locale),
            "tagline": tagline(view),
        }

    def render(self, source: str, name: str, entity: EntityView | None = None, indent: str = "") -> str:
        # A slot on a line of its own takes the line's indentation, and no line at all when it is empty.
        source = OWN_LINE_SLOT.sub(lambda m: f"{{{{ {m[2][:-1]}, indent={m[1]!r}) }}}}", source)
        template = Template.from_code(self._environment, _compiled(source), dict(self._environment.globals))
        template.name = name
        text = template.render(entity=entity, slot=self._slot(name))
        return textwrap.indent(text, indent)

    def _slot_lines(self, slot: str, entity: EntityView | None = None) -> list[str]:
        """The lines that features put into a slot, for a template that orders and joins them itself."""
        return [line.strip() for line in self._slot("lines")(slot, entity, "").splitlines() if line.strip()]

    def _slot(self, where: str) -> Callable[..., str]:
        def slot(name: str, entity: EntityView | None = None, indent: str | None = None) -> str:
            found = self._features.slots(name, entity.name if entity else None)
            parts = [self.render(text, f"{where}:{name}:{feature}", entity, indent or "") for feature, text in found]
            if indent is None:
                return "".join(p.removesuffix("\n") for p in parts)
            return "".join(p if p.endswith("\n") or not p else p + "\n" for p in parts)

        return slot


def _environment() -> Environment:
    environment = Environment(
        autoescape=False,  # noqa: S701 - source code, not pages; `finalize` refuses words without a filter
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_refuse_bare_words,
    )
    environment.filters.update(FILTERS)
    return environment


@cache
def _compiled(source: str) -> CodeType:
    """Compiling takes most of the time of a render, and the templates stay the same."""
    return _environment().compile(source)


def as_json(value: Any, indent: int | None = None) -> str:
    """A JSON, JavaScript and TypeScript literal that is also safe inside an HTML script."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    for unsafe in "<>&\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\x7f":
        text = text.replace(unsafe, f"\\u{ord(unsafe):04x}")
    return text


def as_python(value: Any) -> str:
    """A Python literal; a text in double quotes where that needs no more escapes, as formatters like it."""
    if isinstance(value, str):
        text = repr(str(value))
        if text[0] == "'" and '"' not in value:
            return '"' + text[1:-1].replace("\\'", "'") + '"'
        return text
    if isinstance(value, list | tuple):
        inner = ", ".join(as_python(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_python(k)}: {as_python(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return repr(value)


def as_attribute(value: str) -> str:
    """The value of a JSX attribute, in braces only where it holds what JSX reads otherwise."""
    return f'"{value}"' if re.fullmatch(r"[\w .,:;()'/+-]*", value, re.ASCII) else f"{{{as_json(str(value))}}}"


def as_markdown(value: str) -> str:
    """One line of plain text, escaped where Markdown would read more into it; "To-do" and "3.5" stay as they are."""
    text = re.sub(r"([\\`*_\[\]<>|~]|&(?=\w|#)|(?<!\S)#)", r"\\\1", as_comment(value))
    text = re.sub(r"^([-+=])(?=[-+=\s]|$)", r"\\\1", text)
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", text)


def as_comment(value: str) -> str:
    """One line that can't end a comment, in any of the languages of an app."""
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return line.replace("*/", "* /").replace("-->", "-- >").replace('"""', "'''").replace("\\", "/")


def fit(head: str, parts: list[str], tail: str = ")", width: int = 120) -> str:
    """`head` with its comma-separated parts on one line where they fit, else one a line, as formatters do."""
    line = f"{head}{', '.join(parts)}{tail}"
    if len(line) <= width and "\n" not in line:
        return line
    indent = head[: len(head) - len(head.lstrip())]
    return "\n".join([head, *(f"{indent}    {p}," for p in parts), indent + tail])


def camel(name: str) -> str:
    upper = pascal(name)
    return upper[0].lower() + upper[1:]


def title(name: str) -> str:
    return name.replace("_", " ").capitalize()


FILTERS: dict[str, Callable[..., str]] = {
    "pascal": pascal,
    "camel": camel,
    "kebab": lambda name: name.replace("_", "-"),
    "title_case": title,
    "suffix": lambda text, suffix: f"{text}{suffix}",
    "json": as_json,
    "py": as_python,
    "md": as_markdown,
    "attribute": as_attribute,
    "html": lambda value: html.escape(str(value), quote=True),
    "comment": as_comment,
}


def _refuse_bare_words(value: Any) -> Any:
    if isinstance(value, Words):
        raise TypeError(f"a template prints the words {value!r} without json, py, md, html or comment")
    return value


def _theme(view: SpecView) -> Any:
    """The theme with every colour derived. The colours are of no concern here."""
    if importlib.util.find_spec("builder.theme") is None:
        return None
    return importlib.import_module("builder.theme").derive_theme(view.spec.theme, view.spec.name)
