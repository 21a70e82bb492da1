"""What a person does on a page: open, click, type, choose, tick, press, drag, swipe, reload, wait, and call the API."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession, Locator

from . import api, find
from .page import Tab
from .server import ADDRESS

Step = dict[str, Any]
_SWIPES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_OFF = {"false", "off", "no", "0", "unchecked"}


class NotHeldError(Exception):
    """A step can't be done or does not hold; the message says what is there instead."""


class NotThereError(NotHeldError):
    """What it would be done to isn't on the page; nothing was done."""


def _open(tab: Tab, step: Step) -> None:
    tab.open(step["path"])


def _click(tab: Tab, step: Step) -> None:
    found = find.to_click(tab.page, step["role"], step["name"], step.get("nth", 0))
    there(found, f"{step['role']} “{step['name']}”", step).click()


def _fill(tab: Tab, step: Step) -> None:
    target = _field(tab, step)
    if target.evaluate("e => e.tagName") == "SELECT":
        _select(target, step["value"])
    else:
        target.fill(step["value"])


def _choose(tab: Tab, step: Step) -> None:
    page, value = tab.page, step["value"]
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
    there(opener, f"“{step['name']}” to choose in", step).click()
    offered = page.get_by_role("option", name=value).or_(page.get_by_role("menuitemradio", name=value))
    if not offered.count() and target is not None and target.is_editable():
        target.fill(value)
        tab.settle()
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


def _check(tab: Tab, step: Step) -> None:
    on = str(step.get("value") or "true").casefold() not in _OFF
    found = find.toggle(tab.page, step["name"], step.get("nth", 0))
    target = there(found, f"box “{step['name']}” to tick", step)
    if target.is_visible():
        target.set_checked(on)
    else:
        target.set_checked(on, force=True)


def _press(tab: Tab, step: Step) -> None:
    if name := step.get("name"):
        found = find.field(tab.page, name) or find.thing(tab.page, name)
        there(found, f"“{name}” to press {step['key']} in", step).focus()
    tab.page.keyboard.press(step["key"], delay=60)  # a game looks at its keys once a frame


def _drag(tab: Tab, step: Step) -> None:
    page = tab.page
    found = find.thing(page, step["name"], step.get("nth", 0), step.get("role"))
    source = there(found, f"“{step['name']}” to drag", step)
    source.scroll_into_view_if_needed()
    target = there(find.thing(page, step["to"]), f"“{step['to']}” to drop on", step)
    start, end = box_of(source), box_of(target)
    if start == end:
        raise NotHeldError(f"“{step['name']}” and “{step['to']}” are the same thing: give fuller names, or a role")
    (x, y), (to_x, to_y) = _middle(start), _middle(end)
    page.mouse.move(x, y)
    page.mouse.down()
    for part in range(1, 13):
        page.mouse.move(x + (to_x - x) * part / 12, y + (to_y - y) * part / 12)
        page.wait_for_timeout(12)
    page.mouse.up()


def _swipe(tab: Tab, step: Step) -> None:
    """With a finger, as real touch: what a phone would scroll by it scrolls here."""
    if (direction := step["value"].strip().casefold()) not in _SWIPES:
        raise NotHeldError("a swipe goes left, right, up or down")
    box: Any = {"x": 0, "y": 0, **(tab.page.viewport_size or {})}
    if step.get("name") or step.get("role"):
        found = find.thing(tab.page, step.get("name"), step.get("nth", 0), step.get("role"))
        place = there(found, f"“{step.get('name') or step.get('role')}” to swipe on", step)
        place.scroll_into_view_if_needed()
        box = box_of(place)
    (x, y), (right, down) = _middle(box), _SWIPES[direction]
    way = max(60.0, min(200.0, (box["width"] if right else box["height"]) * 0.4))
    x, y = x - right * way / 2, y - down * way / 2
    finger = tab.context.new_cdp_session(tab.page)
    _touch(finger, "touchStart", x, y)
    for part in range(1, 9):
        tab.page.wait_for_timeout(12)
        _touch(finger, "touchMove", x + right * way * part / 8, y + down * way * part / 8)
    _touch(finger, "touchEnd")
    finger.detach()


def _touch(finger: CDPSession, kind: str, *at: float) -> None:
    points = [{"x": at[0], "y": at[1]}] if at else []
    finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def _reload(tab: Tab, _step: Step) -> None:
    tab.page.reload(wait_until="load", timeout=15_000)


def _wait(tab: Tab, step: Step) -> None:
    tab.page.wait_for_timeout(1000 * min(float(step.get("seconds", 1)), 10))


def _call_api(tab: Tab, step: Step) -> None:
    status, text = ask(tab, step)
    expected = step.get("status")
    if status != expected if expected else not 200 <= status < 400:
        wanted = f"expected {expected}" if expected else "that is an error"
        raise NotHeldError(f"it answered {status}, {wanted}: {text[:400]}")


ACTIONS: dict[str, Callable[[Tab, Step], None]] = {
    "open": _open,
    "click": _click,
    "fill": _fill,
    "choose": _choose,
    "check": _check,
    "press": _press,
    "drag": _drag,
    "swipe": _swipe,
    "reload": _reload,
    "wait": _wait,
    "call_api": _call_api,
}


def there(found: Locator | None, what: str, step: Step) -> Locator:
    if found is None:
        raise NotThereError(f"there is no {what}" + (f" number {step['nth'] + 1}" if step.get("nth") else ""))
    return found


def _field(tab: Tab, step: Step) -> Locator:
    found = find.field(tab.page, step["name"], step.get("nth", 0))
    return there(found, f"field “{step['name']}”", step)


def ask(tab: Tab, step: Step) -> tuple[int, str]:
    """With the page's cookies, and those of the answer kept in it: signed in here is signed in there."""
    path = str(step["path"])
    if not path.startswith("/"):
        raise NotHeldError("the path must begin with /")
    cookies = {cookie["name"]: cookie["value"] for cookie in tab.context.cookies(ADDRESS)}
    with api.client(cookies) as client:
        answer = api.send(client, step.get("method") or "GET", path, step.get("body"))
        if fresh := [{"name": c.name, "value": c.value or "", "url": ADDRESS} for c in client.cookies.jar]:
            tab.context.add_cookies(fresh)  # type: ignore[arg-type]
    return int(answer["status"]), str(answer["body"])


def box_of(place: Locator) -> Any:
    if not (box := place.bounding_box()):
        raise NotHeldError("it has no place on the page")
    return box


def _middle(box: Any) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
