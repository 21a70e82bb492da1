"""The gate's checks on the app under work: only those that an edit can break, side by side where they can be."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from . import app, own_tests, static
from .browser import find_problems, sign_in
from .page import Tab
from .programs import KilledError
from .report import Findings, Stop
from .session import cookies_of_app

Value = dict[str, Any]
Pages = Callable[[], AbstractContextManager[Tab]]
NO_CHROMIUM = "No Chromium was found, so nobody has looked at the app. Install chromium."


class Results:
    """What the checks found, in their order."""

    def __init__(self) -> None:
        self.ended: list[Value] = []

    def add(self, name: str, **values: Any) -> None:
        self.ended.append({"name": name, **values})

    def skip(self, name: str, why: str) -> None:
        self.add(name, status="skipped", findings=[{"message": why}])

    @contextmanager
    def check(self, name: str) -> Iterator[Findings]:
        started, findings = time.monotonic(), Findings()
        try:
            yield findings
        except (Stop, app.AppError, KilledError) as stopped:
            if str(stopped):
                findings.add(str(stopped))
        except Exception as error:
            findings.add(f"The check itself broke: {type(error).__name__}: {error}")
        status = "failed" if findings else "passed"
        self.add(name, status=status, findings=findings, seconds=time.monotonic() - started)


def check_app(running: app.App, pages: Pages, *, front: bool, back: bool) -> list[Value]:
    """Vite and tsc work while the back end is migrated and started; then a browser looks at what came of it."""
    results, started = Results(), time.monotonic()
    types = app.start_node(app.TSC) if front else None
    vite = running.start_vite() if front or running.stale_front else None
    healthy = _back(running, results) if back else _still_healthy(running, results)
    built = True
    for name, node in (("types", types), ("frontend", vite)):
        if node is None:
            continue
        code, said = app.finish(node)
        results.add(name, code=code, output=said, seconds=time.monotonic() - started)
        if name == "frontend":
            running.front_ended(code)
            built = code == 0
    if not healthy:
        results.skip("first_paint", "The app did not start.")
    elif not built:
        results.skip("first_paint", "The front end did not build.")
    else:
        _first_paint(running, pages, results)
    return results.ended


def check_page(running: app.App, pages: Pages) -> list[Value]:
    """For a project that is plain files."""
    results, page = Results(), None
    with results.check("document") as findings, suppress(Stop):
        page = static.read_page(findings)
        static.check_page(page, findings)
    if page is None:
        return results.ended
    asked = _first_paint(running, pages, results)
    with results.check("self_contained") as findings:
        static.check_self_contained(page, asked, findings)
    return results.ended


def _back(running: app.App, results: Results) -> bool:
    steps = (("syntax", own_tests.parse), ("migrations", running.migrate), ("boot", running.boot))
    for name, step in steps:
        with results.check(name) as findings:
            step(findings)
        if findings:
            return False
    with results.check("contract") as findings:
        from .contract import smoke

        smoke(findings)
    running.renew()
    return True


def _still_healthy(running: app.App, results: Results) -> bool:
    """The back end's checks were not asked for, so one is told only where it is why nothing shows."""
    for name, step in (("migrations", running.migrate), ("boot", running.boot)):
        apart = Results()
        with apart.check(name) as findings:
            step(findings)
        if findings:
            results.ended += apart.ended
            return False
    return True


def _first_paint(running: app.App, pages: Pages, results: Results) -> list[str]:
    """The addresses of other sites that the page asked for."""
    if not os.environ.get("CHROMIUM"):
        results.skip("first_paint", NO_CHROMIUM)
        return []
    asked: list[str] = []
    with results.check("first_paint") as findings, pages() as tab:
        running.ready()
        tab.open("/")
        asked = tab.outside
        problems = find_problems(tab.visit)
        for message in static.own_problems(problems, asked) if running.static else [*problems, *tab.blocked]:
            findings.add(message)
        cookies = {} if running.static else cookies_of_app()
        if cookies:
            sign_in(tab.context, cookies)
            tab.forget()
            tab.open("/")
            for message in [*find_problems(tab.visit), *tab.blocked]:
                findings.add(message)
    return asked
