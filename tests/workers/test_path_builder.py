"""The path as the worker drives it with a model: what a first build's tools work on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.agent.journal import MemoryJournal
from builder.events import Event, Released, Stepped
from builder.sandbox import Sandbox
from builder.settings import Settings
from builder.testing import ScriptedModel, calls, says
from builder.toolchain import Toolchain
from workers.models import BuildKind
from workers.path_builder import PathBuilder
from workers.request import BuildRequest

pytestmark = pytest.mark.browser

APP = {
    "name": "Notes",
    "rules": [],
    "entities": [
        {
            "name": "note",
            "plural": "notes",
            "label": "Note",
            "label_plural": "Notes",
            "fields": [{"name": "title", "type": "string", "label": "Title", "required": True}],
            "rows": {"fields": ["title"], "values": [["Buy bread"]]},
        }
    ],
}
DRAFT = {"answer": "build", "app": APP, "requirements": [{"text": "Notes are listed.", "words": "notes"}]}
MIGRATION = """import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("notes", sa.Column("stars", sa.Integer(), nullable=False))
"""


def test_a_first_build_tries_its_migrations_on_the_rows_of_its_scaffold(
    tmp_path: Path, sandbox: Sandbox, toolchain: Toolchain, settings: Settings
) -> None:
    write = ("write_file", {"path": "backend/migrations/versions/0002_stars.py", "content": MIGRATION})
    model = ScriptedModel([says(json.dumps(DRAFT)), calls(write), calls(("run_checks", {}))])
    snapshots: list[Path] = []
    request = BuildRequest(
        project=tmp_path / "project",
        kind=BuildKind.PROMPT,
        message="notes",
        payload={},
        number=1,
        data=None,
        cancelled=lambda: False,
        build_id="b1",
        prompt="notes",
        spec=None,
        ledger=(),
        history=(),
        journal=MemoryJournal(),
        live_data=lambda: snapshots[-1],
    )
    events = PathBuilder(sandbox, toolchain, settings, model).build(request)
    said = _until_the_second_step(events, snapshots)
    assert "Cannot add a NOT NULL column" in said


def _until_the_second_step(events: Iterator[Event], snapshots: list[Path]) -> str:
    for event in events:
        if isinstance(event, Released):
            snapshots.append(event.path / "snapshot.sqlite")
        if isinstance(event, Stepped) and event.n == 2:
            return event.calls[0].result
    return ""
