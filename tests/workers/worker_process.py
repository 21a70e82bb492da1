"""A worker in a process of its own, to be killed: the real Celery worker with a scripted builder.

The first word of a message says what happens: `wait` goes on when the file `go` appears in the project's folder.
`agent` works in three steps, of which the second goes on when `go` appears; `asked` gets the number of each step begun.
"""

import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from builder.events import Event
from builder.path import BuildFailedError
from builder.settings import Settings
from builder.testing import Request, ScriptedBuild
from workers.request import BuildRequest
from workers.testing import AgentStep, ScriptedAgent
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


def note_and_wait(n: int) -> AgentStep:
    def act(request: BuildRequest) -> None:
        with (request.project / "asked").open("a") as asked:
            asked.write(f"{n} ")
        while n == 2 and not (request.project / "go").exists() and not request.cancelled():
            time.sleep(0.02)

    return AgentStep(act, releases=60 + n)


class ByMessage:
    """Builds as the message says, by steps or in one go."""

    def __init__(self) -> None:
        self.agent = ScriptedAgent([note_and_wait(n) for n in (1, 2, 3)])
        self.plain = ScriptedBuild([follow_the_message])

    def build(self, request: BuildRequest) -> Iterator[Event]:
        return self._of(request).build(request)

    def rest(self) -> None: ...
    def close(self) -> None: ...

    def prove_again(self, _: BuildRequest, __: Path) -> Iterator[Event]:
        yield from ()

    def score(self, request: BuildRequest, release: Path) -> Iterator[Event]:
        return self._of(request).score(request, release)

    def _of(self, request: BuildRequest) -> ScriptedAgent | ScriptedBuild:
        return self.agent if request.message.startswith("agent") else self.plain


if __name__ == "__main__":
    service = open_service(Settings(data=Path(sys.argv[1])), ByMessage(), LEASE)
    sys.exit(serve_builds(service, concurrency=2, sweep_seconds=0.3))
