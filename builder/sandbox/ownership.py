"""Whose files a sandbox's writable folders are, when root runs it: a user id that nothing else has, while it runs."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

_FIRST, _COUNT = 0x1000_0000, 0x6000_0000  # far above the users and the containers' ranges of usual machines
_SMALL_FIRST, _SMALL_COUNT = 20_000, 40_000  # inside a container that has few user ids


def user_for(folders: Sequence[Path]) -> int:
    """The same folders, the same user: two sandboxes that share one don't lock each other out. Otherwise a new one."""
    first, count = _range()
    if not folders:
        return first + secrets.randbelow(count)
    identity = min((status.st_dev, status.st_ino) for status in (folder.stat() for folder in folders))
    digest = hashlib.sha256(repr(identity).encode()).digest()
    return first + int.from_bytes(digest[:8]) % count


def give_to(user: int, folders: Iterable[Path]) -> None:
    """Make `user` the owner of everything in the folders. Links are changed themselves, never followed.

    The kernel takes away set-user-id bits with the change, so nothing made inside gets anybody else's power.
    """
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        _give(user, descriptor)


def _give(user: int, descriptor: int) -> None:
    """Walk by descriptors, so that no folder can be swapped for a link to another place on the way."""
    try:
        if os.fstat(descriptor).st_uid != user:
            os.fchown(descriptor, user, user)
        with os.scandir(descriptor) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                        _give(user, os.open(entry.name, flags, dir_fd=descriptor))
                elif entry.stat(follow_symlinks=False).st_uid != user:
                    with contextlib.suppress(FileNotFoundError):
                        os.chown(entry.name, user, user, dir_fd=descriptor, follow_symlinks=False)
    finally:
        os.close(descriptor)


def _range() -> tuple[int, int]:
    spans = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    whole = any(inside == 0 and count >= _FIRST + _COUNT for inside, _, count in spans)
    return (_FIRST, _COUNT) if whole else (_SMALL_FIRST, _SMALL_COUNT)
