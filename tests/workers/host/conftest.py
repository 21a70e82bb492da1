"""A real host in a process of its own, a real sandbox, and small apps to serve."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = Path(__file__).with_name("samples")

LAUNCH = """
import json, sys
from builder.settings import read_settings
from workers.host import serve
from workers.host.machine import Policy
serve(read_settings(), Policy(**json.loads(sys.argv[1])))
"""


def wait_until(condition: Callable[[], Any], seconds: float = 15) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError("It did not happen in time.")


@dataclass
class RunningHost:
    """A host process and the two ways to talk to it."""

    data: Path
    port: int
    env: dict[str, str]
    policy: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None
    releases: dict[str, int] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-W", "error", "-c", LAUNCH, json.dumps(self.policy)]

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.env)
        wait_until(lambda: self.is_up() or self.process.poll() is not None, 20)
        assert self.process.poll() is None

    wait_until = staticmethod(wait_until)

    def is_up(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(self.data / "run" / "host.sock")) != 0:
                return False
        return self.control("GET", "/health").status_code == 200

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def clear(self) -> None:
        """As if it had never served anything."""
        if not self.runs:
            self.start()
        for project_id in self.releases:
            assert self.control("DELETE", f"/apps/{project_id}").status_code == 204
        shutil.rmtree(self.data / "projects", ignore_errors=True)
        self.releases.clear()

    def stop(self) -> int:
        self.tell_to_stop()
        return self.process.wait(20)

    def tell_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def control(self, method: str, path: str, **request: Any) -> httpx.Response:
        transport = httpx.HTTPTransport(uds=str(self.data / "run" / "host.sock"), verify=False)
        with httpx.Client(transport=transport, base_url="http://host", timeout=60) as client:
            return client.request(method, path, **request)

    def client(self, slug: str, **options: Any) -> httpx.Client:
        """A browser, as far as the address goes. Python does not resolve *.localhost, so the Host header says it.

        Nothing is encrypted here, and reading the certificates anew for each client is most of the work.
        """
        headers = {"host": f"{slug}.localhost:{self.port}", **options.pop("headers", {})}
        address = f"http://127.0.0.1:{self.port}"
        return httpx.Client(base_url=address, headers=headers, timeout=60, verify=False, **options)

    def get(self, slug: str, path: str = "/", **request: Any) -> httpx.Response:
        with self.client(slug) as client:
            return client.get(path, **request)

    def post(self, slug: str, path: str, **request: Any) -> httpx.Response:
        with self.client(slug) as client:
            return client.post(path, **request)

    def release(self, project_id: str, sample: str = "demo", **extra: str) -> Path:
        """The next release of a project on disk, with `extra` files in its backend."""
        self.releases[project_id] = number = self.releases.get(project_id, 0) + 1
        path = self.data / "projects" / project_id / "releases" / str(number)
        shutil.copytree(SAMPLES / sample, path / "app", ignore=shutil.ignore_patterns("__pycache__"))
        for name, text in {"version": str(number), **extra}.items():
            (path / "app" / "backend" / name).write_text(text)
        return path

    def put(self, project_id: str, path: Path, slug: str | None = None, **more: Any) -> httpx.Response:
        order = {"slug": slug or project_id, "release": int(path.name), "path": str(path), **more}
        return self.control("PUT", f"/apps/{project_id}", json=order)

    def serve(self, project_id: str, sample: str = "demo", **extra: str) -> Path:
        path = self.release(project_id, sample, **extra)
        answer = self.put(project_id, path)
        assert answer.status_code == 200, answer.text
        return path

    def state(self, project_id: str) -> dict[str, Any]:
        return self.control("GET", f"/apps/{project_id}").json()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def runtime_data() -> Path:
    """Where the Python environment of generated apps is installed, once for all tests."""
    from builder.toolchain import ensure_runtime

    data = ROOT / "data"
    ensure_runtime(data)
    return data


def prepare_host(tmp_path: Path, runtime_data: Path, env: dict[str, str], policy: dict[str, Any]) -> RunningHost:
    data, port = tmp_path / "data", free_port()
    data.mkdir()
    (data / "runtime").symlink_to(runtime_data / "runtime")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROTODEX_")}
    own = {"PROTODEX_DATA": str(data), "PROTODEX_PREVIEW_PORT": str(port), "PYTHONPATH": str(ROOT)}
    return RunningHost(data, port, {**kept, **own, **env}, policy)


@pytest.fixture(scope="session")
def make_host(tmp_path_factory: pytest.TempPathFactory, runtime_data: Path) -> Iterator[Callable[..., RunningHost]]:
    """A host that runs and serves nothing yet: for the same options the same one, unless a story has ended it."""
    made: dict[str, RunningHost] = {}

    def make(env: dict[str, str] | None = None, **policy: Any) -> RunningHost:
        key = json.dumps([env or {}, policy], sort_keys=True)
        if key not in made:
            made[key] = prepare_host(tmp_path_factory.mktemp("host"), runtime_data, env or {}, policy)
        made[key].clear()
        return made[key]

    yield make
    running = [host for host in made.values() if host.runs]
    for host in running:
        host.tell_to_stop()
    for host in running:
        host.process.wait(20)


@pytest.fixture
def host(make_host: Callable[..., RunningHost]) -> RunningHost:
    return make_host()


@pytest.fixture(scope="module")
def shared_host(tmp_path_factory: pytest.TempPathFactory, runtime_data: Path) -> Iterator[RunningHost]:
    """One for all stories of a module that leave it as they found it."""
    host = prepare_host(tmp_path_factory.mktemp("host"), runtime_data, {}, {})
    host.start()
    yield host
    host.stop()
