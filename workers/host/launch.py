"""Bring an app up: `launch.py LINE PROGRAM…`. Runs inside the sandbox; of the app, nothing runs before it is told to.

The libraries that apps stand on are loaded first, while the app's data may still be on its way. Then the host says on
LINE, a socket's number: `migrate`, which is done by a fork and answered with its exit status; and `serve`, from where
on this process is PROGRAM, as `python -m PROGRAM` would be. When the host is gone, so is this.
"""

import contextlib
import importlib
import os
import resource
import runpy
import socket
import sys
from pathlib import Path

LIBRARIES = (
    "uvicorn.main uvicorn.lifespan.on uvicorn.protocols.http.auto uvicorn.protocols.websockets.auto uvicorn.loops.auto "
    "fastapi.staticfiles sqlalchemy.orm sqlalchemy.dialects.sqlite multipart"
).split()
MIGRATE_CPU_SECONDS = 60


def main() -> None:
    line = socket.socket(fileno=int(sys.argv[1]))
    line.set_inheritable(False)
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with line, line.makefile("rwb", buffering=0) as orders:
        for order in orders:
            if order == b"serve\n":
                break
            orders.write(b"%d\n" % migrate(line))
        else:
            return
    become(*sys.argv[2:])


def migrate(line: socket.socket) -> int:
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    line.detach()
    os.closerange(3, 1024)  # neither the host nor the app's listener is a migration's business
    resource.setrlimit(resource.RLIMIT_CPU, (MIGRATE_CPU_SECONDS, MIGRATE_CPU_SECONDS + 1))
    become("backend.migrate")
    sys.exit()


def become(module: str, *arguments: str) -> None:
    if {path.name.partition(".")[0] for path in Path().iterdir()} & sys.modules.keys():
        # The app has a module of its own with the name of one that is loaded: it gets a Python that has loaded nothing.
        os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606
    sys.path.insert(0, str(Path.cwd()))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
