"""The app under work: its front end built, its data migrated, its server started; again only where files changed."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Collection
from pathlib import Path

from .programs import Programs
from .report import Findings
from .server import (
    DATABASE,
    LOG,
    SCRATCH,
    NotStartedError,
    is_static,
    link_uploads,
    log_tail,
    migrate,
    start_files,
    start_server,
    until_healthy,
)  # fmt: skip

FRESH = Path("/tmp/fresh.sqlite")  # noqa: S108 - the sandbox's own tmpfs
LIVE = SCRATCH
KEPT = Path("/tmp/kept.sqlite")  # noqa: S108
NODE_SECONDS = 90
SMALL = 20_000_000
_REMEMBERED = ("--incremental", "--tsBuildInfoFile", "/tmp/types.json")  # noqa: S108
TSC = ("typescript/bin/tsc", "--noEmit", "--pretty", "false", *_REMEMBERED)
VITE = ("vite/bin/vite.js", "build", "--configLoader", "runner", "--logLevel", "warn")


class AppError(Exception):
    """The app can't be used as it is; the message says what is broken first."""


class App:
    """`built` apps are releases: nothing of them is built, and data that they brought is not migrated."""

    def __init__(self, built: bool) -> None:
        self.static = is_static()
        self.version = 0
        self.programs = Programs()
        self._built = built
        self._stale_front = not built and not self.static
        self._stale_back = True
        self._migrated = False
        self._server: int | None = None
        self._files: subprocess.Popen[bytes] | None = None

    def note(self, changed: Collection[str]) -> None:
        self.version += bool(changed)
        self._stale_front |= not self.static and any(path.startswith("frontend/") for path in changed)
        if any(path.startswith("backend/") for path in changed):
            self._stale_back, self._migrated = True, False

    @property
    def stale_front(self) -> bool:
        return self._stale_front

    def ready(self) -> None:
        """Serve what the files say now."""
        if self._stale_front:
            code, said = finish(self.start_vite())
            self.front_ended(code)
            if code:
                raise AppError("The front end does not build: " + said.strip()[:1500])
        if self.static:
            self._serve_files()
            return
        for step in (self.migrate, self.boot):
            findings = Findings()
            step(findings)
            if findings:
                first = findings[0]
                place = f" ({first['path']}, line {first['line']})" if first["path"] else ""
                raise AppError(f"The app does not start: {first['message']}{place}")

    def start_vite(self) -> "subprocess.Popen[bytes]":
        return start_node(VITE)

    def front_ended(self, code: int) -> None:
        self._stale_front = code != 0

    def migrate(self, findings: Findings) -> None:
        """Make the fresh data: the live database's copy, brought up to date, or a new one."""
        if self._migrated or self.static:
            return
        self.stop()
        _remove(FRESH)
        if DATABASE.exists():
            shutil.copyfile(DATABASE, FRESH)
        if not (self._built and DATABASE.exists()):
            migrate(self.programs, FRESH, findings)
            if findings:
                return
        self._migrated, self._stale_back = True, True

    def boot(self, findings: Findings) -> None:
        if not self._stale_back and self._alive():
            return
        try:
            self._restart()
        except NotStartedError as error:
            findings.add_traceback(str(error), "It ended and said nothing.")
        else:
            self._stale_back = False

    def renew(self) -> None:
        """Give the running app the fresh data again, under its open connections."""
        if self.static or same(FRESH, LIVE):
            return
        copy(FRESH, LIVE)

    def keep(self) -> None:
        """Put the live data aside and start on the fresh; `give_back` ends that."""
        if not self.static and LIVE.exists():
            _remove(KEPT)
            copy(LIVE, KEPT)
            self._swap(FRESH)

    def give_back(self) -> None:
        if not self.static and KEPT.exists():
            self._swap(KEPT)

    def _swap(self, source: Path) -> None:
        """Without a restart where the data is the same: a restart is what forgets what the app keeps in memory."""
        if not source.exists() or (same(source, LIVE) and self._alive()):
            return
        self.stop()
        _remove(LIVE)
        copy(source, LIVE)
        self._start_server()

    def stop(self) -> None:
        if self._server is not None:
            self.programs.end(self._server)
            self._server = None
        if self._files is not None:
            self._files.kill()
            self._files.wait()
            self._files = None

    def _restart(self) -> None:
        self.stop()
        _remove(LIVE)
        if FRESH.exists():
            copy(FRESH, LIVE)
        self._start_server()

    def _start_server(self) -> None:
        link_uploads()
        self._server = start_server(self.programs)
        until_healthy(self._alive)

    def _serve_files(self) -> None:
        if self._files is None or self._files.poll() is not None:
            self._files = start_files()

    def _alive(self) -> bool:
        return self._server is not None and self.programs.runs(self._server)


def start_node(program: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    script, *arguments = program
    env = {**os.environ, "NODE_ENV": "production", "NODE_OPTIONS": "--max-old-space-size=1024"}
    command = [os.environ["NODE"], f"/node_modules/{script}", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd="/app/frontend", env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.STDOUT
    )


def finish(process: "subprocess.Popen[bytes]", limit: int = 60_000) -> tuple[int, str]:
    try:
        said, _ = process.communicate(timeout=NODE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        return 1, f"It took longer than {NODE_SECONDS} seconds."
    return process.returncode, said[:limit].decode(errors="replace")


def log_lines(lines: int) -> str:
    return log_tail(lines)[-12_000:] if LOG.exists() else ""


def copy(source: Path, target: Path) -> None:
    """Through SQLite: what lies in the write-ahead log comes along, and open connections see it."""
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


def same(one: Path, other: Path) -> bool:
    """Whether they hold the same; large ones are taken to differ, which costs less than to compare them."""
    small = all(path.exists() and path.stat().st_size < SMALL for path in (one, other))
    return small and digest(one) == digest(other)


def digest(path: Path) -> int:
    """Of everything in it, as SQL: the bytes of equal databases may differ."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.text_factory = lambda data: data.decode(errors="replace")
        return hash(tuple(database.iterdump()))


def _remove(path: Path) -> None:
    for name in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + name).unlink(missing_ok=True)
