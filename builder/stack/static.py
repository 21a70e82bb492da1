"""Render the kinds without a back end, `artifact` and `slides`: plain files that a browser opens as they are.

Knows nothing of the full-stack app, of git or of the model.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.spec import AppKind, AppSpec
from builder.stack.features import Features, Folder
from builder.stack.locales import direction
from builder.stack.sheets import opened as opened_sheet
from builder.stack.starters import opened
from builder.stack.templates import Renderer
from builder.stack.views import SpecView
from builder.theme import FAMILIES, SERIFS, STYLES, derive_theme

TEMPLATES = Path(__file__).parents[2] / "templates"
PAGE = "index.html"
ENGINE = frozenset({"deck.css", "deck.js"})  # ours: the deck engine is not the model's to edit
_BACK_END = ("backend/", "frontend/")


def render_static(spec: AppSpec) -> dict[str, bytes]:
    """The files of an artifact or a deck, by path."""
    folder = Folder.base(TEMPLATES / spec.kind.value / "base")
    view = SpecView(spec, Features(spec, ()))
    printed = opened_sheet(spec)
    renderer = Renderer(view, view.features, _globals(spec) | {"starter": opened(spec), "opened": printed, "body": ""})
    if printed.folder:
        folder = Folder("base", folder.files | Folder.base(printed.folder).files)
        body = renderer.render(folder.files.pop("main.html.jinja").decode(), "main.html")
        renderer = Renderer(view, view.features, renderer.helpers | {"body": body})
    files = {path.removesuffix(".jinja"): _content(path, data, renderer) for path, data in folder.files.items()}
    if spec.kind is AppKind.SLIDES:
        files |= _fonts(spec)
    return dict(sorted(files.items()))


def kind_of(paths: Iterable[str]) -> AppKind:
    """What a tree is, by its paths: one with a back end or a front end to build is full-stack, a deck has its engine.

    A tree without either is an artifact even when its page is missing: that is for a check to say.
    """
    paths = frozenset(paths)
    if any(path.startswith(_BACK_END) for path in paths):
        return AppKind.FULLSTACK
    return AppKind.SLIDES if paths & ENGINE else AppKind.ARTIFACT


def kind_of_tree(app: Path) -> AppKind:
    """The same for a tree on disk."""
    entries = {path.name + "/" * (path.is_dir() and not path.is_symlink()) for path in app.iterdir()}
    return kind_of(entries)


def _content(path: str, data: bytes, renderer: Renderer) -> bytes:
    return renderer.render(data.decode(), path).encode() if path.endswith(".jinja") else data


def _globals(spec: AppSpec) -> dict[str, Any]:
    style = STYLES[derive_theme(spec.theme, spec.name).style]
    return {
        "direction": direction(spec.locale),
        "system_fonts": {"body": _system_font(style.body), "heading": _system_font(style.heading)},
        "fonts": {name: FAMILIES[name] for name in _font_names(spec)},
    }


def _system_font(name: str) -> str:
    """A family that every machine has, in the spirit of the theme's own: one file carries no font."""
    if name in SERIFS:
        return 'ui-serif, Charter, Georgia, "Times New Roman", serif'
    return 'ui-rounded, system-ui, "Segoe UI", sans-serif' if name in {"nunito", "outfit"} else "system-ui, sans-serif"


def _font_names(spec: AppSpec) -> list[str]:
    return [package.rpartition("/")[2] for package in derive_theme(spec.theme, spec.name).fonts]


def _fonts(spec: AppSpec) -> dict[str, bytes]:
    """The theme's fonts, each for Western European and for the other Latin letters, with their licences."""
    endings = (".woff2", "-ext.woff2", ".txt")
    files = (TEMPLATES / "fonts" / f"{name}{ending}" for name in _font_names(spec) for ending in endings)
    return {f"assets/fonts/{file.name}": file.read_bytes() for file in files}
