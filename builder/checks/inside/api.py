"""One request to the app's API, with the cookies of those before it. The answer is bounded in size and time."""

import time
from typing import Any

import httpx

from .server import ADDRESS

SECONDS, MAX_BODY = 15, 60_000
_HEADERS = ("content-type", "content-length", "location", "set-cookie", "cache-control", "content-disposition", "allow")
_client = httpx.Client(base_url="http://127.0.0.1:8000", headers={"Host": ADDRESS.split("//")[1]}, timeout=10)


def call(method: str, path: str, body: Any) -> dict[str, Any]:
    path = path if path.startswith("/") else "/" + path
    started = time.monotonic()
    content = {"json": body} if body is not None else {}
    try:
        with _client.stream(method, path, **content) as answer:
            text = _read(answer, started + SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        text, answer = f"{type(error).__name__}: {error}", None
    return {
        "status": answer.status_code if answer else 0,
        "body": text,
        "headers": {name: answer.headers[name][:300] for name in _HEADERS if answer and name in answer.headers},
        "seconds": round(time.monotonic() - started, 3),
    }


def forget() -> None:
    _client.cookies.clear()


def _read(answer: httpx.Response, deadline: float) -> str:
    data = b""
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > MAX_BODY or time.monotonic() > deadline:
            return data[:MAX_BODY].decode(errors="replace") + "\n… and more"
    return data.decode(errors="replace")
