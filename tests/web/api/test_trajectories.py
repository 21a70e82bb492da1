"""Downloading a build with a model as training data."""

import json
from typing import Any

import pytest

from builder.events import Checked, CheckStatus, Event, RequirementChanged, Scored, SpecDrafted, Stepped
from builder.settings import Settings
from builder.testing import SPEC
from tests.conftest import Broker
from tests.web.api.conftest import Studio, error_of, serving
from workers.database import open_database
from workers.models import Build, StoredStep
from workers.store import append_events
from workers.testing import ScriptedHost

PROMPT = "A diary for my plants. Ask aunt Hedwig before watering"
TOKEN = "a-token-of-the-studio-1234"
EVENTS: list[Event] = [
    SpecDrafted(SPEC, understood=(("entities.plant", "diary for my plants"),)),
    Checked("types", "Types", CheckStatus.FAILED, True),
    Stepped(1, "build", "", "", (), "c1", True, 1.0),
    RequirementChanged("r1", "Plants can be added", (0, 21), "proven"),
    Stepped(2, "build", "", "", (), "c2", True, 1.0),
    Scored(1, 80),
]


def add_steps(settings: Settings, build_id: str) -> None:
    """What a worker stores during a build."""
    opening = [{"role": "system", "content": "Build."}, {"role": "user", "content": f"# The request\n{PROMPT}"}]
    write = {
        "name": "write_file",
        "arguments": json.dumps({"path": "a.py", "content": f"# {settings.data}/x\nKEY = '{TOKEN}'\n"}),
    }
    wrote: list[dict[str, Any]] = [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "call_1", "type": "function", "function": write}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Wrote a.py"},
    ]
    database = open_database(settings.database)
    with database.write() as session:
        for n, messages in enumerate([opening, wrote, [{"role": "assistant", "content": "Done."}]]):
            session.add(StoredStep(build_id=build_id, n=n, messages=messages, commit=f"c{n}", state={}))
        append_events(session, session.get_one(Build, build_id), EVENTS)
    database.close()


@pytest.fixture
def build(studio: Studio, settings: Settings) -> str:
    build = studio.create(PROMPT)["build"]["id"]
    add_steps(settings, build)
    return str(build)


def lines(studio: Studio, build: str, query: str = "") -> list[dict[str, Any]]:
    answer = studio.http.get(f"/api/builds/{build}/trajectory{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_build_is_downloaded_with_steps_tools_and_rewards(studio, build):
    first, *steps, outcome = lines(studio, build)
    assert first["message"] == PROMPT
    assert "write_file" in {tool["function"]["name"] for tool in first["tools"]}
    assert "web_search" not in {tool["function"]["name"] for tool in first["tools"]}
    assert [(step["n"], step["reward"]) for step in steps] == [(0, None), (1, -1.0), (2, 1.0)]
    assert (outcome["score"], outcome["status"]) == (80, "queued")


@pytest.mark.parametrize("form", ["openai", "slime"])
def test_each_form_is_one_line_a_build(studio, build, form):
    (line,) = lines(studio, build, f"?form={form}")
    assert [message["role"] for message in line["messages"]] == ["system", "user", "assistant", "tool", "assistant"]
    assert line["tools"][0]["type"] == "function"


def test_the_tools_of_the_web_are_told_when_they_were_used(studio, build, settings):
    search = {"id": "c", "type": "function", "function": {"name": "web_search", "arguments": '{"query": "soil"}'}}
    database = open_database(settings.database)
    with database.write() as session:
        messages = [{"role": "assistant", "content": "", "tool_calls": [search]}]
        session.add(StoredStep(build_id=build, n=3, messages=messages, commit="c3", state={}))
    database.close()
    first, *_ = lines(studio, build)
    assert {"web_search", "read_page", "pick_image"} < {tool["function"]["name"] for tool in first["tools"]}


def test_secrets_and_paths_never_leave(settings: Settings, broker: Broker, host: ScriptedHost):
    closed = settings.model_copy(update={"token": type(settings).model_validate({"token": TOKEN}).token})
    with serving(closed) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        studio = Studio(client)
        build = studio.create(PROMPT)["build"]["id"]
        add_steps(settings, build)
        for form in ("raw", "openai", "slime"):
            told = json.dumps(lines(studio, build, f"?form={form}"))
            assert TOKEN not in told
            assert str(settings.data) not in told
            assert "Hedwig" in told  # the person's words stay unless they are to go


def test_a_persons_words_go_on_request(studio, build):
    for form in ("raw", "openai", "slime"):
        told = json.dumps(lines(studio, build, f"?form={form}&redact=true"))
        assert "Hedwig" not in told
        assert "diary for my plants" not in told.lower()
        assert "[message 1]" in told


def test_a_build_without_a_model_has_nothing_to_export(studio):
    build = studio.create(PROMPT)["build"]["id"]
    assert error_of(studio.http.get(f"/api/builds/{build}/trajectory")) == (404, "no_steps")


def test_what_is_not_known_is_said(studio, build):
    assert error_of(studio.http.get("/api/builds/none/trajectory")) == (404, "not_found")
    assert error_of(studio.http.get(f"/api/builds/{build}/trajectory?form=csv")) == (422, "invalid")
