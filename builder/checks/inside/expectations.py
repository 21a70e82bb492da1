"""What must be there on a page, in the API or in the database. Each waits a moment for it to come true."""

import contextlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Error

from . import colors, find
from .actions import NotHeldError, Step, ask, box_of, there
from .page import Tab, clip
from .query import query
from .server import ADDRESS

CALM_PATIENCE_SECONDS, PATIENCE_SECONDS = 1.0, 6.0  # times the patience of the tab
_COUNTED = re.compile(r"^\s*select\s+count\s*\(", re.IGNORECASE)
_VALUES = """e => {
  if (e.tagName === "SELECT") return [...e.selectedOptions].flatMap(o => [o.label, o.value]);
  if (e.type === "checkbox" || e.type === "radio") return e.checked ? ["true", "checked", "on"] : ["false", "off", ""];
  if (e.getAttribute("aria-checked")) return [e.getAttribute("aria-checked")];
  if ("value" in e && typeof e.value === "string") return [e.value];
  return [e.getAttribute("aria-valuetext"), e.getAttribute("aria-valuenow"), e.innerText].filter(v => v !== null);
}"""


@dataclass
class Scene:
    """The page, the database if the app has one, and how the page was before the last action."""

    tab: Tab
    database: str | None
    before: tuple[str, str, str] | None = None

    def has_changed(self) -> bool:
        return self.tab.state() != self.before


def _expect_text(scene: Scene, step: Step) -> None:
    if not until(scene, lambda: _shows(scene, step["text"])):
        raise NotHeldError(f"the page does not show that; it shows: {_excerpt(scene, step['text'])}")


def _expect_no_text(scene: Scene, step: Step) -> None:
    if not until(scene, lambda: not _shows(scene, step["text"])):
        raise NotHeldError(f"the page still shows it: {_excerpt(scene, step['text'])}")


def _expect_control(scene: Scene, step: Step) -> None:
    if not until(scene, lambda: _count(scene, step) > step.get("nth", 0)):
        raise NotHeldError(f"there is {_count(scene, step) or 'none'} of it")


def _expect_no_control(scene: Scene, step: Step) -> None:
    if not until(scene, lambda: _count(scene, step) == 0):
        raise NotHeldError("it is still there")


def _expect_count(scene: Scene, step: Step) -> None:
    if not until(scene, lambda: _count(scene, step) == step["count"]):
        raise NotHeldError(f"expected {step['count']}, there are {_count(scene, step)}")


def _expect_value(scene: Scene, step: Step) -> None:
    page, name, nth = scene.tab.page, step["name"], step.get("nth", 0)
    wanted = _plain(step["value"])

    def values() -> list[str]:
        found = find.valued(page, name, nth)
        return [_plain(value) for value in (found.evaluate(_VALUES) if found else ())]

    if not until(scene, lambda: wanted in values()):
        there = values()
        why = f"it has “{there[0][:200]}”, expected “{step['value'][:200]}”" if there else "there is no such field"
        raise NotHeldError(why)


def _expect_url(scene: Scene, step: Step) -> None:
    if not until(scene, lambda: _is_at(scene.tab.page.url, step["path"])):
        raise NotHeldError(f"the address is {short(scene.tab.page.url)}")


def _expect_api(scene: Scene, step: Step) -> None:
    status, text = ask(scene.tab, step)
    expected = step.get("status") or 200
    if status != expected:
        raise NotHeldError(f"it answered {status}, expected {expected}: {text[:400]}")
    if (wanted := step.get("contains")) and _dense(wanted) not in _dense(text):
        raise NotHeldError(f"the answer lacks “{wanted[:200]}”: {text[:600]}")


def _expect_rows(scene: Scene, step: Step) -> None:
    if scene.database is None:
        raise NotHeldError("this app has no database")
    there = -1

    def holds() -> bool:
        nonlocal there
        there = _rows(str(scene.database), step["sql"], step["count"])
        return there == int(step["count"])

    if not until(scene, holds):
        raise NotHeldError(f"expected {step['count']} rows, there are {there}")


def _rows(database: str, sql: str, expected: int) -> int:
    answer = query(database, sql, max(500, expected + 1))
    rows = answer["rows"]
    if _COUNTED.match(sql) and len(rows) == 1 and len(rows[0]) == 1:
        return int(rows[0][0])  # always one row: what was meant is the number in it
    return len(rows)


def _expect_change(scene: Scene, _step: Step) -> None:
    if scene.before is None:
        raise NotHeldError("nothing was done before it")
    if not until(scene, scene.has_changed):
        raise NotHeldError("nothing on the page changed: not its text, not its controls, not its address")


def _expect_motion(scene: Scene, step: Step) -> None:
    before = scene.tab.screenshot()
    scene.tab.page.wait_for_timeout(1000 * min(float(step.get("seconds", 1)), 10))
    if scene.tab.screenshot() == before:
        raise NotHeldError(
            f"nothing moved within {step.get('seconds', 1.0):g} s: both pictures of the page are the same"
        )


def _expect_color(scene: Scene, step: Step) -> None:
    if (wanted := colors.number(step["value"])) is None:
        raise NotHeldError("give the colour as #rrggbb")
    seen = colors.Colors(0, "")

    def holds() -> bool:
        nonlocal seen
        seen = colors.count(scene.tab.chromium, _picture(scene.tab, step), wanted)
        return seen.percent >= float(step.get("percent", 5))

    if not until(scene, holds):
        raise NotHeldError(
            f"{seen.percent:.1f} % of it has that colour, expected {step.get('percent', 5)} %; it has {seen.main}"
        )


def _picture(tab: Tab, step: Step) -> bytes:
    """Of what is named, with all that lies over it; else of the screen."""
    if not (step.get("name") or step.get("role")):
        return tab.screenshot()
    found = find.thing(tab.page, step.get("name"), step.get("nth", 0), step.get("role"))
    place = there(found, f"“{step.get('name') or step.get('role')}” to look at", step)
    place.scroll_into_view_if_needed()
    return bytes(tab.page.screenshot(clip=box_of(place), animations="allow"))


EXPECTATIONS: dict[str, Callable[[Scene, Step], None]] = {
    "expect_text": _expect_text,
    "expect_no_text": _expect_no_text,
    "expect_control": _expect_control,
    "expect_no_control": _expect_no_control,
    "expect_count": _expect_count,
    "expect_value": _expect_value,
    "expect_url": _expect_url,
    "expect_api": _expect_api,
    "expect_rows": _expect_rows,
    "expect_change": _expect_change,
    "expect_motion": _expect_motion,
    "expect_color": _expect_color,
}


def until(scene: Scene, holds: Callable[[], bool]) -> bool:
    """Whether it comes true: soon, or as long as the page still loads something. A page being left can't be asked."""
    started, tab = time.monotonic(), scene.tab
    soon, late = CALM_PATIENCE_SECONDS * tab.patience, PATIENCE_SECONDS * tab.patience
    while True:
        with contextlib.suppress(Error):
            if holds():
                return True
        waited = time.monotonic() - started
        if waited > late or (waited > soon and tab.visit.is_quiet(soon)):
            return False
        time.sleep(0.05)


def _count(scene: Scene, step: Step) -> int:
    return find.count(scene.tab.page, step["role"], step.get("name"))


def _shows(scene: Scene, text: str) -> bool:
    if _plain(text) in _plain(scene.tab.text()):
        return True
    return scene.tab.page.get_by_text(text).filter(visible=True).count() > 0


def _excerpt(scene: Scene, wanted: str) -> str:
    """The lines of the page nearest to the text."""
    words = set(_plain(wanted).split())
    lines = [line.strip() for line in scene.tab.text().splitlines() if line.strip()]
    near = sorted(lines, key=lambda line: -len(words & set(_plain(line).split())))[:6]
    return clip(" | ".join(line[:160] for line in near), 700) or "nothing"


def _is_at(url: str, wanted: str) -> bool:
    """The same path, where `*` stands for one part; what the wanted address asks for besides is in the other."""
    here, there = urlsplit(url), urlsplit(wanted)
    pattern = re.escape(there.path.rstrip("/")).replace(r"\*", "[^/]+")
    return (
        re.fullmatch(pattern, here.path.rstrip("/")) is not None
        and set(parse_qsl(there.query)) <= set(parse_qsl(here.query))
        and (not there.fragment or there.fragment == here.fragment)
    )


def _plain(text: Any) -> str:
    return " ".join(str(text).split()).casefold()


def _dense(text: str) -> str:
    """Without the blanks that JSON may have or not, and with its escapes undone."""
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return re.sub(r"\s+", "", text).casefold()


def short(url: str) -> str:
    return url.removeprefix(ADDRESS)[:200] or "/"
