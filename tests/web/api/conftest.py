"""A whole installation for the API's tests: broker, worker process, host and a web server that answers on a port.

Each module has one, and each of its tests finds it empty.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from builder.settings import Settings
from tests.conftest import Broker, eventually, new_settings
from web.app import create_app
from workers.testing import ScriptedHost

WORKER = Path(__file__).parents[2] / "workers" / "worker_process.py"


@dataclass
class Installation:
    settings: Settings
    broker: Broker
    host: ScriptedHost
    studio: "Studio"
    worker: "Worker"

    def clear(self) -> None:
        """As if nobody had asked for anything yet, and with all that a story took away back in its place."""
        if self.broker.process is None:
            self.broker.start()
        while projects := self.studio.http.get("/api/projects").json()["items"]:
            for project in projects:
                assert self.studio.http.delete(f"/api/projects/{project['id']}").status_code == 204


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """One for all stories of a module: starting a worker alone takes longer than most of them."""
    with (
        new_settings() as settings,
        Broker(settings.run_dir / "valkey.sock") as broker,
        ScriptedHost(settings.host_socket) as host,
        serving(settings) as client,
    ):
        worker = Worker(settings)
        yield Installation(settings, broker, host, Studio(client), worker)
        worker.stop()


@pytest.fixture
def settings(installation: Installation) -> Settings:
    return installation.settings


@pytest.fixture
def broker(installation: Installation) -> Broker:
    return installation.broker


@pytest.fixture
def host(installation: Installation) -> ScriptedHost:
    return installation.host


@pytest.fixture
def worker(installation: Installation) -> "Worker":
    if not installation.worker.runs:
        installation.worker.start()
    return installation.worker


@pytest.fixture
def studio(installation: Installation, request: pytest.FixtureRequest) -> Iterator["Studio"]:
    """Empty; nothing is built unless the story has a worker, too."""
    if "worker" not in request.fixturenames:
        installation.worker.stop()
    yield installation.studio
    installation.clear()


class Worker:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, str(WORKER), str(self.settings.data)])

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Studio:
    """The API as a program sees it."""

    http: httpx.Client

    def create(self, prompt: str = "A plant diary", **more: Any) -> dict[str, Any]:
        answer = self.http.post("/api/projects", json={"prompt": prompt, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def project(self, project: dict[str, Any]) -> dict[str, Any]:
        return dict(self.http.get(f"/api/projects/{project['id']}").json())

    def until(self, project: dict[str, Any], holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        def check() -> dict[str, Any] | None:
            now = self.project(project)
            return now if holds(now) else None

        return dict(eventually(check))

    def settled(self, project: dict[str, Any]) -> dict[str, Any]:
        return self.until(project, lambda p: p["build"]["status"] not in {"queued", "running"})


@contextmanager
def serving(settings: Settings, **options: Any) -> Iterator[httpx.Client]:
    """The web process's app on a free port of loopback, as uvicorn serves it."""
    app = create_app(settings)
    for name, value in options.items():
        setattr(app.state.service, name, value)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    eventually(lambda: server.started)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60, verify=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code; the shape and the sentence are checked on the way."""
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert error["message"][0].isupper() or error["message"][0] in "“'"
    assert error["message"].endswith(".")
    return answer.status_code, error["code"]
