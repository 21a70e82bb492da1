"""The doctor: what it finds, what it advises, and that it changes nothing."""

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rich.console import Console

from builder.settings import Settings
from web.doctor import Finding, State, broker, database, disk, examine, is_well, model, sandbox, show, studio_port
from workers.database import migrate, open_database


@contextmanager
def model_server(answer: bytes, status: int = 200) -> Iterator[tuple[str, list[str | None]]]:
    """An endpoint that lists models; the keys it was asked with."""
    keys: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.append(self.headers.get("Authorization"))
            self.send_response(status if self.path == "/v1/models" else 404)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", keys
        server.shutdown()


def test_a_fresh_folder_is_well_and_stays_untouched(tmp_path):
    data = tmp_path / "data"
    findings = examine(Settings(data=data, port=free_port(), preview_port=free_port()))
    assert [finding.subject for finding in findings] == [
        "sandbox", "browser", "node", "git", "broker", "database", "model", "disk", "studio port", "preview port",
    ]  # fmt: skip
    assert is_well(findings), findings
    assert not data.exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_unsafe_sandbox_is_a_warning(tmp_path):
    found = sandbox(Settings(data=tmp_path, sandbox="unsafe"))
    assert found.state is State.WARN
    assert "without a sandbox" in found.found
    assert "Unset PROTODEX_SANDBOX" in found.advice


def test_a_model_is_found_by_either_spelling_of_its_address(tmp_path):
    with model_server(b'{"data":[{"id":"glm-4.5-air"},{"id":"other"}]}') as (url, keys):
        for spelling in (url, f"{url}/v1", f"{url}/v1/"):
            found = model(Settings(data=tmp_path, model_url=spelling, model_key="key"))
            assert found == Finding("model", State.OK, f"glm-4.5-air at {url}", "Builds don't use it yet.")
        assert keys == ["Bearer key"] * 3
        missing = model(Settings(data=tmp_path, model_url=url, model_name="glm-9"))
        assert (missing.state, missing.found) == (State.FAIL, f"{url} lists glm-4.5-air, other")


@pytest.mark.parametrize(("answer", "status"), [(b"", 500), (b"<html>", 200), (b"[]", 200), (b'{"data":[]}', 200)])
def test_a_model_that_does_not_answer_properly_is_a_failure(tmp_path, answer, status):
    with model_server(answer, status) as (url, _):
        assert model(Settings(data=tmp_path, model_url=url)).state is State.FAIL


def test_no_model_is_fine_but_a_silent_one_is_not(tmp_path):
    assert model(Settings(data=tmp_path)).state is State.OK
    found = model(Settings(data=tmp_path, model_url=f"http://127.0.0.1:{free_port()}"))
    assert found.state is State.FAIL
    assert "PROTODEX_MODEL_URL" in found.advice


def test_a_database_of_another_version_is_a_warning(tmp_path):
    chosen = Settings(data=tmp_path)
    assert "made at the first start" in database(chosen).found
    opened = open_database(chosen.database)
    opened.ping()
    assert database(chosen).state is State.WARN
    migrate(opened)
    opened.close()
    assert database(chosen).found.endswith("up to date")


def test_stores_that_do_not_answer_are_failures_without_their_password(tmp_path):
    settings = Settings.model_construct(
        **{
            **Settings(data=tmp_path).model_dump(),
            "database_url": f"postgresql://someone:hidden@127.0.0.1:{free_port()}/protodex",
            "redis_url": f"redis://:hidden@127.0.0.1:{free_port()}/0",
        }
    )
    for found in (database(settings), broker(settings)):
        assert found.state is State.FAIL
        assert "hidden" not in found.found + found.advice
        assert found.advice


def test_a_port_in_use_is_a_failure_that_names_the_setting(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        found = studio_port(Settings(data=tmp_path, port=listener.getsockname()[1]))
    assert found.state is State.FAIL
    assert "PROTODEX_PORT" in found.advice


def test_the_disk_is_the_one_the_data_will_be_on(tmp_path):
    found = disk(Settings(data=tmp_path / "not" / "yet"))
    assert str(tmp_path) in found.found


def test_people_get_a_table_and_programs_get_json(capsys):
    findings = [Finding("disk", State.OK, "9 GB [free]"), Finding("model", State.FAIL, "silent", "Start it.")]
    show(findings, Console(), as_json=False)
    table = capsys.readouterr().out
    assert "9 GB [free]" in table
    assert "Start it." in table
    assert table.rstrip().endswith("To mend first: model.")
    show(findings, Console(), as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "ok": False,
        "findings": [
            {"subject": "disk", "state": "ok", "found": "9 GB [free]", "advice": ""},
            {"subject": "model", "state": "fail", "found": "silent", "advice": "Start it."},
        ],
    }
