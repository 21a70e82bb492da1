"""Requests that no honest program sends get a sentence, never an error of ours."""

import base64
import json
import socket
from typing import Any

import pytest

from tests.web.api.conftest import Studio, error_of

BIG = 10**30
SPEC = {
    "name": "Plants",
    "entities": [
        {
            "name": "plant", "plural": "plants", "label": "Plant", "label_plural": "Plants",
            "fields": [{"name": "title", "type": "string", "label": "Title"}],
            "seed": [{"title": "Fern"}],
        }
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/releases/{BIG}", 422),
        (f"/events?after={BIG}", 422),
        (f"/files?release={BIG}", 422),
        (f"/archive?release={BIG}", 422),
        (f"/diff?from=0&to={BIG}", 422),
        ("/files/%00", 404),
        ("/files/" + "x" * 5000, 404),
    ],
)
def test_a_number_or_a_path_that_nothing_has(studio: Studio, path: str, status: int) -> None:
    project = studio.create()
    answer = studio.http.get(f"/api/projects/{project['id']}{path}")
    assert error_of(answer)[0] == status


def test_a_cursor_at_the_beginning_of_time(studio: Studio) -> None:
    for text in ("0001-01-01T00:00:00+23:59 x", "2026-01-01T00:00:00+00:00 \0", "2026-01-01T00:00:00 x"):
        cursor = base64.urlsafe_b64encode(text.encode()).decode()
        assert error_of(studio.http.get("/api/projects", params={"cursor": cursor})) == (422, "invalid")


def test_a_file_name_longer_than_the_system_has(studio: Studio) -> None:
    project = studio.create()
    assert studio.http.get(f"/projects/{project['id']}/code/{'x' * 5000}?release=1").status_code == 404


@pytest.mark.parametrize("host", ["[", "[::1", "[x]", "localhost, evil"])
def test_a_host_that_is_no_name(studio: Studio, host: str) -> None:
    with socket.create_connection(("127.0.0.1", studio.http.base_url.port), timeout=10) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize(
    ("part", "value"),
    [("Fern", "NaN"), ("Fern", "1e999"), ("Fern", '"\\ud800"'), ("Fern", '"a\\u0000b"'), ("Plants", '"a\\u0000b"')],
)
def test_a_spec_that_could_not_be_stored_is_refused(studio: Studio, part: str, value: str) -> None:
    project = studio.create()
    answer = put(studio, project, json.dumps(SPEC).replace(f'"{part}"', value))
    assert error_of(answer) == (422, "invalid")
    assert put(studio, project, json.dumps(SPEC)).status_code == 202


def test_a_spec_nested_without_end_is_refused(studio: Studio) -> None:
    project = studio.create()
    for depth in (400, 900):
        options = '{"a":' + "[" * depth + "]" * depth + "}"
        body = json.dumps(SPEC)[:-1] + ', "features": [{"name": "search", "options": ' + options + "}]}"
        assert error_of(put(studio, project, body)) == (422, "invalid")
    assert put(studio, project, "[" * 200_000).status_code == 400


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "class"}, "reserved"),
        ({"fields": [{"name": f"f{n}", "type": "string", "label": "F"} for n in range(500)]}, "at most 80"),
        ({"fields": [{"name": "a", "type": "computed", "label": "A", "formula": "a + 1"}]}, "need each other"),
        (
            {"fields": [{"name": "of", "type": "relation", "label": "Of", "target": "plant", "required": True}]},
            "nobody could add the first",
        ),
    ],
    ids=["keyword", "500 fields", "formula cycle", "required cycle"],
)
def test_a_spec_that_no_app_could_be_is_refused_in_a_sentence(studio: Studio, change: Any, says: str) -> None:
    project = studio.create()
    spec = json.loads(json.dumps(SPEC))
    spec["entities"][0] |= change
    if "fields" in change:
        spec["entities"][0]["seed"] = []
    answer = put(studio, project, json.dumps({**spec, "features": [], "pages": []}))
    assert error_of(answer) == (422, "invalid")
    assert says in answer.json()["error"]["message"]


def put(studio: Studio, project: dict[str, Any], body: str) -> Any:
    path = f"/api/projects/{project['id']}/spec"
    return studio.http.put(path, content=body, headers={"Content-Type": "application/json"})
