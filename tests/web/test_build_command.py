"""`protodex build` as a person and a program meet it: exit codes, what is written, and what is left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from builder.settings import Settings
from builder.testing import Fault, calls
from builder.toolchain import Toolchain
from tests.builder.agent.conftest import COUNTER
from tests.conftest import eventually
from tests.e2e.stage import Part, Stage, drafted, held

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(settings: Settings, toolchain: Toolchain) -> Path:
    """A data folder that finds the toolchain where the tests keep it."""
    for name in ("kit", "runtime", "node"):
        if (ROOT / ".cache" / name).exists():
            (settings.data / name).symlink_to(ROOT / ".cache" / name)
    return settings.data


@contextmanager
def building(data: Path, prompt: str, *arguments: str, model: str | None = None) -> Iterator["subprocess.Popen[str]"]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PROTODEX_")}
    inherited |= {"PROTODEX_MODEL_URL": model} if model else {}
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "web.cli", "build", prompt, *arguments],
        env={**inherited, "PROTODEX_DATA": str(data)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a job of pytest's may ignore it
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def build(data: Path, prompt: str, *arguments: str, model: str | None = None) -> tuple[int, str, str]:
    with building(data, prompt, *arguments, model=model) as process:
        out, err = process.communicate()
        return process.returncode, out, err


@pytest.mark.browser
def test_a_prompt_becomes_a_folder_that_runs_by_itself(data, tmp_path):
    code, out, err = build(data, "A plant diary with name, species and last watered", "--out", str(tmp_path / "my app"))
    assert (code, err) == (0, "")
    assert "First screen shows" in out
    assert f"cd '{tmp_path / 'my app'}'" in out
    app = tmp_path / "my app"
    assert {"README.md", "start.py", "backend", "frontend", "tests"} <= {path.name for path in app.iterdir()}
    assert (app / "frontend" / "dist" / "index.html").is_file()
    assert list((data / "scratch").iterdir()) == []


def test_a_program_reads_events_and_why_it_was_refused(data, tmp_path):
    code, out, _ = build(data, "asdf qwer ;;;; 12345 %%%% zxcv", "--out", str(tmp_path / "app"), "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 2
    assert [event["event"] for event in events] == ["build", "error"]
    assert events[-1]["error"]["code"] == "not_an_app"
    assert events[-1]["error"]["message"].startswith("Say what the app should keep or show")
    assert not (tmp_path / "app").exists()


def test_a_refusal_is_a_sentence_on_the_error_output(data, tmp_path):
    code, out, err = build(data, "  ", "--out", str(tmp_path / "app"))
    assert (code, out) == (2, "")
    assert err == "✗ Describe the app you would like in a sentence or two.\n"


def test_a_folder_in_use_is_left_alone(data, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = build(data, "A plant diary", "--out", str(tmp_path))
    assert code == 1
    assert "is not an empty folder. Name one that is new or empty." in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_mid_build_it_leaves_nothing(data, tmp_path, asked):
    with building(data, "A plant diary", "--out", str(tmp_path / "app"), "--json") as process:
        assert process.stdout is not None
        checking = next(line for line in process.stdout if '"check"' in line)
        assert json.loads(checking)["status"] == "running"
        process.send_signal(asked)
        rest, err = process.communicate()
    assert process.returncode == 130
    assert json.loads(rest.splitlines()[-1])["error"] == {"code": "stopped", "message": "Stopped. Nothing was kept."}
    assert err == ""
    assert not (tmp_path / "app").exists()
    assert list((data / "scratch").iterdir()) == []


def counter(stage: Stage, **drafts: object) -> Part:
    """A model that writes a counter of clicks, and proves it."""
    whole = {"path": "index.html", "content": COUNTER.decode(), "replaces_all": True, "reason": "A page of its own."}
    click = {"do": "click", "role": "button", "name": "Add one"}
    flow = [{"do": "open", "path": "/"}, click, {"do": "expect_text", "text": "Count: 1"}]
    draft = drafted("A click counts.", app={"kind": "artifact", "name": "Counter"}, **drafts)
    steps = (("write_file", whole), ("update_requirement", {"id": "r1", "flow": flow}))
    return stage.play("counter of clicks", draft, *(Fault(calls(step)) for step in steps))


@pytest.mark.browser
def test_a_connected_model_builds_it_step_by_step(data, tmp_path):
    with Stage() as stage:
        counter(stage)
        code, out, err = build(data, "A counter of clicks", "--out", str(tmp_path / "app"), model=stage.url)
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert any(line.startswith("✓ Step 1 Made index.html") or "Step 1" in line for line in lines)
    assert "✓ Proven A click counts." in lines
    assert "tokens read and" in out
    assert "Add one" in (tmp_path / "app" / "index.html").read_text()
    assert "- [x] **r1** A click counts." in (tmp_path / "app" / "REQUIREMENTS.md").read_text()
    assert list((data / "scratch").iterdir()) == []


@pytest.mark.browser
def test_stopped_while_the_model_writes_it_hangs_up(data, tmp_path):
    with Stage() as stage:
        waits, _ = held(calls(("list_files", {}), reasoning="Where does it go? " * 9), 4)
        stage.play("counter of clicks", drafted("A click counts.", app={"kind": "artifact"}), waits)
        command = ("A counter of clicks", "--out", str(tmp_path / "app"), "--json")
        with building(data, *command, model=stage.url) as process:
            assert process.stdout is not None
            next(line for line in process.stdout if '"working"' in line)
            eventually(lambda: len(stage.requests) == 2)
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate()
        assert stage.hung_up == 1
    assert process.returncode == 130
    assert json.loads(rest.splitlines()[-1])["error"]["code"] == "stopped"
    assert not (tmp_path / "app").exists()
    assert list((data / "scratch").iterdir()) == []
