"""No sandbox at all: plain programs with limits, for a person who trusts what they build on a machine of their own.

The same commands work: where one names a path inside, here it gets the path outside. Apps see the network, the
machine's files and each other. Never used unless the setting says `unsafe`.
"""

import contextlib
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from builder.sandbox import spawner, usage, view
from builder.sandbox.interface import APP, NODE_MODULES, Command, Finished, Level, Limits, Mount, Process
from builder.sandbox.process import WatchedProcess

_GONE_SECONDS = 5


class UnsafeSandbox:
    def __init__(self, state_dir: Path) -> None:
        self._folders = state_dir / "tmp"
        self._prlimit, self._setpriv = shutil.which("prlimit"), shutil.which("setpriv")

    @property
    def level(self) -> Level:
        return Level.UNSAFE

    def run(self, command: Command, *, cancelled: Callable[[], bool] = lambda: False) -> Finished:
        return self._start(command).wait_unless(cancelled)

    def start(self, command: Command) -> Process:
        return self._start(command)

    def _start(self, command: Command) -> WatchedProcess:
        began = time.monotonic()
        self._folders.mkdir(parents=True, exist_ok=True)
        tmp = Path(tempfile.mkdtemp(dir=self._folders))
        try:
            mounts = [
                Mount(mount.source.resolve(strict=True), mount.target, mount.writable) for mount in command.mounts
            ]
            outside = _translation(mounts)
            env = {**view.ENVIRONMENT, "HOME": str(tmp), "TMPDIR": str(tmp)}
            env |= {name: outside(value) for name, value in command.env.items()}
            argv = [*self._limited(command.limits), *map(outside, command.argv)]
            cwd = Path(outside(command.cwd))
            link = _link_node_modules(mounts)
            popen = spawner.spawn(argv, env=env, pass_fds=command.inherit, cwd=cwd)
        except BaseException:
            shutil.rmtree(tmp, ignore_errors=True)
            raise
        writable = [mount.source for mount in mounts if mount.writable]
        return WatchedProcess(popen, SessionCage(popen.pid, tmp, link), command.limits, [*writable, tmp], began)

    def _limited(self, limits: Limits) -> list[str]:
        argv = [self._setpriv, "--pdeathsig=SIGKILL", "--"] if self._setpriv else []  # it ends when this process does
        if self._prlimit:
            argv += [self._prlimit, f"--fsize={limits.file_mb * 2**20}", f"--nofile={limits.open_files}", "--core=0"]
            argv += [f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 1}", "--"]
        return argv


class SessionCage:
    """The processes of one session. A program that starts a session of its own gets away, as outside of Protodex."""

    def __init__(self, leader: int, tmp: Path, link: Path | None) -> None:
        self._leader = leader
        self._tmp = tmp
        self._link = link

    def pids(self) -> list[int]:
        return usage.descendants(self._leader)

    def kill(self) -> None:
        for pid in reversed(self.pids()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._leader, signal.SIGKILL)

    def hand_over(self) -> None:
        """It is this process's user's in any case."""

    def out_of_memory(self) -> bool:
        return False

    def counts_memory(self) -> bool:
        return False

    def close(self) -> None:
        deadline = time.monotonic() + _GONE_SECONDS
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(self._leader, signal.SIGKILL)
                time.sleep(0.01)
        if self._link:
            self._link.unlink(missing_ok=True)
        shutil.rmtree(self._tmp, ignore_errors=True)


def _translation(mounts: Sequence[Mount]) -> Callable[[str], str]:
    """A function from texts that name paths inside to the same texts with the paths outside."""
    sources = {mount.target: str(mount.source) for mount in mounts}
    if not sources:
        return lambda text: text
    targets = "|".join(re.escape(target) for target in sorted(sources, key=len, reverse=True))
    path = re.compile(rf"(?<![\w.-])({targets})(?![\w.-])")
    return lambda text: path.sub(lambda match: sources[match[1]], text)


def _link_node_modules(mounts: Sequence[Mount]) -> Path | None:
    """Node looks for modules in the folders above a file, so the kit must be seen beside the app."""
    sources = {mount.target: mount.source for mount in mounts}
    if NODE_MODULES not in sources or APP not in sources:
        return None
    link = sources[APP].parent / "node_modules"
    try:
        link.symlink_to(sources[NODE_MODULES])
    except FileExistsError:
        return None
    return link
