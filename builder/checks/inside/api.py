"""One request to the app's API. The answer is bounded in size and time."""

import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx

from .server import ADDRESS

SECONDS, MAX_BODY = 15, 60_000
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing is encrypted here, and reading them takes 25 ms
_HEADERS = ("content-type", "content-length", "location", "set-cookie", "cache-control", "content-disposition", "allow")


def client(cookies: Mapping[str, str] | None = None) -> httpx.Client:
    """It keeps the cookies it is given. The name is the app's own as in a preview; it need not resolve."""
    host = {"Host": ADDRESS.split("//")[1]}
    at = "http://127.0.0.1:8000"
    return httpx.Client(base_url=at, headers=host, cookies=dict(cookies or {}), timeout=10, verify=NO_CERTIFICATES)


def send(client: httpx.Client, method: str, path: str, body: Any) -> dict[str, Any]:
    """Status 0 when the app did not answer; then the body says why."""
    started = time.monotonic()
    content = {"json": body} if body is not None else {}
    try:
        with client.stream(method, path if path.startswith("/") else "/" + path, **content) as answer:
            text = _read(answer, started + SECONDS)
            headers = {name: answer.headers[name][:300] for name in _HEADERS if name in answer.headers}
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        text, headers, status = f"The app did not answer: {type(error).__name__}: {error}"[:600], {}, 0
    return {"status": status, "body": text, "headers": headers, "seconds": round(time.monotonic() - started, 3)}


def _read(answer: httpx.Response, deadline: float) -> str:
    data = b""
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > MAX_BODY or time.monotonic() > deadline:
            return data[:MAX_BODY].decode(errors="replace") + "\n… and more"
    return data.decode(errors="replace")
