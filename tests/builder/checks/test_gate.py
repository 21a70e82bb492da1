"""The gate and the score on a hand-made app: small enough to break in one place at a time."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from builder.checks import score_release
from builder.checks.gate import check_types
from builder.events import Checked, CheckStatus, Released, Scored
from builder.path import BuildFailedError, CancelledError, Workshop, release_commit
from builder.release import Stage, read_release
from builder.workspace import MAIN, Workspace

pytestmark = pytest.mark.browser

MAIN_PY = b"""
from fastapi import FastAPI, HTTPException
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

app = FastAPI()
rows = {}


class Note(BaseModel):
    title: str


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/api/notes")
def listed():
    return {"items": list(rows.values()), "total": len(rows)}


@app.post("/api/notes", status_code=201)
def create(note: Note):
    rows[len(rows) + 1] = {"id": len(rows) + 1, **note.model_dump()}
    return rows[len(rows)]


@app.get("/api/notes/{key}")
def read(key: int):
    if key not in rows:
        raise HTTPException(404)
    return rows[key]


app.mount("/", StaticFiles(directory="frontend/dist", html=True))
"""
PATCH_PY = b"""
class Change(BaseModel):
    title: str | None = None
    summary: str


@app.patch("/api/notes/{key}")
def change(key: int, change: Change):
    if change.title == read(key)["title"]:
        raise HTTPException(422, "Nothing was changed.")
    rows[key]["title"] = change.title
    return rows[key]


app.mount("""
CHANGED_PY = MAIN_PY.replace(b"app.mount(", PATCH_PY)
APP: Mapping[str, bytes] = {
    "backend/__init__.py": b"",
    "backend/main.py": MAIN_PY,
    "backend/migrate.py": b"import sqlite3\nsqlite3.connect('/data/app.sqlite').execute('create table note (id)')\n",
    "tests/test_app.py": b"def test_sums():\n    assert 1 + 1 == 2\n",
    "frontend/index.html": b"<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>Notes"
    b"</title><body><main><h1>Notes</h1></main><script type=module src=/src/main.ts></script></body></html>",
    "frontend/src/main.ts": b"const count: number = 1;\ndocument.title = `Notes ${count}`;\n",
    "frontend/tsconfig.json": b'{"compilerOptions":{"strict":true,"target":"es2022","module":"esnext",'
    b'"moduleResolution":"bundler","lib":["es2022","dom"],"types":[]},"include":["src"]}',
}


@pytest.fixture
def workshop(tmp_path, sandbox, toolchain):
    return Workshop(Workspace.open(tmp_path / "workspace"), tmp_path / "releases", sandbox, toolchain)


def through_the_gate(workshop, changed: Mapping[str, bytes] = {}):
    workshop.workspace.render({**APP, **changed}, "Render")
    events = []
    try:
        for event in release_commit(workshop.workspace.require(MAIN), workshop):
            events.append(event)
    except BuildFailedError as error:
        events.append(error)
    ended = [e for e in events if isinstance(e, Checked) and e.status is not CheckStatus.RUNNING]
    return events[-1], {e.name: e for e in ended}


def test_a_sound_app_becomes_a_release_that_is_scored(workshop, toolchain, sandbox):
    """One that changes rows as well, and takes for a change only what is one."""
    last, ended = through_the_gate(workshop, {"backend/main.py": CHANGED_PY})
    assert isinstance(last, Released)
    assert {name: e.status for name, e in ended.items()} == dict.fromkeys(ended, CheckStatus.PASSED)
    release = read_release(last.path)
    assert (release.path / "thumbnail.png").exists()
    assert release.snapshot.exists()
    events = list(score_release(release, toolchain, sandbox))
    assert events[-1] == Scored(1, 100)
    assert read_release(last.path).score == 100
    assert {p.name for p in workshop.releases.iterdir()} == {"1", ".types"}


# What is wrong, and what is told of it: each run of the gate looks for all that can be wrong at once.
BROKEN = {
    "syntax": ({"backend/main.py": b"def (\n"}, [("syntax", "SyntaxError", ("backend/main.py", 1))]),
    "types and a page's errors": (
        {
            "frontend/src/main.ts": b"\nexport const a: number = 'x'\nconsole.error('boom'); fetch('/api/gone')\n",
            "backend/main.py": MAIN_PY.replace(b"raise HTTPException(404)", b"pass"),
        },
        [
            ("types", "not assignable", ("frontend/src/main.ts", 2)),
            ("contract", "answered 500", None),
            ("first_paint", "boom", None),
            ("first_paint", "/api/gone", None),
        ],
    ),
    "no front end, no tables": (
        {
            "frontend/src/main.ts": b"import './gone'\n",
            "backend/migrate.py": b"raise ValueError('no such table')\n",
        },
        [("frontend", "gone", None), ("migrations", "no such table", None)],
    ),
    "boot": (
        {"backend/main.py": b"import nowhere\n"},
        [("boot", "No module named 'nowhere'", ("backend/main.py", 1))],
    ),
    "blank": ({"frontend/src/main.ts": b"document.body.remove()\n"}, [("first_paint", "blank", None)]),
}


@pytest.mark.parametrize("flaw", BROKEN)
def test_each_check_finds_its_faults_and_nothing_is_released(workshop, flaw):
    changed, expected = BROKEN[flaw]
    last, ended = through_the_gate(workshop, changed)
    assert isinstance(last, BuildFailedError)
    for check, message, place in expected:
        assert ended[check].status is CheckStatus.FAILED
        told = [(f.message, (f.path, f.line)) for f in ended[check].findings]
        assert any(message in said and place in (None, at) for said, at in told), told
    assert {p.name for p in workshop.releases.iterdir()} <= {".types"}


def test_what_is_remembered_of_types_hides_no_error(tmp_path, toolchain, sandbox):
    stage = Stage(tmp_path / ".1.stage", tmp_path)
    source = stage.app / "frontend" / "src"
    for path, data in APP.items():
        (stage.app / path).parent.mkdir(parents=True, exist_ok=True)
        (stage.app / path).write_bytes(data)

    def errors():
        (ended,) = [e for e in check_types(stage, toolchain, sandbox, lambda: False) if e.status != "running"]
        return [(finding.path, finding.line) for finding in ended.findings]

    (source / "count.ts").write_text("export const count: number = 1\n")
    (source / "main.ts").write_text("import { count } from './count'\nconst shown: number = count\nvoid shown\n")
    assert errors() == []
    (source / "count.ts").write_text("export const count: string = 'x'\n")
    assert errors() == errors() == [("frontend/src/main.ts", 2)]
    for spoilt in ('{"version', '{"version":"7.0.2","fileNames":7,"root":[9]}', "[]"):
        (stage.types / "types.json").write_text(spoilt)
        assert errors() == [("frontend/src/main.ts", 2)]
    (stage.app / "frontend" / "tsconfig.json").write_bytes(
        APP["frontend/tsconfig.json"].replace(b'"strict"', b'"noUnusedLocals":true,"strict"')
    )
    (source / "main.ts").write_text("const unused = 1\nexport {}\n")
    assert errors() == [("frontend/src/main.ts", 1)]


def test_a_change_is_asked_for_with_all_it_needs(workshop):
    stubborn = CHANGED_PY.replace(b'if change.title == read(key)["title"]:', b"if True:")
    last, ended = through_the_gate(workshop, {"backend/main.py": stubborn})
    assert isinstance(last, BuildFailedError)
    assert 'with {"summary": "Sample 1", "title":' in ended["contract"].findings[0].message


def test_an_app_that_kills_its_judge_is_not_passed(workshop):
    killer = b"import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
    last, ended = through_the_gate(workshop, {"backend/migrate.py": killer})
    assert isinstance(last, BuildFailedError)
    assert ended["migrations"].status is CheckStatus.FAILED


def test_a_cancelled_build_leaves_nothing(workshop):
    workshop.workspace.render(APP, "Render")
    with pytest.raises(CancelledError):
        list(release_commit(workshop.workspace.require(MAIN), replace(workshop, cancelled=lambda: True)))
    assert not workshop.releases.exists() or list(workshop.releases.iterdir()) == []
