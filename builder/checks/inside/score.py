"""What ranks a release and never takes it down: tests, accessibility, phone width, pages, hostile text, speed."""

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from . import api
from .browser import Browser, Visit, find_problems
from .contract import Collection, collections
from .controls import dead_buttons
from .page import Tab
from .programs import Programs
from .report import Findings, check, skipped
from .server import ADDRESS, start_app
from .session import cookies_of_app, enter

AXE = Path("/checks/axe/axe.min.js")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
MAX_PAGES = 7
# What a page costs is counted, not timed: a busy machine must not change the score.
MAX_REQUESTS, MAX_LOAD_BYTES = 60, 2_000_000
SERIOUS = frozenset({"serious", "critical"})
HOSTILE = (
    """<img src=x onerror="window.hostile=1"><script>window.hostile=1</script>'"; DROP TABLE x; -- {{7*7}} ${7*7}"""
)
_AXE_RUN = "() => axe.run(document, {resultTypes: ['violations']})"
_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].find(e => {
    const box = e.getBoundingClientRect();
    return box.right > width + 1 && box.width > 0 && getComputedStyle(e).position !== "fixed";
  });
  const name = wide ? wide.tagName.toLowerCase() + " " + (wide.textContent || "").trim().slice(0, 40) : "";
  return document.documentElement.scrollWidth > width + 1 ? name || "the page" : null;
}"""


def main() -> None:
    with check("tests") as findings:
        own_tests(findings)
    with closing(Programs()) as programs:
        start_app(programs)
        try_out(os.environ.get("CHROMIUM"))


def try_out(chromium: str | None) -> None:
    if not chromium:
        with check("security") as findings:
            hostile_requests(findings)
        for name in ("accessibility", "phone", "pages", "controls", "speed"):
            skipped(name, "No Chromium was found. Install chromium.")
        return
    with Browser(chromium) as browser:
        browser.cookies = cookies_of_app()
        routes = look(browser)
        with check("controls") as findings:
            dead_buttons(lambda: Tab(browser.chromium, cookies=browser.cookies), routes, findings)
        with check("security") as findings:
            hostile_requests(findings)
            hostile_pages(browser, routes, findings)


def own_tests(findings: Findings) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "--tb=line"]
    done = subprocess.run(command, cwd="/app", capture_output=True, text=True, check=False, timeout=110)
    if done.returncode != 0:
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "E "))]
        for line in lines[:8] or (done.stdout + done.stderr).strip().splitlines()[-4:]:
            findings.add(line)


def look(browser: Browser) -> list[str]:
    with browser.page(DESKTOP) as first:
        first.open(ADDRESS + "/")
        routes = discover(first)
    with check("speed") as findings:
        if first.requests > MAX_REQUESTS:
            findings.add(f"The first screen makes {first.requests} requests.")
        if first.bytes > MAX_LOAD_BYTES:
            findings.add(f"The first screen loads {first.bytes / 1e6:.1f} MB.")
    views = [view(browser, route) for route in routes]
    for name in ("pages", "accessibility", "phone"):
        with check(name) as findings:
            for seen in views:
                for message in getattr(seen, name):
                    findings.add(f"{seen.route}: {message}")
    return routes


@dataclass(frozen=True)
class View:
    route: str
    pages: list[str]
    accessibility: list[str]
    phone: list[str]


def view(browser: Browser, route: str) -> View:
    """The page as a desktop in light mode and a phone in dark mode show it."""
    with browser.page(DESKTOP) as desktop:
        desktop.open(ADDRESS + route)
        problems, axe = find_problems(desktop), violations(desktop)
    with browser.page(PHONE, "dark") as phone:
        phone.open(ADDRESS + route)
        wide = phone.page.evaluate(_OVERFLOW)
        axe += [message for message in violations(phone) if message not in axe]
    return View(route, problems, axe, [f"At 390 px {wide!r} is wider than the screen."] if wide else [])


def violations(visit: Visit) -> list[str]:
    visit.page.evaluate(AXE.read_text())
    found = visit.page.evaluate(_AXE_RUN)["violations"]
    return [
        f"{v['help']} ({v['id']}): {v['nodes'][0]['target'][0]}, {len(v['nodes'])} in all"
        for v in found
        if v["impact"] in SERIOUS
    ]


def discover(visit: Visit) -> list[str]:
    """The routes a person reaches in one click: the navigation first, then one page behind each kind of link."""
    links = visit.page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    routes: dict[str, str] = {"/": "/"}
    for link in links:
        address = urlsplit(urljoin(ADDRESS + "/", link))
        if f"{address.scheme}://{address.netloc}" == ADDRESS and not address.path.startswith("/api/"):
            kind = "/".join("#" if part.isdigit() else part for part in address.path.split("/"))
            routes.setdefault(kind, address.path)
    return list(routes.values())[:MAX_PAGES]


def hostile_requests(findings: Findings) -> None:
    with api.client() as client:
        document = client.get("/openapi.json").json()
        enter(client, document)
        for collection in collections(document):
            for query in ("q=%27%22%25%5C", "sort=;drop", "page=-1", "page=99999999999999999999", "size=0", "x=1"):
                answer = client.get(f"{collection.path}?{query}")
                if answer.status_code >= 500:
                    findings.add(f"GET {collection.path}?{query} answered {answer.status_code}")
            _stays_text(client, collection, findings)


def _stays_text(client: httpx.Client, collection: Collection, findings: Findings) -> None:
    """A row full of markup is either refused or kept to the letter; the pages that show it are looked at afterwards."""
    texts = collection.samples.free_texts
    sample = collection.samples.body()
    answer = client.post(collection.path, json={**sample, **dict.fromkeys(texts, HOSTILE)})
    if answer.status_code >= 500:
        findings.add(f"POST {collection.path} with markup answered {answer.status_code}")
    elif answer.status_code == 201:
        changed = [name for name in texts if answer.json().get(name) not in {HOSTILE, HOSTILE.strip()}]
        if changed:
            findings.add(f"POST {collection.path} changed the text it was given in {', '.join(changed)}")


def hostile_pages(browser: Browser, routes: list[str], findings: Findings) -> None:
    for route in routes:
        with browser.page(DESKTOP) as visit:
            visit.open(ADDRESS + route)
            if visit.page.evaluate("() => window.hostile === 1"):
                findings.add(f"{route}: a script in a text ran.")


if __name__ == "__main__":
    main()
