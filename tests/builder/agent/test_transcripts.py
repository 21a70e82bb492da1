"""Whole builds played back: the model's replies are a transcript, everything else is real.

Each transcript in `tests/data/transcripts` was written by whoever played the model behind a relay, seeing the requests
alone. A follow-up is played on the project that its forerunner left.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from builder.agent.assignment import Means, Turn
from builder.agent.build import Order, build_with_model
from builder.agent.journal import MemoryJournal
from builder.agent.ledger import Requirement
from builder.agent.warm_lab import open_lab
from builder.events import Checked, CheckStatus, Event, Released, RequirementChanged, SpecDrafted, Stepped
from builder.path import Workshop
from builder.release import read_release
from builder.sandbox import Sandbox, open_sandbox
from builder.spec import AppKind, AppSpec
from builder.testing import ReplayModel
from builder.toolchain import Toolchain
from builder.workspace import MAIN, Workspace

TRANSCRIPTS = Path(__file__).parents[2] / "data" / "transcripts"
NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("*.jsonl"))


@dataclass(frozen=True)
class Played:
    """A build that was played back, and the project it left."""

    head: dict[str, Any]
    events: list[Event]
    folder: Path
    spec: AppSpec
    requirements: tuple[Requirement, ...]

    @property
    def releases(self) -> list[int]:
        return [event.release for event in self.events if isinstance(event, Released)]


Play = Callable[[str], Played]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Play:
    """Plays a transcript once, whatever tests ask for it."""
    played: dict[str, Played] = {}

    def of(name: str) -> Played:
        if name not in played:
            head = _head(name)
            before = of(head["follows"]) if head.get("follows") else None
            played[name] = _play(name, head, before, tmp_path_factory.mktemp(name), toolchain)
        return played[name]

    return of


@pytest.mark.parametrize("name", NAMES)
def test_the_build_ends_green_with_its_requirements_proven(name: str, play: Play) -> None:
    build = play(name)
    assert build.releases
    release = read_release(build.folder / "releases" / str(build.releases[-1]))
    gate = [check for check in release.checks if check["gate"]]
    assert gate
    assert {check["status"] for check in gate} <= {"passed", "skipped"}
    unproven = [item for item in build.requirements if item.status.value != "proven" and not item.reason]
    assert not unproven
    assert any(item.status.value == "proven" for item in build.requirements)
    workspace = Workspace.open(build.folder / "workspace")
    assert workspace.read_all(MAIN) == workspace.read_all(release.commit)
    assert (release.app / "REQUIREMENTS.md").read_text().count("- [x]") >= 1


def test_some_builds_contain_a_failing_check_and_its_repair(play: Play) -> None:
    repaired = [name for name in NAMES if _repaired(play(name).events)]
    assert len(repaired) >= min(3, len(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_no_step_was_stuck(name: str, play: Play) -> None:
    assert not any("You are stuck" in c.result for e in play(name).events if isinstance(e, Stepped) for c in e.calls)


def _repaired(events: list[Event]) -> bool:
    """A check failed, or a step's call was told that one did, and the last release passed."""
    failed = any(isinstance(e, Checked) and e.status is CheckStatus.FAILED for e in events)
    return failed and isinstance([e for e in events if isinstance(e, Released)][-1], Released)


def _head(name: str) -> dict[str, Any]:
    with (TRANSCRIPTS / f"{name}.jsonl").open() as file:
        head: dict[str, Any] = json.loads(file.readline())
    return head


def _play(name: str, head: dict[str, Any], before: Played | None, folder: Path, toolchain: Toolchain) -> Played:
    if before is not None:
        shutil.copytree(before.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("sandbox", "lab"))
    sandbox: Sandbox = open_sandbox("bubblewrap", folder / "sandbox")
    data = _snapshot(before)
    workshop = Workshop(
        Workspace.open(folder / "workspace"), folder / "releases", sandbox, toolchain, _next(folder), data
    )
    order = Order(
        head["prompt"],
        before.head["prompt"] if before else head["prompt"],
        AppKind(head["kind"]) if head.get("kind") else None,
        None,
        before.spec if before else None,
        before.requirements if before else (),
        [Turn(before.head["prompt"], "built")] if before else (),
    )
    means = Means(
        ReplayModel(TRANSCRIPTS / f"{name}.jsonl"),
        MemoryJournal(),
        lambda files: open_lab(files, folder / "lab", toolchain, sandbox, data=data),
    )
    events = list(build_with_model(order, means, workshop))
    spec = AppSpec.model_validate([e.spec for e in events if isinstance(e, SpecDrafted)][-1])
    return Played(head, events, folder, spec, _requirements(events))


def _requirements(events: list[Event]) -> tuple[Requirement, ...]:
    newest = {event.id: event for event in events if isinstance(event, RequirementChanged)}
    fields = ("id", "text", "source", "flow", "status", "proof", "reason")
    return tuple(Requirement.model_validate({name: getattr(e, name) for name in fields}) for e in newest.values())


def _snapshot(before: Played | None) -> Path | None:
    snapshot = before and before.folder / "releases" / str(before.releases[-1]) / "snapshot.sqlite"
    return snapshot if snapshot and snapshot.exists() else None


def _next(folder: Path) -> int:
    return max((int(p.name) for p in (folder / "releases").glob("*") if p.name.isdigit()), default=0) + 1
