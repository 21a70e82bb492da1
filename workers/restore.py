"""Go back: an older release becomes the newest, in the workspace and on disk, byte for byte."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from builder.events import Event, FileChanged, Phase, PhaseChanged, Released, SpecDrafted
from builder.release import read_release, write_release
from builder.sandbox import remove_tree
from builder.workspace import MAIN, Workspace
from workers.models import Build, BuildKind, StoredEvent


class RestoreError(RuntimeError):
    """The release is not there any more; the message is a sentence."""


def restore_release(workspace: Path, releases: Path, n: int, number: int) -> Iterator[Event]:
    yield PhaseChanged(Phase.RENDERING)
    source = releases / str(n)
    try:
        old = read_release(source)
    except FileNotFoundError as error:
        raise RestoreError(f"Release {n} is no longer on disk.") from error
    yield from _restore_files(Workspace.open(workspace), old.commit, n)
    stage = releases / f".{number}.stage"
    remove_tree(stage)
    shutil.copytree(source, stage, symlinks=True)
    commit = Workspace(workspace).require(MAIN)
    release = replace(
        old, n=number, commit=commit, created_at=datetime.now(UTC).isoformat(), path=releases / str(number)
    )
    write_release(release, stage)
    stage.rename(release.path)  # atomic: nobody ever sees half a release
    yield Released(number, commit, release.path)


def spec_of(session: Session, project_id: str, n: int) -> dict[str, Any] | None:
    """The AppSpec that release `n` was made from: told by its build, or by the build of the release it repeats."""
    build = session.scalars(select(Build).where(Build.project_id == project_id, Build.release == n)).first()
    if build is None:
        return None
    if build.kind == BuildKind.RESTORE:
        return spec_of(session, project_id, build.payload["n"])
    told = select(StoredEvent.data).where(StoredEvent.build_id == build.id, StoredEvent.event == SpecDrafted.kind)
    data = session.scalars(told.order_by(StoredEvent.id.desc())).first()
    return data["spec"] if data else None


def _restore_files(workspace: Workspace, commit: str, n: int) -> tuple[FileChanged, ...]:
    """A commit on `main` with the files of an older one, so that the next change starts from what is served."""
    wanted = workspace.read_all(commit)
    now = workspace.read_all(MAIN)
    changed: dict[str, bytes | None] = {path: data for path, data in wanted.items() if now.get(path) != data}
    changed |= {path: None for path in now if path not in wanted}
    return workspace.write(changed, f"Restore release {n}") if changed else ()
