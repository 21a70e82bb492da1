"""What ranks a release of plain files: a deck is walked through slide by slide, an artifact is played with."""

import os
from dataclasses import dataclass, field

from playwright.sync_api import Error, Locator

from .browser import Browser, Visit, find_problems
from .controls import dead_buttons
from .page import Tab
from .report import Findings, check, skipped
from .score import DESKTOP, MAX_LOAD_BYTES, MAX_REQUESTS, PHONE, view, violations
from .server import ADDRESS, start_files

MAX_SLIDES = 60
MAX_PER_CHECK = 8
SMALL = 8  # a drawing shrinks as a whole on a phone, and its words with it
KEYS = "ArrowRight ArrowDown ArrowLeft ArrowUp Space Enter Tab a Escape".split()
MAX_CLICKS = 6
_BUTTONS = "button:visible:enabled, [role=button]:visible, summary:visible"
_SLIDES = "() => document.querySelectorAll('.show .slide').length"
_NOW = "() => [...document.querySelectorAll('.slide')].findIndex(s => s.classList.contains('current')) + 1"
# What of the shown slide does not fit: it scrolls, or a part of it lies outside, is cut off or too small to be read.
_MISFIT = """([tall, small]) => {
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
  for (const e of slide.querySelectorAll("svg text")) {
    const drawing = e.ownerSVGElement, edge = drawing.getBoundingClientRect(), box = e.getBoundingClientRect();
    if (box.width < 1 || getComputedStyle(drawing).overflow === "visible") continue;
    const over = Math.max(box.right - edge.right, edge.left - box.left, box.bottom - edge.bottom, edge.top - box.top);
    if (over > 2) return `cuts off “${name(e)}” at the edge of its drawing: widen the viewBox or move the text`;
    const size = parseFloat(getComputedStyle(e).fontSize) * Math.abs(e.getScreenCTM().d);
    if (size < small) return `shows “${name(e)}” of a drawing ${Math.round(size)} px high: make it larger`;
  }
  return null;
}"""


@dataclass
class Views:
    """What was found on the way, by check; `complete` once the end was reached."""

    pages: list[str] = field(default_factory=list)
    accessibility: list[str] = field(default_factory=list)
    phone: list[str] = field(default_factory=list)
    complete: bool = False


def main() -> None:
    start_files()
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        for name in ("accessibility", "phone", "pages", "controls", "speed"):
            skipped(name, "No Chromium was found. Install chromium.")
        return
    views = Views()
    with Browser(chromium) as browser:
        with browser.page(DESKTOP) as desktop:
            with check("speed") as findings:
                load(desktop, findings)
            with check("pages") as findings:  # whoever hangs the browser on the way fails this one
                look(browser, desktop, views)
                tell(views.pages, findings)
        for name in ("accessibility", "phone"):
            if views.complete:
                with check(name) as findings:
                    tell(getattr(views, name), findings)
            else:
                skipped(name, "The page could not be looked at to its end.")
        with check("controls") as findings:
            dead_buttons(lambda: Tab(browser.chromium), ["/"], findings)


def load(desktop: Visit, findings: Findings) -> None:
    desktop.open(ADDRESS + "/")
    if desktop.requests > MAX_REQUESTS:
        findings.add(f"The page makes {desktop.requests} requests.")
    if desktop.bytes > MAX_LOAD_BYTES:
        findings.add(f"The page loads {desktop.bytes / 1e6:.1f} MB.")


def look(browser: Browser, desktop: Visit, views: Views) -> None:
    slides = min(int(desktop.page.evaluate(_SLIDES)), MAX_SLIDES)
    if slides:
        walk(desktop, slides, "1440 px", 1, views)
        with browser.page(PHONE, "dark") as phone:
            phone.open(ADDRESS + "/")
            walk(phone, slides, "390 px", 1.5, views)  # on a phone a slide may scroll, but not without end
    else:
        play(desktop, views)
        seen = view(browser, "/")
        views.pages += seen.pages
        views.accessibility += seen.accessibility
        views.phone += seen.phone
    views.complete = True


def tell(messages: list[str], findings: Findings) -> None:
    for message in list(dict.fromkeys(messages))[:MAX_PER_CHECK]:
        findings.add(message)


def walk(visit: Visit, slides: int, screen: str, tall: float, views: Views) -> None:
    """From the first slide to the last by the arrow key, looking at each."""
    for number in range(1, slides + 1):
        misfit = visit.page.evaluate(_MISFIT, [tall, SMALL])
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


def click(button: Locator) -> None:
    try:
        button.click(timeout=600)
    except Error:
        return  # covered, or gone since: not every button can be clicked at every moment


if __name__ == "__main__":
    main()
