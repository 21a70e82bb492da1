"""Stand-ins for tests: a preview host on a real unix socket that runs no app, and a builder that works in steps."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from builder.agent.journal import Step
from builder.events import (
    Checked,
    CheckStatus,
    Event,
    Phase,
    PhaseChanged,
    Released,
    RequirementChanged,
    Scored,
    SpecDrafted,
    Stepped,
    StepStreamed,
    UsageTold,
)
from builder.path import CancelledError
from builder.testing import FILES, SPEC, commit_files, publish_files
from builder.workspace import Workspace
from workers.claims import claim
from workers.database import migrate, open_database
from workers.journal import DatabaseJournal
from workers.request import BuildRequest
from workers.store import Store


@contextmanager
def stored_journal(folder: Path) -> Iterator[DatabaseJournal]:
    """The journal of a build that somebody holds, in a SQLite file of its own in `folder`."""
    database = open_database(f"sqlite:///{folder / 'journal.sqlite'}")
    try:
        migrate(database)
        _, build = Store(database).create_project("A plant diary", None, None)
        held = claim(database, build.id, "w1")
        if held is None:
            raise AssertionError("A build that was just made waits to be claimed.")
        yield DatabaseJournal(database, held)
    finally:
        database.close()


@dataclass
class ScriptedHost:
    """`refuses` makes it answer as a host does whose app didn't boot."""

    socket: Path
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses: str | None = None
    census: dict[str, Any] = field(default_factory=dict)

    def __enter__(self) -> "ScriptedHost":
        routes = [
            Route("/health", self._health),
            Route("/apps/{id}", self._app, methods=["GET", "PUT", "DELETE"]),
            Route("/apps/{id}/log", self._log),
            Route("/apps/{id}/data", self._data),
            Route("/apps/{id}/census", self._census),
        ]
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        config = uvicorn.Config(Starlette(routes=routes), uds=str(self.socket), log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _app(self, request: Request) -> Response:
        project_id = request.path_params["id"]
        if request.method == "DELETE":
            self.apps.pop(project_id, None)
            return Response(status_code=204)
        if request.method == "PUT":
            if self.refuses:
                error = {"code": "not_healthy", "message": self.refuses, "log": "Traceback"}
                return JSONResponse({"error": error}, 422)
            self.apps[project_id] = await request.json()
            url = f"http://{self.apps[project_id]['slug']}.localhost:8001/"
            return JSONResponse({"release": self.apps[project_id]["release"], "url": url})
        if project_id not in self.apps:
            return JSONResponse({"error": {"code": "not_found", "message": "No such app."}}, 404)
        return JSONResponse({**self.apps[project_id], "state": "idle", "error": None})

    async def _log(self, request: Request) -> Response:
        return PlainTextResponse("Application startup complete.\n" if request.path_params["id"] in self.apps else "")

    async def _census(self, _: Request) -> Response:
        return JSONResponse(self.census)

    async def _data(self, request: Request) -> Response:
        if request.path_params["id"] not in self.apps:
            return JSONResponse({"error": {"code": "not_found", "message": "No data yet."}}, 404)
        return Response(b"SQLite format 3\0", media_type="application/vnd.sqlite3")


@dataclass(frozen=True)
class AgentStep:
    """What happens while the step is written; with `releases` what it made is then released, scored so."""

    act: Callable[[BuildRequest], None] = lambda _: None
    releases: int | None = None


@dataclass
class ScriptedAgent:
    """A build as one with a model goes: a scaffold is released, then come steps, each committed and in the journal.

    Each step adds its number to `steps.txt`, starting from the last commit in the journal; `asked` gets the number
    of each step that was begun, whether or not it was ended.
    """

    script: Sequence[AgentStep] = ()
    asked: list[int] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def build(self, request: BuildRequest) -> Iterator[Event]:
        try:
            if not request.journal.steps():
                yield from self._scaffold(request)
            yield PhaseChanged(Phase.WORKING)
            for n in range(len(request.journal.steps()), len(self.script) + 1):
                yield from self._step(request, n, self.script[n - 1])
        finally:
            self.ended.append(request.build_id)

    def rest(self) -> None: ...
    def close(self) -> None: ...

    def prove_again(self, _: BuildRequest, __: Path) -> Iterator[Event]:
        yield from ()

    def score(self, _: BuildRequest, release: Path) -> Iterator[Event]:
        yield Checked("axe", "Accessible", CheckStatus.PASSED, False)
        yield Scored(int(release.name), 50)

    def _scaffold(self, request: BuildRequest) -> Iterator[Event]:
        yield PhaseChanged(Phase.DRAFTING)
        yield SpecDrafted(SPEC)
        yield RequirementChanged("r1", "Plants can be added", (0, 5), "open")
        commit = commit_files(request.workspace, {**FILES, "steps.txt": b"0"})
        yield from _release(request, commit)
        request.journal.append(Step(0, [{"role": "user", "content": request.message}], commit, {"asked": 0}))

    def _step(self, request: BuildRequest, n: int, step: AgentStep) -> Iterator[Event]:
        self.asked.append(n)
        yield StepStreamed(n, "build", "", f"Step {n}")
        step.act(request)
        if request.cancelled():
            raise CancelledError
        workspace, last = Workspace.open(request.workspace), request.journal.steps()[-1].commit
        workspace.write({"steps.txt": workspace.read(last, "steps.txt") + f" {n}".encode()}, f"Step {n}")
        commit = workspace.require("main")
        request.journal.append(Step(n, [{"role": "assistant", "content": f"Step {n}"}], commit, {"asked": n}))
        yield Stepped(n, "build", f"Step {n}", "", (), commit, True, 0.0)
        yield UsageTold(steps=n, prompt=1000 * n, completion=100 * n, cached=900 * n)
        yield Checked("types", "Types", CheckStatus.PASSED, True)  # while it works: of no release
        if step.releases is not None:
            yield from _release(request, commit)
            yield RequirementChanged("r1", "Plants can be added", (0, 5), "proven", proof={"steps": ["open /"]})
            yield Scored(len(list(request.releases.iterdir())), step.releases)
            yield PhaseChanged(Phase.WORKING)


def _release(request: BuildRequest, commit: str) -> Iterator[Event]:
    """The next free number, through a gate of one check that names the commit."""
    yield PhaseChanged(Phase.CHECKING)
    yield Checked("boot", f"Starts {commit[:7]}", CheckStatus.PASSED, True)
    number = 1 + sum(entry.name.isdigit() for entry in request.releases.glob("*"))
    files = Workspace.open(request.workspace).read_all(commit)
    release = publish_files(request.releases, number, commit, files)
    yield Released(release.n, commit, release.path)
