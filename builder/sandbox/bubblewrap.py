"""The sandbox made of Linux namespaces, by bubblewrap: no network, no other process, nothing of the disk but mounts.

As an ordinary user one bubblewrap does it. As root two do: the outer one shows only what is needed in a small tree of
its own, also where the project lies in a folder closed to others; then all of root's power is dropped for a user that
owns nothing else; as that one the inner bubblewrap makes the sandbox, which never has root's user id on the machine.
"""

import contextlib
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from builder.sandbox import seccomp, view
from builder.sandbox.cage import NamespaceCage
from builder.sandbox.cgroup import Cgroup, CgroupTree, remove_stale
from builder.sandbox.interface import Command, Finished, Level, Limits, Process
from builder.sandbox.ownership import Lease
from builder.sandbox.plumbing import Plumbing
from builder.sandbox.process import WatchedProcess
from builder.sandbox.view import Bind

_NAMESPACES = ("--unshare-all", "--unshare-user", "--uid", str(view.UID), "--gid", str(view.UID))
_HARDENED = ("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv", "--hostname", "app")


@dataclass(frozen=True)
class Programs:
    """Absolute paths, found once: nothing is looked up by name later."""

    bwrap: str
    prlimit: str
    setpriv: str
    disables_namespaces: bool = True  # from bubblewrap 0.8 on; the system call filter refuses them in any case


class BubblewrapSandbox:
    def __init__(self, level: Level, programs: Programs, tree: CgroupTree | None) -> None:
        self._level = level
        self._programs = programs
        self._tree = tree
        if tree:
            remove_stale(tree)

    @property
    def level(self) -> Level:
        return self._level

    def run(self, command: Command, *, cancelled: Callable[[], bool] = lambda: False) -> Finished:
        return self._start(command).wait_unless(cancelled)

    def start(self, command: Command) -> Process:
        return self._start(command)

    def _start(self, command: Command) -> WatchedProcess:
        began = time.monotonic()
        binds = view.binds_of(command.mounts)
        writable = [Path(bind.source) for bind in binds if bind.writable]
        with Plumbing() as plumbing, contextlib.ExitStack() as undo:
            cgroup = undo.enter_context(Cgroup(self._tree, command.limits)) if self._tree else None
            lease = undo.enter_context(Lease(writable)) if self._level is Level.ROOT else None
            if lease:
                argv = self._as_other_user(command, binds, lease.user, plumbing)
            else:
                argv = self._inner(command, binds, plumbing.control(), plumbing)
            popen, first, handle = plumbing.spawn(argv, command.inherit, undo)
            if cgroup:
                cgroup.add(first)
            plumbing.let_go()
            cage = NamespaceCage(first, handle, cgroup, lease, undo.pop_all())
            return WatchedProcess(popen, cage, command.limits, writable, began)

    def _as_other_user(self, command: Command, binds: Sequence[Bind], user: int, plumbing: Plumbing) -> list[str]:
        # Its processes are a namespace, because "die with parent" ends where a parent may not signal another user.
        arguments = ["--die-with-parent", "--unshare-pid", "--unshare-ipc", "--clearenv", *plumbing.control()]
        arguments += view.outside_arguments(binds)
        shown = [replace(bind, source=f"{view.MOUNTS}/{number}") for number, bind in enumerate(binds)]
        drop = [f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
        drop += ["--no-new-privs", "--", *self._inner(command, shown, [], plumbing)]
        return [self._programs.bwrap, *plumbing.arguments(arguments), "--", self._programs.setpriv, *drop]

    def _inner(self, command: Command, binds: Sequence[Bind], control: list[str], plumbing: Plumbing) -> list[str]:
        arguments = [*control, *_NAMESPACES, *_HARDENED]
        if self._programs.disables_namespaces:
            arguments.append("--disable-userns")
        etc = {name: plumbing.file_of(text.encode()) for name, text in view.ETC.items()}
        for name, value in {**view.ENVIRONMENT, **command.env}.items():
            arguments += ["--setenv", name, value]
        arguments += view.inside_arguments(binds, etc, command.limits)
        arguments += ["--chdir", command.cwd, "--seccomp", str(plumbing.file_of(seccomp.filter_program()))]
        program = [self._programs.prlimit, *_rlimits(command.limits), "--", *command.argv]
        return [self._programs.bwrap, *plumbing.arguments(arguments), "--", *program]


def _rlimits(limits: Limits) -> list[str]:
    """Set by a program inside, so that they bind from its first instruction and processes are counted in here only."""
    values = {
        "nproc": limits.processes,
        "fsize": limits.file_mb * 2**20,
        "nofile": limits.open_files,
        "core": 0,
        "msgqueue": 0,
    }
    if limits.address_space_mb is not None:
        values["as"] = limits.address_space_mb * 2**20
    cpu = _allowed("cpu", limits.cpu_seconds)
    # First a signal that says why, then the end.
    return [f"--cpu={cpu}:{_allowed('cpu', cpu + 1)}", *(f"--{name}={_allowed(name, values[name])}" for name in values)]


def _allowed(name: str, value: int) -> int:
    """No more than this process may have itself: nobody can give more."""
    hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
    return value if hard == resource.RLIM_INFINITY else min(value, hard)
