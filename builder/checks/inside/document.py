"""Read a static project's files: what its pages and styles refer to, and what a browser would forgive but a person not.

Knows nothing of browsers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

MAX_STYLE_BYTES = 1_000_000
_LOADED = {
    "img": ("src", "srcset"), "source": ("src", "srcset"), "script": ("src",), "link": ("href",), "iframe": ("src",),
    "video": ("src", "poster"), "audio": ("src",), "track": ("src",), "embed": ("src",), "object": ("data",),
    "image": ("href", "xlink:href"), "use": ("href", "xlink:href"), "input": ("src",), "feimage": ("href",),
}  # fmt: skip
_LOADING_RELS = frozenset(
    "stylesheet icon preload prefetch modulepreload preconnect dns-prefetch manifest apple-touch-icon mask-icon".split()
)
_STYLE_URL = re.compile(r"""url\(\s*(["']?)(?P<url>[^"')]*)\1\s*\)|@import\s+(["'])(?P<import>[^"']*)\3""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_OWN = ("data:", "blob:", "about:", "#", "javascript:")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CLOSED = frozenset(
    "a article aside button div footer form header main nav ol p section select table textarea ul".split()
)
_OPTIONAL_END = frozenset({"p"})


@dataclass(frozen=True)
class Reference:
    """Something that is loaded when the page is: `url` as it is written, in the file `path` at `line`."""

    url: str
    path: str
    line: int

    @property
    def is_foreign(self) -> bool:
        try:
            parts = urlsplit(self.url)
        except ValueError:  # an address that can't be read is none of the project
            return True
        return bool(parts.netloc or parts.scheme)


class Page(HTMLParser):
    """One HTML file, read once."""

    def __init__(self, text: str, path: str = "index.html") -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.references, self.problems = path, list[Reference](), list[tuple[str, int]]()
        self.classes: set[str] = set()
        self._ids: dict[str, int] = {}
        self._open: list[tuple[str, int]] = []
        self._inside = ""
        self._doctype = False
        self.feed(text)
        self.close()
        if not self._doctype:
            self.problems.insert(0, ("It does not begin with <!doctype html>.", 1))
        self.problems += [
            (f"<{tag}> is never closed.", line) for tag, line in self._open if tag in _CLOSED - _OPTIONAL_END
        ]
        if self._inside:
            self.problems.append((f"<{self._inside}> is never closed.", self.getpos()[0]))

    def handle_decl(self, decl: str) -> None:
        self._doctype |= decl.strip().lower().startswith("doctype html")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        self.classes |= set(values.get("class", "").split())
        self._note_id(values.get("id", ""), line)
        self._note_references(tag, values, line)
        if tag == "script" and values.get("type") == "module" and values.get("src"):
            self.problems.append(
                ("A module script does not load when the page is opened from a folder. Use a plain script.", line)
            )
        if tag in {"script", "style"}:
            self._inside = tag
        if tag not in _VOID:
            self._open.append((tag, line))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._open and self._open[-1][0] == tag and tag not in _CLOSED | {"script", "style"}:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside
        names = [name for name, _ in self._open]
        if tag not in names:
            if tag in _CLOSED - _OPTIONAL_END:
                self.problems.append((f"</{tag}> closes nothing.", self.getpos()[0]))
            return
        last = len(names) - 1 - names[::-1].index(tag)
        for name, line in self._open[last + 1 :]:
            if name in _CLOSED - _OPTIONAL_END:
                self.problems.append((f"<{name}> is not closed before </{tag}>.", line))
        del self._open[last:]

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.references += style_references(data, self.path, self.getpos()[0])

    def _note_id(self, name: str, line: int) -> None:
        if name and name in self._ids:
            self.problems.append((f"The id {name[:60]!r} is used twice, first in line {self._ids[name]}.", line))
        elif name:
            self._ids[name] = line

    def _note_references(self, tag: str, values: dict[str, str], line: int) -> None:
        if tag == "link" and not set(values.get("rel", "").lower().split()) & _LOADING_RELS:
            return
        for name in _LOADED.get(tag, ()):
            for url in _urls(name, values.get(name, "")):
                self.references.append(Reference(url, self.path, line))
        self.references += style_references(values.get("style", ""), self.path, line)
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.problems.append(("The page reloads or leads away by itself. Leave that to the person.", line))


def style_references(text: str, path: str, line: int = 1) -> list[Reference]:
    text = _COMMENT.sub(lambda m: "\n" * m[0].count("\n"), text)
    return [
        Reference((m["url"] or m["import"] or "").strip(), path, line + text.count("\n", 0, m.start()))
        for m in _STYLE_URL.finditer(text)
    ]


def references(app: Path, page: Page) -> Iterator[Reference]:
    """What the page loads, and what the styles that it loads load themselves."""
    waiting, seen = list(page.references), set[str]()
    while waiting:
        reference = waiting.pop(0)
        if not reference.url or reference.url.lower().startswith(_OWN):
            continue
        yield reference
        target = None if reference.is_foreign else local_path(reference)
        if target and target.endswith(".css") and target not in seen and is_there(app, target):
            seen.add(target)
            waiting += style_references((app / target).read_text(errors="replace")[:MAX_STYLE_BYTES], target)


def local_path(reference: Reference) -> str | None:
    """Where in the project it points; None when it points out of it."""
    parts = list(Path(reference.path).parent.parts)
    for part in unquote(urlsplit(reference.url).path).split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def is_there(app: Path, target: str) -> bool:
    try:
        return (app / target).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _urls(attribute: str, value: str) -> list[str]:
    if attribute != "srcset":
        return [value.strip()] if value.strip() else []
    return [candidate.split()[0] for candidate in re.split(r",\s+", value) if candidate.split()]
