"""Read what a sandbox left behind. Nothing there is what it seems: links are not followed, sizes not believed."""

import os
import stat
from pathlib import Path


class UnfitAppError(ValueError):
    """What a build left behind can't become a release; the message is a sentence."""


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
    """Remove links, sockets and devices, so that whoever serves or zips this follows none; open what was locked."""
    total, waiting = 0, [folder]
    while waiting:
        current = waiting.pop()
        try:
            current.chmod(0o755)
            entries = list(os.scandir(current))
        except OSError as error:  # a name longer than the system takes
            raise UnfitAppError(f"The built app has folders that can't be read: {error.strerror}.") from error
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                total += entry.stat(follow_symlinks=False).st_size
            else:
                Path(entry.path).unlink()
    if total > limit:
        raise UnfitAppError(f"The built app is larger than {limit // 10**6} MB.")
