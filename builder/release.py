"""Releases on disk: immutable and numbered. A stage becomes a release by one rename, whole or not at all."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from builder.events import Checked
from builder.sandbox import Process, remove_tree
from builder.spec import AppKind
from builder.stack.static import kind_of_tree
from builder.untrusted import keep_only_plain_files, read_untrusted, take_untrusted
from builder.uploads import copy_uploads
from builder.workspace import Workspace

MAX_APP_BYTES = 200_000_000
MAX_THUMBNAIL_BYTES = 4_000_000
PNG = b"\x89PNG\r\n\x1a\n"


class Probe(Protocol):
    """A check that stands by in the folders of a stage, started before there was anything in them."""

    def begin(self, kind: AppKind) -> Process: ...
    def stop(self) -> None: ...


@dataclass(frozen=True)
class Stage:
    """A release in the making: the app's tree, its database folder, what probes report and what they wait for.

    It lies among the `releases` it will be one of, or on the same disk where a `probe` stands by in it.
    """

    path: Path
    releases: Path
    probe: Probe | None = None

    @property
    def app(self) -> Path:
        return self.path / "app"

    @property
    def backend(self) -> Path:
        return self.app / "backend"

    @property
    def dist(self) -> Path:
        return self.app / "frontend" / "dist"

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def out(self) -> Path:
        return self.path / "out"

    @property
    def types(self) -> Path:
        """Outlives the stage: what tsc remembers of the build before. Nothing but tsc ever writes there."""
        return self.releases / ".types"

    @property
    def signals(self) -> Path:
        return self.path / "signals"

    def signal(self, name: str) -> None:
        (self.signals / name).touch()


@dataclass(frozen=True)
class Release:
    n: int
    commit: str
    created_at: str
    checks: tuple[dict[str, Any], ...]
    path: Path
    score: int | None = None

    @property
    def app(self) -> Path:
        return self.path / "app"

    @property
    def snapshot(self) -> Path:
        return self.path / "snapshot.sqlite"


def empty_stage(path: Path, releases: Path) -> Stage:
    stage = Stage(path, releases)
    remove_tree(stage.path)
    for folder in (stage.app, stage.data, stage.out, stage.signals):
        folder.mkdir(parents=True)
    return stage


def stage_release(
    workspace: Workspace, commit: str, releases: Path, n: int, data: Path | None, ready: Stage | None = None
) -> Stage:
    """Lay out `commit` for the checks; `data` is a copy of the live database that its migrations must cope with.

    `ready` is an empty stage to take.
    """
    releases.mkdir(parents=True, exist_ok=True)
    stage = replace(ready, releases=releases) if ready else empty_stage(releases / f".{n}.stage", releases)
    try:
        _fill(stage, workspace, commit, data)
    except BaseException:
        discard(stage)
        raise
    return stage


def _fill(stage: Stage, workspace: Workspace, commit: str, data: Path | None) -> None:
    workspace.checkout(commit, stage.app)
    if stage.backend.exists() and not any(stage.backend.iterdir()):
        stage.backend.rmdir()  # it was ready for an app that has a back end
    if kind_of_tree(stage.app) is AppKind.FULLSTACK:  # plain files are neither built nor migrated
        stage.dist.mkdir(parents=True, exist_ok=True)
        if data is not None:
            shutil.copyfile(data, stage.data / "app.sqlite")
            copy_uploads(data, stage.data / "app.sqlite")


def publish(stage: Stage, n: int, commit: str, checks: Iterable[Checked]) -> Release:
    keep_only_plain_files(stage.app, MAX_APP_BYTES)
    copy_uploads(stage.data / "app.sqlite", stage.path / "snapshot.sqlite")
    take_untrusted(stage.data / "app.sqlite", stage.path / "snapshot.sqlite")
    thumbnail = read_untrusted(stage.out / "thumbnail.png", MAX_THUMBNAIL_BYTES)
    if thumbnail.startswith(PNG):
        (stage.path / "thumbnail.png").write_bytes(thumbnail)
    for folder in (stage.data, stage.out, stage.signals):
        remove_tree(folder)
    release = Release(
        n, commit, datetime.now(UTC).isoformat(), tuple(asdict(c) for c in checks), stage.releases / str(n)
    )
    write_release(release, stage.path)
    stage.path.rename(release.path)  # atomic: nobody ever sees half a release
    return release


def discard(stage: Stage) -> None:
    if stage.probe:
        stage.probe.stop()
    remove_tree(stage.path)


def next_release(releases: Path) -> int:
    """One more than any release that was ever published, served or not: a number is never used twice."""
    return max((int(entry.name) for entry in releases.glob("*") if entry.name.isdigit()), default=0) + 1


def read_release(path: Path) -> Release:
    values = json.loads((path / "release.json").read_text())
    return Release(**{**values, "checks": tuple(values["checks"])}, path=path)


def write_release(release: Release, folder: Path | None = None) -> None:
    values = {name: value for name, value in asdict(release).items() if name != "path"}
    target = (folder or release.path) / "release.json"
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(values, indent=1))
    fresh.rename(target)
