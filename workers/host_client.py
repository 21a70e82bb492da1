"""Talk to the preview host over its control socket. Knows what the host promises, and nothing of how it keeps it."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from builder.uploads import unpack_uploads

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing is encrypted here, and reading them takes 25 ms
SERVE_SECONDS = 120  # the host migrates a copy of the data and waits for the app to be healthy


class HostUnavailableError(RuntimeError):
    """The host doesn't answer."""


class NotServedError(RuntimeError):
    """The host refused a release; `log` is what the app last said. What was served before goes on."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.message, self.log = message, log


@dataclass(frozen=True)
class ServedRelease:
    release: int
    url: str


@dataclass
class HostClient:
    socket: Path
    patience: float = 20.0
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            transport=httpx.HTTPTransport(uds=str(self.socket), verify=NO_CERTIFICATES),
            base_url="http://host",
            timeout=10,
            trust_env=False,
        )

    def healthy(self) -> bool:
        try:
            return self._call("GET", "/health").status_code == 200
        except HostUnavailableError:
            return False

    def wait(self, cancelled: Callable[[], bool]) -> None:
        """Until it answers, for a while: after a restart of everything, a build may be the first to be there."""
        until = time.monotonic() + self.patience
        while not self.healthy() and time.monotonic() < until and not cancelled():
            time.sleep(0.1)

    def serve(self, project_id: str, slug: str, release: int, path: Path, *, data: str = "live") -> ServedRelease:
        """Serve the release in `path`, on the live data or (`data="snapshot"`) on the release's own."""
        body = {"slug": slug, "release": release, "path": str(path)} | ({"data": data} if data != "live" else {})
        answer = self._call("PUT", f"/apps/{project_id}", json=body, timeout=SERVE_SECONDS)
        if answer.status_code != 200:
            error = _error(answer)
            raise NotServedError(error.get("message") or "The app could not be started.", error.get("log") or "")
        served = answer.json()
        return ServedRelease(int(served["release"]), str(served["url"]))

    def state(self, project_id: str) -> dict[str, Any] | None:
        answer = self._call("GET", f"/apps/{project_id}")
        return None if answer.status_code == 404 else dict(answer.json())

    def log(self, project_id: str) -> str | None:
        answer = self._call("GET", f"/apps/{project_id}/log")
        return None if answer.status_code == 404 else answer.text

    def fetch_data(self, project_id: str, target: Path) -> bool:
        """Write a consistent copy of the live database to `target`, with the files that people sent beside it; False
        when there is none yet.
        """
        packed = target.with_suffix(".tar")
        if not self._fetch(f"/apps/{project_id}/data", target):
            return False
        if self._fetch(f"/apps/{project_id}/uploads", packed):
            unpack_uploads(packed, target)
            packed.unlink()
        return True

    def census(self, project_id: str) -> dict[str, Any]:
        """How many rows and values the live database holds, by table and column; empty where there is none."""
        answer = self._call("GET", f"/apps/{project_id}/census", timeout=30)
        found = answer.json() if answer.status_code == 200 else {}
        return found if isinstance(found, dict) else {}

    def _fetch(self, path: str, target: Path) -> bool:
        with self._answering(), self.client.stream("GET", path, timeout=60) as answer:
            if answer.status_code != 200:
                return False
            with target.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
        return True

    def delete(self, project_id: str) -> None:
        answer = self._call("DELETE", f"/apps/{project_id}", timeout=30)
        if answer.status_code not in {204, 404}:
            raise HostUnavailableError(_error(answer).get("message") or f"status {answer.status_code}")

    def close(self) -> None:
        self.client.close()

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        with self._answering():
            return self.client.request(method, path, **options)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        with socket.socket(socket.AF_UNIX) as probe:  # httpx leaves a socket that was refused to the collector
            try:
                probe.connect(str(self.socket))
            except OSError as error:
                raise HostUnavailableError(str(error)) from error
        try:
            yield
        except httpx.TransportError as error:
            raise HostUnavailableError(str(error) or type(error).__name__) from error


def _error(answer: httpx.Response) -> dict[str, Any]:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
