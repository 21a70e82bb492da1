"""Both listeners of the host in one process: previews on a port, control on a socket, until it is told to stop."""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from builder.settings import Settings
from workers.host.control import control_app
from workers.host.host import Host
from workers.host.machine import Machine
from workers.host.previews import Address, Previews
from workers.host.tickets import preview_secret
from workers.host.websocket import LARGEST_MESSAGE
from workers.studio import studio_origins

logger = logging.getLogger(__name__)

SHUTDOWN = 2
LONGEST_HEAD = 64 * 1024


class HostError(RuntimeError):
    """The host can't run; the message says why."""


async def run(settings: Settings, machine: Machine) -> None:
    """Serve until SIGTERM or SIGINT, then stop every app."""
    settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _only_host(settings.run_dir / "host.lock"):
        _remove_sockets(settings)
        host = Host(machine)
        host.restore()
        previews = _Server(_config(Previews(host, _address(settings))))
        control = _Server(_config(control_app(host, settings.preview_url)))
        port = _listen(settings)
        door = _control_socket(settings.host_socket)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, previews, control)
        watch = asyncio.create_task(host.watch())
        try:
            await asyncio.gather(previews.serve(sockets=[port]), control.serve(sockets=[door]))
        finally:
            watch.cancel()
            await host.close()
            machine.threads.shutdown()
            settings.host_socket.unlink(missing_ok=True)


class _Server(uvicorn.Server):
    """One of two in a process: signals are the business of neither."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _stop(*servers: uvicorn.Server) -> None:
    for server in servers:
        server.should_exit = True


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        ws_max_size=LARGEST_MESSAGE,
    )


def _address(settings: Settings) -> Address:
    secret = preview_secret(settings.token.get_secret_value()) if settings.token else None
    return Address(settings.preview_domain, studio_origins(settings), secret)


@contextmanager
def _only_host(path: Path) -> Iterator[None]:
    """Two hosts on one folder would serve one database twice."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HostError("A preview host runs already on this data folder.") from error
        yield


def _remove_sockets(settings: Settings) -> None:
    for left in (settings.host_socket, *settings.run_dir.glob("app*.sock")):
        left.unlink(missing_ok=True)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's delay off: without it, answers in two parts wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.bind, settings.preview_port))
    except OSError as error:
        listener.close()
        reason = os.strerror(error.errno or 0).lower()
        raise HostError(
            f"Port {settings.preview_port} can't be opened ({reason}). Set PROTODEX_PREVIEW_PORT to a free one."
        ) from error
    return listener


def _control_socket(path: Path) -> socket.socket:
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(path))
    with contextlib.suppress(OSError):
        path.parent.chmod(0o700)
    path.chmod(0o600)
    return door
