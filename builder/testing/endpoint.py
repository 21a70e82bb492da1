"""A chat endpoint on loopback that goes wrong as its script says, over real HTTP.

Each request for a completion takes the next of the script; when the script has ended, requests are answered normally.
"""

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from builder.model.chat import Reply
from builder.model.sticky import HEADERS
from builder.testing.models import deltas_of, says

Chunk = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What happens to one request. `wait` seconds pass before the headers.

    `cut` closes the stream after so many chunks; `stall` keeps it open there and says nothing more, or goes on once
    `until` is set. `pace` seconds pass before each chunk. `raw` is sent in place of everything, with `status`,
    `content_type` and `headers`.
    """

    reply: Reply = field(default_factory=lambda: says("ok"))
    wait: float = 0.0
    cut: int | None = None
    stall: int | None = None
    until: threading.Event | None = None
    pace: float = 0.0
    status: int = 200
    content_type: str = "text/event-stream"
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    chunks: tuple[Chunk, ...] | None = None


def answers(reply: Reply) -> Fault:
    return Fault(reply)


def refuses(status: int, message: str = "", *, retry_after: str | None = None, **error: Any) -> Fault:
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    raw = json.dumps({"error": {"message": message, **error}}).encode()
    return Fault(status=status, content_type="application/json", headers=headers, raw=raw)


def rate_limited(retry_after: str = "0") -> Fault:
    return refuses(429, "Rate limit reached", retry_after=retry_after)


def too_long(limit: int) -> Fault:
    return refuses(400, f"This model's maximum context length is {limit} tokens. However, you requested 999999 tokens.")


def invalid_json() -> Fault:
    return Fault(raw=b'data: {"choices": [{"delta": {"content": "he\n\n')


def empty_reply() -> Fault:
    return Fault(says(""))


def endless(megabytes: int = 10) -> Fault:
    chunk = b"data: " + json.dumps(chunk_of({"content": "x" * 100_000})).encode() + b"\n\n"
    return Fault(raw=chunk * (megabytes * 10))


def web_page() -> Fault:
    return Fault(content_type="text/html", raw=b"<html>Welcome</html>")


def chunk_of(delta: Chunk, finish: str | None = None) -> Chunk:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def chunks_of(reply: Reply, number: int = 1) -> Iterator[Chunk]:
    """A reply as vLLM and SGLang stream it, the usage in a last chunk without choices."""
    yield chunk_of({"role": "assistant"})
    for delta in deltas_of(reply):
        if delta.channel == "call":
            begins = {"id": f"call_{number}_{delta.index}", "type": "function"} if not delta.text else {}
            function = {"arguments": delta.text} | ({"name": delta.name} if not delta.text else {})
            yield chunk_of({"tool_calls": [{"index": delta.index, **begins, "function": function}]})
        else:
            yield chunk_of({"content" if delta.channel == "text" else "reasoning_content": delta.text})
    yield chunk_of({}, reply.finish)
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 60}}
    yield {"choices": [], "usage": usage}


class FaultyEndpoint:
    """`with FaultyEndpoint([rate_limited(), answers(says("hi"))]) as endpoint: open_model(endpoint.url)`.

    `requests` are the bodies that came, `keys` their Authorization headers, `sessions` the sessions they named,
    `hung_up` how many were left by the client. `models` is what `/v1/models` lists, `pages` what other paths answer
    (JSON, or text).
    """

    def __init__(
        self,
        script: Iterable[Fault] = (),
        *,
        models: Iterable[Chunk] = ({"id": "faulty", "object": "model", "owned_by": "test"},),
        pages: dict[str, Any] | None = None,
    ) -> None:
        self.requests: list[Chunk] = []
        self.keys: list[str | None] = []
        self.sessions: list[set[str | None]] = []
        self.hung_up = 0
        self.models = list(models)
        self.pages = pages or {}
        self._script = iter(script)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, body: Chunk, key: str | None, sessions: set[str | None]) -> tuple[int, Fault]:
        with self._lock:
            self.requests.append(body)
            self.keys.append(key)
            self.sessions.append(sessions)
            return len(self.requests), next(self._script, Fault())

    def wait(self, seconds: float, connection: socket.socket, until: threading.Event | None = None) -> None:
        """So long, or until it is set, the client hangs up or the test ends."""
        end = time.monotonic() + seconds
        connection.settimeout(0.02)
        while time.monotonic() < end and not self._closing.is_set() and not (until and until.is_set()):
            try:
                if not connection.recv(1):
                    self.hung_up += 1
                    raise ConnectionResetError
            except TimeoutError:
                continue
        connection.settimeout(None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], endpoint: FaultyEndpoint) -> None:
        super().__init__(address, _Handler)
        self.endpoint = endpoint

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        endpoint = self.server.endpoint
        known = {"/v1/models": {"object": "list", "data": endpoint.models}, **endpoint.pages}
        page = known.get(self.path)
        text = page if isinstance(page, str) else json.dumps(page)
        kind = "text/plain" if isinstance(page, str) else "application/json"
        self._send(200 if self.path in known else 404, kind, text.encode())

    def do_POST(self) -> None:
        self.close_connection = True
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sessions = {self.headers.get(name) for name in HEADERS}
        number, fault = self.server.endpoint.take(body, self.headers.get("Authorization"), sessions)
        self.server.endpoint.wait(fault.wait, self.connection)
        if fault.raw is not None:
            self._send(fault.status, fault.content_type, fault.raw, fault.headers)
        elif not body.get("stream"):
            message = {**fault.reply.message(), "role": "assistant"}
            choice = {"index": 0, "message": message, "finish_reason": fault.reply.finish}
            self._send(200, "application/json", json.dumps({"choices": [choice]}).encode())
        else:
            self._stream(fault, number)

    def _stream(self, fault: Fault, number: int) -> None:
        self._head(200, fault.content_type)
        chunks = chunks_of(fault.reply, number) if fault.chunks is None else iter(fault.chunks)
        for sent, chunk in enumerate(chunks):
            if sent == fault.cut:
                return
            if sent == fault.stall:
                self.server.endpoint.wait(60, self.connection, fault.until)
                if fault.until is None:
                    return
            if fault.pace:
                self.server.endpoint.wait(fault.pace, self.connection)
            self.wfile.write(b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, status: int, kind: str, data: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._head(status, kind, (*headers, ("Content-Length", str(len(data)))))
        self.wfile.write(data)

    def _head(self, status: int, kind: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.send_response(status)
        if self.close_connection:  # said, so that no client keeps the connection for its next request
            self.send_header("Connection", "close")
        for name, value in (("Content-Type", kind), *headers):
            self.send_header(name, value)
        self.end_headers()
