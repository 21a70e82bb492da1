"""The app under test, started as it will be served, on the sandbox's own loopback."""

import http.client
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .programs import Programs, ran
from .report import Findings

ADDRESS = "http://app.localhost:8000"
DATABASE = Path("/data/app.sqlite")
SCRATCH = Path("/tmp/app.sqlite")  # noqa: S108 - the sandbox's own tmpfs
UPLOADS = Path("/data/uploads")
LOG = Path("/tmp/app.log")  # noqa: S108
START_SECONDS, MIGRATE_SECONDS = 15, 40


_UVICORN = ("backend.main:app", "--host", "127.0.0.1", "--port", "8000", "--no-access-log", "--log-level", "warning")


class NotStartedError(Exception):
    """The app did not answer /health; the message is the end of its log."""


def start_app(programs: Programs) -> None:
    """Serve a throw-away copy of the database, so that what the checks write is never part of a release."""
    if DATABASE.exists():
        shutil.copyfile(DATABASE, SCRATCH)
    link_uploads()
    server = start_server(programs)
    until_healthy(lambda: programs.runs(server))


def start_server(programs: Programs) -> int:
    """The app on the scratch database, as it is; it may take a moment until it answers."""
    return programs.start("uvicorn", _UVICORN, _on(SCRATCH), LOG)


def start_files() -> "subprocess.Popen[bytes]":
    """Serve a project that is plain files."""
    command = [sys.executable, "-m", "inside.files"]
    with LOG.open("wb") as log:
        server = subprocess.Popen(command, cwd="/app", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    until_healthy(lambda: server.poll() is None)
    return server


def migrate(programs: Programs, database: Path, findings: Findings) -> None:
    code = programs.run("backend.migrate", (), _on(database), MIGRATE_SECONDS)
    if code != 0:
        late = f"It took longer than {MIGRATE_SECONDS} seconds."
        findings.add_traceback(ran(), late if code is None else f"It ended with {code}.")


def _on(database: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{database}", "PYTHONPATH": ""}


def until_healthy(alive: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and alive():
        if is_healthy():
            return
        time.sleep(0.015)
    raise NotStartedError(log_tail() or f"It did not answer /health within {START_SECONDS} seconds.")


def link_uploads() -> None:
    """The files that people sent, beside the scratch database: what the checks send beside them is thrown away."""
    for file in UPLOADS.glob("*") if UPLOADS.is_dir() else ():
        link = SCRATCH.with_name("uploads") / file.name
        link.parent.mkdir(exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(file)


def is_static() -> bool:
    """Whether the project is plain files: nothing of it runs but in the browser."""
    return not Path("/app/backend").exists() and not Path("/app/frontend").exists()


def is_healthy() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def log_tail(lines: int = 40) -> str:
    return "\n".join(LOG.read_text(errors="replace").strip().splitlines()[-lines:])
