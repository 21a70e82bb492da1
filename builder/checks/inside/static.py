"""The gate of a project without a back end: its page parses, shows, and asks nobody else for anything."""

import contextlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .browser import Browser, Visit, find_problems
from .document import Page, Reference, is_there, local_path, references
from .report import Findings, Stop, check, skipped
from .server import ADDRESS, start_files

APP = Path("/app")
PAGE = APP / "index.html"
ENGINE = ("deck.css", "deck.js")
THUMBNAIL = "/out/thumbnail.png"
SCREEN = {"width": 1280, "height": 800}
# What the browser says of a request that the policy kept from being made.
_REFUSED = re.compile(r"'(?P<url>(?:https?|wss?):[^']*)' .*Content Security Policy directive", re.DOTALL)


def main(visit: Visit | None = None) -> None:
    """With a `visit`, that page of a browser is used."""
    with contextlib.suppress(Stop):
        with check("document") as findings:
            page = read_page(findings)
            check_page(page, findings)
        show(page, visit)


def read_page(findings: Findings) -> Page:
    if not PAGE.is_file():
        findings.add("There is no index.html at the top of the project.")
        raise Stop
    try:
        return Page(PAGE.read_text())
    except UnicodeDecodeError as error:
        findings.add(f"It is not UTF-8: {error.reason} at byte {error.start}.", "index.html")
        raise Stop from error


def check_page(page: Page, findings: Findings) -> None:
    for message, line in page.problems:
        findings.add(message, page.path, line)
    if any((APP / name).exists() for name in ENGINE):
        check_deck(page, findings)
    for reference in references(APP, page):
        if not reference.is_foreign and (missing := why_missing(reference)):
            findings.add(missing, reference.path, reference.line)


def check_deck(page: Page, findings: Findings) -> None:
    loaded = {local_path(reference) for reference in page.references if not reference.is_foreign}
    for name in ENGINE:
        if name not in loaded:
            findings.add(f"index.html does not load {name}, which shows the slides.", page.path)
    if not page.classes & {"slide", "sheet"}:
        findings.add('There is no slide: write <section class="slide"> inside <main class="deck">.', page.path)


def why_missing(reference: Reference) -> str | None:
    url = reference.url[:120]
    if reference.url.startswith("/"):
        return f"{url!r} begins with a slash and is lost when the page is opened from a folder. Write it without."
    target = local_path(reference)
    if target is None:
        return f"{url!r} leads out of the project."
    return None if is_there(APP, target) else f"{url!r} is loaded, but there is no such file."


def show(page: Page, visit: Visit | None) -> None:
    chromium = os.environ.get("CHROMIUM")
    asked: list[str] = []
    if visit:
        start_files()
        look(visit, asked)
    elif chromium:
        start_files()
        with Browser(chromium) as browser, browser.page(SCREEN) as fresh:
            look(fresh, asked)
    else:
        skipped("first_paint", "No Chromium was found, so nobody has looked at the page. Install chromium.")
    with check("self_contained") as findings:
        check_self_contained(page, asked, findings)


def look(visit: Visit, asked: list[str]) -> None:
    with check("first_paint") as findings:
        with outside_requests(visit, asked):
            visit.open(ADDRESS + "/")
        visit.page.screenshot(path=THUMBNAIL)
        for message in own_problems(find_problems(visit), asked):
            findings.add(message)


def own_problems(problems: list[str], asked: list[str]) -> list[str]:
    """Those that aren't about requests to others; where the browser names one that it refused, that joins `asked`."""
    asked += [refused["url"] for message in problems if (refused := _REFUSED.search(message))]
    return [m for m in problems if not _REFUSED.search(m) and not (asked and m.endswith("(csp)"))]


def check_self_contained(page: Page, asked: list[str], findings: Findings) -> None:
    foreign = list(dict.fromkeys(r for r in references(APP, page) if r.is_foreign))
    for reference in foreign:
        findings.add(f"{reference.url[:160]} is loaded from elsewhere.", reference.path, reference.line)
    written = " ".join(reference.url for reference in foreign)
    for url in dict.fromkeys(asked):
        if url not in written:
            findings.add(f"The page asks for {url[:160]}. It must work without a network.")


@contextmanager
def outside_requests(visit: Visit, asked: list[str]) -> Iterator[None]:
    """Note what the page asks others for while this lasts; the policy and the sandbox keep it from being sent."""

    def note(url: str) -> None:
        if url.startswith(("http:", "https:", "ws:", "wss:")) and not url.startswith(ADDRESS + "/"):
            asked.append(url)

    visit.page.on("request", lambda request: note(request.url))
    visit.page.on("websocket", lambda socket: note(socket.url))
    yield


if __name__ == "__main__":
    main()
