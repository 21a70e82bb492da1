"""One build at a time, in this process: what it stores, what it leaves, how it ends."""

import json
import math
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from builder.events import Checked, CheckStatus, Event, Noted
from builder.path import BuildFailedError
from builder.refusal import Refusal
from builder.settings import Settings
from builder.testing import SPEC, Request, ScriptedBuild
from builder.workspace import MergeConflictError, WorkspaceError
from tests.workers.conftest import wait_for
from workers.claims import claim, take_back
from workers.database import Database
from workers.disk import DISK_FULL
from workers.models import Build, BuildKind, BuildStatus, Project
from workers.recorder import FLOODED, MAX_CHECKS
from workers.run import Service, run_build
from workers.store import Store
from workers.testing import ScriptedHost


def raising(error: Exception):  # type: ignore[no-untyped-def]
    def step(_):  # type: ignore[no-untyped-def]
        raise error

    return step


def start(store: Store, prompt: str = "A plant diary") -> tuple[Project, Build]:
    return store.create_project(prompt, None, None)


def kinds(store: Store, project: Project) -> list[str]:
    return [event.event for event in store.events(project.id, 0)]


def test_a_build_ends_with_a_served_release(service: Service, store: Store, host: ScriptedHost) -> None:
    project, build = start(store)
    run_build(service, build.id)
    project, build = store.project(project.id), store.build(build.id)
    assert (project.status, project.served_release, project.name) == ("ready", 1, "Plant diary")
    assert project.slug.startswith("plant-diary-")
    assert (build.status, build.release, build.error) == ("succeeded", 1, None)
    assert host.apps[project.id]["path"].endswith(f"projects/{project.id}/releases/1")
    [release] = store.releases([project.id])[project.id]
    assert (release.n, release.score, len(release.commit)) == (1, 90, 40)
    phases = [e.data.get("phase") for e in store.events(project.id, 0) if e.event == "build" and "phase" in e.data]
    assert phases == ["queued", "drafting", "serving", "scoring", "succeeded"]
    assert {"spec", "file", "preview"} <= set(kinds(store, project))


class Flood(ScriptedBuild):
    """A build whose app reports without end, and nothing that a database can hold."""

    def build(self, request: Request) -> Iterator[Event]:
        yield Noted("half \ud83d and zero \0")
        while True:
            yield Checked("boot", "App starts", CheckStatus.PASSED, True, math.nan)


def test_an_app_that_reports_without_end_is_stopped(service: Service, store: Store) -> None:
    service.builder = Flood()
    project, build = start(store)
    run_build(service, build.id)
    assert (store.build(build.id).status, store.build(build.id).error) == ("failed", FLOODED)
    stored = store.events(project.id, 0, 10_000)
    assert len(stored) < MAX_CHECKS + 10
    for kept in stored:
        json.dumps(kept.data, allow_nan=False, ensure_ascii=False).encode()


def test_what_is_told_names_no_place_on_this_machine(service: Service, store: Store) -> None:
    project, build = start(store)
    run_build(service, build.id)
    told = json.dumps([event.data for event in store.events(project.id, 0)])
    assert '"release": 1' in told
    assert str(service.settings.data) not in told


def test_a_build_removes_what_a_killed_worker_left(service: Service, store: Store) -> None:
    project, build = start(store)
    folder = service.settings.project_dir(project.id)
    for left in ("releases/score-x/out", "releases/.1.stage/app", "lab-x/app"):
        (folder / left).mkdir(parents=True)
    (folder / "live-old.sqlite").touch()
    run_build(service, build.id)
    assert sorted(path.name for path in folder.iterdir()) == ["releases", "workspace"]
    assert [path.name for path in (folder / "releases").iterdir()] == ["1"]


@pytest.mark.parametrize(
    "error", [WorkspaceError("backend/seed/plants.json is larger than 2 MB."), MergeConflictError(("start.py",))]
)
def test_a_project_that_can_not_be_kept_says_why(service: Service, store: Store, error: Exception) -> None:
    service.builder = ScriptedBuild([raising(error)])
    _, build = start(store)
    run_build(service, build.id)
    assert (store.build(build.id).status, store.build(build.id).error) == ("failed", str(error))


def test_a_refused_prompt_is_rejected_with_the_reason(service: Service, store: Store) -> None:
    service.builder = ScriptedBuild([raising(Refusal("not_an_app", "Say what the app should do."))])
    project, build = start(store)
    run_build(service, build.id)
    project = store.project(project.id)
    assert (project.status, project.error) == ("rejected", "Say what the app should do.")


def test_a_failed_gate_fails_the_project_only_until_something_is_served(service: Service, store: Store) -> None:
    broken = ScriptedBuild([raising(BuildFailedError("The check “Types” failed: no such name."))])
    service.builder = broken
    project, build = start(store)
    run_build(service, build.id)
    assert store.project(project.id).status == "failed"
    assert store.build(build.id).error == "The check “Types” failed: no such name."

    service.builder = ScriptedBuild()
    again = store.create_build(project.id, BuildKind.SPEC, "again", {})
    assert store.project(project.id).status == "queued"
    run_build(service, again.id)
    assert store.project(project.id).status == "ready"

    service.builder = broken
    worse = store.create_build(project.id, BuildKind.SPEC, "worse", {})
    run_build(service, worse.id)
    project = store.project(project.id)
    assert (project.status, project.served_release, project.error) == ("ready", 1, None)
    assert store.build(worse.id).status == "failed"


def test_a_release_that_the_host_refuses_is_not_served(service: Service, store: Store, host: ScriptedHost) -> None:
    host.refuses = "The app ended before it was healthy."
    project, build = start(store)
    run_build(service, build.id)
    assert store.build(build.id).error == "The app ended before it was healthy."
    assert store.project(project.id).status == "failed"
    assert store.releases([project.id])[project.id] == []
    host.refuses = None
    again = store.create_build(project.id, BuildKind.SPEC, "again", {})
    run_build(service, again.id)
    assert store.project(project.id).served_release == 2, "a number on disk is never used twice"


def test_a_host_that_is_gone_ends_the_build_and_keeps_what_was_there(
    service: Service, store: Store, host: ScriptedHost
) -> None:
    project, first = start(store)
    run_build(service, first.id)
    host.__exit__()
    build = store.create_build(project.id, BuildKind.SPEC, "again", {})
    run_build(service, build.id)
    assert "host" in (store.build(build.id).error or "")
    assert store.project(project.id).status == "ready"
    host.__enter__()


def test_a_release_goes_unscored_when_builds_wait_and_others_are_scored(service: Service, store: Store) -> None:
    service.scoring.acquire()
    project, first = start(store)
    start(store, "Another project's prompt")
    run_build(service, first.id)
    assert (store.build(first.id).status, store.release(project.id, 1).score) == ("succeeded", None)


def test_our_own_mistake_ends_the_build_with_a_sentence(service: Service, store: Store) -> None:
    service.builder = ScriptedBuild([raising(ZeroDivisionError("x"))])
    _, build = start(store)
    run_build(service, build.id)
    assert "ZeroDivisionError" in (store.build(build.id).error or "")


def test_scoring_that_breaks_takes_nothing_down(service: Service, store: Store) -> None:
    service.builder = ScriptedBuild(score_steps=[raising(ZeroDivisionError("x"))])
    project, build = start(store)
    run_build(service, build.id)
    assert (store.build(build.id).status, store.project(project.id).status) == ("succeeded", "ready")


def test_cancel_stops_a_running_build(service: Service, store: Store) -> None:
    project, build = start(store)
    service.builder = ScriptedBuild([lambda request: (store.cancel(build.id), wait_for(request.cancelled))])
    run_build(service, build.id)
    assert store.build(build.id).status == "cancelled"
    project = store.project(project.id)
    assert (project.status, project.error) == ("failed", "The build was cancelled.")


def test_cancel_ends_a_waiting_build_at_once(service: Service, store: Store) -> None:
    _, build = start(store)
    assert store.cancel(build.id).status == "cancelled"
    run_build(service, build.id)
    assert store.build(build.id).attempts == 0


def test_a_worker_that_shuts_down_puts_its_build_back(service: Service, store: Store) -> None:
    _, build = start(store)
    service.builder = ScriptedBuild([lambda _: service.stopping.set()])
    run_build(service, build.id)
    assert (store.build(build.id).status, store.build(build.id).attempts) == ("queued", 0)


def test_one_build_of_a_project_runs_at_a_time_in_order(service: Service, store: Store) -> None:
    project, first = start(store)
    second = store.create_build(project.id, BuildKind.SPEC, "second", {})
    assert claim(service.database, second.id, "w2") is None
    held = claim(service.database, first.id, "w1")
    assert held is not None
    assert claim(service.database, first.id, "w2") is None
    assert claim(service.database, second.id, "w2") is None


def test_of_many_workers_one_gets_the_build(service: Service, store: Store) -> None:
    _, build = start(store)
    got: list[object] = []
    threads = [threading.Thread(target=lambda n=n: got.append(claim(service.database, build.id, n))) for n in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(held is not None for held in got) == 1


def test_a_lapsed_lease_starts_again_once_and_then_fails(service: Service, store: Store, database: Database) -> None:
    project, build = start(store)
    for expected in ("queued", "failed"):
        lapse(database, build)
        take_back(database)
        assert store.build(build.id).status == expected
    assert "worker" in (store.build(build.id).error or "")
    assert store.project(project.id).status == "failed"


def test_a_worker_that_lost_its_claim_changes_nothing(service: Service, store: Store, database: Database) -> None:
    project, build = start(store)

    def paused(_):  # type: ignore[no-untyped-def]
        lapse(database, build, claimed=True)
        take_back(database)

    service.builder = ScriptedBuild([paused])
    run_build(service, build.id)
    assert store.build(build.id).status == "queued"
    assert store.project(project.id).served_release is None


def test_a_project_deleted_in_mid_build_leaves_nothing(service: Service, store: Store, host: ScriptedHost) -> None:
    project, build = start(store)
    service.builder = ScriptedBuild([lambda _: store.delete_project(project.id)])
    run_build(service, build.id)
    assert not service.settings.project_dir(project.id).exists()
    assert host.apps == {}


def test_a_nearly_full_disk_refuses_the_build(service: Service, store: Store) -> None:
    service.min_free_bytes = 2**62
    _, build = start(store)
    run_build(service, build.id)
    assert "Free at least 500 MB" in (store.build(build.id).error or "")


def test_a_disk_that_fills_up_ends_the_build_and_keeps_what_is_served(
    settings: Settings, service: Service, store: Store, database: Database
) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("a PostgreSQL server's disk can't be filled from here")
    project, first = start(store)
    run_build(service, first.id)
    limit_pages(database, settings)
    flood = ScriptedBuild()
    flood.build = lambda request: (Noted("x" * 2000) for _ in wait_between(5000))  # type: ignore[method-assign]
    service.builder = flood
    second = store.create_build(project.id, BuildKind.SPEC, "more", {})
    run_build(service, second.id)
    build = store.build(second.id)
    assert (build.status, build.error) == ("failed", DISK_FULL)
    assert store.project(project.id).status == "ready"


def test_restore_makes_a_new_release_equal_to_the_old_one(service: Service, store: Store, host: ScriptedHost) -> None:
    project, first = start(store, "one")
    run_build(service, first.id)
    run_build(service, store.create_build(project.id, BuildKind.SPEC, "two", {}).id)
    with service.database.write() as session:
        session.get_one(Project, project.id).spec = {**SPEC, "name": "Changed since"}
    back = store.create_build(project.id, BuildKind.RESTORE, "Back to release 1.", {"n": 1, "data": True})
    run_build(service, back.id)
    assert store.build(back.id).error is None
    assert store.project(project.id).served_release == 3
    releases = service.settings.project_dir(project.id) / "releases"
    assert (releases / "3" / "app" / "prompt.txt").read_text() == "1: one\n"
    assert host.apps[project.id]["data"] == "snapshot"
    assert store.release(project.id, 3).score == 90
    assert store.project(project.id).spec == SPEC


def test_a_waiting_follow_up_cuts_the_scoring_short(service: Service, store: Store) -> None:
    project, first = start(store)
    service.builder = ScriptedBuild(
        score_steps=[lambda request: add(request), lambda request: wait_for(request.cancelled)]
    )

    def add(_):  # type: ignore[no-untyped-def]
        store.create_build(project.id, BuildKind.SPEC, "second", {})

    run_build(service, first.id)
    assert store.build(first.id).status == "succeeded"
    assert store.release(project.id, 1).score is None


def limit_pages(database: Database, settings: Settings) -> None:
    """SQLite then says what it says on a full disk, on every connection."""
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    event.listen(database.engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count={pages + 40}"))


def wait_between(times: int) -> Iterator[int]:
    """Slow enough for the recorder to store some of it on the way."""
    for n in range(times):
        if n % 10 == 0:
            threading.Event().wait(0.01)
        yield n


def lapse(database: Database, build: Build, *, claimed: bool = False) -> None:
    """What a killed worker leaves: a running build whose lease is over."""
    from datetime import timedelta

    from workers.models import now

    if not claimed:
        assert claim(database, build.id, "killed") is not None
    with database.write() as session:
        session.get_one(Build, build.id).lease_until = now() - timedelta(seconds=1)


def test_statuses_cover_what_the_database_may_hold() -> None:
    assert [status for status in BuildStatus if not status.is_over] == ["queued", "running"]
