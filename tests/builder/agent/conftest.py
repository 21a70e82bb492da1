"""Projects to run the loop on: a scaffold that was really rendered, checked and released, copied for each test."""

import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from builder.agent.assignment import Assignment, Budget, Means
from builder.agent.journal import MemoryJournal
from builder.agent.lab import Lab
from builder.agent.ledger import Requirement
from builder.agent.run import improve
from builder.agent.warm_lab import open_lab
from builder.events import Event, Noted, Released
from builder.model.chat import ChatModel
from builder.path import Workshop, release_commit
from builder.release import read_release
from builder.sandbox import Sandbox, open_sandbox
from builder.spec import AppKind, AppSpec
from builder.stack import render_stack
from builder.toolchain import Toolchain
from builder.workspace import MAIN, Workspace

COUNTER = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Counter</title>
<meta name="viewport" content="width=device-width,initial-scale=1"></head>
<body><main><h1>Counter</h1><p>Count: <output id="count">0</output></p>
<button id="more" type="button">Add one</button></main>
<script>
const count = document.getElementById("count");
document.getElementById("more").onclick = () => { count.textContent = String(Number(count.textContent) + 1); };
</script></body></html>
"""


@dataclass
class Project:
    """A project with its workshop, as a build has it; `run` lets a model work on it."""

    path: Path
    spec: AppSpec
    sandbox: Sandbox
    toolchain: Toolchain
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    stop: bool = False

    @property
    def workshop(self) -> Workshop:
        workspace = Workspace.open(self.path / "workspace")
        return Workshop(workspace, self.releases, self.sandbox, self.toolchain, cancelled=lambda: self.stop)

    @property
    def releases(self) -> Path:
        return self.path / "releases"

    def file(self, path: str) -> str:
        return self.workshop.workspace.read(MAIN, path).decode()

    def unseen(self) -> "Project":
        """As on a machine without Chromium: what the loop does by itself needs nobody to look at a page."""
        return replace(self, toolchain=replace(self.toolchain, chromium=None))

    def run(
        self,
        model: ChatModel,
        requirements: Sequence[Requirement] = (),
        *,
        message: str = "Make it better.",
        budget: Budget = Budget(),
    ) -> list[Event]:
        return list(self.steps(model, requirements, message=message, budget=budget))

    def steps(
        self,
        model: ChatModel,
        requirements: Sequence[Requirement] = (),
        *,
        message: str = "Make it better.",
        budget: Budget = Budget(),
    ) -> Generator[Event, None, None]:
        means = Means(model, self.journal, self._lab, budget)
        yield from improve(Assignment(message, self.spec, requirements), means, self.workshop)

    def _lab(self, files: Mapping[str, bytes]) -> Lab:
        return open_lab(files, self.path / "lab", self.toolchain, self.sandbox, cancelled=lambda: self.stop)


NOTES = AppSpec.model_validate(
    {
        "name": "Notes",
        "entities": [
            {
                "name": "note",
                "plural": "notes",
                "label": "Note",
                "label_plural": "Notes",
                "fields": [
                    {"name": "title", "type": "string", "label": "Title", "required": True},
                    {"name": "body", "type": "text", "label": "Body"},
                ],
            }
        ],
        "features": [{"name": name} for name in ("create", "edit", "delete", "detail", "search")],
    }
)
COUNTING = AppSpec(name="Counter", kind=AppKind.ARTIFACT)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Callable[[AppSpec], Path]:
    """The folder of a project whose first release went through the gate; made once per AppSpec."""
    made: dict[str, Path] = {}

    def folder(spec: AppSpec) -> Path:
        if spec.name not in made:
            path = tmp_path_factory.mktemp(spec.name.lower())
            workspace = Workspace.open(path / "workspace")
            files = render_stack(spec) | ({"index.html": COUNTER} if spec.kind is AppKind.ARTIFACT else {})
            workspace.render(files, "Render")
            workshop = Workshop(workspace, path / "releases", open_sandbox("bubblewrap", path / "sandbox"), toolchain)
            list(release_commit(workspace.require(MAIN), workshop))
            made[spec.name] = path
        return made[spec.name]

    return folder


@pytest.fixture
def notes(released: Callable[[AppSpec], Path], tmp_path: Path, sandbox: Sandbox, toolchain: Toolchain) -> Project:
    """A full-stack app of one entity, as it was rendered, served as release 1."""
    return _copy(released(NOTES), NOTES, tmp_path, sandbox, toolchain)


@pytest.fixture
def counter(released: Callable[[AppSpec], Path], tmp_path: Path, sandbox: Sandbox, toolchain: Toolchain) -> Project:
    """An artifact that counts clicks, served as release 1."""
    return _copy(released(COUNTING), COUNTING, tmp_path, sandbox, toolchain)


def _copy(source: Path, spec: AppSpec, target: Path, sandbox: Sandbox, toolchain: Toolchain) -> Project:
    path = target / "project"
    shutil.copytree(source, path, ignore=shutil.ignore_patterns("sandbox"))
    return Project(path, spec, sandbox, toolchain)


def served(events: Sequence[Event]) -> list[int]:
    return [event.release for event in events if isinstance(event, Released)]


def last_note(events: Sequence[Event]) -> Noted:
    return [event for event in events if isinstance(event, Noted)][-1]


def is_best(project: Project, release: int) -> bool:
    """Whether `main` is what the release was made of."""
    commit = read_release(project.releases / str(release)).commit
    workspace = project.workshop.workspace
    return workspace.read_all(MAIN) == workspace.read_all(commit)
