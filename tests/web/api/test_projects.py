"""The path through the service: a prompt over HTTP becomes a served release, told live."""

import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from builder.settings import Settings
from tests.conftest import Broker, eventually
from tests.web.api.conftest import Studio, Worker, error_of, serving
from workers.testing import ScriptedHost


def test_a_prompt_becomes_a_project_with_everything_to_see(studio: Studio, worker: Worker, host: ScriptedHost) -> None:
    created = studio.create("A plant diary")
    assert (created["status"], created["preview_url"], created["name"]) == ("queued", None, "A plant diary")
    project = studio.settled(created)
    assert (project["status"], project["build"]["status"], project["name"]) == ("ready", "succeeded", "Plant diary")
    assert project["preview_url"] == f"http://{project['slug']}.localhost:8001/"
    assert [release["n"] for release in project["releases"]] == [1]
    at = f"/api/projects/{project['id']}"

    assert studio.http.get(f"{at}/spec").json()["name"] == "Plant diary"
    assert studio.http.get(f"{at}/requirements").json() == []
    files = studio.http.get(f"{at}/files").json()["files"]
    assert {"path": "README.md", "size": 14} in files
    assert studio.http.get(f"{at}/files/backend/main.py?release=1").text == "app = None\n"
    assert "+# Plant diary" in studio.http.get(f"{at}/diff?from=0&to=1").text
    assert "startup complete" in studio.http.get(f"{at}/log").text
    assert studio.http.get(f"{at}/releases/1").json()["score"] == 90

    packed = studio.http.get(f"{at}/archive")
    assert f'filename="{project["slug"]}.zip"' in packed.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert f"{project['slug']}/README.md" in archive.namelist()
    assert studio.http.get(f"{at}/archive?release=1").content == packed.content

    assert studio.http.delete(at).status_code == 204
    assert error_of(studio.http.get(at)) == (404, "not_found")
    assert host.apps == {}


def test_events_come_live_and_resume(studio: Studio, worker: Worker) -> None:
    project = studio.create("wait: a plant diary")
    events = []
    with studio.http.stream("GET", f"/api/projects/{project['id']}/events") as stream:
        for event in parse(stream):
            events.append(event)
            if event["event"] == "spec":
                (worker.settings.project_dir(project["id"]) / "go").touch()
            if event["data"].get("phase") == "succeeded":
                break
    assert [e["event"] for e in events if e["event"] in {"spec", "preview"}] == ["spec", "preview"]
    assert all(e["data"]["build_id"] == project["build"]["id"] and e["data"]["at"] for e in events)
    ids = [int(e["id"]) for e in events]
    assert ids == sorted(ids)

    for cut in range(len(events) - 1):  # a reader that comes back at any point misses nothing
        headers = {"Last-Event-ID": events[cut]["id"]}
        with studio.http.stream("GET", f"/api/projects/{project['id']}/events", headers=headers) as stream:
            rest = []
            for event in parse(stream):
                rest.append(event)
                if len(rest) == len(events) - cut - 1:
                    break
        assert rest == events[cut + 1 :]


def test_a_bad_event_id_is_refused(studio: Studio) -> None:
    project = studio.create()
    at = f"/api/projects/{project['id']}/events"
    for bad in ("x", "-1", "9" * 40, "²"):
        answer = studio.http.get(at, headers={"Last-Event-ID": bad.encode()})
        assert error_of(answer) == (422, "invalid")


def test_a_project_deleted_in_mid_build_is_gone_for_good(studio: Studio, worker: Worker, host: ScriptedHost) -> None:
    project = studio.create("wait: a plant diary")
    folder = worker.settings.project_dir(project["id"])
    studio.until(project, lambda _: (folder / "began").exists())
    assert studio.http.delete(f"/api/projects/{project['id']}").status_code == 204
    other = studio.settled(studio.create())
    eventually(lambda: not folder.exists() and list(host.apps) == [other["id"]])
    assert studio.http.get(f"/api/builds/{project['build']['id']}").status_code == 404


def test_two_builds_of_a_project_queue_up(studio: Studio, worker: Worker) -> None:
    project = studio.create("wait: a plant diary")
    studio.until(project, lambda p: p["status"] == "building")
    spec = {"name": "Other"}
    second = studio.http.put(f"/api/projects/{project['id']}/spec", json=spec)
    assert second.status_code == 202
    build = second.json()["build"]
    assert (build["status"], build["position"]) == ("queued", 0)
    (worker.settings.project_dir(project["id"]) / "go").touch()
    done = studio.until(project, lambda p: len(p["releases"]) == 2)
    assert done["status"] == "ready"
    assert studio.settled(project)["build"]["id"] == build["id"]


def test_cancel_stops_a_build_and_keeps_what_is_served(studio: Studio, worker: Worker) -> None:
    project = studio.create("wait: a plant diary")
    studio.until(project, lambda p: p["status"] == "building")
    assert studio.http.post(f"/api/builds/{project['build']['id']}/cancel").status_code == 202
    project = studio.settled(project)
    assert (project["status"], project["build"]["status"]) == ("failed", "cancelled")


def test_restore_answers_with_the_new_release(studio: Studio, worker: Worker) -> None:
    project = studio.settled(studio.create("one plant diary"))
    at = f"/api/projects/{project['id']}"
    studio.http.put(f"{at}/spec", json={"name": "Two"})
    studio.settled(project)
    answer = studio.http.post(f"{at}/releases/1/restore", json={"data": True})
    assert (answer.status_code, answer.json()["n"]) == (201, 3)
    assert studio.http.get(f"{at}/files/prompt.txt").text == "1: one plant diary\n"
    assert error_of(studio.http.post(f"{at}/releases/9/restore")) == (404, "not_found")


def test_a_failed_build_says_why(studio: Studio, worker: Worker) -> None:
    project = studio.settled(studio.create("fail: a plant diary"))
    assert (project["status"], project["error"]) == ("failed", "It was asked to fail.")


def test_a_killed_worker_never_leaves_a_project_building(studio: Studio, worker: Worker) -> None:
    project = studio.create("wait: a plant diary")
    began = worker.settings.project_dir(project["id"]) / "began"
    for _ in range(2):
        studio.until(project, lambda _: began.exists())
        worker.kill()
        began.unlink()
        worker.start()
    project = studio.settled(project)
    assert project["status"] == "failed"
    assert "worker stopped" in project["error"]


def test_a_killed_worker_s_build_is_picked_up_by_the_next(studio: Studio, worker: Worker) -> None:
    project = studio.create("wait: a plant diary")
    folder = worker.settings.project_dir(project["id"])
    studio.until(project, lambda _: (folder / "began").exists())
    worker.kill()
    (folder / "go").touch()
    worker.start()
    assert studio.settled(project)["status"] == "ready"


def test_a_worker_that_is_stopped_gives_its_build_to_the_next(studio: Studio, worker: Worker) -> None:
    project = studio.create("wait: a plant diary")
    folder = worker.settings.project_dir(project["id"])
    studio.until(project, lambda _: (folder / "began").exists())
    worker.stop()
    assert studio.project(project)["build"]["status"] == "queued"
    (folder / "go").touch()
    worker.start()
    assert studio.settled(project)["status"] == "ready"


def test_without_a_broker_nothing_is_stored_and_what_was_there_goes_on(
    studio: Studio, worker: Worker, broker: Broker
) -> None:
    project = studio.settled(studio.create())
    broker.stop()
    assert error_of(studio.http.post("/api/projects", json={"prompt": "Another plant diary"})) == (
        503,
        "queue_unavailable",
    )
    assert len(studio.http.get("/api/projects").json()["items"]) == 1
    assert studio.project(project)["status"] == "ready"
    assert studio.http.get("/health").status_code == 503
    broker.start()
    assert studio.settled(studio.create("Another plant diary"))["status"] == "ready"


def test_a_build_whose_message_the_broker_lost_is_started(studio: Studio, worker: Worker, broker: Broker) -> None:
    worker.stop()
    project = studio.create()
    broker.stop()
    broker.start()
    worker.start()
    assert studio.settled(project)["status"] == "ready"


def test_events_flow_without_a_broker(studio: Studio, worker: Worker, broker: Broker) -> None:
    project = studio.create("wait: a plant diary")
    with studio.http.stream("GET", f"/api/projects/{project['id']}/events") as stream:
        for event in parse(stream):
            if event["event"] == "spec":
                broker.stop()
                (worker.settings.project_dir(project["id"]) / "go").touch()
            if event["data"].get("phase") == "succeeded":
                break


def test_prompts_that_will_not_be_built_leave_nothing(studio: Studio) -> None:
    for prompt, code in (("", "empty_prompt"), (" \n\t ", "empty_prompt"), ("word " * 5000, "too_long")):
        assert error_of(studio.http.post("/api/projects", json={"prompt": prompt})) == (422, code)
    assert studio.http.get("/api/projects").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "body",
    [{}, [], "x", {"prompt": 1}, {"prompt": "x", "kind": "rocket"}, {"prompt": "x", "owner_id": "y"}, {"prompt": None}],
)
def test_bodies_that_make_no_sense_are_refused(studio: Studio, body: Any) -> None:
    assert error_of(studio.http.post("/api/projects", json=body)) == (422, "invalid")


def test_hostile_strings_are_only_text(studio: Studio, worker: Worker) -> None:
    hostile = [
        "A plant diary '; DROP TABLE projects; --",
        "A plant diary <script>alert(1)</script> {{ 7*7 }} ${7*7}",
        "../../etc/passwd plant diary",
        "يوميات النباتات ‮ plant diary \u0000 list",
        "A plant diary of 🧪 class import None",
        "$(reboot) `reboot` plant diary | rm",
    ]
    for prompt in hostile:
        project = studio.settled(studio.create(prompt))
        assert project["status"] == "ready"
        assert project["prompt"] == prompt.replace("\0", "")
        assert set(project["slug"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(studio.http.get("/api/projects").json()["items"]) == len(hostile)


def test_no_path_leads_out_of_a_project(studio: Studio, worker: Worker) -> None:
    project = studio.settled(studio.create())
    for path in (
        "../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "a//b",
        ".git/config",
        "nope.txt",
        "a%00b",
        "a%0ab",
    ):
        answer = studio.http.get(f"/api/projects/{project['id']}/files/{path}")
        assert answer.status_code in {404, 422}
        assert "error" in answer.json()


def test_lists_are_paged_newest_first(studio: Studio) -> None:
    made = [studio.create(f"Plant diary number {n}")["id"] for n in range(5)]
    first = studio.http.get("/api/projects?limit=2").json()
    second = studio.http.get("/api/projects", params={"limit": 2, "cursor": first["next"]}).json()
    third = studio.http.get("/api/projects", params={"limit": 2, "cursor": second["next"]}).json()
    assert [p["id"] for page in (first, second, third) for p in page["items"]] == made[::-1]
    assert third["next"] is None
    for bad in ("x", "eA==", "é"):
        assert error_of(studio.http.get("/api/projects", params={"cursor": bad})) == (422, "invalid")


def test_a_follow_up_waits_for_the_first_draft(studio: Studio) -> None:
    project = studio.create()
    answer = studio.http.post(f"/api/projects/{project['id']}/messages", json={"text": "Make it blue"})
    assert error_of(answer) == (409, "no_spec_yet")
    assert len(studio.http.get(f"/api/projects/{project['id']}").json()["releases"]) == 0


def test_a_queue_has_an_end(studio: Studio) -> None:
    for n in range(20):
        studio.create(f"Plant diary number {n}")
    answer = studio.http.post("/api/projects", json={"prompt": "One more plant diary"})
    assert error_of(answer) == (429, "too_many_builds")


def test_a_full_disk_is_told_before_anything_is_stored(studio: Studio, settings: Settings) -> None:
    with serving(settings, min_free_bytes=2**62) as client:
        assert error_of(client.post("/api/projects", json={"prompt": "A list of plants"})) == (507, "disk_full")
        assert client.get("/api/projects").json()["items"] == []


def test_a_project_stays_when_the_host_cannot_delete_it(studio: Studio, host: ScriptedHost) -> None:
    project = studio.create()
    host.__exit__()
    assert error_of(studio.http.delete(f"/api/projects/{project['id']}")) == (503, "host_unavailable")
    assert studio.http.get(f"/api/projects/{project['id']}").status_code == 200
    host.__enter__()


def parse(stream: httpx.Response) -> Any:
    """Server-sent events as the specification reads them, comments left out."""
    fields: dict[str, Any] = {}
    for line in stream.iter_lines():
        if not line and "event" in fields:
            yield {**fields, "data": json.loads(fields["data"])}
        if not line:
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
