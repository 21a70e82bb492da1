"""Serve another release of an app: its data is copied and migrated, the release boots on the copy, then they swap.

Nothing written is lost and nothing is served half: writes wait meanwhile, reads go to the old release until the
new one is healthy. When anything fails, what was served goes on untouched.
"""

import asyncio
import logging
import secrets
from dataclasses import dataclass
from pathlib import Path

from builder.sandbox import Ending, remove_tree
from builder.uploads import copy_uploads
from workers.host.app import App
from workers.host.data import DATABASE, DatabaseError, copy_file, copy_live, has_database, mark_of, migrate
from workers.host.instance import Instance, StartError, start_instance
from workers.host.machine import Machine
from workers.host.served import Release, Served

logger = logging.getLogger(__name__)

GRACE = 5.0
READ_GRACE = 1.0
LEFT = "left.sqlite"


class ServeError(Exception):
    """A release can't be served. `code` is for programs, the message for people, `log` the cause."""

    def __init__(self, code: str, message: str, log: str = ""):
        super().__init__(message)
        self.code, self.log = code, log


@dataclass(frozen=True)
class Candidate:
    """A release that runs on data of its own. `mark` is the state of the live data when it was copied.

    A static release has no instance, and its data is what a release with a back end left: kept, for one may follow.
    """

    served: Served
    data: Path
    instance: Instance | None
    mark: str | None

    async def discard(self) -> None:
        if self.instance:
            await self.instance.stop()
        remove_tree(self.data)


async def swap(machine: Machine, app: App, release: Release, *, keep_data: bool = True) -> None:
    """Serve `release` in place of what is served now, on the live data or (not `keep_data`) on its snapshot."""
    old = app.data
    app.gate.hold_writes()
    try:
        await app.gate.drained(GRACE, reads=False)
        candidate = await boot(machine, app.folder, release, old, keep_data=keep_data)
        try:
            app.gate.hold_all()
            await app.gate.drained(READ_GRACE, reads=True)
            await app.stop()
            if has_database(old) and candidate.mark != mark_of(old):
                # The app wrote by itself, or a request took too long to wait for. It is stopped now: once more.
                await candidate.discard()
                candidate = await boot(machine, app.folder, release, old, keep_data=keep_data)
            await _leave_snapshot(machine, app)
            app.adopt(candidate.served, candidate.instance)
        except BaseException:
            await asyncio.shield(candidate.discard())
            raise
    finally:
        app.gate.open()
    await machine.in_thread(remove_tree, old)


async def boot(
    machine: Machine, folder: Path, release: Release, live: Path | None = None, *, keep_data: bool = True
) -> Candidate:
    """Run `release` on a copy of the data in `live`, or of its own snapshot. What fails leaves nothing behind."""
    live = live if live and has_database(live) else None
    served = Served(release, f"data-{secrets.token_hex(4)}")
    data = folder / served.data
    data.mkdir()  # its user differs from that of the next folder, which reads it; the folder around it is private
    try:
        mark = await _take_live(machine, folder, data, live, keep_data) if live else None
        if not (live and keep_data):
            await machine.in_thread(_start_afresh, release, data)
        if release.is_static:
            return Candidate(served, data, None, mark)
        if (live and keep_data) or not has_database(data):
            await _migrate(machine, release, data)
        return Candidate(served, data, await start_instance(machine, release.code, data), mark)
    except BaseException as error:
        remove_tree(data)
        raise _as_serve_error(error) from error


async def _take_live(machine: Machine, folder: Path, data: Path, live: Path, keep_data: bool) -> str | None:
    left = folder / LEFT
    left.unlink(missing_ok=True)
    try:
        mark = await copy_live(machine, live, data)
        await machine.in_thread(copy_file, data / DATABASE, left)
        if keep_data:
            await machine.in_thread(copy_uploads, live / DATABASE, data / DATABASE)
    except DatabaseError:
        if keep_data:
            raise
        logger.warning("The database in %s can't be read; it is given up for the release's own", live)
        return None
    return mark


def _start_afresh(release: Release, data: Path) -> None:
    (data / DATABASE).unlink(missing_ok=True)
    if release.snapshot.exists():
        copy_file(release.snapshot, data / DATABASE)
        copy_uploads(release.snapshot, data / DATABASE)


async def _migrate(machine: Machine, release: Release, data: Path) -> None:
    finished = await migrate(machine, release.code, data)
    if finished.ok:
        return
    reason = f"The migration ended with status {finished.code}. The end of the log says why."
    if finished.ending is Ending.WALL_CLOCK:
        reason = "The migration took too long and was stopped."
    raise ServeError("migration_failed", reason, finished.stdout + finished.stderr)


async def _leave_snapshot(machine: Machine, app: App) -> None:
    """The old release keeps the data it had. Before the swap: afterwards a killed host would have forgotten it."""
    left = app.folder / LEFT
    if left.exists() and app.served.release.path.is_dir():
        await machine.in_thread(copy_file, left, app.served.release.snapshot)
        await machine.in_thread(copy_uploads, app.data / DATABASE, app.served.release.snapshot)
    left.unlink(missing_ok=True)


def _as_serve_error(error: BaseException) -> BaseException:
    if isinstance(error, StartError):
        return ServeError("start_failed", str(error), error.log)
    if isinstance(error, DatabaseError):
        return ServeError("database_unreadable", str(error))
    return error
