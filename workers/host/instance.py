"""One running release: a uvicorn in a sandbox, listening on a socket that the host opened and passed in.

The sandbox never sees the socket's folder, so no app can put something else in its place; and a request that
comes early waits in the backlog.
"""

import asyncio
import contextlib
import socket
import time
from pathlib import Path
from typing import Self

from builder.sandbox import APP, DATA, PREVIEW_LIMITS, Command, Ending, Finished, Mount, Process
from workers.host.machine import Machine
from workers.host.upstream import UpstreamGoneError, healthy

DATABASE_URL = f"sqlite:///{DATA}/app.sqlite"
BACKLOG = 128
POLL = 0.05
MIGRATE_SECONDS = 60.0
LAUNCH_SCRIPT = Path(__file__).with_name("launch.py").read_text()


class StartError(Exception):
    """A release did not come up; `log` is what it said."""

    def __init__(self, message: str, log: str):
        super().__init__(message)
        self.log = log


class MigrationError(StartError):
    """The data of a release could not be brought up to date."""


class Instance:
    """`active` counts the requests it is answering right now, streams included."""

    def __init__(self, machine: Machine, process: Process, path: Path):
        self._machine, self._process = machine, process
        self.socket = path
        self.active = 0
        self.stopped = False
        self.used_at = self.started_at = time.monotonic()

    @property
    def ended(self) -> Finished | None:
        return self._process.poll()

    def log(self) -> str:
        return self._process.output()

    async def memory_mb(self) -> float:
        return await self._machine.in_thread(self._process.memory_mb)

    async def stop(self) -> None:
        """Kill everything it started; returns when it is gone."""
        self.stopped = True
        await self._machine.in_thread(self._process.stop)
        self.socket.unlink(missing_ok=True)


async def start_instance(machine: Machine, code: Path, data: Path) -> Instance:
    """Boot the release and wait until it is healthy. Whatever goes wrong, nothing of it stays behind."""
    return await (await Launch.begin(machine, code, data)).serve()


class Launch:
    """A release on its way up: it loads what it stands on, and of its code nothing runs until it is told to.

    A launch that isn't led to `serve` is to be stopped; one whose migration or start fails has stopped itself.
    """

    def __init__(self, machine: Machine, instance: Instance, line: socket.socket):
        self._machine, self._instance, self._line = machine, instance, line

    @classmethod
    async def begin(cls, machine: Machine, code: Path, data: Path) -> Self:
        path = machine.new_socket()
        listener = listen(path)
        ours, theirs = socket.socketpair()
        try:
            process = await machine.start(_uvicorn(machine, code, data, listener.fileno(), theirs.fileno()))
        except BaseException:
            path.unlink(missing_ok=True)
            ours.close()
            raise
        finally:
            # Only the app holds it from here on: when it dies, whoever waits in the backlog hears of it at once.
            listener.close()
            theirs.close()
        ours.setblocking(False)
        return cls(machine, Instance(machine, process, path), ours)

    async def migrate(self) -> None:
        """Bring the data up to date; raises a MigrationError."""
        try:
            await self._tell(b"migrate\n")
            reason = await self._why_not_migrated()
        except BaseException:
            await asyncio.shield(self.stop())
            raise
        if reason:
            await self.stop()  # and its last words are here
            raise MigrationError(reason, self._instance.log())

    async def serve(self) -> Instance:
        """Start the app and wait until it is healthy; raises a StartError."""
        try:
            await self._tell(b"serve\n")
            await _until_healthy(self._instance, self._machine.policy.start_timeout)
        except BaseException:
            await asyncio.shield(self.stop())
            raise
        self._line.close()
        return self._instance

    async def stop(self) -> None:
        self._line.close()
        await self._instance.stop()

    async def _why_not_migrated(self) -> str | None:
        answer = asyncio.create_task(asyncio.get_running_loop().sock_recv(self._line, 16))
        deadline = time.monotonic() + MIGRATE_SECONDS
        try:
            while not answer.done() and time.monotonic() < deadline and not self._machine.closing.is_set():
                await asyncio.wait([answer], timeout=POLL)
            if not answer.done():
                return "The migration took too long and was stopped."
            told = b"" if answer.exception() else answer.result()
        finally:
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
        if told == b"0\n":
            return None
        if told:
            return (
                f"The migration ended with status {told.decode(errors='replace').strip()}. The end of the log says why."
            )
        await asyncio.sleep(POLL)  # what ended it is known in a moment
        ended = self._instance.ended
        return reason_of_end(ended) if ended else "The app ended while its data was migrated."

    async def _tell(self, order: bytes) -> None:
        with contextlib.suppress(OSError):  # it has ended; whoever waits for the answer hears why
            await asyncio.get_running_loop().sock_sendall(self._line, order)


def listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(BACKLOG)
    return listener


def _uvicorn(machine: Machine, code: Path, data: Path, listener: int, line: int) -> Command:
    """A release's server, among its surroundings: its code and database, and nothing else."""
    argv = ("uvicorn", "backend.main:app", "--fd", str(listener), "--no-access-log", "--no-server-header")
    limits = ("--limit-concurrency", str(2 * machine.policy.requests_per_app), "--timeout-keep-alive", "5")
    proxied = ("--proxy-headers", "--forwarded-allow-ips", "*")  # only the host can reach the socket
    return Command(
        (machine.python, "-P", "-c", LAUNCH_SCRIPT, str(line), *argv, *limits, *proxied),
        mounts=(
            Mount(code, APP),
            Mount(data, DATA, writable=True),
            Mount(machine.runtime, str(machine.runtime)),
        ),
        env={"DATABASE_URL": DATABASE_URL, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
        limits=PREVIEW_LIMITS,
        inherit=(listener, line),
    )


async def _until_healthy(instance: Instance, timeout: float) -> None:
    check = asyncio.create_task(healthy(instance.socket))
    deadline = time.monotonic() + timeout
    try:
        while not check.done() and not instance.ended and time.monotonic() < deadline:
            await asyncio.wait([check], timeout=POLL)
        if check.done() and not check.exception() and check.result():
            return
        await asyncio.sleep(POLL)  # a process that just broke the connection has its last words still to say
        raise StartError(_reason(instance, check, timeout), instance.log())
    finally:
        check.cancel()
        await asyncio.gather(check, return_exceptions=True)


def _reason(instance: Instance, check: "asyncio.Task[bool]", timeout: float) -> str:
    ended = instance.ended
    if ended:
        return reason_of_end(ended)
    if not check.done():
        return f"The app did not answer /health within {timeout:g} seconds."
    if isinstance(check.exception(), UpstreamGoneError):
        return "The app ended while it was starting."
    return "The app started, but /health does not answer 200."


def reason_of_end(ended: Finished) -> str:
    if ended.ending is Ending.MEMORY:
        return f"The app used more than its {PREVIEW_LIMITS.memory_mb} MB of memory and was stopped."
    if ended.ending is Ending.DISK:
        return f"The app used more than its {PREVIEW_LIMITS.disk_mb} MB of disk and was stopped."
    return f"The app ended by itself with status {ended.code}."
