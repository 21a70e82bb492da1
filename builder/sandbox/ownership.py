"""Whose files a sandbox's writable folders are, when root runs it: a user id that nothing else has, while it runs."""

import contextlib
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from builder.sandbox import usage

_FIRST, _COUNT = 0x1000_0000, 0x6000_0000  # far above the users and the containers' ranges of usual machines
_SMALL_FIRST, _SMALL_COUNT = 20_000, 40_000  # inside a container that has few user ids
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK_SECONDS = 1.0


class Lease:
    """The folders belong to `user` until it is closed; then to this process's user again, unless others use them too.

    Users of a folder hold a shared lock on it. Who gets an exclusive one is the last. A program inside may lock its
    folder as well: that only delays others who would share the folder with it.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.user = user_for(folders)
        self._folders = folders
        self._descriptors: list[int] = []

    def __enter__(self) -> "Lease":
        try:
            for folder in self._folders:
                self._descriptors.append(os.open(folder, _FOLDER))
                _lock(self._descriptors[-1])
            self.renew()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            for folder, descriptor in zip(self._folders, self._descriptors, strict=True):
                with contextlib.suppress(BlockingIOError, FileNotFoundError):  # still shared, or removed meanwhile
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    give_to(os.getuid(), [folder])
        finally:
            self._close()

    def renew(self) -> None:
        """Take in what was put into the folders since; one that was removed needs nothing."""
        for folder in self._folders:
            with contextlib.suppress(FileNotFoundError):
                give_to(self.user, [folder])

    def _close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []


def user_for(folders: Sequence[Path]) -> int:
    """The same folders, the same user: two sandboxes that share one don't lock each other out. Otherwise a new one."""
    first, count = _range()
    if not folders:
        return first + secrets.randbelow(count)
    identity = min((status.st_dev, status.st_ino) for status in (folder.stat() for folder in folders))
    digest = hashlib.sha256(repr(identity).encode()).digest()
    return first + int.from_bytes(digest[:8]) % count


def _lock(descriptor: int) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        time.sleep(0.01)
    return None


def give_to(user: int, folders: Iterable[Path]) -> None:
    """Make `user` the owner of everything in the folders. Links are changed themselves, never followed.

    The kernel takes away set-user-id bits with the change, so nothing made inside gets anybody else's power.
    """
    for folder in folders:
        _give(user, os.open(folder, _FOLDER))


def _give(user: int, descriptor: int, depth: int = 0) -> None:
    """Walk by descriptors, so that no folder can be swapped for a link to another place on the way."""
    try:
        if os.fstat(descriptor).st_uid != user:
            os.fchown(descriptor, user, user)
        with os.scandir(descriptor) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if depth == usage.DEEPEST:
                        continue  # no app goes there; what lies below stays another user's, who is nobody
                    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                        _give(user, os.open(entry.name, _FOLDER, dir_fd=descriptor), depth + 1)
                elif entry.stat(follow_symlinks=False).st_uid != user:
                    with contextlib.suppress(FileNotFoundError):
                        os.chown(entry.name, user, user, dir_fd=descriptor, follow_symlinks=False)
    finally:
        os.close(descriptor)


def _range() -> tuple[int, int]:
    spans = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    whole = any(inside == 0 and count >= _FIRST + _COUNT for inside, _, count in spans)
    return (_FIRST, _COUNT) if whole else (_SMALL_FIRST, _SMALL_COUNT)
