"""One app: asleep, awake, or down. Wakes on the first request and remembers why it failed."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from workers.host.gate import Gate, Passage
from workers.host.instance import Instance, StartError, reason_of_end, start_instance
from workers.host.machine import Machine
from workers.host.served import Served, write_served

logger = logging.getLogger(__name__)

LOG_BYTES = 64 * 1024
STABLE_AFTER = 60


class State(StrEnum):
    RUNNING = "running"
    IDLE = "idle"
    STARTING = "starting"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Crash:
    """Why an app is down; nobody tries again before `retry_at` (monotonic seconds)."""

    message: str
    log: str
    count: int
    retry_at: float


class AppDownError(Exception):
    def __init__(self, crash: Crash):
        super().__init__(crash.message)
        self.crash = crash


class App:
    """`make_room` is awaited before a process is started: it may stop another one."""

    def __init__(
        self, project_id: str, folder: Path, machine: Machine, served: Served, make_room: Callable[[], Awaitable[None]]
    ):
        self.project_id, self.folder, self.served = project_id, folder, served
        self.gate = Gate()
        self.instance: Instance | None = None
        self.crash: Crash | None = None
        self.last_request_at: datetime | None = None
        self.deleted = False
        self._machine, self._make_room = machine, make_room
        self._waking: asyncio.Task[Instance] | None = None
        self._stopping = asyncio.Lock()

    @property
    def data(self) -> Path:
        return self.folder / self.served.data

    @property
    def state(self) -> State:
        self.notice_end()
        if self._waking:
            return State.STARTING
        if self.instance or self._stopping.locked() or self.served.release.is_static:
            return State.RUNNING
        return State.CRASHED if self.crash else State.IDLE

    @asynccontextmanager
    async def request(self, *, writes: bool) -> AsyncIterator[tuple[Instance, Passage]]:
        """A running instance for the length of one request; waits while the app is being updated or woken."""
        self.last_request_at = datetime.now(UTC)
        async with self.gate.passing(writes, self._machine.policy.hold_timeout) as passage:
            instance = await self.awake()
            instance.active += 1
            try:
                yield instance, passage
            finally:
                instance.active -= 1
                instance.used_at = time.monotonic()

    async def awake(self) -> Instance:
        self.notice_end()
        if self.instance:
            return self.instance
        if self.deleted or self.served.release.is_static:
            what = "deleted" if self.deleted else "replaced"
            raise AppDownError(Crash(f"This app was {what} just now.", "", 0, time.monotonic()))
        if not self._waking:
            if self.crash and time.monotonic() < self.crash.retry_at:
                raise AppDownError(self.crash)
            self._waking = asyncio.create_task(self._wake())
        # Shielded: the person who asked first may go away while others wait.
        return await asyncio.shield(self._waking)

    async def _wake(self) -> Instance:
        try:
            await self._make_room()
            async with self._stopping:  # two processes never write to the same data
                pass
            self.instance = await start_instance(self._machine, self.served.release.code, self.data)
            return self.instance
        except StartError as error:
            self._keep_log(error.log)
            raise AppDownError(self._crashed(str(error), error.log)) from error
        except Exception as error:  # ours, not the app's: kept with its cause, and tried again like any other
            logger.exception("App %s could not be started", self.project_id)
            raise AppDownError(self._crashed("The preview host could not start this app.", "")) from error
        finally:
            self._waking = None

    def notice_end(self) -> None:
        """An instance that ended by itself is a crash."""
        instance = self.instance
        ended = instance.ended if instance else None
        if not instance or not ended:
            if instance and self.crash and time.monotonic() - instance.started_at > STABLE_AFTER:
                self.crash = None
            return
        self.instance = None
        instance.socket.unlink(missing_ok=True)
        self._keep_log(instance.log())
        self._crashed(reason_of_end(ended), instance.log())
        logger.warning("App %s ended: %s", self.project_id, self.crash.message if self.crash else "")

    def _crashed(self, message: str, log: str) -> Crash:
        count = self.crash.count + 1 if self.crash else 1
        wait = min(self._machine.policy.longest_back_off, 2.0 ** min(count - 1, 16))
        self.crash = Crash(message, log, count, time.monotonic() + wait)
        return self.crash

    async def stop(self) -> None:
        """Asleep, whatever it was doing, its log kept."""
        if self._waking:
            with contextlib.suppress(AppDownError):
                await asyncio.shield(self._waking)
        async with self._stopping:  # whoever comes second waits until the first is done
            instance, self.instance = self.instance, None
            if instance:
                await instance.stop()
                self._keep_log(instance.log())

    def adopt(self, served: Served, instance: Instance | None) -> None:
        """From here on this release is the one; the old one has been stopped."""
        write_served(self.folder, self._machine.root, served)
        self.served, self.instance, self.crash = served, instance, None

    def log(self) -> str:
        running = self.instance.log() if self.instance else ""
        return _newest(self._kept_log() + running)

    def _kept_log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "app.log").read_text(errors="replace")
        return ""

    def _keep_log(self, text: str) -> None:
        try:
            (self.folder / "app.log").write_text(_newest(self._kept_log() + text))
        except OSError:  # a full disk, say: no reason to refuse a request
            logger.exception("The log of app %s can't be kept", self.project_id)


def _newest(text: str) -> str:
    return text.encode(errors="replace")[-LOG_BYTES:].decode(errors="ignore")
