"""The whole of Protodex as `make run` starts it, once for all tests of this folder."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from builder.toolchain import Toolchain


@dataclass
class Studio:
    address: str
    data: Path
    process: "subprocess.Popen[bytes]"

    def build(self, prompt: str) -> dict:  # type: ignore[type-arg]
        """Build over the API and wait until the preview is served, or the build has failed; nothing is scored."""
        with httpx.Client(base_url=self.address, timeout=30) as api:
            created = api.post("/api/projects", json={"prompt": prompt})
            assert created.status_code == 201, created.text
            path = f"/api/projects/{created.json()['id']}"
            deadline = time.monotonic() + 240
            while time.monotonic() < deadline:
                project = api.get(path).json()
                if project["status"] not in {"queued", "building"}:
                    api.post(f"/api/builds/{project['build']['id']}/cancel")
                    return dict(project)
                time.sleep(0.2)
        pytest.fail(f"The build did not end: {project}")


@pytest.fixture(scope="session")
def studio(toolchain: Toolchain) -> Iterator[Studio]:
    with running_studio() as studio:
        yield studio


@contextmanager
def running_studio(**settings: str) -> Iterator[Studio]:
    """One that was started, with these settings besides its folder and ports."""
    with tempfile.TemporaryDirectory(prefix="pdx-e2e-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        for name in ("kit", "runtime", "node"):
            (data / name).symlink_to(Path(__file__).parents[2] / ".cache" / name)
        web, host = free_ports(2)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PROTODEX_")}
        environment |= {"PROTODEX_DATA": folder, "PROTODEX_PORT": str(web), "PROTODEX_PREVIEW_PORT": str(host)}
        environment |= {f"PROTODEX_{name.upper()}": value for name, value in settings.items()}
        with (data / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "web.cli", "run"], env=environment, stdout=log, stderr=log
            )
        try:
            _wait_for(f"http://127.0.0.1:{web}/health", process, data / "log")
            yield Studio(f"http://localhost:{web}", data, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"The studio did not start:\n{log.read_text(errors='replace')[-3000:]}")
