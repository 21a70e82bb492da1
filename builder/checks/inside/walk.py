"""What ranks a release of plain files: a deck is walked through slide by slide, an artifact is played with."""

import os
from typing import Any

from playwright.sync_api import Error

from .browser import Browser, Visit, find_problems
from .controls import dead_buttons
from .page import Tab
from .report import check, skipped
from .score import DESKTOP, MAX_LOAD_BYTES, MAX_REQUESTS, PHONE, view, violations
from .server import ADDRESS, start_app

MAX_SLIDES = 60
MAX_PER_CHECK = 8
KEYS = "ArrowRight ArrowDown ArrowLeft ArrowUp Space Enter Tab a Escape".split()
MAX_CLICKS = 6
_BUTTONS = "button:visible:enabled, [role=button]:visible, summary:visible"
_SLIDES = "() => document.querySelectorAll('.show .slide').length"
_NOW = "() => [...document.querySelectorAll('.slide')].findIndex(s => s.classList.contains('current')) + 1"
# What of the shown slide does not fit: the slide scrolls, or a part of it lies outside or is cut off.
_MISFIT = """tall => {
  const slide = document.querySelector(".slide.current");
  const frame = slide.getBoundingClientRect();
  if (slide.scrollHeight > slide.clientHeight * tall + 2) return "holds more than fits";
  const name = e => e.tagName.toLowerCase() + " " + (e.textContent || "").trim().replace(/\\s+/g, " ").slice(0, 40);
  for (const e of slide.querySelectorAll("*")) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (box.width < 1 || box.height < 1 || e.closest("svg, .notes, img")) continue;
    if (box.right > frame.right + 2 || box.left < frame.left - 2) return `is too narrow for “${name(e)}”`;
    const text = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (text && style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 2) return `cuts off “${name(e)}”`;
  }
  return null;
}"""


class Views:
    """What was found on each of the scored checks."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.accessibility: list[str] = []
        self.phone: list[str] = []

    def report(self) -> None:
        for name in ("pages", "accessibility", "phone"):
            with check(name) as findings:
                for message in list(dict.fromkeys(getattr(self, name)))[:MAX_PER_CHECK]:
                    findings.add(message)


def main() -> None:
    start_app()
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        for name in ("accessibility", "phone", "pages", "controls", "speed"):
            skipped(name, "No Chromium was found. Install chromium.")
        return
    with Browser(chromium) as browser:
        look(browser).report()
        with check("controls") as findings:
            dead_buttons(lambda: Tab(browser.chromium), ["/"], findings)


def look(browser: Browser) -> Views:
    views = Views()
    with browser.page(DESKTOP) as first:
        first.open(ADDRESS + "/")
        with check("speed") as findings:
            if first.requests > MAX_REQUESTS:
                findings.add(f"The page makes {first.requests} requests.")
            if first.bytes > MAX_LOAD_BYTES:
                findings.add(f"The page loads {first.bytes / 1e6:.1f} MB.")
        slides = min(int(first.page.evaluate(_SLIDES)), MAX_SLIDES)
        if slides:
            walk(first, slides, "1440 px", 1, views)
        else:
            play(first, views)
    if slides:
        with browser.page(PHONE, "dark") as phone:
            phone.open(ADDRESS + "/")
            walk(phone, slides, "390 px", 1.5, views)  # on a phone a slide may scroll, but not without end
    else:
        seen = view(browser, "/")
        views.pages += seen.pages
        views.accessibility += seen.accessibility
        views.phone += seen.phone
    return views


def walk(visit: Visit, slides: int, screen: str, tall: float, views: Views) -> None:
    """From the first slide to the last by the arrow key, looking at each."""
    for number in range(1, slides + 1):
        misfit = visit.page.evaluate(_MISFIT, tall)
        if misfit:
            views.phone.append(f"Slide {number} at {screen} {misfit}.")
        views.accessibility += [f"Slide {number}: {message}" for message in violations(visit)]
        if number < slides:
            visit.page.keyboard.press("ArrowRight")
            visit.page.wait_for_timeout(40)
            if (shown := visit.page.evaluate(_NOW)) != number + 1:
                views.pages.append(f"ArrowRight leads from slide {number} to {shown}, not to {number + 1}.")
                break
    visit.settle()
    views.pages += find_problems(visit)


def play(visit: Visit, views: Views) -> None:
    """A few keys and clicks, as from somebody who tries things out: no error may come of it."""
    for key in KEYS:
        visit.page.keyboard.press(key)
    for number in range(min(visit.page.locator(_BUTTONS).count(), MAX_CLICKS)):
        click(visit.page.locator(_BUTTONS).nth(number))
    visit.settle()
    views.pages += visit.problems


def click(button: Any) -> None:
    try:
        button.click(timeout=600)
    except Error:
        return  # covered, or gone since: not every button can be clicked at every moment


if __name__ == "__main__":
    main()
