"""Render an AppSpec with a stack into the files of an app. Pure: knows nothing of git, sandboxes or the model."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from builder.spec import AppKind, AppSpec
from builder.stack import (
    accounts,
    contact,
    efforts,
    examples,
    figures,
    formulas,
    kept,
    pages,
    previews,
    python,
    ranks,
    schedule,
    social,
    stages,
)
from builder.stack.features import Features, Folder
from builder.stack.marks import mark_files, seeds_marks
from builder.stack.migrations import migrations
from builder.stack.seed import seed_files
from builder.stack.shop import find_low_stock, find_shop
from builder.stack.static import render_static
from builder.stack.templates import Renderer
from builder.stack.views import EntityView, SpecView
from builder.stack.wording import called, spoken_words, used_words

FULLSTACK = Path(__file__).parents[2] / "templates" / "fullstack"
WORDS = {"backend/words.py.jinja", "frontend/src/words.ts.jinja"}
NO_FILES: Mapping[str, bytes] = {}


def render_stack(spec: AppSpec, previous: Mapping[str, bytes] = NO_FILES, stack: Path = FULLSTACK) -> dict[str, bytes]:
    """The files of the app, by path. Of `previous`, the last render, only the migrations matter: they are kept."""
    if spec.kind is not AppKind.FULLSTACK:
        return render_static(spec)
    spec = social.complete(spec)
    features = Features.load(stack / "features", spec)
    view = SpecView(spec, features)
    files: dict[str, bytes] = {}
    words = {
        "used_words": lambda: used_words(spec.locale, files),
        "spoken_words": lambda: spoken_words(spec.locale, files),
        "called": called(view),
    }
    found: dict[str, Any] = {"accounts": accounts.accounts(view), "shop": find_shop(view), "low_stock": find_low_stock}
    for module in (
        kept,
        python,
        formulas,
        previews,
        examples,
        stages,
        schedule,
        pages,
        efforts,
        accounts,
        figures,
        ranks,
        social,
        contact,
    ):
        found |= module.GLOBALS
    renderer = Renderer(view, features, found | words | {"seeds_marks": seeds_marks})
    folders = [Folder.base(stack / "base"), *features.folders()]
    places = [(folder, *place) for folder in folders for place in _places(folder, view, features)]
    for folder, path, entity in sorted(places, key=lambda place: place[1] in WORDS):  # after all that uses them
        content = _content(folder, path, entity, renderer)
        if content.strip() or not path.endswith(".jinja"):  # a template that comes out blank makes no file
            files[_filled(path, entity)] = content
    files |= migrations(view, previous)
    files |= seed_files(view) | mark_files(view)
    return dict(sorted(files.items()))


def _places(folder: Folder, view: SpecView, features: Features) -> Iterator[tuple[str, EntityView | None]]:
    """Each file of the folder, once, or once for each entity that the feature applies to."""
    for path in folder.files:
        if "__entity__" in path or "__Entity__" in path:
            yield from (
                (path, e) for e in view.entities if folder.feature is None or features.has(folder.feature, e.name)
            )
        else:
            yield path, None


def _filled(path: str, entity: EntityView | None) -> str:
    filled = path.removesuffix(".jinja")
    if entity is not None:
        filled = filled.replace("__entity__", entity.name).replace("__Entity__", entity.class_name)
    assert ".." not in PurePosixPath(filled).parts
    return filled


def _content(folder: Folder, path: str, entity: EntityView | None, renderer: Renderer) -> bytes:
    data = folder.files[path]
    if not path.endswith(".jinja"):
        return data
    text = renderer.render(data.decode(), f"{folder.name}/{path}", entity)
    return (_tidied(text) if path.endswith(".py.jinja") else text).encode()


def _tidied(text: str) -> str:
    """Python as formatters leave it where a template's optional parts left blank lines behind."""
    text = re.sub(r"\n{4,}", "\n\n\n", re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE))
    return text.rstrip("\n") + "\n"
