"""Start Python programs without the second that their imports cost: a process that has imported them forks.

It reads one JSON line for each command and answers with one. Modules of the app are never imported here.
"""

import contextlib
import importlib
import json
import os
import runpy
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HEAVY = (
    "uvicorn.__main__ uvicorn.main uvicorn.lifespan.on uvicorn.protocols.http.auto uvicorn.loops.auto fastapi "
    "fastapi.responses fastapi.staticfiles sqlalchemy sqlalchemy.orm sqlalchemy.dialects.sqlite alembic.command "
    "alembic.config starlette.middleware.base sqlite3 multipart"
).split()


def main() -> None:
    for name in HEAVY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.modules.pop("uvicorn.__main__", None)
    for line in sys.stdin.buffer:
        command = json.loads(line)
        answer = {"code": _end(command["end"])} if "end" in command else _run(command)
        if "poll" in command:
            answer = {"code": _poll(command["poll"])}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in _started - _ended.keys():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    os._exit(0)  # to take all that was loaded apart again takes a tenth of a second


def _run(command: Mapping[str, Any]) -> dict[str, Any]:
    if "module" not in command:
        return {}
    pid = os.fork()
    if pid == 0:
        _become(command)
    _started.add(pid)
    if "seconds" not in command:
        return {"pid": pid}
    deadline = time.monotonic() + command["seconds"]
    while time.monotonic() < deadline:
        if (code := _poll(pid)) is not None:
            return {"pid": pid, "code": code}
        time.sleep(0.01)
    _end(pid)
    return {"pid": pid, "code": None}


def _become(command: Mapping[str, Any]) -> None:
    """Be the program, as `python -m MODULE` would."""
    os.setsid()
    log = os.open(command["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(command["env"])
    os.chdir(command["cwd"])
    if {path.name.partition(".")[0] for path in Path().iterdir()} & sys.modules.keys():
        # The app has a module of its own with the name of one that is loaded: it gets a Python that has loaded nothing.
        os.execv(sys.executable, [sys.executable, "-m", command["module"], *command["argv"]])  # noqa: S606
    sys.path[:] = [command["cwd"], *(entry for entry in sys.path if entry not in {"", "/checks"})]
    sys.argv = [command["module"], *command["argv"]]
    code = 1
    try:
        runpy.run_module(command["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            sys.stderr.write(ended.code)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


_started: set[int] = set()
_ended: dict[int, int] = {}


def _poll(pid: int) -> int | None:
    if pid not in _ended:
        found, status = os.waitpid(pid, os.WNOHANG)
        if not found:
            return None
        _ended[pid] = os.waitstatus_to_exitcode(status)
    return _ended[pid]


def _end(pid: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    while (code := _poll(pid)) is None:
        time.sleep(0.002)
    return code


if __name__ == "__main__":
    main()
