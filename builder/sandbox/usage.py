"""What running processes and folders use, read from /proc and the file system. Knows nothing of sandboxes."""

import os
import stat
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
DEEPEST = 200  # folders; deeper than any app's, and below where path names end
_INODE = 1024  # what an empty file costs at least


def descendants(pid: int) -> list[int]:
    """`pid` and everything below it. Orphans go to their namespace's first process, so nobody gets out of its tree."""
    found, todo = [], [pid]
    while todo:
        process = todo.pop()
        found.append(process)
        for thread in _entries(Path(f"/proc/{process}/task")):
            with suppress(OSError):  # it has ended
                todo += map(int, (thread / "children").read_text().split())
    return found


def pss_mb(pids: Iterable[int]) -> float:
    """Proportional set size: pages shared by several are counted once."""
    return sum(_pss_kb(pid) for pid in pids) / 1024


def rss_mb(pids: Iterable[int]) -> float:
    """At least what `pss_mb` says, and cheaper: shared pages are counted in every process."""
    pages = 0
    for pid in pids:
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
    return pages * _PAGE_KB / 1024


def available_mb() -> float:
    """The memory that programs can still have without swapping."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable:")), 0.0)


def folder_bytes(folder: Path, limit: int) -> int:
    """The disk space of a folder, links not followed; counting stops above `limit`.

    What can't be looked into, as it is locked, very deep or under very long names, was made to hide: it is too much.
    """
    total, todo = 0, [(str(folder), 0)]
    while todo and total <= limit:
        path, depth = todo.pop()
        if depth > DEEPEST:
            return limit + 1
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    with suppress(FileNotFoundError):
                        total += max(entry.stat(follow_symlinks=False).st_blocks * 512, _INODE)
                    if total > limit:
                        break
                    if entry.is_dir(follow_symlinks=False):
                        todo.append((entry.path, depth + 1))
        except (FileNotFoundError, NotADirectoryError):
            continue  # removed meanwhile
        except OSError:
            return limit + 1
    return total


def unlinked_bytes(pids: Iterable[int], disks: Collection[int]) -> int:
    """The space of files on `disks` (device numbers) that have no name any more and are only held open."""
    sizes: dict[tuple[int, int], int] = {}
    for pid in pids:
        for descriptor in _entries(Path(f"/proc/{pid}/fd")):
            with suppress(OSError):  # closed meanwhile
                status = descriptor.stat()
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0 and status.st_dev in disks:
                    sizes[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(sizes.values())


def disks_of(folders: Iterable[Path]) -> set[int]:
    """The device numbers of the folders; one that was removed meanwhile has none."""
    disks = set()
    for folder in folders:
        with suppress(FileNotFoundError):
            disks.add(folder.stat().st_dev)
    return disks


@cache
def memory_disk() -> int:
    """The device number of files that are made of memory alone (`memfd_create`), which no process size counts."""
    descriptor = os.memfd_create("probe")
    try:
        return os.fstat(descriptor).st_dev
    finally:
        os.close(descriptor)


def _pss_kb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass  # it has ended
    return 0


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []  # the process has ended
