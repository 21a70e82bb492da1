"""Checks that stand by find what checks started for an app find, and leave nothing behind."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import pytest

from builder.checks.standby import WAITS_SECONDS, Standby
from builder.events import Checked, CheckStatus
from builder.path import BuildFailedError, Workshop, release_commit
from builder.release import discard
from builder.workspace import MAIN, Workspace
from tests.builder.checks.test_gate import APP
from tests.builder.checks.test_static_gate import ARTIFACT, SLIPS

T = TypeVar("T")
pytestmark = pytest.mark.browser

# It reads rows that were there, as their owner, and there are errors in every part of it.
FLAWED: Mapping[str, bytes] = {
    **APP,
    "backend/migrate.py": b"import sqlite3\nlive = sqlite3.connect('/data/app.sqlite')\n"
    b"live.execute('insert into note values (2)')\nlive.commit()\n"
    b"assert len(live.execute('select * from note').fetchall()) == 2\n",
    "frontend/src/main.ts": b"console.error('boom'); fetch('/api/gone')\n",
    "backend/main.py": APP["backend/main.py"].replace(b"raise HTTPException(404)", b"pass"),
}
APPS = {
    "full-stack": FLAWED,
    "artifact": ARTIFACT,
    "faulty artifact": {**ARTIFACT, "index.html": SLIPS},
}


@pytest.fixture
def standby(tmp_path, sandbox, toolchain):
    standby = Standby(tmp_path / "standby", sandbox, toolchain)
    yield standby
    standby.close()
    assert not standby.root.exists() or list(standby.root.iterdir()) == []


@pytest.mark.parametrize("name", APPS)
def test_a_probe_that_stood_by_finds_what_a_fresh_one_finds(name, tmp_path, standby, sandbox, toolchain):
    live = tmp_path / "live.sqlite"
    with sqlite3.connect(live) as connection:
        connection.execute("create table note (id)")
        connection.execute("insert into note values (1)")
    fresh = Workshop(Workspace.open(tmp_path / "workspace"), tmp_path / "releases", sandbox, toolchain, data=live)
    fresh.workspace.render(APPS[name], "Render")
    standby.prepare()
    standby.prepare()  # one is enough
    until(lambda: standby._ready[0].out.joinpath("inside").exists())
    waiting = replace(fresh, number=2, standby=standby)
    assert found(waiting) == found(fresh)
    assert standby.take() is None
    published = {path.name for path in (tmp_path / "releases").iterdir()} - {".types"}
    assert published == ({"1", "2"} if name == "artifact" else set())


def until(told: Callable[[], T]) -> T:
    deadline = time.monotonic() + 20
    while not (value := told()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return value


def found(workshop: Workshop) -> dict[str, tuple[str, list[str]]]:
    events = release_commit(workshop.workspace.require(MAIN), workshop)
    ended = {}
    try:
        for event in events:
            if isinstance(event, Checked) and event.status is not CheckStatus.RUNNING:
                ended[event.name] = (str(event.status), sorted(finding.message for finding in event.findings))
    except BuildFailedError:
        pass
    return ended


def test_a_probe_that_died_is_passed_over_and_the_next_one_waits_again(standby):
    standby.prepare()
    stage, probe = standby._ready
    assert standby.take() is None  # it is not there yet
    probe.process.stop()
    assert standby.take() is None
    assert not stage.path.exists()
    standby.prepare()
    stage = until(standby.take)
    assert stage.probe.process.poll() is None
    stage.probe.stop()
    assert standby.take() is None
    standby.prepare()
    standby._ready[1].since -= WAITS_SECONDS  # nobody came
    assert standby.take() is None
    assert list(stage.path.parent.iterdir()) == [stage.path]
    discard(stage)


def test_what_a_killed_process_left_is_removed_and_what_another_uses_is_not(tmp_path, standby, sandbox, toolchain):
    (tmp_path / "standby" / "abandoned" / "app").mkdir(parents=True)
    standby.prepare()
    another = Standby(tmp_path / "standby", sandbox, toolchain)
    another.prepare()
    assert len(list((tmp_path / "standby").iterdir())) == 2
    another.close()


def test_nothing_waits_where_there_is_no_browser_or_no_sandbox(tmp_path, sandbox, toolchain):
    blind = Standby(tmp_path / "standby", sandbox, replace(toolchain, chromium=None))
    blind.prepare()
    assert blind.take() is None
    blind.close()
