"""The gate's back-end lane: Python, migrations, start, API; the first screen is looked at beside it."""

import compileall
import contextlib
import io
import subprocess
import sys

from .paint import NOT_STARTED, STARTED
from .report import Findings, Stop, check
from .server import NotStartedError, start_app


def main() -> None:
    paint = subprocess.Popen([sys.executable, "-m", "inside.paint"])
    with contextlib.suppress(Stop):
        with check("syntax") as findings:
            parse_python(findings)
        with check("migrations") as findings:
            migrate(findings)
        with check("boot") as findings:
            boot(findings)
        STARTED.touch()
        with check("contract") as findings:
            from .contract import smoke

            smoke(findings)
    NOT_STARTED.touch()
    paint.wait()


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


if __name__ == "__main__":
    main()
