"""The app's own tests, and whether those that are new would pass without what they are there to test."""

import ast
import compileall
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

from .report import Findings

APP, BASE, BEFORE = Path("/app"), Path("/base/tree"), Path("/base/before")
OUTCOMES, SAID = Path("/tmp/outcomes.json"), Path("/tmp/tests.log")  # noqa: S108 - the sandbox's own tmpfs
SECONDS, BASE_SECONDS = 110, 60
MAX_TESTS, MAX_FAILED = 400, 40
MAX_REASON, MAX_TAIL = 1500, 3000


def parse(findings: Findings) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        # By the content, not the time: two edits within one second must not look like one.
        mode = PycInvalidationMode.CHECKED_HASH
        good = compileall.compile_dir("/app/backend", quiet=1, force=True, invalidation_mode=mode)
    if not good:
        findings.add_traceback(said.getvalue(), "A file does not parse.")


def run_tests(request: dict[str, Any]) -> dict[str, Any]:
    outcomes, said = pytest(APP, request["paths"], SECONDS)
    vacuous: list[str] = []
    fresh = [name for name, why in outcomes.items() if why is None and is_new(name)]
    if fresh and request["base"]:
        on_base, _ = pytest(BASE, sorted({name.partition("[")[0] for name in fresh}), BASE_SECONDS)
        vacuous = [name for name in fresh if name in on_base and on_base[name] is None]
    return {
        "passed": [name for name, why in outcomes.items() if why is None][:MAX_TESTS],
        "failed": [[name, why] for name, why in outcomes.items() if why is not None][:MAX_FAILED],
        "vacuous": vacuous[:MAX_TESTS],
        "tail": said[-MAX_TAIL:],
    }


def pytest(folder: Path, paths: list[str], seconds: float) -> tuple[dict[str, str | None], str]:
    """Each test by its id, None where it passed and else why not; and what pytest said."""
    OUTCOMES.unlink(missing_ok=True)
    argv = ["-q", "--no-header", "--tb=short", "-p", "no:cacheprovider", "-p", "inside.outcomes", "--", *paths]
    said = _run([sys.executable, "-m", "pytest", *argv], folder, seconds)
    try:
        told = json.loads(OUTCOMES.read_text())
    except (OSError, ValueError):
        return {"the tests": f"They ended without a result. {said[-MAX_REASON:]}"}, said
    return {str(name)[:300]: None if why is None else str(why)[-MAX_REASON:] for name, why in told}, said


def _run(command: list[str], folder: Path, seconds: float) -> str:
    env = {**os.environ, "DATABASE_URL": "sqlite:////tmp/tests.sqlite", "OUTCOMES": str(OUTCOMES)}
    with SAID.open("wb") as log:
        started = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        late = ""
        try:
            started.wait(seconds)
        except subprocess.TimeoutExpired:
            late = f"\nThey took longer than {seconds:g} seconds and were stopped."
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    return SAID.read_text(errors="replace")[-20_000:] + late


def is_new(name: str) -> bool:
    """Whether the test was not there before, or read differently."""
    path, _, rest = name.partition("::")
    parts = rest.partition("[")[0].split("::")
    return _source(APP / path, parts) != _source(BEFORE / path, parts)


def _source(path: Path, parts: list[str]) -> str | None:
    try:
        found: Any = ast.parse(path.read_text())
    except (OSError, SyntaxError, ValueError):
        return None
    for part in parts:
        found = next((node for node in found.body if getattr(node, "name", None) == part), None)
        if found is None:
            return None
    return ast.dump(found)
