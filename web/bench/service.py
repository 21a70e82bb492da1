"""An installation of its own in a temporary folder, started as `protodex run` starts it, and spoken to over HTTP."""

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
from typing import Any

import httpx

BUILD_SECONDS, SCORE_SECONDS, START_SECONDS = 240, 240, 60
INSTALLED = ("kit", "runtime", "node")


class BenchServiceError(RuntimeError):
    """The installation did not start or did not answer; the message is a sentence."""


@dataclass
class Service:
    api: httpx.Client
    folder: Path

    def build(self, prompt: str) -> dict[str, Any]:
        """The project when its build has ended and is scored; `seconds` until it was served. Refused: its code."""
        started = time.monotonic()
        answer = self.api.post("/api/projects", json={"prompt": prompt})
        if answer.status_code == 422:
            return {"status": answer.json()["error"]["code"], "id": None}
        answer.raise_for_status()
        project = answer.json()
        path, served = f"/api/projects/{project['id']}", None
        while time.monotonic() - started < BUILD_SECONDS + SCORE_SECONDS:
            project = self.api.get(path).json()
            if project["status"] == "ready" and served is None:
                served = time.monotonic() - started
            ended = project["build"] and project["build"]["status"] not in {"queued", "running"}
            if ended or project["status"] in {"failed", "rejected"}:
                return dict(project) | {"seconds": served or time.monotonic() - started}
            time.sleep(0.2)
        raise BenchServiceError(f"The build of {project['id']} did not end.")

    def spec(self, project: str) -> dict[str, Any]:
        return dict(self.api.get(f"/api/projects/{project}/spec").json())

    def requirements(self, project: str) -> list[dict[str, Any]]:
        return list(self.api.get(f"/api/projects/{project}/requirements").json())

    def score(self, project: str) -> tuple[int | None, int]:
        releases = self.api.get(f"/api/projects/{project}").json()["releases"]
        return (releases[0]["score"], 0) if releases else (None, 0)

    def release_path(self, project: dict[str, Any]) -> Path:
        n = max(release["n"] for release in project["releases"])
        return self.folder / "projects" / str(project["id"]) / "releases" / str(n)


@contextmanager
def running_service(installed: Path) -> Iterator[Service]:
    """What was installed already is used again. Raises BenchServiceError."""
    with tempfile.TemporaryDirectory(prefix="pdx-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in INSTALLED:
            if (installed / part).exists():
                (folder / part).symlink_to((installed / part).resolve())
        web, host = _free_ports()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PROTODEX_")}
        environment |= {"PROTODEX_DATA": name, "PROTODEX_PORT": str(web), "PROTODEX_PREVIEW_PORT": str(host)}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "web.cli", "run"], env=environment, stdout=log, stderr=log
            )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{web}", timeout=60) as api:
                _wait(api, process, folder / "log")
                yield Service(api, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _wait(api: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if api.get("/health").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise BenchServiceError(f"The studio did not start: {log.read_text(errors='replace')[-1000:]}")


def _free_ports() -> list[int]:
    sockets = [socket.socket() for _ in range(2)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
