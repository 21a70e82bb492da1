"""A real browser on the app under test: open a page, wait until it is quiet, tell what went wrong on it."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, Self

from playwright.sync_api import Page, sync_playwright

from .server import ADDRESS

# One app is all there is in here: a process for each site of it would cost a tenth of every page.
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --disable-site-isolation-trials"
).split()
QUIET_SECONDS, PATIENCE_SECONDS = 0.12, 8.0
LOAD_MS = 12_000  # everything is local: a page that takes longer never ends
MAX_PROBLEMS = 60
_BLANK = """() => {
  const text = document.body ? document.body.innerText.trim() : "";
  const pictures = [...document.querySelectorAll("svg, img, canvas")].filter(e => e.getBoundingClientRect().width > 8);
  return text.length === 0 && pictures.length === 0;
}"""


class Visit:
    """One page and what it did: console errors, uncaught exceptions, failed requests, answers of 400 and above."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.bytes = 0
        self.requests = 0
        self._pending: set[Any] = set()
        self._last = time.monotonic()
        page.on("console", self._said)
        page.on("pageerror", lambda e: self._note(f"Uncaught exception: {e}"))
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def open(self, address: str) -> None:
        self.page.goto(address, wait_until="load", timeout=LOAD_MS)
        self.settle()

    def settle(self) -> None:
        """Wait until no request has been under way for a moment: sooner than the browser's own half second of idle."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.page.wait_for_timeout(30)
            if self.is_quiet(QUIET_SECONDS):
                return

    def is_quiet(self, seconds: float) -> bool:
        return not self._pending and time.monotonic() - self._last > seconds

    def _said(self, message: Any) -> None:
        # A resource that failed is noted below, with its address and without the favicon nobody asked for.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._note(f"Console error: {message.text}")

    def _note(self, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS and message not in self.problems:
            self.problems.append(message)

    def _began(self, request: Any) -> None:
        if request.resource_type != "eventsource":
            self._pending.add(request)
        self.requests += 1
        self._last = time.monotonic()

    def _ended(self, request: Any) -> None:
        self._pending.discard(request)
        self._last = time.monotonic()

    def _failed(self, request: Any) -> None:
        self._ended(request)
        if request.failure != "net::ERR_ABORTED":
            self._note(f"Request failed: {request.method} {_path(request.url)} ({request.failure})")

    def _answered(self, response: Any) -> None:
        self.bytes += int(response.headers.get("content-length") or 0)
        if response.status >= 400 and not response.url.endswith("/favicon.ico"):
            self._note(f"{response.request.method} {_path(response.url)} answered {response.status}")


class Browser:
    def __init__(self, chromium: str) -> None:
        self._driver = sync_playwright().start()
        self.cookies: dict[str, str] = {}
        self._browser = self._driver.chromium.launch(executable_path=chromium, args=FLAGS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._driver.stop()

    @property
    def chromium(self) -> Any:
        return self._browser

    @property
    def runs(self) -> bool:
        return bool(self._browser.is_connected())

    @contextmanager
    def page(self, screen: Any, mode: Literal["light", "dark"] = "light") -> Iterator[Visit]:
        """A page of its own, for whoever `cookies` say is signed in."""
        context = self._browser.new_context(viewport=screen, color_scheme=mode, reduced_motion="reduce")
        try:
            sign_in(context, self.cookies)
            yield Visit(context.new_page())
        finally:
            context.close()


def sign_in(context: Any, cookies: Mapping[str, str]) -> None:
    if cookies:
        context.add_cookies([{"name": name, "value": value, "url": ADDRESS} for name, value in cookies.items()])


def find_problems(visit: Visit) -> list[str]:
    problems = list(visit.problems)
    if visit.page.evaluate(_BLANK):
        problems.insert(0, "The first screen is blank: no text and no picture is to be seen.")
    if not visit.page.title().strip():
        problems.append("The page has no title.")
    return problems


def _path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)[:160]
