"""What the agent may change: paths, the files its stack protects, what may be imported, how migrations may be made.

A refusal says what to do instead. Knows nothing of the model; nothing here runs.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

from builder.agent import migration, packages
from builder.agent.syntax import extension
from builder.agent.tools.base import ToolError
from builder.spec import AppKind
from builder.workspace import MAX_FILES, WorkspaceError, rooted

MAX_TEXT_BYTES = 400_000
_SECRET = re.compile(r"(^|/)(\.env(\..*)?|\.netrc|\.npmrc|\.pypirc|id_[a-z0-9]+|.*\.(pem|key|p12|pfx))$", re.IGNORECASE)
_MADE = re.compile(
    r"(^|/)(node_modules|dist|\.venv|__pycache__|\.pytest_cache|\.git|\.github)(/|$)|\.(sqlite\d?|db|pyc)(-\w+)?$"
)
_DEPENDS = "What an app may use is fixed."
_LEDGER = "It is written from the ledger. Change that with update_requirement."
_MODELS = "Describe tables in backend/entities/ and change the database by a new migration."


@dataclass(frozen=True)
class Rules:
    """`places` are where files may be made, `fixed` the files that stay as they are, with what to do instead."""

    places: tuple[str, ...]
    extensions: frozenset[str]
    fixed: Mapping[str, str] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()


FULLSTACK = Rules(
    places=("backend/", "frontend/src/", "frontend/public/", "frontend/index.html", "tests/", "docs/", "README.md"),
    extensions=frozenset({"py", "ts", "tsx", "css", "html", "json", "md", "txt", "svg", "csv", "webmanifest"}),
    fixed={
        "start.py": "It starts every app the same way. What the app does belongs into backend/.",
        "backend/migrate.py": _MODELS,
        "backend/migrations/env.py": _MODELS,
        "backend/migrations/schema.json": "It is the record of what was rendered. Add a new migration, no more.",
        "requirements-test.txt": f"{_DEPENDS} Tests have pytest and the test client.",
        "pytest.ini": "Put tests into tests/test_*.py; they are found as it is.",
        "tests/conftest.py": "Put fixtures into the test file that needs them.",
        "Dockerfile": "It fits every app of this stack. What the app does belongs into backend/ and frontend/src/.",
        ".dockerignore": "It fits every app of this stack.",
        ".env.example": "The app needs no setting of its own.",
        ".gitignore": "It fits every app of this stack.",
        "frontend/tsconfig.json": "Write code that these settings accept, instead of loosening them.",
        "frontend/vite.config.ts": "The front end is always built in this way. Change what is in frontend/src/.",
        "frontend/package-lock.json": _DEPENDS,
        "REQUIREMENTS.md": _LEDGER,
    },
    needed=frozenset({
        "README.md", "requirements.txt", "backend/__init__.py", "backend/main.py", "backend/database.py",
        "backend/frontend.py", "backend/errors.py", "backend/seed.py", "backend/entities/__init__.py",
        "frontend/index.html", "frontend/package.json", "frontend/src/main.tsx", "frontend/src/App.tsx",
        "frontend/src/index.css",
    }),
)  # fmt: skip
_FILES_OF_A_PAGE = frozenset({"svg", "json", "csv", "md", "txt"})
ARTIFACT = Rules(
    places=("index.html", "README.md", "assets/"),
    extensions=_FILES_OF_A_PAGE | {"html"},
    fixed={"REQUIREMENTS.md": _LEDGER},
    needed=frozenset({"index.html", "README.md"}),
)
SLIDES = Rules(
    places=("index.html", "README.md", "theme.css", "assets/"),
    extensions=_FILES_OF_A_PAGE | {"html", "css"},
    fixed={
        "deck.js": "It brings keyboard, touch, notes and print to every deck. Put slides into index.html.",
        "deck.css": "It holds every deck's layouts. Use their classes (see README.md), or a <style> in index.html.",
        "REQUIREMENTS.md": _LEDGER,
    },
    needed=frozenset({"index.html", "README.md", "theme.css"}),
)
_RULES = {AppKind.FULLSTACK: FULLSTACK, AppKind.ARTIFACT: ARTIFACT, AppKind.SLIDES: SLIDES}
_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]{0,1000}?\s(?:src|srcset)\s*=\s*["']?\s*((?:https?:)?//[^"'\s>]+)"""
    r"""|<link\b(?=[^>]{0,500}\brel\s*=\s*["']?(?:stylesheet|preload|modulepreload|icon|preconnect))[^>]{0,500}?\shref\s*=\s*["']?"""
    r"""\s*((?:https?:)?//[^"'\s>]+)""",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Present:
    """The files of the app: which there are, how to read one, and the migrations that live data went through."""

    paths: Collection[str]
    read: Callable[[str], bytes]
    applied: Collection[str] = ()

    def text(self, path: str) -> str:
        return self.read(path).decode(errors="replace") if path in self.paths else ""


@dataclass(frozen=True)
class Policy:
    kind: AppKind
    rules: Rules

    @classmethod
    def for_kind(cls, kind: AppKind) -> Self:
        return cls(kind, _RULES[kind])

    def check_write(self, path: str, text: str, present: Present, *, may_lose_data: bool = False) -> None:
        """ToolError when this text may not become this file."""
        self.check_path(path)
        self.check_change(path)
        if path not in present.paths:
            self._may_be_made(path, present)
        if (size := len(text.encode(errors="replace"))) > MAX_TEXT_BYTES:
            limit = f"{MAX_TEXT_BYTES // 1000} KB"
            raise ToolError(
                f"{path} would be {size // 1000} KB; a file holds at most {limit}. Split it, or write less."
            )
        if "\0" in text:
            raise ToolError(f"{path} would hold a NUL character, so it would be no text.")
        if self.kind is AppKind.FULLSTACK:
            packages.check_manifest(path, present.text(path), text)
            packages.check_imports(path, text, present.paths, present.text)
            migration.check_write(path, text, present.paths, present.applied, may_lose_data=may_lose_data)
        if extension(path) == "html" and (found := _FETCHED.search(text)):
            instead = "Put it into the app itself" + ("." if self.kind is AppKind.FULLSTACK else ", or use pick_image.")
            raise ToolError(f"{path} loads {(found[1] or found[2])[:120]}; an app reaches no other host. {instead}")

    def check_delete(self, path: str, present: Present) -> None:
        """ToolError when this file has to stay."""
        self.check_path(path)
        self.check_change(path)
        if path in self.rules.needed:
            raise ToolError(f"{path} has to stay: the app can't run without it. You may change what is in it.")
        if self.kind is AppKind.FULLSTACK:
            migration.check_delete(path, present.applied)

    def check_path(self, path: str) -> str:
        try:
            return rooted(path)
        except WorkspaceError as error:
            raise ToolError(f"{error} Write it from the app's folder on, like {self.rules.places[0]}… .") from None

    def check_change(self, path: str) -> None:
        """ToolError for a file that no tool may change, whatever is to be in it."""
        if instead := self.rules.fixed.get(path):
            raise ToolError(f"{path} is not yours to change. {instead}")
        if _SECRET.search(path):
            raise ToolError(f"{path} would hold secrets, and an app has none. It needs no key and reaches no service.")
        if _MADE.search(path):
            raise ToolError(f"{path} is made by running or building the app, never by hand. Change its sources.")

    def _may_be_made(self, path: str, present: Present) -> None:
        if not any(path == place or (place.endswith("/") and path.startswith(place)) for place in self.rules.places):
            raise ToolError(f"{path} can't be made there. New files go into {', '.join(self.rules.places)}.")
        if extension(path) not in self.rules.extensions:
            kinds = ", ".join(sorted(self.rules.extensions))
            picture = " Pictures come by pick_image, or are drawn as SVG." if self.kind is not AppKind.FULLSTACK else ""
            raise ToolError(f"{path} is of a kind that this app can't hold. Text files may be {kinds}.{picture}")
        if len(present.paths) >= MAX_FILES:
            raise ToolError(f"The app has {len(present.paths)} files, and that is the most. Delete some first.")
        same = next((each for each in present.paths if each.lower() == path.lower()), None)
        if same:
            raise ToolError(f"{path} differs from {same} in case only. Use that one.")
        if any(each.startswith(path + "/") for each in present.paths):
            raise ToolError(f"{path} is a folder.")
        parents = {path[: at.start()] for at in re.finditer("/", path)}
        if taken := next((each for each in present.paths if each in parents), None):
            raise ToolError(f"{taken} is a file, so nothing can lie in it.")
