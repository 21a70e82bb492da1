"""The files that people sent to an app, moved about with its database: only what looks like one, through no link.

Those of `app.sqlite` lie in `uploads` beside it, where the app looks for them; those of any other copy of a database
in a folder that is named after it.
"""

import io
import os
import re
import shutil
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from builder.sandbox import remove_tree

NAME = re.compile(r"[0-9a-f]{32}\.[a-z]{3,4}")
LARGEST_FOLDER = 400_000_000
CHUNK = 1024 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Non-blocking, or opening a pipe would wait for its other end.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def uploads_of(database: Path) -> Path:
    return database.with_name("uploads") if database.name == "app.sqlite" else database.with_suffix(".uploads")


def copy_uploads(source: Path, target: Path) -> None:
    """Make the uploads of the database `target` those of `source`. A stored file never changes, so that one which is
    there already is left.
    """
    folder = uploads_of(target)
    wanted: set[str] = set()
    for name, size, file in _stored(uploads_of(source)):
        folder.mkdir(exist_ok=True)
        wanted.add(name)
        kept = folder / name
        if not (kept.is_file() and kept.stat().st_size == size):
            with kept.open("wb") as out:
                shutil.copyfileobj(file, out, CHUNK)
    if folder.is_dir():
        for stray in [path for path in folder.iterdir() if path.name not in wanted]:
            remove_tree(stray)


def packed_uploads(database: Path) -> Iterator[bytes]:
    """The same as a TAR, part by part."""
    for name, size, file in _stored(uploads_of(database)):
        about = tarfile.TarInfo(name)
        about.size = size
        yield about.tobuf()
        sent = 0
        while sent < size and (part := file.read(min(CHUNK, size - sent))):
            sent += len(part)
            yield part
        yield b"\0" * (size - sent + -size % tarfile.BLOCKSIZE)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


def unpack_uploads(packed: Path, database: Path) -> None:
    folder = uploads_of(database)
    remove_tree(folder)
    folder.mkdir()
    with tarfile.open(packed) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() and NAME.fullmatch(member.name) else None
            if file is not None:
                with file, (folder / member.name).open("wb") as out:
                    shutil.copyfileobj(file, out, CHUNK)


def _stored(folder: Path) -> Iterator[tuple[str, int, io.BufferedReader]]:
    """The name, size and content of each file, as many as may be together."""
    try:
        descriptor = os.open(folder, _FOLDER)
    except OSError:  # there is none, or an app put something else there
        return
    total = 0
    try:
        with os.scandir(descriptor) as entries:
            names = sorted(entry.name for entry in entries)
        for name in names:
            opened = _opened(name, descriptor)
            if opened is None:
                continue
            with opened as file:
                size = os.fstat(file.fileno()).st_size
                total += size
                if total > LARGEST_FOLDER:
                    return
                yield name, size, file
    finally:
        os.close(descriptor)


def _opened(name: str, folder: int) -> io.BufferedReader | None:
    if not NAME.fullmatch(name):
        return None
    try:
        file = os.fdopen(os.open(name, _FILE, dir_fd=folder), "rb")
    except OSError:  # gone again, or a link
        return None
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    return None
