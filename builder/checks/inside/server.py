"""The app under test, started as it will be served, on the sandbox's own loopback."""

import http.client
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ADDRESS = "http://app.localhost:8000"
DATABASE = Path("/data/app.sqlite")
SCRATCH = Path("/tmp/app.sqlite")  # noqa: S108 - the sandbox's own tmpfs
UPLOADS = Path("/data/uploads")
LOG = Path("/tmp/app.log")  # noqa: S108
START_SECONDS = 15


_UVICORN = "uvicorn backend.main:app --host 127.0.0.1 --port 8000 --no-access-log --log-level warning".split()
_FILES = ["inside.files"]


class NotStartedError(Exception):
    """The app did not answer /health; the message is the end of its log."""


def start_app() -> "subprocess.Popen[bytes]":
    """Serve a throw-away copy of the database, so that what the checks write is never part of a release."""
    if DATABASE.exists():
        shutil.copyfile(DATABASE, SCRATCH)
    link_uploads()
    command, environment = (_FILES, dict(os.environ)) if is_static() else (_UVICORN, _environment())
    with LOG.open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", *command], cwd="/app", env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if is_healthy():
            return server
        time.sleep(0.02)
    server.kill()
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


def _environment() -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": f"sqlite:///{SCRATCH}", "PYTHONPATH": ""}


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
