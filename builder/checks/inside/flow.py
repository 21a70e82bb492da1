"""Take the steps of a flow one after the other, until one does not hold; then say why, and what is there instead.

A step is a plain dict: `do` and its values.
"""

from collections.abc import Sequence

from playwright.sync_api import Error

from . import find
from .actions import ACTIONS, NotHeldError, NotThereError, Step
from .expectations import EXPECTATIONS, Scene, short, until
from .page import MAX_SNAPSHOT, STUCK, OutsideError, StuckError, Tab, clip, near_controls
from .query import QueryError

MAX_FINDING = 4000
_PAGELESS = {"open", "call_api", "expect_api", "expect_rows", "wait"}


def act(scene: Scene, steps: Sequence[Step]) -> tuple[int | None, str | None]:
    """The first step that did not hold and why, or None twice."""
    tab = scene.tab
    for number, step in enumerate(steps):
        heard = len(tab.problems())
        try:
            if step["do"] in ACTIONS and _change_is_expected(steps[number + 1 :]):
                scene.before = tab.state() if tab.opened else ("", "", "")
            take(scene, step)
        except (NotHeldError, OutsideError, QueryError) as error:
            return number, _why(tab, number, step, str(error), heard)
        except StuckError as error:
            return number, f"Step {number + 1}, {told(step)}: {error}"
        except Error as error:
            return number, _why(tab, number, step, find.said(error), heard)
    return None, None


def take(scene: Scene, step: Step) -> None:
    tab = scene.tab
    if not tab.opened and step["do"] not in _PAGELESS:
        tab.open("/")
    if step["do"] in ACTIONS:
        _act(scene, step)
        if tab.opened:
            tab.settle()
    elif step["do"] in EXPECTATIONS:
        EXPECTATIONS[step["do"]](scene, step)
    else:
        raise NotHeldError(f"there is no such step as {str(step['do'])[:40]!r}")


def _act(scene: Scene, step: Step) -> None:
    """What it is to be done to may still be on its way: a list on a busy machine, a form after a click."""
    ended: list[Exception | None] = []

    def is_over() -> bool:
        try:
            ACTIONS[step["do"]](scene.tab, step)
        except NotThereError as error:
            ended[:] = [error]
            return False
        except (Error, NotHeldError) as error:
            ended[:] = [error]
            return True
        ended[:] = [None]
        return True

    until(scene, is_over)
    if ended[0]:
        raise ended[0]


def _why(tab: Tab, number: int, step: Step, why: str, heard: int) -> str:
    """The cause first: what did not hold, then what the page itself reported, then what could be used instead."""
    problems = tab.problems()
    said = [f"Step {number + 1}, {told(step)}: {why}."]
    said += [f"The page reported: {message[:300]}" for message in (problems[heard:] or problems[-3:])[:4]]
    if tab.opened:
        snapshot = told_snapshot(tab)
        said.append(f"The page is {short(tab.page.url)}.")
        said.append(f"Its controls: {near_controls(snapshot, str(step.get('name') or ''))}." if snapshot else STUCK)
    return clip("\n".join(said), MAX_FINDING - 60)


def told(step: Step) -> str:
    words = [step["do"].replace("_", " ")]
    words += [str(step["role"])] if step.get("role") else []
    words += [f"“{str(step[key])[:80]}”" for key in ("name", "text", "path", "key", "sql", "value") if step.get(key)]
    return " ".join(words)


def _change_is_expected(rest: Sequence[Step]) -> bool:
    for step in rest:
        if step["do"] in ACTIONS and step["do"] != "wait":
            return False
        if step["do"] == "expect_change":
            return True
    return False


def told_snapshot(tab: Tab) -> str:
    """Nothing when the page does not answer."""
    try:
        return clip(tab.snapshot(), MAX_SNAPSHOT)
    except (Error, StuckError):
        return ""
