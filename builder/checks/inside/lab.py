"""The warm lab: one app, kept running and looked at, for as long as a run lasts. `python -m inside.lab`.

It answers calls from the socket it was given, one JSON line each. What it tells is data from untrusted code.
"""

import base64
import ctypes
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from playwright.sync_api import Error

from . import api, app, find, flow, own_tests
from .browser import Browser
from .expectations import Scene
from .page import MAX_SNAPSHOT, OutsideError, StuckError, Tab, clip, difference
from .programs import KilledError
from .query import QueryError, query
from .quick import check_app, check_page
from .server import NotStartedError

Value = dict[str, Any]
PR_SET_DUMPABLE = 4
MAX_LINE, MAX_SCREENSHOT = 4_000_000, 3_000_000


class WrongCallError(Exception):
    """What was asked for can't be done; the message says why."""


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)  # the app runs as the same user and may not reach into this process
    line = socket.socket(fileno=int(os.environ["LAB_SOCKET"]))
    line.set_inheritable(False)
    lab = Lab()
    with line, line.makefile("rwb") as stream:
        while request := stream.readline(MAX_LINE):
            stream.write(json.dumps(lab.answer(json.loads(request))).encode() + b"\n")
            stream.flush()


class Lab:
    def __init__(self) -> None:
        self.app = app.App(built=bool(os.environ.get("LAB_BUILT")))
        self._browser: Browser | None = None
        self._tab: Tab | None = None
        self._seen = 0
        self._client = api.client()
        self._calls: dict[str, Callable[[Value], Value]] = {
            "check": self._check,
            "run_tests": own_tests.run_tests,
            "call_api": self._call_api,
            "query_db": self._query_db,
            "browse": self._browse,
            "run_flow": self._run_flow,
            "read_logs": lambda request: {"text": app.log_lines(int(request["lines"]))},
        }

    def answer(self, request: Value) -> Value:
        self.app.note(request.get("updated", ()))
        try:
            return {"id": request["id"], "value": self._calls[request["do"]](request)}
        except (WrongCallError, app.AppError, KilledError, QueryError, OutsideError) as error:
            why = str(error)
        except NotStartedError as error:
            why = f"The app does not start: {error}"
        except StuckError as error:
            self._leave_tab()
            why = str(error)
        except Error as error:
            why = f"The browser could not do it: {find.said(error)}"
        except Exception as error:
            why = f"The lab could not do it: {type(error).__name__}: {error}"
        finally:
            if self._tab:
                self._tab.freeze()
        return {"id": request["id"], "error": why[:3000]}

    def _leave_tab(self) -> None:
        """A page that never answers again is closed, with what it was doing."""
        tab, self._tab = self._tab, None
        if tab:
            tab.close()

    def _check(self, request: Value) -> Value:
        if self.app.static:
            return {"results": check_page(self.app, self._page)}
        front, back = bool(request["front"]), bool(request["back"])
        return {"results": check_app(self.app, self._page, front=front, back=back)}

    def _call_api(self, request: Value) -> Value:
        if self.app.static:
            raise WrongCallError("This app has no back end to call.")
        self.app.ready()
        return api.send(self._client, str(request["method"]), str(request["path"]), request.get("body"))

    def _query_db(self, request: Value) -> Value:
        self.app.ready()
        if self.app.static:
            raise WrongCallError("This app has no database.")
        return query(str(app.LIVE), str(request["sql"]), max(1, min(int(request["limit"]), 500)))

    def _browse(self, request: Value) -> Value:
        self.app.ready()
        tab = self._tab_of_before()
        if request["path"] is not None or not tab.opened:
            tab.open(str(request["path"] or "/"))
        elif self._seen != self.app.version:
            tab.open(tab.page.url)  # what it shows was made by files that have changed since
        self._seen = self.app.version
        before = tab.snapshot()
        failed = flow.act(self._scene(tab), request["steps"])[1]
        after = tab.snapshot()
        return {
            "url": tab.page.url,
            "title": tab.page.title()[:200],
            "snapshot": clip(after, MAX_SNAPSHOT),
            "changed": difference(before, after) if request["steps"] else "",
            "problems": [text[:330] for text in tab.problems() + tab.dialogs[-4:]],
            "failed_step": failed,
            **picture(tab, wanted=bool(request.get("screenshot"))),
        }

    def _tab_of_before(self) -> Tab:
        """The page stays between calls; what goes wrong on it is told once."""
        if self._tab is None or self._tab.page.is_closed():
            self._tab = Tab(self._chromium())
        self._tab.forget()
        self._tab.thaw()
        return self._tab

    def _run_flow(self, request: Value) -> Value:
        self.app.ready()
        started = time.monotonic()
        self.app.keep()
        try:
            with self._page(float(request.get("patience", 1.0))) as tab:
                failed_at, finding = flow.act(self._scene(tab), request["steps"])
                return {
                    "ok": failed_at is None,
                    "finding": finding,
                    "failed_at": failed_at,
                    "snapshot": flow.told_snapshot(tab) if tab.opened else "",
                    "seconds": round(time.monotonic() - started, 3),
                    **picture(tab, wanted=bool(request.get("screenshot", True)) and tab.opened),
                }
        finally:
            self.app.give_back()

    def _scene(self, tab: Tab) -> Scene:
        return Scene(tab, None if self.app.static else str(app.LIVE))

    @contextmanager
    def _page(self, patience: float = 1.0) -> Iterator[Tab]:
        tab = Tab(self._chromium(), patience)
        try:
            yield tab
        finally:
            tab.close()

    def _chromium(self) -> Any:
        chromium = os.environ.get("CHROMIUM")
        if not chromium:
            raise WrongCallError("No Chromium was found, so no page can be looked at.")
        if self._browser is not None and not self._browser.runs:
            with suppress(Exception):
                self._browser.__exit__()
            self._browser = self._tab = None
        if self._browser is None:
            self._browser = Browser(chromium)
        return self._browser.chromium


def picture(tab: Tab, *, wanted: bool) -> Value:
    if not wanted or tab.stuck:
        return {}
    with suppress(Exception):  # a page that can't be drawn is still told in words
        png = tab.screenshot()
        if len(png) <= MAX_SCREENSHOT:
            return {"screenshot": base64.b64encode(png).decode()}
    return {}


if __name__ == "__main__":
    main()
