"""Find a control as a person names it: by role and label, else by what else it is known by. Knows nothing of flows."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from playwright.sync_api import Error, Locator, Page

# What a person takes for the same thing: they click "Add" and don't ask whether it is a link.
_CLICKED = (
    "button", "link", "menuitem", "tab", "switch", "checkbox", "radio", "option", "menuitemcheckbox", "menuitemradio",
)  # fmt: skip
_FIELDS = ("textbox", "searchbox", "spinbutton", "combobox", "slider", "listbox")
_TOGGLES = ("checkbox", "switch", "radio", "menuitemcheckbox", "menuitemradio")
_THINGS = ("listitem", "article", "button", "link", "row", "cell", "region", "group", "list", "heading", "img")
_EDITABLE = "input, textarea, select, [contenteditable]"
_TICKED = "input[type=checkbox], input[type=radio]"


def to_click(page: Page, role: str, name: str, nth: int) -> Locator | None:
    roles = [role, *(other for other in _CLICKED if role in _CLICKED and other != role)]
    return _pick(chain(_by_roles(page, roles, name), _otherwise(page, name)), nth)


def field(page: Page, name: str, nth: int = 0) -> Locator | None:
    """Something to type or choose in."""
    labelled = (page.get_by_label(name, exact=exact).and_(page.locator(_EDITABLE)) for exact in (True, False))
    by_role = chain(_called(page, _FIELDS, name), _by_roles(page, _FIELDS, name))
    return _pick(chain(by_role, labelled, [page.get_by_placeholder(name)]), nth)


def valued(page: Page, name: str, nth: int = 0) -> Locator | None:
    """What has a value: an output "Tip" before a field "Tip in percent"."""
    whole = [*_called(page, (*_FIELDS, *_TOGGLES), name), page.get_by_label(_whole(name))]
    return _pick(whole, nth) or field(page, name, nth) or toggle(page, name, nth) or thing(page, name, nth)


def toggle(page: Page, name: str, nth: int) -> Locator | None:
    """A box to tick; the real one may be hidden behind a drawn one."""
    hidden = page.get_by_label(name).and_(page.locator(_TICKED))
    return _pick(_by_roles(page, _TOGGLES, name), nth) or (hidden.nth(nth) if hidden.count() > nth else None)


def thing(page: Page, name: str | None, nth: int = 0, role: str | None = None) -> Locator | None:
    """Anything a person would call so: to grab it, to drop something on it, to look at it. One of the two is given."""
    if name is None:
        return _pick([_role(page, role or "", None)], nth)
    if role:
        return _pick(chain(_by_roles(page, [role], name), _otherwise(page, name)), nth)
    called = _called(page, _THINGS, name)  # a cell "16" before a row "16 and 32"
    return _pick(chain(called, _by_roles(page, _THINGS, name), _otherwise(page, name)), nth)


def count(page: Page, role: str, name: str | None) -> int:
    """How many there are to be seen."""
    found = _role(page, role, name).filter(visible=True).count()
    if not found and name is not None and role in _FIELDS:  # a date field has a label and no role
        found = page.get_by_label(name).and_(page.locator(_EDITABLE)).filter(visible=True).count()
    return found


def said(error: Error) -> str:
    """What went wrong in one line, without Playwright's call log."""
    if covered := re.search(r"(<[^>\n]{1,200}>)[^\n]* intercepts pointer events", error.message):
        return f"{covered[1]} lies over it"
    if state := re.search(r"element is (not enabled|not visible|not stable|outside of the viewport)", error.message):
        return f"it is {state[1]}"
    return " ".join(error.message.split("Call log:")[0].split())[:300].rstrip(".")


def _by_roles(page: Page, roles: Iterable[str], name: str) -> Iterator[Locator]:
    """Exact names first, then what begins so: "Delete" is not "Delete all", nor "Day" a part of "The day in a line"."""
    for role in roles:
        yield _role(page, role, _whole(name))
        yield _role(page, role, _opening(name))
        yield _role(page, role, name)


def _called(page: Page, roles: Iterable[str], name: str) -> Iterator[Locator]:
    return (_role(page, role, _whole(name)) for role in roles)


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(name)}\s*$", re.IGNORECASE)


def _opening(name: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(name)}(?!\w)", re.IGNORECASE)


def _role(page: Page, role: str, name: Any) -> Locator:
    return page.get_by_role(role, name=name) if name is not None else page.get_by_role(role)  # type: ignore[arg-type]


def _otherwise(page: Page, name: str) -> Iterator[Locator]:
    yield page.get_by_label(name)
    yield page.get_by_title(name)
    yield page.get_by_text(name, exact=True)
    yield page.get_by_text(name)


def _pick(places: Iterable[Locator], nth: int) -> Locator | None:
    """The first place that is to be seen. Looked at one after the other while a page comes up, so that a button
    "Water Monty" may be there when the link "Monty" was not a moment before: what goes first is looked for again.
    """
    missed: list[Locator] = []
    for place in places:
        seen = place.filter(visible=True)
        if seen.count() > nth:
            return next((earlier for earlier in missed if earlier.count() > nth), seen).nth(nth)
        missed.append(seen)
    return None
