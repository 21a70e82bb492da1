"""The gate's last check, in a process of its own: the browser starts while the front end and the app get ready.

With the argument `wait` it starts before there is an app; a line on its input says when there is one, of which kind.
"""

import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from .report import check, skipped

BUILT, NOT_BUILT = Path("/signals/built"), Path("/signals/failed")
STARTED, NOT_STARTED = Path("/tmp/started"), Path("/tmp/not-started")  # noqa: S108 - the sandbox's own tmpfs
PATIENCE_SECONDS = 90
THUMBNAIL = "/out/thumbnail.png"
SCREEN = {"width": 1280, "height": 800}


def main(*, waits: bool) -> None:
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        skipped("first_paint", "No Chromium was found, so nobody has looked at the app. Install chromium.")
        return
    from . import session, static  # noqa: F401 - all that will be needed is loaded before it waits
    from .browser import Browser

    browser = Browser(chromium)
    with browser.page(SCREEN) as visit:
        if waits and sys.stdin.readline() != "fullstack\n":
            static.main(visit)
        else:
            look(browser, visit)


def look(browser: Any, visit: Any) -> None:
    from .browser import find_problems
    from .server import ADDRESS
    from .session import cookies_of_app

    if not either(BUILT, NOT_BUILT):
        skipped("first_paint", "The front end did not build.")
        return
    if not either(STARTED, NOT_STARTED):
        skipped("first_paint", "The app did not start.")
        return
    with check("first_paint") as findings:
        visit.open(ADDRESS + "/")
        visit.page.screenshot(path=THUMBNAIL)
        for message in find_problems(visit):
            findings.add(message)
        browser.cookies = cookies_of_app()
        if browser.cookies:  # what is behind the way in says more of the app
            with browser.page(SCREEN) as inside:
                inside.open(ADDRESS + "/")
                inside.page.screenshot(path=THUMBNAIL)
                for message in find_problems(inside):
                    findings.add(message)


def either(good: Path, bad: Path) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and not good.exists() and not bad.exists():
        time.sleep(0.01)
    return good.exists()


if __name__ == "__main__":
    try:
        main(waits="wait" in sys.argv)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # the browser ends with the sandbox; to close it takes a tenth of a second that somebody waits for
