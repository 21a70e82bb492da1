"""A worker in a process of its own, to be killed: the real Celery worker with a scripted builder.

The first word of a message says what happens: `wait` goes on when the file `go` appears in the project's folder.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

from builder.path import BuildFailedError
from builder.settings import Settings
from builder.testing import Request, ScriptedBuild
from workers.worker import open_service, serve_builds

LEASE = timedelta(seconds=2)


def follow_the_message(request: Request) -> None:
    (request.project / "began").touch()
    if request.message.startswith("fail"):
        raise BuildFailedError("It was asked to fail.")
    while request.message.startswith("wait") and not (request.project / "go").exists():
        if request.cancelled():
            return
        time.sleep(0.02)


if __name__ == "__main__":
    service = open_service(Settings(data=Path(sys.argv[1])), ScriptedBuild([follow_the_message]), LEASE)
    sys.exit(serve_builds(service, concurrency=2, sweep_seconds=0.3))
