"""One running release: a uvicorn in a sandbox, listening on a socket that the host opened and passed in.

The sandbox never sees the socket's folder, so no app can put something else in its place; and a request that
comes early waits in the backlog.
"""

import asyncio
import socket
import time
from pathlib import Path

from builder.sandbox import APP, DATA, PREVIEW_LIMITS, Command, Ending, Finished, Mount, Process
from workers.host.machine import Machine
from workers.host.upstream import UpstreamGoneError, healthy

DATABASE_URL = f"sqlite:///{DATA}/app.sqlite"
BACKLOG = 128
POLL = 0.05


class StartError(Exception):
    """A release did not come up; `log` is what it said."""

    def __init__(self, message: str, log: str):
        super().__init__(message)
        self.log = log


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
    path = machine.new_socket()
    listener = listen(path)
    try:
        process = await machine.start(_uvicorn(machine, code, data, listener.fileno()))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        # Only the app holds it from here on: when it dies, whoever waits in the backlog hears of it at once.
        listener.close()
    instance = Instance(machine, process, path)
    try:
        await _until_healthy(instance, machine.policy.start_timeout)
    except BaseException:
        await asyncio.shield(instance.stop())
        raise
    return instance


def listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(BACKLOG)
    return listener


def app_command(
    machine: Machine, argv: tuple[str, ...], code: Path, data: Path, inherit: tuple[int, ...] = ()
) -> Command:
    """A program of a release, among its surroundings: its code and database, and nothing else."""
    return Command(
        (machine.python, *argv),
        mounts=(
            Mount(code, APP),
            Mount(data, DATA, writable=True),
            Mount(machine.runtime, str(machine.runtime)),
        ),
        env={"DATABASE_URL": DATABASE_URL, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
        limits=PREVIEW_LIMITS,
        inherit=inherit,
    )


def _uvicorn(machine: Machine, code: Path, data: Path, listener: int) -> Command:
    argv = ("-m", "uvicorn", "backend.main:app", "--fd", str(listener), "--no-access-log", "--no-server-header")
    limits = ("--limit-concurrency", str(2 * machine.policy.requests_per_app), "--timeout-keep-alive", "5")
    proxied = ("--proxy-headers", "--forwarded-allow-ips", "*")  # only the host can reach the socket
    return app_command(machine, (*argv, *limits, *proxied), code, data, inherit=(listener,))


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
