"""Whole builds played back: the model's replies are a transcript, everything else is real.

Each transcript in `tests/data/transcripts` was written by whoever played the model behind a relay, seeing the requests
alone. A follow-up is played on the project that its forerunner left.
"""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
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
QUICK = {"tip-calculator"}  # the others take minutes and are in the long campaign


@dataclass(frozen=True)
class Played:
    """A build that was played back, and the project it left."""

    head: dict[str, Any]
    events: list[Event]
    folder: Path
    spec: AppSpec
    requirements: tuple[Requirement, ...]
    data: Path | None  # what people had entered when it began

    @property
    def releases(self) -> list[int]:
        return [event.release for event in self.events if isinstance(event, Released)]


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in NAMES])
def test_the_build_ends_green_with_its_requirements_proven(
    name: str, tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain
) -> None:
    build = _played(name, tmp_path_factory, toolchain)
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
    assert not any("You are stuck" in c.result for e in build.events if isinstance(e, Stepped) for c in e.calls)
    assert _repaired(build.events) == build.head["repairs"]
    if build.data is not None:
        kept = _rows(build.folder / "releases" / str(build.releases[-1]) / "snapshot.sqlite")
        assert [row for row in _rows(build.data) if not any(row.items() <= now.items() for now in kept)] == []


def test_at_least_three_builds_contain_a_failing_check_and_its_repair() -> None:
    assert sum(_head(name)["repairs"] for name in NAMES) >= 3


def _played(name: str, folders: pytest.TempPathFactory, toolchain: Toolchain) -> Played:
    head = _head(name)
    before = _played(head["follows"], folders, toolchain) if head.get("follows") else None
    return _play(name, head, before, folders.mktemp(name), toolchain)


def _repaired(events: list[Event]) -> bool:
    """Whether a check or the app's tests failed on the way; the end was green in any case."""
    checks = any(isinstance(e, Checked) and e.status is CheckStatus.FAILED and e.gate for e in events)
    calls = [call for e in events if isinstance(e, Stepped) for call in e.calls]
    return checks or any(call.name in {"run_checks", "run_tests"} and not call.ok for call in calls)


def _head(name: str) -> dict[str, Any]:
    with (TRANSCRIPTS / f"{name}.jsonl").open() as file:
        head: dict[str, Any] = json.loads(file.readline())
    return head


def _play(name: str, head: dict[str, Any], before: Played | None, folder: Path, toolchain: Toolchain) -> Played:
    if before is not None:
        shutil.copytree(before.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("sandbox", "lab"))
    sandbox: Sandbox = open_sandbox("bubblewrap", folder / "sandbox")
    data = _snapshot(before)
    if data is not None and "entered" in head:
        with closing(sqlite3.connect(data)) as database, database:
            database.execute(head["entered"])
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
        ReplayModel(_as_of_today(name, head, folder)),
        MemoryJournal(),
        lambda files: open_lab(files, folder / "lab", toolchain, sandbox, data=data),
    )
    events = list(build_with_model(order, means, workshop))
    spec = AppSpec.model_validate([e.spec for e in events if isinstance(e, SpecDrafted)][-1])
    return Played(head, events, folder, spec, _requirements(events), data)


def _as_of_today(name: str, head: dict[str, Any], folder: Path) -> Path:
    """A transcript whose app looks at the calendar is moved in time, so that what was late then is late now."""
    transcript = TRANSCRIPTS / f"{name}.jsonl"
    if "played_on" not in head:
        return transcript
    played = date.fromisoformat(head["played_on"])
    moved = folder / transcript.name
    moved.write_text(re.sub(r"\b20\d\d-\d\d-\d\d\b", lambda day: _moved(day[0], played), transcript.read_text()))
    return moved


def _moved(day: str, played: date) -> str:
    """Only what was recent: a day of years ago is as long ago as ever, and its steps name it in words, too."""
    then = date.fromisoformat(day)
    return (then + (date.today() - played)).isoformat() if abs(then - played) < timedelta(days=60) else day


def _requirements(events: list[Event]) -> tuple[Requirement, ...]:
    newest = {event.id: event for event in events if isinstance(event, RequirementChanged)}
    fields = ("id", "text", "source", "flow", "status", "proof", "reason")
    return tuple(Requirement.model_validate({name: getattr(e, name) for name in fields}) for e in newest.values())


def _snapshot(before: Played | None) -> Path | None:
    snapshot = before and before.folder / "releases" / str(before.releases[-1]) / "snapshot.sqlite"
    return snapshot if snapshot and snapshot.exists() else None


def _rows(database: Path) -> list[dict[str, Any]]:
    """Every row of the app's own tables, with the name of its table."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'alembic%'"
        tables = [name for (name,) in connection.execute(named)]
        return [
            {"": name, **row} for name in tables for row in map(dict, connection.execute(f'SELECT * FROM "{name}"'))
        ]


def _next(folder: Path) -> int:
    return max((int(p.name) for p in (folder / "releases").glob("*") if p.name.isdigit()), default=0) + 1
