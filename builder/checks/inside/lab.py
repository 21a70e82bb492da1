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

from . import api, app, flow, own_tests
from .browser import Browser, find_problems
from .expectations import Scene
from .page import MAX_SNAPSHOT, OutsideError, Tab, clip, difference
from .query import QueryError, query
from .report import Findings

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
        except (WrongCallError, app.AppError, QueryError, OutsideError) as error:
            return {"id": request["id"], "error": str(error)}
        except Exception as error:
            return {"id": request["id"], "error": f"The lab could not do it: {type(error).__name__}: {error}"[:2000]}

    def _check(self, request: Value) -> Value:
        results = Results()
        if self.app.static:
            self._check_static(results)
            return {"results": results.ended}
        front = bool(request["front"]) or (bool(request["back"]) and self.app.stale_front)
        types = app.start_node(app.TSC) if request["front"] else None
        vite = self.app.start_vite() if front else None
        started = time.monotonic()
        healthy = self._check_back(results, shown=bool(request["back"]))
        built = True
        for name, node in (("types", types), ("frontend", vite)):
            if node is not None:
                code, said = app.finish(node)
                results.add(name, code=code, output=said, seconds=time.monotonic() - started)
                built &= code == 0 or name == "types"
                if name == "frontend":
                    self.app.front_ended(code)
        if healthy and built:
            self._first_paint(results)
        else:
            results.add("first_paint", status="skipped")
        return {"results": results.ended}

    def _check_back(self, results: "Results", *, shown: bool) -> bool:
        """The back end's checks; when they are not asked for, only those that fail are told."""
        quiet = results if shown else Results()
        steps: list[tuple[str, Callable[[Findings], None]]] = [
            ("syntax", own_tests.parse),
            ("migrations", self.app.migrate),
            ("boot", self.app.boot),
        ]
        for name, step in steps if shown else steps[1:]:
            with quiet.check(name) as findings:
                step(findings)
            if findings:
                results.ended += [] if shown else quiet.ended[-1:]
                return False
        if shown:
            self._contract(results)
        return True

    def _contract(self, results: "Results") -> None:
        from .contract import smoke
        from .server import ADDRESS

        with results.check("contract") as findings:
            smoke(ADDRESS, findings)
        self.app.renew()

    def _check_static(self, results: "Results") -> None:
        from . import static
        from .report import Stop

        with results.check("document") as findings, suppress(Stop):
            static.check_page(static.read_page(findings), findings)
        self._first_paint(results)

    def _first_paint(self, results: "Results") -> None:
        if not os.environ.get("CHROMIUM"):
            results.add("first_paint", status="skipped")
            return
        with results.check("first_paint") as findings, self._page() as tab:
            self.app.ready()
            tab.open("/")
            for message in [*find_problems(tab.visit), *tab.problems()[len(tab.visit.problems) :]]:
                findings.add(message)

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
        tab = self._tab_of_before(fresh=request["path"] is not None)
        heard = len(tab.problems()) if request["path"] is None else 0
        if request["path"] is not None:
            tab.open(str(request["path"]))
        elif not tab.opened:
            tab.open("/")
        before = tab.snapshot()
        failed = flow.act(self._scene(tab), request["steps"])[1] if request["steps"] else None
        after = tab.snapshot()
        return {
            "url": tab.page.url,
            "title": tab.page.title()[:200],
            "snapshot": clip(after, MAX_SNAPSHOT),
            "changed": difference(before, after) if request["steps"] else "",
            "problems": [text[:330] for text in tab.problems()[heard:] + tab.dialogs[-4:]],
            "failed_step": failed,
            **picture(tab, wanted=bool(request.get("screenshot"))),
        }

    def _tab_of_before(self, *, fresh: bool) -> Tab:
        """The page stays between calls with its cookies; what went wrong on it is told of this visit alone."""
        if self._tab is None or self._tab.page.is_closed():
            self._tab = Tab(self._chromium())
        elif fresh:
            self._tab.forget()
        return self._tab

    def _run_flow(self, request: Value) -> Value:
        self.app.ready()
        started = time.monotonic()
        self.app.keep()
        try:
            with self._page() as tab:
                failed_at, finding = flow.act(self._scene(tab), request["steps"])
                return {
                    "ok": failed_at is None,
                    "finding": finding,
                    "failed_at": failed_at,
                    "snapshot": clip(tab.snapshot(), MAX_SNAPSHOT) if tab.opened else "",
                    "seconds": round(time.monotonic() - started, 3),
                    **picture(tab, wanted=bool(request.get("screenshot", True)) and tab.opened),
                }
        finally:
            self.app.give_back()

    def _scene(self, tab: Tab) -> Scene:
        return Scene(tab, None if self.app.static else str(app.LIVE))

    @contextmanager
    def _page(self) -> Iterator[Tab]:
        tab = Tab(self._chromium())
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


class Results:
    """What the checks found, in their order."""

    def __init__(self) -> None:
        self.ended: list[Value] = []

    def add(self, name: str, **values: Any) -> None:
        self.ended.append({"name": name, **values})

    @contextmanager
    def check(self, name: str) -> Iterator[Findings]:
        started, findings = time.monotonic(), Findings()
        try:
            yield findings
        except app.AppError as error:
            findings.add(str(error))
        except Exception as error:
            findings.add(f"The check itself broke: {type(error).__name__}: {error}")
        status = "failed" if findings else "passed"
        self.add(name, status=status, findings=findings, seconds=time.monotonic() - started)


def picture(tab: Tab, *, wanted: bool) -> Value:
    if not wanted:
        return {}
    with suppress(Exception):  # a page that can't be drawn is still told in words
        png = tab.screenshot()
        if len(png) <= MAX_SCREENSHOT:
            return {"screenshot": base64.b64encode(png).decode()}
    return {}


if __name__ == "__main__":
    main()
