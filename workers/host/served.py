"""What is served, as it is kept in `host/ID/current.json`: the one record that decides. Knows nothing of processes."""

import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PROJECT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
CURRENT = "current.json"


@dataclass(frozen=True)
class Release:
    """What was asked to be served: `path` is the release's folder."""

    slug: str
    n: int
    path: Path

    @property
    def code(self) -> Path:
        return self.path / "app"

    @cached_property
    def is_static(self) -> bool:
        """Whether it is plain files, an artifact or a deck: served by the host itself, with nothing running."""
        return not (self.code / "backend").exists() and (self.code / "index.html").is_file()

    @property
    def snapshot(self) -> Path:
        return self.path / "snapshot.sqlite"


@dataclass(frozen=True)
class Served:
    """A release with its live data; `data` is the name of the folder beside `current.json` that holds the database."""

    release: Release
    data: str


def read_served(folder: Path, root: Path) -> Served | None:
    try:
        kept = json.loads((folder / CURRENT).read_text())
    except FileNotFoundError:
        return None
    return Served(Release(kept["slug"], kept["release"], root / kept["path"]), kept["data"])


def write_served(folder: Path, root: Path, served: Served) -> None:
    """Paths are kept relative to `root`: the whole folder may move."""
    release = served.release
    kept = {
        "slug": release.slug,
        "release": release.n,
        "path": str(release.path.relative_to(root)),
        "data": served.data,
    }
    draft = folder / f"{CURRENT}.new"
    with draft.open("w") as file:
        json.dump(kept, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / CURRENT)  # atomic: a host that dies serves either the old release or the new one
