"""The gate's probe, started before there is anything to check: its libraries are loaded and its browser is open.

Half of what a first look at an app costs is the same for every app, so it is paid while nobody waits. A probe that
stands by has seen no project before the one that it gets, and gets no second one.
"""

import contextlib
import fcntl
import os
import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from builder.checks.gate import PROBE_SECONDS, probe_command
from builder.release import Stage, discard, empty_stage
from builder.sandbox import BROWSER_LIMITS, Level, Process, Sandbox, remove_tree
from builder.sandbox.usage import available_mb
from builder.spec import AppKind
from builder.toolchain import Toolchain

# It takes some 400 MB of memory, so it doesn't wait for ever, and not where memory is short.
WAITS_SECONDS = 1800.0
NEEDED_MB = 2000
_LIMITS = replace(BROWSER_LIMITS, wall_seconds=WAITS_SECONDS + 2 * PROBE_SECONDS)
_INSIDE = "inside"  # the file by which a probe says that its sandbox is made


@dataclass
class WaitingProbe:
    """A probe that reads which kind of app there is from `line`, and begins."""

    process: Process
    line: int | None
    since: float = field(default_factory=time.monotonic)

    @property
    def waits(self) -> bool:
        return self.process.poll() is None and time.monotonic() - self.since < WAITS_SECONDS

    def begin(self, kind: AppKind) -> Process:
        self.process.hand_over()
        if self.line is not None:
            with contextlib.suppress(BrokenPipeError):  # it has died meanwhile, and whoever reads its report sees it
                os.write(self.line, f"{kind.value}\n".encode())
        self._hang_up()
        return self.process

    def stop(self) -> None:
        self.process.stop()
        self._hang_up()

    def _hang_up(self) -> None:
        line, self.line = self.line, None
        if line is not None:
            os.close(line)


@dataclass
class Standby:
    """Keeps one probe waiting for half an hour, in a folder below `root` that is this process's own.

    `root` must be on the disk that releases are on: a stage becomes a release by being renamed.
    """

    root: Path
    sandbox: Sandbox
    toolchain: Toolchain
    _own: tuple[Path, int] | None = None  # the folder, and what holds it
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ready: tuple[Stage, WaitingProbe] | None = None

    def prepare(self) -> None:
        """Start a probe where none waits. Without a sandbox or a browser there is nothing to gain."""
        if self.sandbox.level is Level.UNSAFE or not self.toolchain.chromium:
            return
        with self._lock:
            if self._ready and not self._ready[1].waits:
                discard(self._ready[0])
                self._ready = None
            if self._ready is None and available_mb() >= NEEDED_MB:
                self._ready = self._start()

    def take(self) -> Stage | None:
        """The stage that a probe waits in, for whoever asks first; None where there is none, or it has died."""
        with self._lock:
            if self._ready is None:
                return None
            stage, probe = self._ready
            if probe.waits and not (stage.out / _INSIDE).exists():
                return None  # its sandbox is still being made, of folders that must stay as they are
            self._ready = None
        if probe.waits:
            return stage
        discard(stage)
        return None

    def close(self) -> None:
        with self._lock:
            if self._ready:
                discard(self._ready[0])
            self._ready = None
            if self._own:
                folder, held = self._own
                remove_tree(folder)
                os.close(held)
            self._own = None

    def _start(self) -> tuple[Stage, WaitingProbe]:
        if self._own is None:
            self._own = _claim_folder(self.root)
        folder, _ = self._own
        stage = empty_stage(folder / secrets.token_hex(4), folder)
        stage.backend.mkdir()
        theirs, ours = os.pipe()
        command = probe_command("inside.standby", stage, self.toolchain, _LIMITS)
        command = replace(command, env={**command.env, "LINE": str(theirs)}, inherit=(theirs,))
        try:
            process = self.sandbox.start(command)
        except BaseException:
            os.close(ours)
            remove_tree(stage.path)
            raise
        finally:
            os.close(theirs)
        probe = WaitingProbe(process, ours)
        return replace(stage, probe=probe), probe


def _claim_folder(root: Path) -> tuple[Path, int]:
    """A new folder that counts as abandoned when this process has ended; what others abandoned is removed."""
    root.mkdir(parents=True, exist_ok=True)
    for folder in root.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if (left := _try_to_hold(folder)) is not None:
                remove_tree(folder)
                os.close(left)
    own = root / secrets.token_hex(6)
    own.mkdir()
    held = _try_to_hold(own)
    assert held is not None, "nobody else knows of it"
    return own, held


def _try_to_hold(folder: Path) -> int | None:
    """A descriptor that holds the folder until it is closed, or its process ends; None when another one holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
