"""Do what a person does on a page, step by step, and look whether it has the effect that it must have.

A step is a plain dict: `do` and its values. A step that does not hold says what was expected and what was there.
"""

import contextlib
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Error, Locator

from . import find
from .page import MAX_SNAPSHOT, OutsideError, Tab, clip, near_controls
from .query import QueryError, query
from .server import ADDRESS

Step = dict[str, Any]
PATIENCE_SECONDS, MAX_FINDING = 3.0, 4000
_COUNTED = re.compile(r"^\s*select\s+count\s*\(", re.IGNORECASE)
_OFF = {"false", "off", "no", "0", "unchecked"}


class NotHeldError(Exception):
    """What was expected is not there; the message says what is."""


@dataclass
class Flow:
    """Where steps are taken. Without a tab only the API and the database can be asked."""

    tab: Tab
    database: str | None
    _before: tuple[str, str, str] | None = None

    def act(self, steps: Sequence[Step]) -> tuple[int | None, str | None]:
        """The first step that did not hold and why, or None twice."""
        for number, step in enumerate(steps):
            heard = len(self.tab.problems())
            try:
                if not is_expectation(step) and _change_is_expected(steps[number + 1 :]):
                    self._before = self.tab.state() if self.tab.opened else ("", "", "")
                self.take(step)
            except (NotHeldError, OutsideError, QueryError) as error:
                return number, self._told(number, step, str(error), heard)
            except Error as error:
                return number, self._told(number, step, find.said(error), heard)
        return None, None

    def take(self, step: Step) -> None:
        if step["do"] not in _STEPS:
            raise NotHeldError(f"there is no step {str(step['do'])[:40]!r}")
        if not self.tab.opened and step["do"] not in _PAGELESS:
            self.tab.open("/")
        _STEPS[step["do"]](self, step)
        if not is_expectation(step) and self.tab.opened:
            self.tab.settle()

    def changed(self) -> bool:
        return self._before is None or self.tab.state() != self._before

    def _told(self, number: int, step: Step, why: str, heard: int) -> str:
        problems = self.tab.problems()
        fresh = problems[heard:] or problems[-3:]
        said = [f"Step {number + 1}, {told(step)}: {why}."]
        said += [f"The page reported: {message[:300]}" for message in fresh[:4]]
        if self.tab.opened:
            said.append(f"The page is {_short(self.tab.page.url)}.")
            said.append(f"Its controls: {near_controls(_snapshot(self.tab), str(step.get('name') or ''))}.")
        return clip("\n".join(said), MAX_FINDING - 60)


def is_expectation(step: Step) -> bool:
    return str(step["do"]).startswith("expect_")


def told(step: Step) -> str:
    words = [step["do"].replace("_", " ")]
    words += [str(step["role"])] if step.get("role") else []
    words += [f"“{str(step[key])[:80]}”" for key in ("name", "text", "path", "key", "sql", "value") if step.get(key)]
    return " ".join(words)


def _open(flow: Flow, step: Step) -> None:
    flow.tab.open(step["path"])


def _click(flow: Flow, step: Step) -> None:
    found = find.to_click(flow.tab.page, step["role"], step["name"], step.get("nth", 0))
    _there(found, f"{step['role']} “{step['name']}”", step).click()


def _fill(flow: Flow, step: Step) -> None:
    target = _field(flow, step)
    if target.evaluate("e => e.tagName") == "SELECT":
        _select(target, step["value"])
    else:
        target.fill(step["value"])


def _choose(flow: Flow, step: Step) -> None:
    page, value = flow.tab.page, step["value"]
    target = find.field(page, step["name"], step.get("nth", 0))
    if target is not None and target.evaluate("e => e.tagName") == "SELECT":
        _select(target, value)
        return
    group = page.get_by_role("radiogroup", name=step["name"]).or_(page.get_by_role("group", name=step["name"]))
    inside = group.first if group.count() else page
    radio = inside.get_by_role("radio", name=value)
    if radio.count():
        radio.first.set_checked(True)
        return
    opener = target or find.to_click(page, "button", step["name"], 0)
    _there(opener, f"“{step['name']}” to choose in", step).click()
    offered = page.get_by_role("option", name=value).or_(page.get_by_role("menuitemradio", name=value))
    if not offered.count() and target is not None and target.is_editable():
        target.fill(value)
        flow.tab.settle()
    if not offered.count():
        raise NotHeldError(f"“{step['name']}” offers no “{value}”")
    offered.first.click()


def _select(target: Locator, value: str) -> None:
    offered = target.evaluate("e => [...e.options].map(o => [o.label.trim(), o.value])")
    wanted = value.strip().casefold()
    for position in (0, 1):
        for number, option in enumerate(offered):
            if str(option[position]).strip().casefold() == wanted:
                target.select_option(index=number)
                return
    labels = ", ".join(f"“{label}”" for label, _ in offered[:20])
    raise NotHeldError(f"it offers no “{value}”, only {labels}")


def _check(flow: Flow, step: Step) -> None:
    on = str(step.get("value") or "true").casefold() not in _OFF
    found = find.toggle(flow.tab.page, step["name"], step.get("nth", 0))
    target = _there(found, f"box “{step['name']}” to tick", step)
    if target.is_visible():
        target.set_checked(on)
    else:
        target.set_checked(on, force=True)


def _press(flow: Flow, step: Step) -> None:
    if name := step.get("name"):
        found = find.field(flow.tab.page, name) or find.thing(flow.tab.page, name)
        _there(found, f"“{name}” to press {step['key']} in", step).focus()
    flow.tab.page.keyboard.press(step["key"], delay=60)  # a game looks at its keys once a frame


def _drag(flow: Flow, step: Step) -> None:
    page = flow.tab.page
    source = _there(find.thing(page, step["name"], step.get("nth", 0)), f"“{step['name']}” to drag", step)
    source.scroll_into_view_if_needed()
    target = _there(find.thing(page, step["to"]), f"“{step['to']}” to drop on", step)
    start, end = source.bounding_box(), target.bounding_box()
    if not start or not end:
        raise NotHeldError("it has no place on the page")
    (x, y), (to_x, to_y) = _middle(start), _middle(end)
    page.mouse.move(x, y)
    page.mouse.down()
    for part in range(1, 13):
        page.mouse.move(x + (to_x - x) * part / 12, y + (to_y - y) * part / 12)
        page.wait_for_timeout(12)
    page.mouse.up()


def _reload(flow: Flow, _step: Step) -> None:
    flow.tab.page.reload(wait_until="load", timeout=15_000)


def _wait(flow: Flow, step: Step) -> None:
    flow.tab.page.wait_for_timeout(1000 * min(float(step.get("seconds", 1)), 10))


def _call_api(flow: Flow, step: Step) -> None:
    status, text = _ask(flow, step)
    expected = step.get("status")
    if status != expected if expected else status >= 400:
        wanted = f"expected {expected}" if expected else "that is an error"
        raise NotHeldError(f"it answered {status}, {wanted}: {text[:400]}")


def _expect_text(flow: Flow, step: Step) -> None:
    if not _until(lambda: _shows(flow, step["text"])):
        raise NotHeldError(f"the page does not show that; it shows: {_excerpt(flow, step['text'])}")


def _expect_no_text(flow: Flow, step: Step) -> None:
    if not _until(lambda: not _shows(flow, step["text"])):
        raise NotHeldError(f"the page still shows it: {_excerpt(flow, step['text'])}")


def _expect_control(flow: Flow, step: Step) -> None:
    if not _until(lambda: _count(flow, step) > step.get("nth", 0)):
        raise NotHeldError(f"there is {_count(flow, step) or 'none'} of it")


def _expect_no_control(flow: Flow, step: Step) -> None:
    if not _until(lambda: _count(flow, step) == 0):
        raise NotHeldError("it is still there")


def _expect_count(flow: Flow, step: Step) -> None:
    if not _until(lambda: _count(flow, step) == step["count"]):
        raise NotHeldError(f"expected {step['count']}, there are {_count(flow, step)}")


def _expect_value(flow: Flow, step: Step) -> None:
    page, name, nth = flow.tab.page, step["name"], step.get("nth", 0)
    wanted = _plain(step["value"])

    def values() -> list[str]:
        found = find.field(page, name, nth) or find.toggle(page, name, nth) or find.thing(page, name, nth)
        return [_plain(value) for value in (found.evaluate(_VALUES) if found else ())]

    if not _until(lambda: wanted in values()):
        there = values()
        why = f"it has “{there[0][:200]}”, expected “{step['value'][:200]}”" if there else "there is no such field"
        raise NotHeldError(why)


def _expect_url(flow: Flow, step: Step) -> None:
    if not _until(lambda: _is_at(flow.tab.page.url, step["path"])):
        raise NotHeldError(f"the address is {_short(flow.tab.page.url)}")


def _expect_api(flow: Flow, step: Step) -> None:
    status, text = _ask(flow, step)
    expected = step.get("status") or 200
    if status != expected:
        raise NotHeldError(f"it answered {status}, expected {expected}: {text[:400]}")
    if (wanted := step.get("contains")) and _dense(wanted) not in _dense(text):
        raise NotHeldError(f"the answer lacks “{wanted[:200]}”: {text[:600]}")


def _expect_rows(flow: Flow, step: Step) -> None:
    if flow.database is None:
        raise NotHeldError("this app has no database")
    there = -1

    def holds() -> bool:
        nonlocal there
        there = _rows(str(flow.database), step["sql"], step["count"])
        return there == int(step["count"])

    if not _until(holds):
        raise NotHeldError(f"expected {step['count']} rows, there are {there}")


def _rows(database: str, sql: str, expected: int) -> int:
    answer = query(database, sql, max(500, expected + 1))
    rows = answer["rows"]
    if _COUNTED.match(sql) and len(rows) == 1 and len(rows[0]) == 1:
        return int(rows[0][0])  # always one row: what was meant is the number in it
    return len(rows)


def _expect_change(flow: Flow, _step: Step) -> None:
    if flow._before is None:
        raise NotHeldError("nothing was done before it")
    if not _until(flow.changed):
        raise NotHeldError("nothing on the page changed: not its text, not its controls, not its address")


def _expect_motion(flow: Flow, step: Step) -> None:
    before = flow.tab.screenshot()
    flow.tab.page.wait_for_timeout(1000 * min(float(step.get("seconds", 1)), 10))
    if flow.tab.screenshot() == before:
        raise NotHeldError(
            f"nothing moved within {step.get('seconds', 1.0):g} s: both pictures of the page are the same"
        )


_STEPS: dict[str, Callable[[Flow, Step], None]] = {
    "open": _open,
    "click": _click,
    "fill": _fill,
    "choose": _choose,
    "check": _check,
    "press": _press,
    "drag": _drag,
    "reload": _reload,
    "wait": _wait,
    "call_api": _call_api,
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
}
_PAGELESS = {"open", "call_api", "expect_api", "expect_rows", "wait"}
_VALUES = """e => {
  if (e.tagName === "SELECT") return [...e.selectedOptions].flatMap(o => [o.label, o.value]);
  if (e.type === "checkbox" || e.type === "radio") return e.checked ? ["true", "checked", "on"] : ["false", "off", ""];
  if (e.getAttribute("aria-checked")) return [e.getAttribute("aria-checked")];
  if ("value" in e && typeof e.value === "string") return [e.value];
  return [e.getAttribute("aria-valuetext"), e.getAttribute("aria-valuenow"), e.innerText].filter(v => v !== null);
}"""


def _there(found: Locator | None, what: str, step: Step) -> Locator:
    if found is None:
        raise NotHeldError(f"there is no {what}" + (f" number {step['nth'] + 1}" if step.get("nth") else ""))
    return found


def _field(flow: Flow, step: Step) -> Locator:
    found = find.field(flow.tab.page, step["name"], step.get("nth", 0))
    return _there(found, f"field “{step['name']}”", step)


def _ask(flow: Flow, step: Step) -> tuple[int, str]:
    """With the page's cookies, so that what a person signed in as may do is what is tried."""
    path = str(step["path"])
    if not path.startswith("/"):
        raise NotHeldError("the path must begin with /")
    method = step.get("method") or "GET"
    answer = flow.tab.context.request.fetch(
        ADDRESS + path, method=method, data=step.get("body"), timeout=10_000, max_redirects=0
    )
    return answer.status, answer.text()[:200_000]


def _until(holds: Callable[[], bool]) -> bool:
    """Whether it comes true within a moment: a page answers when it is ready."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _count(flow: Flow, step: Step) -> int:
    return find.count(flow.tab.page, step["role"], step.get("name"))


def _shows(flow: Flow, text: str) -> bool:
    if _plain(text) in _plain(flow.tab.text()):
        return True
    return flow.tab.page.get_by_text(text).filter(visible=True).count() > 0


def _excerpt(flow: Flow, wanted: str) -> str:
    """The lines of the page nearest to the text."""
    words = set(_plain(wanted).split())
    lines = [line.strip() for line in flow.tab.text().splitlines() if line.strip()]
    near = sorted(lines, key=lambda line: -len(words & set(_plain(line).split())))[:6]
    return clip(" | ".join(line[:160] for line in near), 700) or "nothing"


def _change_is_expected(rest: Sequence[Step]) -> bool:
    for step in rest:
        if not is_expectation(step) and step["do"] != "wait":
            return False
        if step["do"] == "expect_change":
            return True
    return False


def _is_at(url: str, wanted: str) -> bool:
    """The same path, where `*` stands for one part; what the wanted address asks for besides is in the other."""
    here, there = urlsplit(url), urlsplit(wanted)
    pattern = re.escape(there.path.rstrip("/")).replace(r"\*", "[^/]+")
    return (
        re.fullmatch(pattern, here.path.rstrip("/")) is not None
        and set(parse_qsl(there.query)) <= set(parse_qsl(here.query))
        and (not there.fragment or there.fragment == here.fragment)
    )


def _snapshot(tab: Tab) -> str:
    try:
        return clip(tab.snapshot(), MAX_SNAPSHOT)
    except Error:
        return ""


def _middle(box: Any) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _plain(text: Any) -> str:
    return " ".join(str(text).split()).casefold()


def _dense(text: str) -> str:
    """Without the blanks that JSON may have or not, and with its escapes undone."""
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return re.sub(r"\s+", "", text).casefold()


def _short(url: str) -> str:
    return url.removeprefix(ADDRESS)[:200] or "/"
