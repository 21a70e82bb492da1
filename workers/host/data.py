"""An app's database, moved about. What an app wrote is opened inside the sandbox only; outside, bytes are copied."""

import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from builder.sandbox import PREVIEW_LIMITS, Command, Mount
from workers.host.machine import Machine

DATABASE = "app.sqlite"
LARGEST = PREVIEW_LIMITS.disk_mb * 1024 * 1024
LIVE, COPY = "/live", "/copy"
COPY_LIMITS = replace(PREVIEW_LIMITS, cpu_seconds=60, wall_seconds=60, file_mb=PREVIEW_LIMITS.disk_mb)

CENSUS_SCRIPT = Path(__file__).with_name("take_census.py").read_text()
COPY_SCRIPT = Path(__file__).with_name("copy_database.py").read_text()


class DatabaseError(Exception):
    """A database can't be read or is no database any more."""


async def copy_live(machine: Machine, live: Path, target: Path) -> str:
    """Copy the database in `live` to an empty folder, consistently, also while its app runs.

    The answer is a mark: as long as `mark_of(live)` is the same, nobody has written since.
    """
    mark = mark_of(live)  # before the copy, so that a write in between shows as one too many, never as none
    finished = await machine.run(_copy_command(machine, live, target))
    if not finished.ok:
        reason = finished.stderr.strip() or f"{finished.ending.value}, status {finished.code}"
        raise DatabaseError(f"The app's database can't be copied: {reason[-300:]}.")
    return mark


async def take_census(machine: Machine, database: Path) -> Any:
    """How many rows and values a copy of a database holds; what it says is an app's word, and no more than numbers."""
    folder = database.parent
    command = _command(machine, CENSUS_SCRIPT, (f"{COPY}/{database.name}",), (Mount(folder, COPY, writable=True),))
    finished = await machine.run(command)
    try:
        return json.loads(finished.stdout) if finished.ok else {}
    except ValueError:
        return {}


def mark_of(live: Path) -> str:
    return " ".join(_mark(live / name) for name in (DATABASE, f"{DATABASE}-wal", "uploads"))


def has_database(folder: Path) -> bool:
    return os.path.lexists(folder / DATABASE)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file that an app may have made: a regular one and not a huge one, through no link."""
    draft = target.with_name(f".{target.name}.new")
    with open_regular(source) as file, draft.open("wb") as out:
        shutil.copyfileobj(file, out, 1024 * 1024)
    draft.replace(target)


@contextmanager
def open_regular(path: Path) -> Iterator[BinaryIO]:
    try:
        # Non-blocking, or opening a pipe would wait for its other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DatabaseError(f"The app's database can't be opened: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
            raise DatabaseError("The app's database is no ordinary file, or too large.")
        yield file


def _copy_command(machine: Machine, live: Path, target: Path) -> Command:
    files = (f"{LIVE}/{DATABASE}", f"{COPY}/{DATABASE}")
    return _command(machine, COPY_SCRIPT, files, (Mount(live, LIVE), Mount(target, COPY, writable=True)))


def _command(machine: Machine, script: str, files: tuple[str, ...], mounts: tuple[Mount, ...]) -> Command:
    return Command(
        (machine.python, "-I", "-c", script, *files),
        mounts=(*mounts, Mount(machine.runtime, str(machine.runtime))),
        cwd="/",
        limits=COPY_LIMITS,
    )


def _mark(path: Path) -> str:
    try:
        about = os.lstat(path)
    except FileNotFoundError:
        return "none"
    return f"{about.st_ino}.{about.st_size}.{about.st_mtime_ns}"
