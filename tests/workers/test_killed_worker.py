"""The real Celery worker in a process of its own, killed in mid-step: the next one goes on from the journal."""

import json
from collections.abc import Iterator

import pytest

from builder.settings import Settings
from builder.workspace import Workspace
from tests.conftest import Broker, eventually
from tests.web.api.conftest import Worker
from workers.database import migrate, open_database
from workers.models import Build, Project
from workers.queue import Queue, live_key
from workers.store import Store
from workers.testing import ScriptedHost


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    database = open_database(settings.database)
    migrate(database)
    yield Store(database)
    database.close()


@pytest.fixture
def queue(settings: Settings, broker: Broker) -> Iterator[Queue]:
    queue = Queue(settings.broker)
    yield queue
    queue.close()


@pytest.fixture
def worker(settings: Settings, queue: Queue, host: ScriptedHost) -> Iterator[Worker]:
    worker = Worker(settings)
    worker.start()
    yield worker
    worker.stop()


def begun(store: Store, queue: Queue) -> tuple[Project, Build]:
    project, build = store.create_project("agent, make a plant diary", None, None)
    queue.send(build.id)
    return project, build


def over(store: Store, build: Build) -> bool:
    return store.build(build.id).status not in {"queued", "running"}


def test_a_build_goes_on_after_its_worker_was_killed_in_mid_step(
    settings: Settings, store: Store, queue: Queue, worker: Worker
) -> None:
    project, build = begun(store, queue)
    folder = settings.project_dir(project.id)
    asked = folder / "asked"
    eventually(lambda: asked.exists() and asked.read_text() == "1 2 ")
    worker.kill()
    worker.start()
    eventually(lambda: asked.read_text() == "1 2 2 ")
    served = store.project(project.id).served_release
    (folder / "go").touch()
    eventually(lambda: over(store, build))
    assert served == 2
    assert asked.read_text() == "1 2 2 3 "
    assert store.build(build.id).status == "succeeded"
    assert [step.n for step in store.steps(build.id)] == [0, 1, 2, 3]
    assert Workspace(folder / "workspace").read("main", "steps.txt") == b"0 1 2 3"
    assert [release.score for release in store.releases([project.id])[project.id]] == [None, 61, 62, 63]
    told = [event.data.get("message") for event in store.events(project.id, 0)]
    assert "The worker stopped. The build goes on where it stood." in told


def test_what_is_written_is_shown_while_it_is_written(
    settings: Settings, store: Store, queue: Queue, worker: Worker
) -> None:
    with queue.client.pubsub() as listener:
        listener.psubscribe("protodex:project:*")
        project, build = begun(store, queue)
        key = live_key(project.id)
        found = eventually(lambda: (body := queue.client.get(key)) and json.loads(body)["n"] == 2 and body)
        state = json.loads(found)
        assert (state["build_id"], state["live"], state["text"]) == (build.id, True, "Step 2")
        assert 0 < queue.client.ttl(key) <= 15
        (settings.project_dir(project.id) / "go").touch()
        eventually(lambda: over(store, build))
        assert queue.client.get(key) is None
        bodies = [m["data"] for m in iter(lambda: listener.get_message(timeout=0.1), None) if m["type"] == "pmessage"]
    assert b"" in bodies
    assert [json.loads(body)["n"] for body in bodies if body] == [1, 2, 3]


def test_stopping_ends_a_step_that_is_being_written(
    settings: Settings, store: Store, queue: Queue, worker: Worker
) -> None:
    project, build = begun(store, queue)
    asked = settings.project_dir(project.id) / "asked"
    eventually(lambda: asked.exists() and asked.read_text() == "1 2 ")
    store.cancel(build.id)
    eventually(lambda: over(store, build))
    assert (store.build(build.id).status, store.project(project.id).status) == ("cancelled", "ready")
    assert queue.client.get(live_key(project.id)) is None
