"""A page as a person and a screen reader have it: what is on it, what can be used, what changed, what went wrong."""

import contextlib
import difflib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import CDPSession, Error, Locator, TimeoutError

from .browser import Visit, sign_in
from .server import ADDRESS

MAX_SNAPSHOT, MAX_CHANGED, MAX_PROBLEMS, MAX_OUTSIDE = 12_000, 4_000, 12, 6
CALM_SECONDS, CALM_PATIENCE = 0.1, 4.0
ACT_MS, ANSWER_MS = 2500, 4000
STUCK = "The page does not answer any more. Is there a script in it that never ends?"
CONTROLS = frozenset(
    "button link textbox searchbox combobox listbox option checkbox radio switch slider spinbutton tab menuitem "
    "menuitemcheckbox menuitemradio treeitem".split()
)
_CONTROL = re.compile(r"""^\s*- '?(?P<role>[a-z]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?P<rest>.*)$""")
_OWN = ("data:", "blob:", "about:", "chrome-extension:")


class OutsideError(Exception):
    """The address is not the app's."""


class StuckError(Exception):
    """The page does not answer any more."""

    def __init__(self) -> None:
        super().__init__(STUCK)


class Tab:
    """One page in a context of its own: no storage and no cache of any other, no cookie but those given.

    `patience` is how many times as long as usual is waited for what does not come true or does not answer.
    """

    def __init__(self, chromium: Chromium, patience: float = 1.0, cookies: Mapping[str, str] | None = None) -> None:
        self.chromium = chromium
        self.patience = patience
        self.stuck = False
        self.context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
        sign_in(self.context, cookies or {})
        self.context.set_default_timeout(ACT_MS * patience)
        self.page = self.context.new_page()
        self.dialogs: list[str] = []
        self.downloads = 0
        self.accepts_dialogs = True
        self._outside: dict[str, None] = {}
        self._popups: list[Any] = []
        self._session: CDPSession | None = None
        self.visit = Visit(self.page)
        self.page.on("dialog", self._asked)
        self.page.on("download", self._loaded)
        self.page.on("crash", lambda _page: self.visit.problems.append("The page crashed."))
        self.page.on("websocket", lambda socket: self._requested(socket.url))
        self.page.on("popup", lambda popup: self._popups.append(popup))
        self.context.on("request", lambda request: self._requested(request.url))

    def forget(self) -> None:
        """What went wrong before is not told again."""
        self.visit.problems.clear()
        self.dialogs.clear()
        self._outside.clear()

    def close(self) -> None:
        with contextlib.suppress(Error):
            self.context.close()

    @property
    def opened(self) -> bool:
        return not self.page.is_closed() and self.page.url.startswith("http")

    def open(self, path: str) -> None:
        address = urljoin(ADDRESS + "/", path)
        if not is_own(address):
            raise OutsideError(f"{path[:100]} is not a page of this app. Give a path that begins with /.")
        self.stuck = False
        if "#" in address and urldefrag(address).url == urldefrag(self.page.url).url:
            self.page.goto("about:blank")  # with only another hash the browser would keep what it has loaded
        self.page.goto(address, wait_until="load", timeout=15_000)
        self.settle()

    def settle(self) -> None:
        """Until nothing has been loaded for a moment and two frames have been drawn."""
        deadline = time.monotonic() + CALM_PATIENCE
        while time.monotonic() < deadline:
            self.page.wait_for_timeout(25)
            if self.visit.is_quiet(CALM_SECONDS):
                break
        while self._popups:
            self._follow(self._popups.pop())

    def snapshot(self) -> str:
        """The accessibility tree as YAML."""
        return self._asked_of_body(lambda body, timeout: body.aria_snapshot(timeout=timeout))

    def state(self) -> tuple[str, str, str]:
        return self.page.url, self.snapshot(), self.text()

    def text(self) -> str:
        return self._asked_of_body(lambda body, timeout: body.inner_text(timeout=timeout))

    def freeze(self) -> None:
        """Stop its scripts until it is looked at again: a game would be lost and a processor busy meanwhile."""
        self._debug("Debugger.enable", "Debugger.pause")

    def thaw(self) -> None:
        self._debug("Debugger.resume", "Debugger.disable")

    def problems(self) -> list[str]:
        return [*self.visit.problems[: MAX_PROBLEMS - len(self._outside)], *self.blocked]

    @property
    def blocked(self) -> list[str]:
        return [f"Blocked a request to another site: {url}. The app must work without it." for url in self._outside]

    @property
    def outside(self) -> list[str]:
        """The addresses of other sites that it asked for."""
        return list(self._outside)

    def screenshot(self) -> bytes:
        return bytes(self.page.screenshot(timeout=ANSWER_MS * self.patience, animations="allow"))

    def _asked_of_body(self, question: Callable[[Locator, float], str]) -> str:
        """An endless script would keep a plain evaluation waiting for ever; what did not answer isn't asked again."""
        if not self.stuck:
            with contextlib.suppress(TimeoutError):
                return question(self.page.locator("body"), ANSWER_MS * self.patience)
        self.stuck = True
        raise StuckError

    def _debug(self, *commands: str) -> None:
        for command in commands:
            with contextlib.suppress(Error):  # it was not stopped, as no script of it ran
                self._session = self._session or self.context.new_cdp_session(self.page)
                self._session.send(command)

    def _asked(self, dialog: Any) -> None:
        self.dialogs.append(f"{dialog.type}: {dialog.message}"[:200])
        with contextlib.suppress(Error):
            dialog.accept() if self.accepts_dialogs else dialog.dismiss()

    def _loaded(self, _download: Any) -> None:
        self.downloads += 1

    def _requested(self, url: str) -> None:
        if not url.startswith(_OWN) and not is_own(url) and len(self._outside) < MAX_OUTSIDE:
            self._outside[url[:160]] = None

    def _follow(self, popup: Any) -> None:
        """What opens in a tab of its own is looked at in this one."""
        url = popup.url
        popup.close()
        if is_own(url):
            self.page.goto(url, wait_until="load", timeout=15_000)
            self.settle()


def is_own(url: str) -> bool:
    parts = urlsplit(url)
    return parts.netloc == urlsplit(ADDRESS).netloc and parts.scheme in {"http", "ws"}


def controls(snapshot: str) -> Iterator[tuple[str, str]]:
    """Role and name of everything on the page that can be used, in its order."""
    for line in snapshot.splitlines():
        found = _CONTROL.match(line)
        if found and found["role"] in CONTROLS:
            yield found["role"], (found["name"] or "").replace('\\"', '"')


def near_controls(snapshot: str, wanted: str, limit: int = 14) -> str:
    """The controls, those most like the wanted one first."""
    seen: Sequence[tuple[str, str]] = list(dict.fromkeys(controls(snapshot)))
    wanted = wanted.casefold()

    def likeness(control: tuple[str, str]) -> float:
        return difflib.SequenceMatcher(None, wanted, control[1].casefold()[:80]).ratio()

    best = sorted(seen, key=likeness, reverse=True)[:limit] if wanted else seen[:limit]
    return ", ".join(f"{role} “{name[:60]}”" if name else role for role, name in best) or "none"


def difference(before: str, after: str) -> str:
    """The lines that went and came, without those around them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    changed = [f"{line[0]} {line[1:].strip()}" for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    return clip("\n".join(changed), MAX_CHANGED)


def clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}\n… {len(text) - limit} characters more"
