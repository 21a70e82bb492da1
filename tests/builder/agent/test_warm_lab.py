"""The warm lab on a small app: what the model edits is rebuilt, exercised and told, and nothing in it can hurt."""

import sqlite3
from collections.abc import Iterator

import pytest

from builder.agent.flow import FlowStep
from builder.agent.lab import Lab, LabError
from builder.agent.warm_lab import open_lab
from builder.checks import bench
from builder.checks.probe import CancelledError
from builder.events import CheckStatus
from builder.sandbox import open_sandbox
from tests.builder.checks.tiny import MAIN_PY, MAIN_TS, NOTES, STATIC, TESTS_PY, broken

pytestmark = pytest.mark.browser

GATE = ["syntax", "migrations", "boot", "contract", "types", "frontend", "first_paint"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory, toolchain) -> Iterator[Lab]:
    lab = open_lab(
        NOTES,
        tmp_path_factory.mktemp("lab") / "lab",
        toolchain,
        open_sandbox("bubblewrap", tmp_path_factory.mktemp("s")),
    )
    yield lab
    lab.close()


@pytest.fixture
def lab(shared) -> Iterator[Lab]:
    yield shared
    shared.update({"tests/test_more.py": None, "evil.py": None, **NOTES})


def statuses(lab, *changed) -> dict[str, CheckStatus]:
    return {check.name: check.status for check in lab.check(changed)}


def findings(lab, name, *changed):
    return next(check.findings for check in lab.check(changed) if check.name == name)


def test_only_what_an_edit_can_break_is_checked(lab):
    assert statuses(lab, *NOTES) == dict.fromkeys(GATE, CheckStatus.PASSED)
    assert list(statuses(lab, "frontend/src/main.ts")) == ["types", "frontend", "first_paint"]
    assert list(statuses(lab, "backend/main.py")) == ["syntax", "migrations", "boot", "contract", "first_paint"]
    assert lab.check(["README.md"]) == []


def test_a_broken_front_end_is_located_and_repaired(lab):
    lab.update({"frontend/src/main.ts": b"\nconst a: number = 'x'\n"})
    [finding] = findings(lab, "types", "frontend/src/main.ts")
    assert "not assignable" in finding.message
    assert (finding.path, finding.line) == ("frontend/src/main.ts", 2)
    lab.update({"frontend/src/main.ts": b"import './gone'\n"})
    assert statuses(lab, "frontend/src/main.ts")["frontend"] is CheckStatus.FAILED
    with pytest.raises(LabError, match=r"front end does not build[\s\S]*gone"):
        lab.browse("/", [])
    lab.update({"frontend/src/main.ts": MAIN_TS.encode()})
    assert "First" in lab.browse("/", []).snapshot


def test_a_broken_back_end_is_located_and_the_rest_is_skipped(lab):
    lab.update({"backend/main.py": b"import nowhere\n"})
    ended = {check.name: check for check in lab.check(["backend/main.py"])}
    [finding] = ended["boot"].findings
    assert (finding.path, finding.line) == ("backend/main.py", 1)
    assert "nowhere" in finding.message
    assert ended["first_paint"].status is CheckStatus.SKIPPED
    with pytest.raises(LabError, match=r"does not start.*nowhere"):
        lab.call_api("GET", "/api/notes")
    assert "nowhere" in lab.read_logs()


def test_two_edits_within_one_second_are_both_seen(lab):
    for word in ("aaaa", "bbbb", "cccc"):
        lab.update({"backend/main.py": broken(MAIN_PY, '"status": "ok"', f'"status": "{word}"')})
        assert word in lab.call_api("GET", "/health").body


def test_the_api_is_called_and_the_database_is_only_read(lab):
    assert lab.call_api("POST", "/api/notes", {"title": "Tea"}).status == 201
    rows = lab.query_db("select title from notes where title = 'Tea'")
    assert (rows.columns, rows.rows, rows.more) == (("title",), (("Tea",),), False)
    assert lab.query_db("select title from notes", limit=1).more
    for sql in ("delete from notes", "attach '/tmp/x' as x", "select * from gone", "select 1; select 2"):
        with pytest.raises(LabError, match="SQLite says"):
            lab.query_db(sql)
    with pytest.raises(LabError, match="longer than"):
        lab.query_db("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n")


def test_a_page_is_kept_between_calls_and_tells_what_changed(lab):
    lab.browse("/", [FlowStep(do="fill", name="Title", value="Milk")])
    report = lab.browse(None, [FlowStep(do="click", role="button", name="Add note")], screenshot=True)
    assert "+ - listitem: Milk" in report.changed
    assert report.failed_step is None
    assert report.screenshot.startswith(b"\x89PNG")
    report = lab.browse(None, [FlowStep(do="click", role="button", name="Add nothing")])
    assert "button “Add note”" in report.failed_step
    with pytest.raises(LabError, match="not a page of this app"):
        lab.browse("https://example.org/", [])


def test_what_goes_wrong_on_a_page_is_told(lab):
    lab.update({"frontend/src/main.ts": b"console.error('boom'); void fetch('/api/gone');\n"})
    problems = " ".join(lab.browse("/", []).problems)
    assert "boom" in problems
    assert "/api/gone answered 404" in problems


def test_a_test_that_passes_without_the_feature_is_vacuous(lab):
    route = '@app.get("/api/twice")\ndef twice():\n    return 2\n\n\napp.mount('
    more = TESTS_PY + (
        "\n\ndef test_nothing():\n    assert True\n\n\n"
        "def test_twice():\n    from backend import main\n\n    assert main.twice() == 2\n\n\n"
        "def test_wrong():\n    assert 1 == 3\n"
    )
    lab.update({"backend/main.py": broken(MAIN_PY, "app.mount(", route), "tests/test_app.py": more.encode()})
    report = lab.run_tests(["tests/test_app.py"], NOTES)
    names = {name.partition("::")[2] for name in report.passed}
    assert names == {"test_sums", "test_nothing", "test_twice"}
    [(name, why)] = report.failed
    assert name.endswith("::test_wrong")
    assert "assert 1 == 3" in why
    assert report.vacuous == ("tests/test_app.py::test_nothing",)


def test_tests_are_files_of_the_project_and_no_options(lab):
    for path in ("--version", "../etc", "/etc/passwd", "tests/gone.py"):
        with pytest.raises(LabError):
            lab.run_tests([path], {})


def test_files_stay_inside_the_folder(lab):
    for path in ("../out", "/etc/x", "a/../../b", ".git/config"):
        with pytest.raises(LabError):
            lab.update({path: b"x"})


def test_a_call_without_end_is_stopped_and_the_lab_goes_on(tmp_path, sandbox, toolchain):
    loop = '@app.get("/api/loop")\nasync def loop():\n    while True:\n        pass\n\n\napp.mount('
    files = {**NOTES, "backend/main.py": broken(MAIN_PY, "app.mount(", loop)}
    lab = open_lab(files, tmp_path / "lab", toolchain, sandbox, call_seconds=2)
    assert lab.call_api("GET", "/api/notes").status == 200
    with pytest.raises(LabError, match="started anew"):
        lab.call_api("GET", "/api/loop")
    assert lab.call_api("GET", "/api/notes").status == 200
    lab.close()


def test_an_app_that_kills_everything_costs_one_call(lab):
    killer = (
        "import os, signal\n\n\n@app.get('/api/kill')\ndef kill():\n    os.kill(-1, signal.SIGKILL)\n\n\napp.mount("
    )
    lab.update({"backend/main.py": broken(MAIN_PY, "app.mount(", killer)})
    with pytest.raises(LabError):
        lab.call_api("GET", "/api/kill")
    lab.update({"backend/main.py": MAIN_PY.encode()})
    assert lab.call_api("GET", "/api/notes").status == 200


def test_the_live_data_is_copied_and_never_written(tmp_path, sandbox, toolchain):
    live = tmp_path / "live.sqlite"
    with sqlite3.connect(live) as database:
        database.execute("create table notes (id integer primary key, title text not null)")
        database.execute("insert into notes (title) values ('Kept')")
    database.close()
    before = live.read_bytes()
    lab = open_lab(NOTES, tmp_path / "lab", toolchain, sandbox, data=live)
    lab.call_api("POST", "/api/notes", {"title": "New"})
    assert [row[0] for row in lab.query_db("select title from notes").rows] == ["Kept", "New"]
    lab.close()
    assert live.read_bytes() == before
    assert not (tmp_path / "lab").exists()


def test_a_page_alone_has_neither_api_nor_database(tmp_path, sandbox, toolchain):
    lab = open_lab(STATIC, tmp_path / "lab", toolchain, sandbox)
    assert statuses(lab, "index.html")["first_paint"] is CheckStatus.PASSED
    assert "Workbench" in lab.browse("/", []).snapshot
    with pytest.raises(LabError, match="no back end"):
        lab.call_api("GET", "/api/notes")
    with pytest.raises(LabError, match="no database"):
        lab.query_db("select 1")
    lab.close()


def test_a_person_who_stops_is_heard(tmp_path, sandbox, toolchain):
    lab = open_lab(NOTES, tmp_path / "lab", toolchain, sandbox, cancelled=lambda: True)
    with pytest.raises(CancelledError):
        lab.check(list(NOTES))
    lab.close()


@pytest.mark.parametrize("value", [{}, {"ok": True}, {"ok": "perhaps", "snapshot": "", "seconds": 1}])
def test_an_answer_of_another_form_proves_nothing(value):
    with pytest.raises(bench.BenchError, match="form"):
        bench.read_flow(value)
    sly = {"ok": True, "failed_at": 2, "finding": None, "snapshot": "", "seconds": 1}
    assert not bench.read_flow(sly).ok
    assert bench.read_picture("bm8gcGljdHVyZQ==") is None
