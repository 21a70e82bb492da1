"""The gate's back-end lane: Python, migrations, start, API, first screen."""

import compileall
import contextlib
import io
import os
import subprocess
import sys
import time
from pathlib import Path

from .browser import Browser, find_problems
from .contract import smoke
from .report import Findings, Stop, check, skipped
from .server import ADDRESS, NotStartedError, start_app

BUILT, NOT_BUILT = Path("/signals/built"), Path("/signals/failed")
BUILD_SECONDS = 90
THUMBNAIL = "/out/thumbnail.png"
SCREEN = {"width": 1280, "height": 800}


def main() -> None:
    with contextlib.suppress(Stop):
        with check("syntax") as findings:
            parse_python(findings)
        with check("migrations") as findings:
            migrate(findings)
        with check("boot") as findings:
            boot(findings)
        with check("contract") as findings:
            smoke(ADDRESS, findings)
        first_paint()


def parse_python(findings: Findings) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        good = compileall.compile_dir("/app/backend", quiet=1, force=True)
    if not good:
        findings.add_traceback(said.getvalue(), "A file does not parse.")
        raise Stop


def migrate(findings: Findings) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend.migrate"], cwd="/app", capture_output=True, text=True, check=False, timeout=40
    )
    if done.returncode != 0:
        findings.add_traceback(done.stderr, f"It ended with {done.returncode}.")
        raise Stop


def boot(findings: Findings) -> None:
    try:
        start_app()
    except NotStartedError as error:
        findings.add_traceback(str(error), "It ended and said nothing.")
        raise Stop from error


def first_paint() -> None:
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        skipped("first_paint", "No Chromium was found, so nobody has looked at the app. Install chromium.")
        return
    with Browser(chromium) as browser:
        if not wait_for_the_build():
            skipped("first_paint", "The front end did not build.")
            return
        with check("first_paint") as findings, browser.page(SCREEN) as visit:
            visit.open(ADDRESS + "/")
            visit.page.screenshot(path=THUMBNAIL)
            for message in find_problems(visit):
                findings.add(message)


def wait_for_the_build() -> bool:
    deadline = time.monotonic() + BUILD_SECONDS
    while time.monotonic() < deadline and not BUILT.exists():
        if NOT_BUILT.exists():
            return False
        time.sleep(0.01)
    return BUILT.exists()


if __name__ == "__main__":
    main()
