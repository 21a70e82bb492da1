"""A small web on loopback: 127.0.0.2 plays the public part of it, 127.0.0.1 is this machine."""

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from builder.research import Door
from builder.research.address import is_public, resolve

PUBLIC = "127.0.0.2"
Answer = Callable[[BaseHTTPRequestHandler], None]


def sends(body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if kind:
            handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirects(location: str) -> Answer:
    return sends(b"", "", 302, Location=location)


@dataclass
class Site:
    """Answers by path, and remembers who came: the path and the Host header."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    speak_tls: Callable[[ssl.SSLContext], None] = lambda context: None

    def url(self, path: str, host: str = PUBLIC) -> str:
        return f"http://{host}:{self.port}{path}"


def _serve(address: str, port: int) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.seen.append((self.path, self.headers["Host"]))
            answer = site.answers.get(self.path.partition("?")[0], sends(b"nothing here", status=404))
            try:
                answer(self)
            except OSError:  # the visitor left
                self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    server = Server((address, port), Handler)

    def speak_tls(context: ssl.SSLContext) -> None:
        server.socket = context.wrap_socket(server.socket, server_side=True)

    site = Site(server.server_address[1], speak_tls=speak_tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of the public web."""
    yield from _serve(PUBLIC, 0)


@pytest.fixture
def inside(site: Site) -> Iterator[Site]:
    """A service of this machine, at the same port: what nobody may be led to."""
    yield from _serve("127.0.0.1", site.port)


@dataclass
class Names:
    """A resolver whose names answer as told, one answer after the other; the last one stays. All else is real."""

    told: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int, seconds: float) -> list[str]:
        self.asked.append(host)
        if host in self.told:
            answers = self.told[host]
            return answers.pop(0) if len(answers) > 1 else answers[0]
        return list(resolve(host, port, seconds))


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def door(site: Site, names: Names) -> Door:
    """The strict door, for which 127.0.0.2 is public and the site's port is open."""
    return Door(names, lambda address: address == PUBLIC or is_public(address), frozenset({80, 443, site.port}))
