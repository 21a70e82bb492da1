"""What a model did, over HTTP: requirements with proof, steps with what they changed, a step while it is written."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from builder.settings import Settings
from builder.workspace import MAIN, Workspace
from tests.conftest import Broker, eventually, new_settings
from tests.web.api.conftest import error_of, serving
from web.api.steps import PNG
from workers.database import Database, migrate, open_database
from workers.models import Build, BuildKind, Project, Release, StoredRequirement, StoredStep
from workers.queue import Queue
from workers.store import Store
from workers.testing import ScriptedHost

PROOF = {"steps": ["open /plants"], "finding": None, "screenshot": "r1.png", "seconds": 1.0}
LIVE = {"n": 1, "phase": "build", "reasoning": "Hm", "text": "", "calls": [], "live": True}


@pytest.fixture
def settings(connected: Settings) -> Settings:
    return connected


@pytest.fixture(scope="module")
def connected() -> Iterator[Settings]:
    with new_settings() as settings:
        yield settings.model_copy(update={"model_url": "http://127.0.0.1:9"})


@pytest.fixture(scope="module")
def rows(connected: Settings) -> Iterator[Database]:
    database = open_database(connected.database)
    migrate(database)
    yield database
    database.close()


@pytest.fixture(scope="module")
def web(connected: Settings, rows: Database) -> Iterator[httpx.Client]:
    with (
        Broker(connected.run_dir / "valkey.sock"),
        ScriptedHost(connected.host_socket),
        serving(connected) as client,
    ):
        yield client


@pytest.fixture
def http(web: httpx.Client) -> Iterator[httpx.Client]:
    """The projects of a story go with it."""
    yield web
    for project in web.get("/api/projects").json()["items"]:
        web.delete(f"/api/projects/{project['id']}")


@pytest.fixture
def queue(http: httpx.Client, connected: Settings) -> Iterator[Queue]:
    """What is published before the web process listens is heard by nobody."""
    queue = Queue(connected.broker)
    eventually(queue.client.pubsub_numpat)
    yield queue
    queue.close()


def project_of(rows: Database) -> tuple[Project, Build]:
    return Store(rows).create_project("A plant diary", None, None)


def add(rows: Database, *items: Any) -> None:
    with rows.write() as session:
        session.add_all(items)


def requirement(
    project: Project, number: int, proof: dict[str, Any] | None, status: str = "proven"
) -> StoredRequirement:
    text = f"Sentence {number}"
    return StoredRequirement(
        project_id=project.id, id=f"r{number}", text=text, source=[2, 7], status=status, flow=[], proof=proof,
        reason=None, position=number,
    )  # fmt: skip


def test_a_follow_up_in_words_is_queued_behind_the_running_build(http: httpx.Client, rows: Database) -> None:
    project, _ = project_of(rows)
    answer = http.post(f"/api/projects/{project.id}/messages", json={"text": "Why so blue? Green."})
    assert answer.status_code == 202
    build = answer.json()["build"]
    assert (build["kind"], build["status"], build["position"]) == ("message", "queued", 1)
    assert build["message"] == "Why so blue? Green."


@pytest.mark.parametrize(
    ("text", "code"), [("  ", "empty_prompt"), ("green " * 5000, "too_long"), ("Add a keylogger to it", "harmful")]
)
def test_a_message_that_says_nothing_or_does_harm_is_refused(
    http: httpx.Client, rows: Database, text: str, code: str
) -> None:
    project, _ = project_of(rows)
    answer = http.post(f"/api/projects/{project.id}/messages", json={"text": text})
    assert error_of(answer) == (422, code)


def test_what_needs_a_model_is_taken_when_there_is_one(http: httpx.Client) -> None:
    assert http.post("/api/projects", json={"prompt": "A deck about bees", "kind": "slides"}).status_code == 201


def test_requirements_come_with_their_proof_and_its_picture(
    http: httpx.Client, rows: Database, settings: Settings
) -> None:
    project, _ = project_of(rows)
    add(rows, requirement(project, 1, PROOF), requirement(project, 2, None, "open"))
    base = f"/api/projects/{project.id}/requirements"
    first, second = http.get(base).json()
    assert first["source"] == [2, 7]
    assert first["proof"] == {"steps": ["open /plants"], "finding": None, "screenshot": f"{base}/r1/screenshot"}
    assert (second["status"], second["proof"]) == ("open", None)
    assert error_of(http.get(first["proof"]["screenshot"])) == (404, "not_found")
    add(rows, Release(project_id=project.id, n=1, commit="c0ffee", score=None, checks=[]))
    proofs = settings.project_dir(project.id) / "releases" / "1" / "proofs"
    proofs.mkdir(parents=True)
    (proofs / "r1.png").write_bytes(PNG + b"picture")
    shown = http.get(first["proof"]["screenshot"])
    assert (shown.headers["content-type"], shown.content) == ("image/png", PNG + b"picture")
    assert error_of(http.get(f"{base}/r2/screenshot")) == (404, "not_found")


@pytest.mark.parametrize("name", ["../secret.png", "link.png", "page.png", "r1.png\0", "..", ""])
def test_no_proof_shows_another_file(http: httpx.Client, rows: Database, settings: Settings, name: str) -> None:
    project, _ = project_of(rows)
    release = settings.project_dir(project.id) / "releases" / "1"
    (release / "proofs").mkdir(parents=True)
    (release / "secret.png").write_bytes(PNG + b"secret")
    (release / "proofs" / "link.png").symlink_to(release / "secret.png")
    (release / "proofs" / "page.png").write_text("<script>")
    add(rows, Release(project_id=project.id, n=1, commit="c0ffee", score=None, checks=[]))
    add(rows, requirement(project, 1, {**PROOF, "screenshot": name}))
    assert error_of(http.get(f"/api/projects/{project.id}/requirements/r1/screenshot")) == (404, "not_found")


def test_each_step_tells_what_it_changed(http: httpx.Client, rows: Database, settings: Settings) -> None:
    project, build = project_of(rows)
    workspace = Workspace.open(settings.project_dir(project.id) / "workspace")
    commits = []
    for text in (b"one\n", b"two\n"):
        workspace.render({"a.txt": text}, "A step")
        commits.append(workspace.require(MAIN))
    add(
        rows,
        *(
            StoredStep(build_id=build.id, n=n, messages=[], commit=c, state={})
            for n, c in enumerate([*commits, commits[1]])
        ),
    )
    base = f"/api/builds/{build.id}/steps"
    assert [(step["n"], step["commit"]) for step in http.get(base).json()] == list(enumerate([*commits, commits[1]]))
    assert "+one" in http.get(f"{base}/0/diff").text
    changed = http.get(f"{base}/1/diff").text
    assert "-one" in changed
    assert "+two" in changed
    assert http.get(f"{base}/2/diff").text == ""
    assert error_of(http.get(f"{base}/3/diff")) == (404, "not_found")


def test_a_step_is_passed_on_while_it_is_written(http: httpx.Client, rows: Database, queue: Queue) -> None:
    project, build = project_of(rows)
    queue.live(project.id, build.id, {**LIVE, "reasoning": "Kept for who comes later"})
    with http.stream("GET", f"/api/projects/{project.id}/events") as answer:
        events = sse(answer)
        stored, kept = next(events), next(events)
        assert (stored["event"], stored["id"].isdigit()) == ("build", True)
        assert (kept["event"], kept["data"]["reasoning"]) == ("step", "Kept for who comes later")
        queue.live(project.id, build.id, LIVE)
        now = next(events)
        assert now["data"] == {"build_id": build.id, **LIVE}
        assert "id" not in now
        later = Store(rows).create_build(project.id, BuildKind.MESSAGE, "Water it", {})
        queue.wake(project.id)
        assert next(events)["data"]["build_id"] == later.id


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"build_id":"x"}', b'{"live":true}', b"\xff", b'"live"'])
def test_what_is_no_step_is_taken_as_a_hint(http: httpx.Client, rows: Database, queue: Queue, body: bytes) -> None:
    project, build = project_of(rows)
    with http.stream("GET", f"/api/projects/{project.id}/events") as answer:
        events = sse(answer)
        next(events)
        queue.client.publish(f"protodex:project:{project.id}", body)
        queue.live(project.id, build.id, LIVE)
        assert next(events)["data"]["n"] == 1


def sse(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    event: dict[str, Any] = {}
    for line in answer.iter_lines():
        if not line and "data" in event:
            yield event
        if not line:
            event = {}
            continue
        name, _, value = line.partition(": ")
        if name in {"id", "event"}:
            event[name] = value
        elif name == "data":
            event["data"] = json.loads(value)
