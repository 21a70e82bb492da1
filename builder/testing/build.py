"""Stand-ins that really run, for tests: what a scripted build says happens, and nothing else does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from builder.events import Change, Event, FileChanged, Phase, PhaseChanged, Released, Scored, SpecDrafted
from builder.path import CancelledError
from builder.release import Release, write_release
from builder.spec import AppSpec
from builder.workspace import MAIN, Workspace

SPEC = AppSpec(name="Plant diary").model_dump(mode="json")
FILES = {"README.md": b"# Plant diary\n", "backend/main.py": b"app = None\n"}


class Request(Protocol):
    @property
    def project(self) -> Path: ...
    @property
    def number(self) -> int: ...
    @property
    def message(self) -> str: ...
    @property
    def cancelled(self) -> Callable[[], bool]: ...


Step = Callable[[Request], None]


@dataclass
class ScriptedBuild:
    """Drafts, writes two files and publishes them as a real release; `steps` run in between, and may wait or raise."""

    steps: Sequence[Step] = ()
    score_steps: Sequence[Step] = ()
    built: list[str] = field(default_factory=list)

    def build(self, request: Request) -> Iterator[Event]:
        self.built.append(request.message)
        yield PhaseChanged(Phase.DRAFTING)
        yield SpecDrafted(SPEC)
        for step in self.steps:
            step(request)
            if request.cancelled():
                raise CancelledError
            yield PhaseChanged(Phase.RENDERING)
        files = {**FILES, "prompt.txt": f"{request.number}: {request.message}\n".encode()}
        commit = commit_files(request.project / "workspace", files)
        yield from (FileChanged(path, Change.ADDED, content.count(b"\n")) for path, content in files.items())
        release = publish_files(request.project / "releases", request.number, commit, files)
        yield Released(release.n, commit, release.path)

    def score(self, request: Request, release: Path) -> Iterator[Event]:
        for step in self.score_steps:
            step(request)
            if request.cancelled():
                raise CancelledError
        yield Scored(int(release.name), 90)


def commit_files(path: Path, files: dict[str, bytes]) -> str:
    workspace = Workspace.open(path)
    workspace.render(files, "Render Plant diary")
    return workspace.require(MAIN)


def publish_files(releases: Path, n: int, commit: str, files: dict[str, bytes]) -> Release:
    release = Release(n, commit, "2026-01-01T00:00:00+00:00", (), releases / str(n))
    for name, content in files.items():
        target = release.app / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    write_release(release)
    return release
