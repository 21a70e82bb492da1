"""Whole builds with a model: draft, scaffold, questions, follow-ups, and what only the person may decide."""

import json
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from builder.agent.assignment import Means, Turn
from builder.agent.build import AS_IT_IS, NOTHING_NEW, Order, build_with_model
from builder.agent.journal import MemoryJournal
from builder.agent.postmortem import DATA_ANSWERS
from builder.agent.warm_lab import open_lab
from builder.events import Event, Noted, Released, SpecDrafted
from builder.model.chat import ModelUnavailableError, Reply
from builder.path import BuildFailedError, Workshop
from builder.sandbox import Sandbox
from builder.spec import AppSpec
from builder.testing import ScriptedModel, calls, says
from builder.toolchain import Toolchain
from builder.workspace import MAIN, SCAFFOLD, Workspace
from tests.builder.agent.conftest import NOTES, Project

NOTE = NOTES.entities[0].model_dump(mode="json", exclude_defaults=True)
DROP = '''"""Drop the body of notes."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("notes") as batch:
        batch.drop_column("body")
'''
OWN = '''"""Count how often a note is read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("notes", sa.Column("reads", sa.BigInteger(), nullable=False, server_default="0"))
'''


def drafted(answer: str = "build", **more: Any) -> Reply:
    app = {"name": "Notes", "kind": "fullstack", "entities": [NOTE], "features": [{"name": "create"}]}
    wish = {"answer": answer, "app": app, "requirements": [{"text": "A note can be written.", "words": "write notes"}]}
    return says(json.dumps({**wish, **more}))


def build(
    project: Project | Path, order: Order, model: ScriptedModel, sandbox: Sandbox, toolchain: Toolchain
) -> list[Event]:
    """As on a machine without Chromium: what a browser sees of a release is the business of other tests."""
    path = project.path if isinstance(project, Project) else project
    toolchain = replace(toolchain, chromium=None)
    workspace = Workspace.open(path / "workspace")
    number = 1 + max((int(p.name) for p in (path / "releases").glob("[0-9]*")), default=0)
    workshop = Workshop(workspace, path / "releases", sandbox, toolchain, number)
    lab = path / "lab"
    means = Means(model, MemoryJournal(), lambda files: open_lab(files, lab, toolchain, sandbox))
    return list(build_with_model(order, means, workshop))


def test_a_question_comes_with_a_best_guess_that_is_live(
    tmp_path: Path, sandbox: Sandbox, toolchain: Toolchain
) -> None:
    asked = drafted("ask", questions=[{"text": "What are the notes about?", "choices": ["Work", "Cooking"]}])
    model = ScriptedModel([asked])
    events = build(tmp_path, Order("write notes", "write notes"), model, sandbox, toolchain)
    assert any(isinstance(event, Released) for event in events)
    note = [event for event in events if isinstance(event, Noted)][-1]
    assert (note.level, note.questions[0]["choices"]) == ("question", ("Work", "Cooking"))
    assert len(model.requests) == 1


def test_an_answer_begins_anew_and_skipping_does_not(notes: Project, sandbox: Sandbox, toolchain: Toolchain) -> None:
    history = [Turn("write notes", "asked")]
    answer = "Question: What are the notes about?\nAnswer: Cooking"
    order = Order(answer, "write notes", spec=NOTES, history=history)
    assert order.wish == f"write notes\n\n{answer}"
    skipped = ScriptedModel(repeat(says("")))
    with pytest.raises(BuildFailedError, match="stopped before"):
        build(notes, Order(AS_IT_IS, "write notes", spec=NOTES, history=history), skipped, sandbox, toolchain)
    assert "write notes" in skipped.requests[0].messages[1]["content"]
    assert skipped.requests[0].tools


def test_an_endpoint_that_is_down_leaves_the_blueprint(tmp_path: Path, sandbox: Sandbox, toolchain: Toolchain) -> None:
    prompt = "A reading list: books with title, author and a rating"
    model = ScriptedModel(repeat(ModelUnavailableError("The model does not answer.")))
    events = build(tmp_path, Order(prompt, prompt), model, sandbox, toolchain)
    assert any(isinstance(event, Released) for event in events)
    assert all("does not answer" in event.text for event in events if isinstance(event, Noted))


def test_a_follow_up_with_nothing_new_says_so(notes: Project, sandbox: Sandbox, toolchain: Toolchain) -> None:
    down = ScriptedModel(repeat(ModelUnavailableError("The model does not answer.")))
    with pytest.raises(BuildFailedError) as failed:
        build(notes, Order("Make it blue.", "notes", spec=NOTES), down, sandbox, toolchain)
    assert str(failed.value) == NOTHING_NEW


def test_data_is_removed_only_when_the_person_agrees(notes: Project, sandbox: Sandbox, toolchain: Toolchain) -> None:
    drop = calls(("write_file", {"path": "backend/migrations/versions/0002_drop_body.py", "content": DROP}))
    same = says(json.dumps({"answer": "build", "requirements": []}))
    model = ScriptedModel([same, drop, *repeat(says("Done."), 3)])
    events = _until_failed(notes, Order("Drop the body.", "notes", spec=NOTES), model, sandbox, toolchain)
    (question,) = [event for event in events if isinstance(event, Noted) and event.level == "question"]
    assert "drops a column" in question.questions[0]["text"]
    agreed = Order(f"Question: {question.questions[0]['text']}\nAnswer: {DATA_ANSWERS[0]}", "notes", spec=NOTES)
    assert not agreed.answers
    second = ScriptedModel([same, drop, *repeat(says("Done."), 3)])
    _until_failed(notes, agreed, second, sandbox, toolchain)
    told = [m["content"] for m in second.requests[-1].messages if m["role"] == "tool"]
    assert told[0].startswith("Made backend/migrations/versions/0002_drop_body.py")


def test_a_render_comes_after_the_migrations_of_the_model(
    notes: Project, sandbox: Sandbox, toolchain: Toolchain
) -> None:
    notes.workshop.workspace.write({"backend/migrations/versions/0002_reads.py": OWN.encode()}, "Count reads")
    more = {**NOTE, "fields": [*NOTE["fields"], {"name": "mood", "type": "string", "label": "Mood"}]}
    revised = says(json.dumps({"answer": "build", "app": {"entities": [more]}, "requirements": []}))
    model = ScriptedModel([revised, *repeat(says("Done."), 3)])
    events = build(notes, Order("Notes have a mood.", "notes", spec=NOTES), model, sandbox, toolchain)
    assert any(isinstance(event, Released) for event in events)
    versions = [p.path for p in notes.workshop.workspace.files(MAIN) if "versions/0" in p.path]
    assert [path.rpartition("/")[2][:4] for path in versions] == ["0001", "0002", "0003"]
    assert 'down_revision = "0002"' in notes.file(versions[-1])
    assert notes.workshop.workspace.head(SCAFFOLD) != notes.workshop.workspace.head(MAIN)


def test_a_conflict_is_left_to_the_model(notes: Project, sandbox: Sandbox, toolchain: Toolchain) -> None:
    entity = notes.file("backend/entities/note.py").replace(
        "title: schema.Line\n", "title: schema.Line  # kept short\n"
    )
    notes.workshop.workspace.write({"backend/entities/note.py": entity.encode()}, "An edit")
    fields = [{**NOTE["fields"][0], "required": False}, *NOTE["fields"][1:]]
    revised = says(
        json.dumps({"answer": "build", "app": {"entities": [{**NOTE, "fields": fields}]}, "requirements": []})
    )
    model = ScriptedModel([revised, *repeat(says("Done."), 3)])
    events = _until_failed(notes, Order("The title is optional.", "notes", spec=NOTES), model, sandbox, toolchain)
    assert any(isinstance(event, SpecDrafted) for event in events)
    opening = model.requests[1].messages[1]["content"]
    assert "touches lines you edited in backend/entities/note.py" in opening
    assert "+++ b/backend/entities/note.py" in opening


def test_the_spec_of_a_draft_is_valid() -> None:
    assert AppSpec.model_validate(json.loads(drafted().text)["app"]).entities[0].name == "note"


def _until_failed(
    project: Project, order: Order, model: ScriptedModel, sandbox: Sandbox, toolchain: Toolchain
) -> list[Event]:
    """The events of a build that ends with nothing new."""
    workshop = project.unseen().workshop
    lab = project.path / "lab"
    means = Means(model, MemoryJournal(), lambda files: open_lab(files, lab, toolchain, sandbox))
    events: list[Event] = []
    with pytest.raises(BuildFailedError):
        events += build_with_model(order, means, workshop)
    return events
