"""A hostile app, in a real browser, beside a studio that someone is signed in to: it achieves nothing."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

pytestmark = pytest.mark.browser

HOSTILE_PAGE = Path(__file__).with_name("samples") / "hostile" / "backend" / "page.html"


@dataclass
class Studio:
    """A stand-in that notes who came in, and would let anyone: what holds an app back must be the preview's rules."""

    requests: list[tuple[str, str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def visits(self) -> list[str]:
        """Everything asked of it but its own page."""
        ours = ("/?preview=", "/favicon")
        return [f"{method} {path}" for method, path, _ in self.requests if not path.startswith(ours)]

    def page(self, preview: str) -> str:
        sandbox = "allow-scripts allow-same-origin allow-forms allow-popups"
        return f'<!doctype html><title>Studio</title><iframe src="{preview}" sandbox="{sandbox}"></iframe>'


@pytest.fixture
def studio() -> Iterator[Studio]:
    seen = Studio()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            seen.requests.append((self.command, self.path, self.headers.get("cookie", "")))
            body = b"x"
            if self.headers["host"].startswith("lawless."):
                body = HOSTILE_PAGE.read_bytes()
            elif self.path.startswith("/?preview="):
                body = seen.page(unquote(self.path.partition("?preview=")[2])).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_hostile_app_achieves_nothing(make_host, studio, browser):
    host = make_host(env={"PROTODEX_PORT": str(studio.port)})
    host.serve("hostile", "hostile")
    host.serve("sibling")
    sibling = f"http://sibling.localhost:{host.port}"
    preview = f"http://hostile.localhost:{host.port}/?studio={studio.origin}&sibling={sibling}"
    context = browser.new_context()
    context.add_cookies([{"name": "protodex_session", "value": "real", "url": studio.origin}])
    page = context.new_page()
    page.goto(f"{studio.origin}/?preview={quote(preview)}")
    results = host.wait_until(lambda: host.get("hostile", "/api/results").json())

    assert studio.visits() == []
    assert page.url.startswith(f"{studio.origin}/?preview=")  # the top window stayed
    for name in ("read the studio", "write to the studio", "read a sibling", "a socket to a sibling"):
        assert results[name].startswith("refused"), (name, results[name])
    for name in ("register a service worker", "an image of the studio", "a script of the studio"):
        assert results[name].startswith("refused"), (name, results[name])
    assert not results["frame the studio"].startswith("Studio")
    assert results["cookies for localhost"] == "refused"
    kept = {(cookie["name"], cookie["value"]) for cookie in context.cookies()}
    assert ("protodex_session", "real") in kept
    assert not {name for name, value in kept if value == "forged" or name == "tossed"}


def test_the_same_page_without_the_rules_gets_through(studio, browser):
    """Or the test above would prove nothing."""
    page = browser.new_page()
    page.goto(f"http://lawless.localhost:{studio.port}/?studio={studio.origin}&sibling={studio.origin}")
    page.wait_for_url("**/taken")
    assert {"POST /api/projects", "GET /api/projects", "GET /", "GET /taken"} <= set(studio.visits())


def test_only_the_studio_frames_a_preview(make_host, studio, browser):
    host = make_host(env={"PROTODEX_PORT": "8123"})  # the studio of this host is another one
    host.serve("shop")
    page = browser.new_page()
    page.goto(f"{studio.origin}/?preview=http://shop.localhost:{host.port}/")
    framed = page.frames[1]
    assert "Demo" not in framed.content()
    page.goto(f"http://shop.localhost:{host.port}/")
    assert page.locator("h1").inner_text() == "Demo"


def test_an_honest_page_is_left_alone_by_the_rules(host, browser):
    host.serve("shop")
    page = browser.new_page()
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(f"http://shop.localhost:{host.port}/")
    assert page.title() == "Demo ready"
    assert page.evaluate("fetch('/api/notes').then(answer => answer.json())") == ["seeded"]
    written = page.evaluate(
        "fetch('/api/notes', {method: 'POST', headers: {'content-type': 'application/json'},"
        " body: JSON.stringify({text: 'milk'})}).then(answer => answer.status)"
    )
    assert written == 201
    talked = page.evaluate(
        "new Promise((done, fail) => { const socket = new WebSocket(`ws://${location.host}/ws`);"
        " socket.onopen = () => socket.send('hello'); socket.onmessage = event => done(event.data);"
        " socket.onerror = () => fail(new Error('socket')); })"
    )
    assert talked == "HELLO"
    assert messages == []


def test_a_private_preview_opens_in_the_studios_frame(make_host, studio, browser):
    import time

    from workers.host.tickets import make_ticket, preview_secret

    host = make_host(env={"PROTODEX_PORT": str(studio.port), "PROTODEX_TOKEN": "a long token"})
    host.serve("shop")
    ticket = make_ticket(preview_secret("a long token"), "shop", time.time())
    page = browser.new_page()
    page.goto(f"{studio.origin}/?preview=http://shop.localhost:{host.port}/__protodex/enter?ticket={ticket}")
    frame = page.frames[1]
    frame.wait_for_selector("h1:has-text('Demo')")
    assert frame.evaluate("fetch('/api/notes').then(answer => answer.json())") == ["seeded"]


def test_the_process_itself_sees_nothing_either(host):
    host.serve("hostile", "hostile")
    seen = host.get("hostile", "/api/reach").json()
    assert {path: answer for path, answer in seen.items() if not answer.startswith("refused")} == {}
