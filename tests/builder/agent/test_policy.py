"""What may become a file of an app, by kind; every refusal says what to do instead."""

import json

import pytest

from builder.agent.policy import MAX_TEXT_BYTES, Policy, Present
from builder.agent.tools.base import ToolError
from builder.spec import AppKind
from tests.builder.agent.fakes import APP

FILES = {path: text.encode() for path, text in APP.items()}
PRESENT = Present(frozenset(FILES), FILES.__getitem__, frozenset(FILES))
FULLSTACK, SLIDES, ARTIFACT = (Policy.for_kind(kind) for kind in (AppKind.FULLSTACK, AppKind.SLIDES, AppKind.ARTIFACT))
SECOND = "backend/migrations/versions/0002_add_rating.py"


def migration(body: str, number: int = 2) -> str:
    head = f'"""Drop table: only words."""\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = "{number:04}"\n'
    return f'{head}down_revision = "{number - 1:04}"\n\n\ndef upgrade() -> None:\n    {body}\n'


def refused(policy: Policy, path: str, text: str = "x = 1\n", present: Present = PRESENT) -> str:
    with pytest.raises(ToolError) as refusal:
        policy.check_write(path, text, present)
    return str(refusal.value)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x.py", "backend/../../x.py", ".git/hooks/a.py", "", "a//b.py", "a\\b"]
)
def test_no_path_leads_outside(path: str) -> None:
    assert "not a path inside the project" in refused(FULLSTACK, path)


@pytest.mark.parametrize(
    "path",
    [
        "start.py", "backend/migrate.py", "requirements-test.txt", "Dockerfile", "pytest.ini", "tests/conftest.py",
        "frontend/vite.config.ts", "frontend/tsconfig.json", "backend/migrations/env.py", "REQUIREMENTS.md",
    ],
)  # fmt: skip
def test_what_the_stack_needs_as_it_is_is_protected(path: str) -> None:
    assert "not yours to change" in refused(FULLSTACK, path)
    with pytest.raises(ToolError, match="not yours to change"):
        FULLSTACK.check_delete(path, PRESENT)


@pytest.mark.parametrize("path", ["deck.js", "deck.css"])
def test_the_decks_engine_is_protected(path: str) -> None:
    assert "index.html" in refused(SLIDES, path)


@pytest.mark.parametrize("path", ["backend/main.py", "frontend/package.json", "frontend/src/App.tsx", "README.md"])
def test_what_the_app_cant_run_without_may_be_changed_but_not_removed(path: str) -> None:
    FULLSTACK.check_write(path, APP[path], PRESENT)
    with pytest.raises(ToolError, match="has to stay"):
        FULLSTACK.check_delete(path, PRESENT)
    FULLSTACK.check_delete("tests/test_app.py", PRESENT)


@pytest.mark.parametrize("path", [".env", "backend/.env.local", "backend/key.pem", "frontend/.npmrc"])
def test_secrets_have_no_file(path: str) -> None:
    assert "has none" in refused(FULLSTACK, path)


@pytest.mark.parametrize(
    ("policy", "path", "said"),
    [
        (FULLSTACK, "sitecustomize.py", "can't be made there"),
        (FULLSTACK, "frontend/postcss.config.js", "can't be made there"),
        (FULLSTACK, "frontend/dist/index.html", "made by running"),
        (FULLSTACK, "backend/app.sqlite", "made by running"),
        (FULLSTACK, "frontend/public/photo.png", "of a kind"),
        (FULLSTACK, "backend/Main.py", "differs from backend/main.py in case only"),
        (FULLSTACK, "backend/main.py/x.py", "is a file"),
        (FULLSTACK, "tests", "can't be made there"),
        (ARTIFACT, "game.js", "can't be made there"),
        (ARTIFACT, "assets/photo.png", "pick_image"),
        (SLIDES, "backend/main.py", "can't be made there"),
    ],
)
def test_files_have_their_places_and_kinds(policy: Policy, path: str, said: str) -> None:
    present = PRESENT if policy is FULLSTACK else Present(frozenset(), FILES.__getitem__)
    assert said in refused(policy, path, present=present)


def test_a_file_of_one_megabyte_is_refused() -> None:
    assert "1000 KB" in refused(FULLSTACK, "backend/big.py", "x" * 1_000_000)
    FULLSTACK.check_write("backend/big.py", "#" * MAX_TEXT_BYTES, PRESENT)


def test_python_imports_what_is_there() -> None:
    text = "import json\nimport fastapi\nfrom sqlalchemy import orm\nfrom backend import main\nfrom . import x\n"
    FULLSTACK.check_write("backend/x.py", text, PRESENT)
    FULLSTACK.check_write("tests/test_x.py", "import pytest\nfrom starlette.testclient import TestClient\n", PRESENT)
    said = refused(FULLSTACK, "backend/x.py", "import json\nimport requests\n")
    assert "backend/x.py:2 imports requests" in said
    assert "fastapi" in said
    assert "imports pytest" in refused(FULLSTACK, "backend/x.py", "import pytest\n")


def test_what_the_runtime_has_is_first_added_to_the_requirements() -> None:
    assert "First add the line 'websockets" in refused(FULLSTACK, "backend/x.py", "import websockets\n")
    FULLSTACK.check_write("requirements.txt", APP["requirements.txt"] + "websockets>=15,<18\n", PRESENT)
    assert "'flask' is not available" in refused(FULLSTACK, "requirements.txt", "flask\n")
    assert "not available" in refused(FULLSTACK, "requirements.txt", "fastapi @ https://example.org/x.zip\n")


def test_the_front_end_imports_what_is_there() -> None:
    FULLSTACK.check_write("frontend/src/x.tsx", 'import { useState } from "react";\nimport "./x.css";\n', PRESENT)
    said = refused(FULLSTACK, "frontend/src/x.tsx", 'import axios from "axios";\n')
    assert "axios" in said
    assert "lucide-react" in said
    assert "First add it" in refused(FULLSTACK, "frontend/src/x.tsx", 'import { X } from "lucide-react";\n')
    assert "imports https:" in refused(FULLSTACK, "frontend/src/x.css", '@import url("https://example.org/font.css");')


def test_package_json_grows_by_what_the_kit_has() -> None:
    manifest = json.loads(APP["frontend/package.json"])
    more = {**manifest, "dependencies": {**manifest["dependencies"], "lucide-react": "1.75.0"}}
    FULLSTACK.check_write("frontend/package.json", json.dumps(more), PRESENT)
    for wrong in (
        {**manifest, "scripts": {"build": "curl x"}},
        {**manifest, "dependencies": {"react": "19.3.1", "axios": "1.0.0"}},
        {**manifest, "dependencies": {"react": "file:../x"}},
        {**manifest, "dependencies": {}},
    ):
        refused(FULLSTACK, "frontend/package.json", json.dumps(wrong))


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example.org/x.js"></script>',
        "<img alt='x' src='//example.org/x.png'>",
        '<link href="https://example.org/x.css" rel="stylesheet">',
    ],
)
def test_a_page_loads_nothing_from_elsewhere(text: str) -> None:
    assert "reaches no other host" in refused(ARTIFACT, "index.html", text)


def test_a_page_may_link_elsewhere() -> None:
    SLIDES.check_write("index.html", '<a href="https://example.org/">Source</a><img src="assets/x.png">', PRESENT)


def test_a_migration_that_was_applied_stays_and_the_next_number_is_told() -> None:
    said = refused(FULLSTACK, "backend/migrations/versions/0001_initial.py", APP["backend/main.py"])
    assert "new migration" in said
    with pytest.raises(ToolError, match="applied to data"):
        FULLSTACK.check_delete("backend/migrations/versions/0001_initial.py", PRESENT)
    said = refused(FULLSTACK, "backend/migrations/versions/0007_x.py", migration("pass", 7))
    assert "0002_WHAT_IT_DOES.py" in said
    assert 'down_revision = "0001"' in said
    assert 'revision = "0002"' in refused(FULLSTACK, SECOND, migration("pass", 3))


def test_a_migration_of_this_run_may_be_written_again() -> None:
    files = {**FILES, SECOND: migration("pass").encode()}
    present = Present(frozenset(files), files.__getitem__, frozenset(FILES))
    FULLSTACK.check_write(SECOND, migration('op.add_column("recipes", sa.Column("stars", sa.Integer()))'), present)
    FULLSTACK.check_delete(SECOND, present)


@pytest.mark.parametrize(
    "body",
    [
        'op.drop_table("recipes")',
        'with op.batch_alter_table("recipes") as batch:\n        batch.drop_column("tag")',
        'op.execute("DROP TABLE recipes")',
        'op.execute(sa.text("alter table recipes drop tag"))',
        'op.execute("DELETE FROM recipes")',
        'op.execute("delete from recipes where 1=1")',
        'op.execute(f"DELETE FROM {TABLE}")',
        'op.execute(sa.delete(sa.table("recipes")))',
        'op.execute("TRUNCATE recipes")',
    ],
)
def test_a_migration_that_loses_data_needs_a_persons_word(body: str) -> None:
    said = refused(FULLSTACK, SECOND, migration(body))
    assert "Only the person" in said
    assert "will be asked" in said
    FULLSTACK.check_write(SECOND, migration(body), PRESENT, may_lose_data=True)


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("DELETE FROM recipes WHERE tag IS NULL")',
        "op.execute(sa.delete(T).where(T.c.tag.is_(None)))",
        'op.create_table("temporary")\n    op.drop_table("temporary")',
        'pass\n\n\ndef downgrade() -> None:\n    op.drop_table("recipes")',
        "op.execute(\"UPDATE recipes SET tag = 'x'\")",
    ],
)
def test_a_migration_that_keeps_the_data_passes(body: str) -> None:
    FULLSTACK.check_write(SECOND, migration(body), PRESENT)
