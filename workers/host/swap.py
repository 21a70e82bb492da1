"""Serve another release of an app: its data is copied and migrated, the release boots on the copy, then they swap.

Nothing written is lost and nothing is served half: writes wait meanwhile, reads go to the old release until the
new one is healthy. When anything fails, what was served goes on untouched.
"""

import asyncio
import logging
import secrets
from dataclasses import dataclass
from pathlib import Path

from builder.sandbox import remove_tree
from builder.uploads import copy_uploads
from workers.host.app import App
from workers.host.data import DATABASE, DatabaseError, copy_file, copy_live, has_database, mark_of
from workers.host.instance import Instance, Launch, MigrationError, StartError
from workers.host.machine import Machine
from workers.host.schema import same_schema
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
    old, before = app.data, app.served.release
    app.gate.hold_writes()
    try:
        await app.gate.drained(GRACE, reads=False)
        candidate = await boot(machine, app.folder, release, old, keep_data=keep_data, before=before)
        try:
            app.gate.hold_all()
            await app.gate.drained(READ_GRACE, reads=True)
            await app.stop()
            if has_database(old) and candidate.mark != mark_of(old):
                # The app wrote by itself, or a request took too long to wait for. It is stopped now: once more.
                await candidate.discard()
                candidate = await boot(machine, app.folder, release, old, keep_data=keep_data, before=before)
            await _leave_snapshot(machine, app)
            app.adopt(candidate.served, candidate.instance)
        except BaseException:
            await asyncio.shield(candidate.discard())
            raise
    finally:
        app.gate.open()
    await machine.in_thread(remove_tree, old)


async def boot(
    machine: Machine,
    folder: Path,
    release: Release,
    live: Path | None = None,
    *,
    keep_data: bool = True,
    before: Release | None = None,
) -> Candidate:
    """Run `release` on a copy of the data in `live`, or of its own snapshot. What fails leaves nothing behind.

    `before` is the release that the live data was brought up to date by.
    """
    live = live if live and has_database(live) else None
    kept = live if keep_data else None
    served = Served(release, f"data-{secrets.token_hex(4)}")
    data = folder / served.data
    data.mkdir()  # its user differs from that of the next folder, which reads it; the folder around it is private
    launch: Launch | None = None
    try:
        if kept:
            mark: str | None = mark_of(kept)  # before all copies: a write in between shows as one too many
            await machine.in_thread(copy_uploads, kept / DATABASE, data / DATABASE)
        else:
            mark = await _set_aside(machine, folder, data, live) if live else None
            await machine.in_thread(_start_afresh, release, data)
        if not release.is_static:  # from here on, what is in the folder belongs to the user that the app runs as
            launch = await Launch.begin(machine, release.code, data)
        if kept:
            await _copy(machine, folder, data, kept)
        if launch is None:
            return Candidate(served, data, None, mark)
        if not has_database(data) or (kept and not await _fits(machine, before, release)):
            await launch.migrate()
        return Candidate(served, data, await launch.serve(), mark)
    except BaseException as error:
        if launch:
            await asyncio.shield(launch.stop())
        remove_tree(data)
        raise _as_serve_error(error) from error


async def _fits(machine: Machine, before: Release | None, release: Release) -> bool:
    return before is not None and await machine.in_thread(same_schema, before, release)


async def _copy(machine: Machine, folder: Path, data: Path, live: Path) -> str:
    """Copy the live database to `data`, and aside for the release that wrote it."""
    left = folder / LEFT
    left.unlink(missing_ok=True)
    mark = await copy_live(machine, live, data)
    await machine.in_thread(copy_file, data / DATABASE, left)
    return mark


async def _set_aside(machine: Machine, folder: Path, data: Path, live: Path) -> str | None:
    """The live database is kept for the release that wrote it, and no further."""
    try:
        return await _copy(machine, folder, data, live)
    except DatabaseError:
        logger.warning("The database in %s can't be read; it is given up for the release's own", live)
        return None


def _start_afresh(release: Release, data: Path) -> None:
    (data / DATABASE).unlink(missing_ok=True)
    if release.snapshot.exists():
        copy_file(release.snapshot, data / DATABASE)
        copy_uploads(release.snapshot, data / DATABASE)


async def _leave_snapshot(machine: Machine, app: App) -> None:
    """The old release keeps the data it had. Before the swap: afterwards a killed host would have forgotten it."""
    left = app.folder / LEFT
    if left.exists() and app.served.release.path.is_dir():
        await machine.in_thread(copy_file, left, app.served.release.snapshot)
        await machine.in_thread(copy_uploads, app.data / DATABASE, app.served.release.snapshot)
    left.unlink(missing_ok=True)


def _as_serve_error(error: BaseException) -> BaseException:
    if isinstance(error, MigrationError):
        return ServeError("migration_failed", str(error), error.log)
    if isinstance(error, StartError):
        return ServeError("start_failed", str(error), error.log)
    if isinstance(error, DatabaseError):
        return ServeError("database_unreadable", str(error))
    return error
