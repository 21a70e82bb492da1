"""Builds that work in steps: several releases, the journal, a stop, a follow-up that waits, a host that refuses."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from builder.agent.journal import Step
from builder.events import Noted, RequirementChanged
from builder.path import BuildFailedError
from builder.testing import SPEC, ScriptedBuild
from builder.workspace import Workspace
from tests.workers.conftest import wait_for
from workers.claims import ClaimLostError, claim, take_back
from workers.database import Database
from workers.journal import DatabaseJournal
from workers.models import Build, BuildKind, Project, StoredEvent, now
from workers.request import BuildRequest
from workers.run import Service, run_build
from workers.store import Store
from workers.testing import AgentStep, ScriptedAgent, ScriptedHost


def start(service: Service, store: Store, *script: AgentStep) -> tuple[Project, Build, ScriptedAgent]:
    agent = service.builder = ScriptedAgent(script)
    return *store.create_project("A plant diary", None, None), agent


def notes(store: Store, project: Project) -> list[str]:
    return [event.data["text"] for event in store.events(project.id, 0) if event.event == "note"]


def lapse(database: Database, build: Build) -> None:
    """What a killed worker leaves is a running build whose lease is over."""
    with database.write() as session:
        session.get_one(Build, build.id).lease_until = now()
    take_back(database)


def test_each_release_of_a_build_is_served_with_the_checks_of_its_own(
    service: Service, store: Store, host: ScriptedHost
) -> None:
    seen: list[Any] = []
    look = AgentStep(lambda _: seen.append((host.apps[project.id]["release"], store.project(project.id).status)))
    project, build, _ = start(service, store, look, AgentStep(releases=70), look, AgentStep(releases=80))
    run_build(service, build.id)
    assert seen == [(1, "ready"), (2, "ready")]
    assert (store.build(build.id).status, store.project(project.id).served_release) == ("succeeded", 3)
    releases = store.releases([project.id])[project.id]
    assert [(r.n, r.score) for r in releases] == [(1, None), (2, 70), (3, 80)]
    assert [[c["label"] for c in r.checks] for r in releases] == [[f"Starts {r.commit[:7]}"] for r in releases]
    previews = [e.data["release"] for e in store.events(project.id, 0) if e.event == "preview"]
    assert previews == [1, 2, 3]


def test_a_last_release_without_a_score_is_scored(service: Service, store: Store) -> None:
    project, build, _ = start(service, store, AgentStep())
    run_build(service, build.id)
    release = store.release(project.id, 1)
    assert (release.score, [check["name"] for check in release.checks]) == (50, ["boot", "axe"])


def test_usage_and_requirements_are_kept(service: Service, store: Store) -> None:
    project, build, _ = start(service, store, AgentStep(), AgentStep(releases=70))
    run_build(service, build.id)
    usage = store.build(build.id).usage
    assert (usage["steps"], usage["prompt"], usage["completion"], usage["cached"]) == (2, 2000, 200, 1800)
    assert "acceptance" not in usage
    [requirement] = store.requirements(project.id)
    assert (requirement.id, requirement.status, requirement.source) == ("r1", "proven", [0, 5])
    assert requirement.proof == {"steps": ["open /"]}
    assert [step.n for step in store.steps(build.id)] == [0, 1, 2]


def test_a_later_release_that_the_host_refuses_takes_nothing_down(
    service: Service, store: Store, host: ScriptedHost
) -> None:
    refuse = AgentStep(lambda _: setattr(host, "refuses", "The app ended."), releases=70)
    allow = AgentStep(lambda _: setattr(host, "refuses", None))
    project, build, agent = start(service, store, refuse, allow)
    run_build(service, build.id)
    assert agent.asked == [1, 2]
    assert (store.build(build.id).status, store.project(project.id).served_release) == ("succeeded", 1)
    assert notes(store, project) == ["Release 2 did not start, so what was served before stays. The app ended."]
    assert [release.n for release in store.releases([project.id])[project.id]] == [1]


def test_a_first_release_that_the_host_refuses_fails_the_build(
    service: Service, store: Store, host: ScriptedHost
) -> None:
    host.refuses = "The app ended."
    project, build, agent = start(service, store, AgentStep())
    run_build(service, build.id)
    assert (store.build(build.id).status, store.build(build.id).error, agent.asked) == ("failed", "The app ended.", [])
    assert agent.ended == [build.id]
    assert store.project(project.id).status == "failed"


def test_a_follow_up_of_which_nothing_could_be_served_has_failed(
    service: Service, store: Store, host: ScriptedHost
) -> None:
    project, first, _ = start(service, store)
    run_build(service, first.id)
    host.refuses = "The app ended."
    again = store.create_build(project.id, BuildKind.MESSAGE, "Add a calendar", {})
    run_build(service, again.id)
    assert (store.build(again.id).status, store.build(again.id).error) == ("failed", "The app ended.")
    assert (store.project(project.id).status, store.project(project.id).served_release) == ("ready", 1)


def test_a_host_that_is_away_gets_the_release_when_it_is_back(
    service: Service, store: Store, host: ScriptedHost
) -> None:
    def goes(request: BuildRequest) -> None:
        copy = request.live_data()
        host.__exit__()
        assert request.live_data() == copy, "the copy before will do"

    def comes(_: BuildRequest) -> None:
        host.__enter__()

    project, build, _ = start(service, store, AgentStep(goes, releases=70), AgentStep(comes))
    run_build(service, build.id)
    assert store.project(project.id).served_release == 2
    assert store.release(project.id, 2).score == 70


def test_a_build_waits_for_a_host_that_starts_at_the_same_time(
    service: Service, store: Store, host: ScriptedHost
) -> None:
    service.host.patience = 30
    project, first, _ = start(service, store)
    run_build(service, first.id)
    host.__exit__()
    again = store.create_build(project.id, BuildKind.MESSAGE, "Add a calendar", {})
    running = threading.Thread(target=run_build, args=(service, again.id))
    running.start()
    wait_for(lambda: store.build(again.id).status == "running")
    host.__enter__()
    running.join()
    assert (store.build(again.id).status, store.project(project.id).served_release) == ("succeeded", 2)


def test_a_build_that_breaks_after_something_was_served_has_made_that(service: Service, store: Store) -> None:
    def breaks(_: BuildRequest) -> None:
        raise BuildFailedError("The model stopped answering.")

    project, build, agent = start(service, store, AgentStep(releases=70), AgentStep(breaks))
    run_build(service, build.id)
    assert (store.build(build.id).status, store.build(build.id).error) == ("succeeded", None)
    assert notes(store, project) == ["The model stopped answering."]
    assert store.project(project.id).served_release == 2
    assert agent.ended == [build.id]


def test_the_next_release_of_a_build_can_be_tried_on_the_newest_data(service: Service, store: Store) -> None:
    copies: list[bytes | None] = []

    def look(request: BuildRequest) -> None:
        copy = request.live_data()
        copies.append(copy.read_bytes() if copy else None)
        assert request.data is None, "when the build began there was none"

    project, build, _ = start(service, store, AgentStep(look), AgentStep(look))
    run_build(service, build.id)
    assert [copy is not None and copy.startswith(b"SQLite format 3") for copy in copies] == [True, True]
    assert not list(service.settings.project_dir(project.id).glob("live-*"))


def test_a_stop_in_mid_step_ends_the_build_and_keeps_what_is_served(service: Service, store: Store) -> None:
    def stopped(request: BuildRequest) -> None:
        store.cancel(request.build_id)
        wait_for(request.cancelled)

    project, build, agent = start(service, store, AgentStep(), AgentStep(stopped), AgentStep())
    run_build(service, build.id)
    assert store.build(build.id).status == "cancelled"
    assert (store.project(project.id).status, store.project(project.id).served_release) == ("ready", 1)
    assert [step.n for step in store.steps(build.id)] == [0, 1]
    assert agent.asked == [1, 2]


def test_a_follow_up_waits_until_the_steps_are_over(service: Service, store: Store) -> None:
    service.lease = timedelta(seconds=2)

    def written(_: BuildRequest) -> None:
        store.create_build(project.id, BuildKind.MESSAGE, "Make it green", {})

    def until_the_row_was_read(request: BuildRequest) -> None:
        leases = set()

        def renewed() -> bool:
            leases.add(store.build(build.id).lease_until)
            return len(leases) > 3

        wait_for(renewed)
        assert not request.cancelled()

    project, build, agent = start(service, store, AgentStep(written), AgentStep(until_the_row_was_read))
    run_build(service, build.id)
    assert (agent.asked, store.build(build.id).status) == ([1, 2], "succeeded")


def test_a_worker_that_shuts_down_leaves_a_build_that_goes_on_where_it_stood(
    service: Service, store: Store, host: ScriptedHost
) -> None:
    shut = AgentStep(lambda _: service.stopping.set())
    project, build, agent = start(service, store, AgentStep(releases=70), shut, AgentStep(releases=80))
    run_build(service, build.id)
    assert (store.build(build.id).status, store.build(build.id).attempts) == ("queued", 0)
    assert store.project(project.id).status == "ready"
    service.stopping.clear()
    agent.script = [AgentStep(releases=70), AgentStep(), AgentStep(releases=80)]
    run_build(service, build.id)
    assert store.build(build.id).status == "succeeded"
    assert agent.asked == [1, 2, 2, 3]
    assert [step.n for step in store.steps(build.id)] == [0, 1, 2, 3]
    folder = service.settings.project_dir(project.id)
    assert Workspace(folder / "workspace").read("main", "steps.txt") == b"0 1 2 3"
    assert [release.n for release in store.releases([project.id])[project.id]] == [1, 2, 3]


def test_a_build_that_is_put_back_after_a_stop_is_over(service: Service, store: Store) -> None:
    def both(request: BuildRequest) -> None:
        store.cancel(request.build_id)
        service.stopping.set()

    _, build, _ = start(service, store, AgentStep(both))
    run_build(service, build.id)
    assert store.build(build.id).status == "cancelled"


def test_a_step_resets_the_count_of_lost_workers(service: Service, store: Store, database: Database) -> None:
    _, build = store.create_project("A plant diary", None, None)
    for n in range(4):
        held = claim(database, build.id, f"w{n}")
        assert held is not None
        DatabaseJournal(database, held).append(Step(n, [], "0" * 40, {}))
        lapse(database, build)
        assert store.build(build.id).status == "queued"
    assert claim(database, build.id, "the next") is not None
    lapse(database, build)
    assert store.build(build.id).status == "failed", "two workers died since the last step"


def test_a_build_that_loses_its_workers_keeps_what_it_had_served(
    service: Service, store: Store, database: Database
) -> None:
    shut = AgentStep(lambda _: service.stopping.set())
    project, build, _ = start(service, store, shut)
    run_build(service, build.id)
    for _ in range(2):
        assert claim(database, build.id, "killed") is not None
        lapse(database, build)
    assert store.build(build.id).status == "succeeded"
    assert "worker stopped" in notes(store, project)[-1]


def test_a_worker_that_lost_its_claim_writes_no_step(store: Store, database: Database) -> None:
    _, build = store.create_project("A plant diary", None, None)
    held = claim(database, build.id, "w1")
    assert held is not None
    journal = DatabaseJournal(database, held)
    journal.append(Step(0, [{"role": "user", "content": "zero \0 and half \ud83d"}], "0" * 40, {"spent": 1.5}))
    lapse(database, build)
    with pytest.raises(ClaimLostError):
        journal.append(Step(1, [], "0" * 40, {}))
    [step] = journal.steps()
    assert (step.n, step.messages[0]["content"], step.state) == (0, "zero \ufffd and half ?", {"spent": 1.5})


def test_a_build_knows_what_was_asked_before(service: Service, store: Store) -> None:
    project, first, _ = start(service, store, AgentStep())
    run_build(service, first.id)
    with service.database.write() as session:
        session.add(
            StoredEvent(
                project_id=project.id,
                build_id=first.id,
                event="note",
                data=Noted("One thing is open.", "question", ({"text": "Whose plants?", "choices": []},)).data(),
            )
        )
    got: list[BuildRequest] = []
    service.builder = ScriptedAgent([AgentStep(got.append)])
    again = store.create_build(project.id, BuildKind.MESSAGE, "My own plants", {})
    run_build(service, again.id)
    [request] = got
    assert (request.build_id, request.prompt, request.message) == (again.id, "A plant diary", "My own plants")
    assert request.spec is not None
    assert request.spec.name == SPEC["name"]
    assert [requirement.id for requirement in request.ledger] == ["r1"]
    assert [turn.message for turn in request.history] == ["A plant diary"]
    assert request.history[0].outcome == "Done. Release 1 is what it left. The person was asked: Whose plants?"
    assert [turn.message for turn in store.history(project.id)] == ["A plant diary", "My own plants"]


def test_a_first_build_that_begins_anew_forgets_the_requirements_of_the_one_cut_short(
    service: Service, store: Store
) -> None:
    project, build = store.create_project("A plant diary", None, None)

    class CutShort(ScriptedBuild):
        def build(self, request: Any) -> Any:
            yield RequirementChanged("r7", "Plants sing", None, "open")
            service.stopping.set()
            yield Noted("never stored")

    service.builder = CutShort()
    run_build(service, build.id)
    assert [requirement.id for requirement in store.requirements(project.id)] == ["r7"]
    service.stopping.clear()
    service.builder = ScriptedAgent()
    run_build(service, build.id)
    assert [requirement.id for requirement in store.requirements(project.id)] == ["r1"]


def test_restoring_a_release_in_the_middle_of_a_build_brings_its_description_back(
    service: Service, store: Store
) -> None:
    project, build, _ = start(service, store, AgentStep(releases=70), AgentStep(releases=80))
    run_build(service, build.id)
    with service.database.write() as session:
        session.get_one(Project, project.id).spec = {**SPEC, "name": "Changed since"}
    back = store.create_build(project.id, BuildKind.RESTORE, "Back to release 2.", {"n": 2})
    run_build(service, back.id)
    assert (store.project(project.id).served_release, store.project(project.id).spec) == (4, SPEC)
    assert store.release(project.id, 4).score == 70


def test_others_see_nothing_of_it(service: Service, store: Store, database: Database) -> None:
    project, build, _ = start(service, store, AgentStep())
    run_build(service, build.id)
    stranger = Store(database, "someone-else")
    assert (list(stranger.requirements(project.id)), list(stranger.steps(build.id))) == ([], [])
    with pytest.raises(LookupError):
        stranger.history(project.id)


def test_what_is_being_written_is_not_stored(service: Service, store: Store) -> None:
    _, build, _ = start(service, store, AgentStep(), AgentStep())
    run_build(service, build.id)
    with service.database.read() as session:
        data = session.scalars(select(StoredEvent.data).where(StoredEvent.event == "step")).all()
    assert [(step["n"], step.get("live")) for step in data] == [(1, None), (2, None)]


def test_a_step_is_told_before_the_next_is_begun(service: Service, store: Store) -> None:
    told: list[list[int]] = []

    def look(_: BuildRequest) -> None:
        told.append([event.data["n"] for event in store.events(project.id, 0) if event.event == "step"])

    project, build, _ = start(service, store, AgentStep(), AgentStep(look))
    run_build(service, build.id)
    assert told == [[1]]


def test_a_requirement_that_holds_no_longer_is_gone(service: Service, store: Store) -> None:
    class Redrawn(ScriptedBuild):
        def build(self, request: Any) -> Any:
            yield from super().build(request)
            yield RequirementChanged("r1", "Plants sing", None, "open")
            yield RequirementChanged("r2", "Plants dance", None, "open")
            yield RequirementChanged("r1", "Plants sing", None, "removed")
            yield RequirementChanged("r7", "Never heard of", None, "removed")

    project, build = store.create_project("A plant diary", None, None)
    service.builder = Redrawn()
    run_build(service, build.id)
    assert [requirement.id for requirement in store.requirements(project.id)] == ["r2"]
