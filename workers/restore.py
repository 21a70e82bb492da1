"""Go back: an older release becomes the newest, in the workspace and on disk, byte for byte."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from builder.events import Event, FileChanged, Phase, PhaseChanged, Released
from builder.release import read_release, write_release
from builder.sandbox import remove_tree
from builder.workspace import MAIN, Workspace


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


def _restore_files(workspace: Workspace, commit: str, n: int) -> tuple[FileChanged, ...]:
    """A commit on `main` with the files of an older one, so that the next change starts from what is served."""
    wanted = workspace.read_all(commit)
    now = workspace.read_all(MAIN)
    changed: dict[str, bytes | None] = {path: data for path, data in wanted.items() if now.get(path) != data}
    changed |= {path: None for path in now if path not in wanted}
    return workspace.write(changed, f"Restore release {n}") if changed else ()
