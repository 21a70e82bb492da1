"""What people do with rows and say of them: one app that holds it all passes its own tests and keeps its pages live."""

import copy
import json
import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from builder.stack import render_stack
from tests.builder.stack.conftest import type_errors
from tests.conftest import eventually
from tests.samples import LIBRARY, spec
from tests.social import NEIGHBOURS, with_accounts

FEATURES = (
    "like ratings comments follow history poll tags categories leaderboard chat streaming_updates notifications "
    "contact_form"
).split()


def test_an_app_passes_its_own_tests(apps):
    assert {f["name"] for f in NEIGHBOURS["features"]} >= set(FEATURES)
    assert " passed" in apps.make(spec(NEIGHBOURS)).run("-m", "pytest")


@pytest.mark.slow
def test_an_app_with_accounts_passes_its_own_tests(apps):
    assert " passed" in apps.make(spec(with_accounts())).run("-m", "pytest")


@pytest.mark.parametrize("source", [NEIGHBOURS, with_accounts()], ids=["without accounts", "with accounts"])
def test_its_front_end_type_checks(source, tmp_path, toolchain):
    assert type_errors(spec(source), tmp_path, toolchain) == ""


def test_what_is_not_asked_for_leaves_no_code():
    plain = "\n".join([*(files := render_stack(spec(LIBRARY))), *(d.decode(errors="ignore") for d in files.values())])
    absent = r"LikeButton|RatingPanel|Comments|FollowButton|History\b|TagControl|Categories|Leaderboard|Conversation"
    assert (
        re.findall(rf"{absent}|EventSource|Bell\b|ContactPage|backend/(updates|history|comments|contact)\.py", plain)
        == []
    )


def test_nobody_but_the_server_writes_the_log():
    files = {
        path: data.decode() for path, data in render_stack(spec(NEIGHBOURS)).items() if path.endswith((".py", ".ts"))
    }
    assert re.findall(r"@router\.(\w+)", files["backend/entities/revision.py"]) == ["get", "get"]
    assert not re.search(r"(create|edit|delete): true", files["frontend/src/entities/revision.ts"])


def test_a_page_hears_of_changes_and_a_server_that_stops_lets_it_go(apps):
    app = apps.make(spec(NEIGHBOURS))
    app.migrate()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = ["-m", "uvicorn", "backend.main:app", "--fd", str(listener.fileno()), "--log-level=warning"]
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{app.database}"}
        server = subprocess.Popen(
            [sys.executable, *command], cwd=app.folder, env=environment, pass_fds=[listener.fileno()]
        )
    try:
        eventually(lambda: _is_healthy(address))
        with httpx.stream("GET", f"{address}/api/events", timeout=20) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry")
            httpx.put(f"{address}/api/posts/1/like").raise_for_status()
            data = next(line for line in lines if line.startswith("data:"))
            assert json.loads(data.removeprefix("data:")) == ["posts"]
            server.send_signal(signal.SIGTERM)
            assert not any(line.startswith("data:") for line in lines)  # it comes to an end
        server.wait(20)
    finally:
        server.kill()
        server.wait()


def _is_healthy(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health").is_success
    except httpx.HTTPError:
        return False


def test_a_vote_is_its_voters_own_and_a_second_person_is_tried_only_where_the_rules_let_them():
    files = render_stack(spec(NEIGHBOURS))
    assert b"own=True" in files["backend/entities/vote.py"]
    assert b"headers=theirs).status_code == 403" in files["tests/test_vote.py"]
    assert b"once.check_own(session, row)" in files["backend/rows.py"]
    source = copy.deepcopy(NEIGHBOURS)
    source["rules"] = [{"kind": "unique", "entity": "vote", "fields": ["option"]}]
    tried = render_stack(spec(source))["tests/test_vote.py"]
    assert b"another = vote_values(client) | same" in files["tests/test_vote.py"]
    assert b"another" not in tried
