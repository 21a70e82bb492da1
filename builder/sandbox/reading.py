"""Read what a sandboxed program left in a writable folder. It may have left anything: links, pipes, endless files.

Whoever reads such a folder on the host reads it like this, or copies links as links: nothing in it is followed.
"""

import os
import stat
from pathlib import Path, PurePosixPath


class UnreadableError(ValueError):
    """What lies there is not an ordinary file of a sensible size inside the folder."""


def read_inside(folder: Path, name: str, limit: int = 16 * 2**20) -> bytes:
    """The content of the ordinary file `name`, at most `limit` bytes; no part of the way may be a link."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise UnreadableError(f"{name!r} is not a path inside the folder.")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for number, part in enumerate(parts, 1):
            # Not blocking, because opening a named pipe would wait for a writer for ever.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            flags |= os.O_DIRECTORY if number < len(parts) else 0
            parent, descriptor = descriptor, _open(part, flags, descriptor, name)
            os.close(parent)
        return _read(descriptor, name, limit)
    finally:
        os.close(descriptor)


def _open(part: str, flags: int, parent: int, name: str) -> int:
    try:
        return os.open(part, flags, dir_fd=parent)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(f"{name!r} is not an ordinary file: {error.strerror}.") from error


def _read(descriptor: int, name: str, limit: int) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise UnreadableError(f"{name!r} is not an ordinary file.")
    with open(descriptor, "rb", closefd=False) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise UnreadableError(f"{name!r} is larger than {limit} bytes.")
    return content
