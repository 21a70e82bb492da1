"""Read what a sandbox left behind. Nothing there is what it seems: links are not followed, sizes not believed."""

import os
import stat
from pathlib import Path


def read_untrusted(path: Path, limit: int) -> bytes:
    """The first `limit` bytes of a regular file; nothing when it is missing or anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""


def take_untrusted(source: Path, target: Path) -> bool:
    """Move a regular file out; False when there is none."""
    if not source.is_symlink() and source.is_file():
        source.rename(target)
        return True
    return False


def keep_only_plain_files(folder: Path, limit: int) -> None:
    """Remove links, sockets and devices, so that whoever serves or zips this follows none. ValueError above `limit`."""
    total = 0
    for path in sorted(folder.rglob("*"), reverse=True):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            total += status.st_size
        elif not stat.S_ISDIR(status.st_mode):
            path.unlink()
    if total > limit:
        raise ValueError(f"The built app is larger than {limit // 10**6} MB.")
