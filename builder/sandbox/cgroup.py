"""Control groups: memory, processes and CPU of one sandbox, counted and capped together. Only root can make them here.

Version 2 is one tree under the root of which we may make groups; version 1 is a tree per controller, where ours are
nested under this process's own. Where neither is writable there are none, and watchdogs do what they can.
"""

import contextlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from builder.sandbox.interface import Limits

CONTROLLERS = ("memory", "pids", "cpu")
PREFIX = "protodex-"
_OWN_PROCESSES = 4  # bubblewrap's own, and what starts the program
_PERIOD = 100_000
_SHARES, _WEIGHT = 1024, 100  # of a group that nothing is said of, in version 1 and 2


@dataclass(frozen=True)
class CgroupTree:
    """Where groups can be made: a parent folder per controller (the same one for version 2)."""

    version: Literal[1, 2]
    parents: dict[str, Path]


class Cgroup:
    """One group. `remove` kills what may still be in it."""

    def __init__(self, tree: CgroupTree, limits: Limits) -> None:
        self._version = tree.version
        name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        self._folders = {controller: parent / name for controller, parent in tree.parents.items()}
        for folder in set(self._folders.values()):
            folder.mkdir()
        for controller, file, value in (_limits_v2 if tree.version == 2 else _limits_v1)(limits):
            _write(self._folders[controller] / file, value)

    def add(self, pid: int) -> None:
        for folder in set(self._folders.values()):
            (folder / "cgroup.procs").write_text(str(pid))

    def out_of_memory(self) -> bool:
        """Whether the kernel killed a process in here for its memory."""
        file = "memory.events" if self._version == 2 else "memory.oom_control"
        words = (self._folders["memory"] / file).read_text().split()
        return "oom_kill" in words and words[words.index("oom_kill") + 1] != "0"

    def __enter__(self) -> "Cgroup":
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self, patience: float = 2.0) -> None:
        for folder in set(self._folders.values()):
            remove_folder(folder, patience)


def find_tree(
    mountinfo: Path = Path("/proc/self/mountinfo"), own: Path = Path("/proc/self/cgroup"), patience: float = 2.0
) -> CgroupTree | None:
    """The tree that really works: one group is made in it and removed again."""
    lines = mountinfo.read_text().splitlines()
    versions: tuple[Literal[2, 1], ...] = (2, 1)
    for version in versions:
        parents = _parents_v2(lines) if version == 2 else _parents_v1(lines, own.read_text())
        if parents is None:
            continue
        tree = CgroupTree(version, parents)
        with contextlib.suppress(OSError):
            Cgroup(tree, Limits()).remove(patience)
            return tree
    return None


def remove_stale(tree: CgroupTree) -> None:
    """Remove the groups of processes of ours that were killed before they could."""
    for parent in set(tree.parents.values()):
        for folder in parent.glob(f"{PREFIX}*-*"):
            owner = folder.name.removeprefix(PREFIX).split("-")[0]
            if not Path("/proc", owner).exists():
                remove_folder(folder)


def remove_folder(folder: Path, patience: float = 2.0) -> None:
    deadline = time.monotonic() + patience
    while folder.exists():
        try:
            folder.rmdir()
        except OSError:  # busy for some milliseconds after the last process has gone
            if time.monotonic() > deadline:
                raise
            with contextlib.suppress(OSError):
                for pid in (folder / "cgroup.procs").read_text().split():
                    os.kill(int(pid), 9)
            time.sleep(0.01)


def _parents_v2(mountinfo: list[str]) -> dict[str, Path] | None:
    """`PREFIX` under the root of the tree: only the root may hold processes and hand controllers down."""
    for line in mountinfo:
        fields = line.split()
        if " - cgroup2 " not in line:
            continue
        root = Path(fields[4])
        try:
            if not set(CONTROLLERS) <= set((root / "cgroup.controllers").read_text().split()):
                return None
            wanted = " ".join(f"+{name}" for name in CONTROLLERS)
            (root / "cgroup.subtree_control").write_text(wanted)
            parent = root / "protodex"
            parent.mkdir(exist_ok=True)
            (parent / "cgroup.subtree_control").write_text(wanted)
        except OSError:
            return None
        return dict.fromkeys(CONTROLLERS, parent)
    return None


def _parents_v1(mountinfo: list[str], own_groups: str) -> dict[str, Path] | None:
    own = {
        name: path
        for _, names, path in (line.split(":", 2) for line in own_groups.splitlines())
        for name in names.split(",")
    }
    parents = {}
    for line in mountinfo:
        if " - cgroup " not in line:
            continue
        fields = line.split()
        for name in set(CONTROLLERS) & set(fields[-1].split(",")) & own.keys():
            inside = os.path.relpath(own[name], fields[3])  # in a container, the mount shows only a part of the tree
            parents[name] = Path(fields[4], "" if inside.startswith("..") else inside)
    return parents if parents.keys() == set(CONTROLLERS) else None


def _limits_v1(limits: Limits) -> list[tuple[str, str, str]]:
    memory = str(limits.memory_mb * 2**20)
    return [
        ("memory", "memory.limit_in_bytes", memory),
        ("memory", "memory.memsw.limit_in_bytes", memory),
        ("pids", "pids.max", str(limits.processes + _OWN_PROCESSES)),
        ("cpu", "cpu.shares", str(int(limits.weight * _SHARES))),
        ("cpu", "cpu.cfs_period_us", str(_PERIOD)),
        ("cpu", "cpu.cfs_quota_us", str(int(limits.cpus * _PERIOD) if limits.cpus else -1)),
    ]


def _limits_v2(limits: Limits) -> list[tuple[str, str, str]]:
    return [
        ("memory", "memory.max", str(limits.memory_mb * 2**20)),
        ("memory", "memory.swap.max", "0"),
        ("memory", "memory.oom.group", "1"),
        ("pids", "pids.max", str(limits.processes + _OWN_PROCESSES)),
        ("cpu", "cpu.weight", str(int(limits.weight * _WEIGHT))),
        ("cpu", "cpu.max", f"{int(limits.cpus * _PERIOD) if limits.cpus else 'max'} {_PERIOD}"),
    ]


def _write(file: Path, value: str) -> None:
    if "sw" in file.name and not file.exists():
        return  # the kernel accounts no swap
    file.write_text(value)
