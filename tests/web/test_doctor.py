"""The doctor: what it finds, what it advises, and that it changes nothing."""

import json
import socket

import pytest
from rich.console import Console

from builder.settings import Settings
from builder.testing import FaultyEndpoint, calls, says
from builder.testing.endpoint import answers, refuses, too_long, web_page
from tests.web.api.conftest import serving
from web.doctor import Finding, State, broker, database, disk, examine, is_well, model, sandbox, show, studio_port
from workers.database import migrate, open_database


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


NOTE = calls(("note", {"text": "The sea is wide. It is deep. It is salt, and it never sleeps at all."}))


def test_a_model_is_tried_and_described_by_either_spelling_of_its_address(tmp_path):
    models = [{"id": "glm-4.5-air", "owned_by": "sglang", "max_model_len": 131072}, {"id": "other"}]
    with FaultyEndpoint([answers(NOTE)] * 3, models=models) as endpoint:
        for spelling in (endpoint.url, f"{endpoint.url}/v1", f"{endpoint.url}/v1/"):
            found = model(Settings(data=tmp_path, model_url=spelling, model_key="key"))
            assert found.state is State.OK, found
            assert found.found.startswith(
                f"glm-4.5-air on SGLang at {endpoint.url}. Window: 131,072 tokens. Tool calls"
            )
            assert "while they are written. First token after 0." in found.found
        assert endpoint.keys == ["Bearer key"] * 3
        missing = model(Settings(data=tmp_path, model_url=endpoint.url, model_name="glm-9"))
        assert (missing.state, missing.found) == (State.FAIL, f"{endpoint.url} lists glm-4.5-air, other")


def test_a_model_that_calls_no_tools_or_has_a_small_window_is_a_warning(tmp_path):
    small = [{"id": "m", "owned_by": "vllm", "max_model_len": 4096}]
    with FaultyEndpoint([answers(says("The sea.")), answers(NOTE)], models=small) as endpoint:
        settings = Settings(data=tmp_path, model_url=endpoint.url)
        silent, small_window = model(settings), model(settings)
    assert (silent.state, small_window.state) == (State.WARN, State.WARN)
    assert "tool-call parser" in silent.advice
    assert "32,000" in small_window.advice


@pytest.mark.parametrize("fault", [refuses(401, "Bad key: key"), web_page(), too_long(1024)])
def test_a_model_that_does_not_answer_properly_is_a_failure(tmp_path, fault):
    with FaultyEndpoint([fault]) as endpoint:
        found = model(Settings(data=tmp_path, model_url=endpoint.url, model_key="key"))
    assert found.state is State.FAIL
    assert "blueprints" in found.advice
    assert ": key" not in found.found


@pytest.mark.parametrize("page", ["", "<html>", "[]", '{"data":[]}'])
def test_a_model_that_lists_nothing_is_a_failure(tmp_path, page):
    with FaultyEndpoint(pages={"/v1/models": page}) as endpoint:
        assert model(Settings(data=tmp_path, model_url=endpoint.url)).state is State.FAIL


def test_no_model_is_fine_but_a_silent_one_is_not(tmp_path):
    assert model(Settings(data=tmp_path), ports=[]).state is State.OK
    for address in (f"http://127.0.0.1:{free_port()}", "nonsense"):
        assert model(Settings(data=tmp_path, model_url=address)).state is State.FAIL


def test_a_server_on_this_machine_is_named_with_the_line_that_connects_it(tmp_path):
    with FaultyEndpoint(models=[{"id": "glm-4.5-air", "owned_by": "sglang"}]) as endpoint:
        port = int(endpoint.url.rpartition(":")[2])
        found = model(Settings(data=tmp_path), ports=[port])
    assert found.state is State.OK
    assert found.found == f"none connected, but found SGLang at {endpoint.url} (glm-4.5-air)"
    assert found.advice == f"To connect it:\nPROTODEX_MODEL_URL={endpoint.url} make run"


def test_our_own_studio_is_never_taken_for_a_model_server(settings):
    with serving(settings) as studio:
        assert studio.get("/health").json()["status"] == "degraded"  # it answers there
        found = model(settings, ports=[studio.base_url.port])
    assert found.found == "none connected"


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
