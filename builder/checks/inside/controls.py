"""Find dead buttons: those that change nothing on the page, ask the network for nothing and start nothing.

Each is clicked on a page of its own, and writes never reach the app. When in doubt it is left alone: a false alarm
would send somebody to repair what works.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Error, Locator

from .page import Tab
from .report import Findings

MAX_BUTTONS, MAX_OF_PAGE = 20, 10
EFFECT_SECONDS = 0.8
_BUTTONS = "button, [role=button], input[type=button], summary, a[href='#'], a[href='']"
# What can be done without a trace on the page; `window.__done` counts it, and every change of the document.
_WATCH = """() => {
  window.__done = 0;
  const note = (owner, name) => {
    const real = owner && owner[name];
    if (typeof real !== "function") return;
    owner[name] = function (...rest) { window.__done++; return real.apply(this, rest); };
  };
  note(window, "print"); note(window, "open"); note(window, "scrollTo"); note(window, "scrollBy");
  note(window, "postMessage"); note(Element.prototype, "scrollIntoView"); note(Element.prototype, "scrollTo");
  note(Element.prototype, "requestFullscreen"); note(HTMLMediaElement.prototype, "play");
  note(HTMLInputElement.prototype, "showPicker"); note(HTMLInputElement.prototype, "click");
  note(Storage.prototype, "setItem"); note(Storage.prototype, "removeItem"); note(Storage.prototype, "clear");
  note(history, "back"); note(history, "go"); note(history, "pushState"); note(history, "replaceState");
  note(navigator.clipboard && Clipboard.prototype, "writeText"); note(navigator, "share"); note(navigator, "vibrate");
  note(window.AudioContext && AudioContext.prototype, "resume");
  note(window.BaseAudioContext && BaseAudioContext.prototype, "createOscillator");
  note(window.BaseAudioContext && BaseAudioContext.prototype, "createBufferSource");
  note(window.speechSynthesis && SpeechSynthesis.prototype, "speak");
  const all = {subtree: true, childList: true, attributes: true, characterData: true};
  new MutationObserver(seen => { window.__done += seen.length; }).observe(document, all);
}"""
_TRACE = """() => JSON.stringify([
  window.__done, scrollX, scrollY,
  [...document.querySelectorAll("canvas")].map(c => { try { return c.toDataURL(); } catch { return ""; } }),
  [...document.querySelectorAll("input, textarea, select")].map(e => [e.value, e.checked]),
])"""
# A button that is chosen already, or that sends an empty form, rightly does nothing.
_EXCUSED = """e => {
  const chosen = ["aria-pressed", "aria-selected", "aria-current"].some(name => {
    const value = e.getAttribute(name);
    return value !== null && value !== "false";
  });
  const sends = e.form && (e.type === "submit" || e.type === "reset");
  return chosen || sends || e.disabled || e.getAttribute("aria-disabled") === "true" || e.closest("[inert]") !== null;
}"""
_KIND = """e => {
  const around = e.parentElement && e.parentElement.closest("[class]");
  return [e, around].map(part => (part && String(part.className)) || "").join("|");
}"""
_FOCUS = """e => {
  const focus = document.activeElement;
  return focus === e || focus === document.body || e.contains(focus);
}"""


def dead_buttons(tabs: Callable[[], Tab], routes: list[str], findings: Findings) -> None:
    """`tabs` opens a new page."""
    tried: set[str] = set()
    for route in routes:
        for number, name, kind in _buttons(tabs, route):
            if kind in tried or len(tried) >= MAX_BUTTONS:
                continue
            tried.add(kind)
            with contextlib.suppress(Error):  # what can't be clicked is not dead but covered or gone
                if _is_dead(tabs, route, number) and _is_dead(tabs, route, number, busy=True):
                    findings.add(f"{route}: the button “{name}” does nothing when it is clicked.")


def _buttons(tabs: Callable[[], Tab], route: str) -> list[tuple[int, str, str]]:
    """Number, name and kind of what can be clicked on the page: the same button of every row is of one kind."""
    with _page(tabs, route) as tab:
        found = list(_each(tab))
    kinds: dict[str, tuple[int, str, str]] = {}
    for number, name, kind in found:
        kinds.setdefault(kind, (number, name, kind))
    return list(kinds.values())[:MAX_OF_PAGE]


def _each(tab: Tab) -> Iterator[tuple[int, str, str]]:
    for number, button in enumerate(tab.page.locator(_BUTTONS).all()[:120]):
        if button.is_visible() and not button.evaluate(_EXCUSED):
            name = _name(button)
            words = re.sub(r"\d+", "#", name).split()
            yield number, name, f"{button.evaluate(_KIND)}|{words[0] if words else ''}"


def _is_dead(tabs: Callable[[], Tab], route: str, number: int, *, busy: bool = False) -> bool:
    """`busy` does something on the page first: a button that undoes it has nothing to do on a fresh one."""
    with _page(tabs, route) as tab:
        if busy:
            _be_busy(tab, number)
        button = tab.page.locator(_BUTTONS).nth(number)
        if not button.is_visible() or button.evaluate(_EXCUSED):
            return False
        button.hover(timeout=2000)  # what hovering changes is not the click's doing
        tab.page.wait_for_timeout(80)
        before = _trace(tab)
        tab.page.wait_for_timeout(120)
        if _trace(tab) != before:
            return False  # it moves by itself, so nobody can tell
        url, snapshot = tab.page.url, tab.snapshot()
        button.click(timeout=2000)
        if _until_changed(tab, lambda: _trace(tab) != before or tab.page.url.rstrip("#") != url.rstrip("#")):
            return False
        return tab.snapshot() == snapshot and bool(button.evaluate(_FOCUS))


def _until_changed(tab: Tab, changed: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + EFFECT_SECONDS
    while time.monotonic() < deadline:
        if changed():
            return True
        tab.page.wait_for_timeout(20)
    return changed()


def _be_busy(tab: Tab, number: int) -> None:
    for field in tab.page.get_by_role("textbox").filter(visible=True).all()[:2]:
        with contextlib.suppress(Error):
            field.fill("Sample", timeout=1000)
    url = tab.page.url
    others = [n for n, _, _ in _each(tab) if n != number][:2]
    for other in others:
        with contextlib.suppress(Error):
            tab.page.locator(_BUTTONS).nth(other).click(timeout=1000)
        tab.settle()
        if tab.page.url.split("?")[0] != url.split("?")[0]:
            tab.page.go_back()
            tab.settle()
    tab.page.keyboard.press("Escape")
    tab.settle()


def _trace(tab: Tab) -> tuple[Any, ...]:
    try:
        trace = tab.page.evaluate(_TRACE)
    except Error:  # the page is being left
        trace = "elsewhere"
    return trace, tab.visit.requests, len(tab.dialogs), tab.downloads, len(tab.context.pages), len(tab.visit.problems)


def _name(button: Locator) -> str:
    said = button.evaluate("e => e.getAttribute('aria-label') || e.innerText || e.title || e.value || ''")
    return " ".join(str(said).split())[:80]


@contextlib.contextmanager
def _page(tabs: Callable[[], Tab], route: str) -> Iterator[Tab]:
    tab = tabs()
    try:
        tab.accepts_dialogs = False
        tab.page.add_init_script(f"({_WATCH})()")
        tab.page.route("**/*", lambda r: r.continue_() if r.request.method in {"GET", "HEAD"} else r.abort())
        tab.open(route)
        yield tab
    finally:
        tab.close()
