"""The gate's back-end lane: Python, migrations, start, API; the first screen is looked at beside it.

The libraries of the app are loaded while its files are compiled, by the process that both the migration and the
server are forked from.
"""

import compileall
import contextlib
import io
import subprocess
import sys
from collections.abc import Iterator

from .paint import NOT_STARTED, STARTED
from .programs import KilledError, Programs
from .report import Findings, Stop, check
from .server import DATABASE, NotStartedError, migrate, start_app


def main() -> None:
    programs = Programs()
    programs.warm()
    eyes = subprocess.Popen([sys.executable, "-m", "inside.paint"])
    with contextlib.closing(programs):
        look_at_app(programs)
        eyes.wait()


def look_at_app(programs: Programs) -> None:
    with contextlib.suppress(Stop):
        _look_at(programs)
    NOT_STARTED.touch()


def _look_at(programs: Programs) -> None:
    with step("syntax") as findings:
        parse_python(findings)
    with step("migrations") as findings:
        migrate(programs, DATABASE, findings)
    with step("boot") as findings:
        boot(programs, findings)
    STARTED.touch()
    with step("contract") as findings:
        from .contract import smoke

        smoke(findings)


@contextlib.contextmanager
def step(name: str) -> Iterator[Findings]:
    """A check that all after it need."""
    with check(name) as findings:
        try:
            yield findings
        except KilledError as error:
            findings.add(str(error))
        if findings:
            raise Stop


def parse_python(findings: Findings) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        good = compileall.compile_dir("/app/backend", quiet=1, force=True)
    if not good:
        findings.add_traceback(said.getvalue(), "A file does not parse.")


def boot(programs: Programs, findings: Findings) -> None:
    try:
        start_app(programs)
    except NotStartedError as error:
        findings.add_traceback(str(error), "It ended and said nothing.")


if __name__ == "__main__":
    main()
