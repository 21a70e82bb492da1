"""Every kind of step turns red when what it is there for is broken, and is green when nothing is."""

from collections.abc import Iterator

import pytest

from builder.agent.flow import ACTIONS, EXPECTATIONS, FlowStep, check_flow
from builder.agent.lab import Lab
from builder.agent.warm_lab import open_lab
from builder.sandbox import open_sandbox
from tests.builder.checks.tiny import MAIN_PY, MAIN_TS, NOTES, PAGE, STATIC, broken

pytestmark = pytest.mark.browser


def steps(*flow: dict) -> list[FlowStep]:
    made = [FlowStep(**step) for step in flow]
    assert check_flow(made) is None
    return made


HASTE = 0.2  # of the usual patience, where the flow can't hold anyway
OPEN = {"do": "open", "path": "/"}
ADD = {"do": "click", "role": "button", "name": "Add"}
# The step that is tried, the flow around it, and what breaks it in the page.
ON_THE_PAGE = {
    "open": ([OPEN, {"do": "expect_control", "role": "heading", "name": "Workbench"}], "<h1>Workbench</h1>", ""),
    "click": ([OPEN, ADD, {"do": "expect_text", "text": "Cup"}], 'at("add").addEventListener("click", add);', ""),
    "fill": (
        [OPEN, {"do": "fill", "name": "Name", "value": "Grace"}, {"do": "expect_text", "text": "Hello Grace"}],
        'say("Hello "',
        'say("Bye "',
    ),
    "choose": (
        [OPEN, {"do": "choose", "name": "Size", "value": "large"}, {"do": "expect_text", "text": "Size l"}],
        '<option value="l">Large</option>',
        "",
    ),
    "check": (
        [OPEN, {"do": "check", "name": "Loud"}, {"do": "expect_text", "text": "LOUD"}],
        'id="loud" type="checkbox"',
        'id="loud" type="checkbox" disabled',
    ),
    "press": (
        [OPEN, {"do": "press", "key": "ArrowLeft"}, {"do": "expect_text", "text": "Went left"}],
        '"ArrowLeft"',
        '"ArrowUp"',
    ),
    "drag": (
        [OPEN, {"do": "drag", "name": "Crate", "to": "Shelf"}, {"do": "expect_text", "text": "On the shelf"}],
        "held = true",
        "held = false",
    ),
    "swipe": (
        [OPEN, {"do": "swipe", "value": "left", "name": "Pad"}, {"do": "expect_text", "text": "Swiped away"}],
        '"touchend"',
        '"mouseup"',
    ),
    "reload": (
        [OPEN, {"do": "reload"}, {"do": "expect_text", "text": "Visits: 2"}],
        "localStorage.visits = Number",
        "sessionStorage.visits = Number",
    ),
    "wait": (
        [
            OPEN,
            {"do": "click", "role": "button", "name": "Later"},
            {"do": "wait", "seconds": 1},
            {"do": "expect_text", "text": "Here at last"},
        ],
        "}, 900)",
        "}, 9000)",
    ),
    "expect_text": ([OPEN, {"do": "expect_text", "text": "nothing  YET"}], "Nothing yet", "Something"),
    "expect_no_text": (
        [OPEN, {"do": "fill", "name": "Name", "value": "x"}, {"do": "expect_no_text", "text": "Nothing yet"}],
        'say("Hello "',
        'say("Nothing yet "',
    ),
    "expect_control": (
        [OPEN, {"do": "expect_control", "role": "button", "name": "add all"}],
        '<button type="button" disabled>Add all</button>',
        '<button type="button" hidden>Add all</button>',
    ),
    "expect_no_control": (
        [OPEN, {"do": "expect_no_control", "role": "listitem", "name": "Cup"}],
        '<ul id="list" aria-label="Cups">',
        '<ul id="list" aria-label="Cups"><li aria-label="Cup">Cup</li>',
    ),
    "expect_count": (
        [OPEN, ADD, ADD, {"do": "expect_count", "role": "listitem", "count": 2}],
        'at("add").addEventListener("click", add);',
        'at("add").addEventListener("click", add, {once: true});',
    ),
    "expect_value": (
        [OPEN, {"do": "expect_value", "name": "Name", "value": "Ada"}],
        'value="Ada"',
        'value="Adam"',
    ),
    "expect_url": (
        [OPEN, {"do": "click", "role": "link", "name": "Second"}, {"do": "expect_url", "path": "/#second"}],
        'href="#second"',
        'href="#third"',
    ),
    "expect_change": ([OPEN, ADD, {"do": "expect_change"}], 'at("add").addEventListener("click", add);', ""),
    "expect_motion": (
        [OPEN, {"do": "expect_motion", "seconds": 0.3}],
        "animation: fly 1s linear infinite alternate;",
        "",
    ),
    "expect_color": (
        [OPEN, {"do": "expect_color", "value": "#800000", "percent": 90, "role": "img", "name": "Pad"}],
        "maroon, #860808",
        "maroon, #ff0000",
    ),
}
NOTE = [OPEN, {"do": "fill", "name": "Title", "value": "Milk"}, {"do": "click", "role": "button", "name": "Add note"}]
WITH_AN_API = {
    "call_api": (
        [
            {"do": "call_api", "method": "POST", "path": "/api/notes", "body": {"title": "Tea"}},
            OPEN,
            {"do": "expect_text", "text": "Tea"},
        ],
        "backend/main.py",
        broken(MAIN_PY, "class Note(BaseModel):\n    title: str", "class Note(BaseModel):\n    title: int"),
    ),
    "expect_api": (
        [*NOTE, {"do": "expect_api", "path": "/api/notes", "contains": '"title": "Milk"'}],
        "backend/main.py",
        broken(MAIN_PY, "values (?)\", note.title", "values (?)\", note.title[1:]"),
    ),
    "expect_rows": (
        [*NOTE, {"do": "reload"}, {"do": "expect_rows", "sql": "select * from notes", "count": 2}],
        "frontend/src/main.ts",
        broken(MAIN_TS, 'fetch("/api/notes", { method: "POST",', 'fetch("/api/void", { method: "POST",'),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def labs(tmp_path_factory, toolchain) -> Iterator[dict[str, Lab]]:
    sandbox = open_sandbox("bubblewrap", tmp_path_factory.mktemp("sandbox"))
    folder = tmp_path_factory.mktemp("labs")
    made = {name: open_lab(files, folder / name, toolchain, sandbox) for name, files in APPS.items()}
    yield made
    for lab in made.values():
        lab.close()


APPS = {"static": STATIC, "notes": NOTES}


def test_every_kind_of_step_is_broken_once():
    assert {*ON_THE_PAGE, *WITH_AN_API} == {*ACTIONS, *EXPECTATIONS}


@pytest.mark.parametrize("kind", ON_THE_PAGE)
def test_a_step_on_the_page_holds_until_it_is_broken(labs, kind):
    flow, old, new = ON_THE_PAGE[kind]
    labs["static"].update(STATIC)
    assert labs["static"].run_flow(steps(*flow)).finding is None
    labs["static"].update({"index.html": broken(PAGE, old, new)})
    ended = labs["static"].run_flow(steps(*flow), patience=HASTE)
    assert not ended.ok
    assert ended.failed_at is not None
    assert f"Step {ended.failed_at + 1}" in ended.finding
    assert len(ended.finding) <= 4000


@pytest.mark.parametrize("kind", WITH_AN_API)
def test_a_step_on_the_data_holds_until_it_is_broken(labs, kind):
    flow, path, data = WITH_AN_API[kind]
    lab = labs["notes"]
    lab.update(NOTES)
    assert lab.run_flow(steps(*flow)).finding is None
    lab.update({path: data})
    assert lab.run_flow(steps(*flow), patience=HASTE).finding
    lab.update(NOTES)


def test_a_finding_names_what_is_there_instead(labs):
    labs["static"].update(STATIC)
    flow = steps(OPEN, {"do": "click", "role": "button", "name": "Ad it"}, {"do": "expect_change"})
    ended = labs["static"].run_flow(flow, patience=HASTE)
    assert ended.failed_at == 1
    assert ended.finding.startswith("Step 2, click button “Ad it”: there is no button “Ad it”.")
    assert "button “Add”" in ended.finding
    assert ended.screenshot.startswith(b"\x89PNG")


def test_a_request_to_another_site_is_blocked_and_told(labs):
    page = broken(PAGE, "<h1>Workbench</h1>", '<h1>Workbench</h1><img src="https://example.org/a.png" alt="">')
    labs["static"].update({"index.html": page})
    ended = labs["static"].run_flow(steps(OPEN, {"do": "expect_text", "text": "Not there"}), patience=HASTE)
    assert "https://example.org/a.png" in ended.finding


def test_counting_rows_by_count_means_the_number(labs):
    flow = {"do": "expect_rows", "sql": "select count(*) from notes where title = 'None'", "count": 1}
    assert not labs["notes"].run_flow(steps(OPEN, flow), patience=HASTE).ok
    assert labs["notes"].run_flow(steps(OPEN, {**flow, "count": 0})).ok


def test_a_flow_leaves_no_data_behind(labs):
    lab = labs["notes"]
    lab.call_api("POST", "/api/notes", {"title": "Mine"})
    two = {"do": "expect_rows", "sql": "select * from notes", "count": 2}
    assert lab.run_flow(steps(*NOTE, two)).finding is None
    assert lab.run_flow(steps(*NOTE, two)).finding is None
    assert [row[1] for row in lab.query_db("select * from notes").rows] == ["First", "Mine"]


def test_a_page_that_never_answers_again_is_told_and_left(labs):
    hanging = broken(PAGE, 'at("add").addEventListener("click", add);', 'at("add").onclick = () => { for (;;); };')
    labs["static"].update({"index.html": hanging})
    flow = steps(OPEN, ADD, {"do": "expect_text", "text": "Cup"})
    assert "never ends" in labs["static"].run_flow(flow, patience=HASTE).finding
    labs["static"].update(STATIC)
    assert "Workbench" in labs["static"].browse("/", []).snapshot


def test_a_control_that_can_not_be_used_says_why(labs):
    labs["static"].update(STATIC)
    flow = steps(OPEN, {"do": "click", "role": "button", "name": "Add all"}, {"do": "expect_change"})
    ended = labs["static"].run_flow(flow, patience=HASTE)
    assert "it is not enabled" in ended.finding


def test_a_name_means_the_thing_called_just_so_before_those_that_contain_it(labs):
    rows = """<div role="table" aria-label="Board"><div role="row"><span role="cell" id="a">16</span>
      <span role="cell" id="b">32</span></div></div><h1>Workbench</h1>"""
    dropped = 'at("b").addEventListener("mouseup", () => say("Dropped")); let held'
    page = broken(broken(PAGE, "<h1>Workbench</h1>", rows).decode(), "let held", dropped)
    labs["static"].update({"index.html": page})
    said = {"do": "expect_text", "text": "Dropped"}
    assert labs["static"].run_flow(steps(OPEN, {"do": "drag", "name": "16", "to": "32"}, said)).finding is None
    same = steps(OPEN, {"do": "drag", "role": "row", "name": "16", "to": "16 32"}, said)
    assert "are the same thing" in labs["static"].run_flow(same, patience=HASTE).finding


def test_a_value_is_that_of_what_is_called_just_so(labs):
    tip = '<label>Name and title <input value="Dr"></label><output aria-label="Nam">7</output><h1>Workbench</h1>'
    labs["static"].update({"index.html": broken(PAGE, "<h1>Workbench</h1>", tip)})
    for name, value in (("Nam", "7"), ("Name", "Ada"), ("Name and", "Dr")):
        expected = {"do": "expect_value", "name": name, "value": value}
        assert labs["static"].run_flow(steps(OPEN, expected)).finding is None


def test_opening_an_address_loads_it_even_if_only_its_hash_is_another(labs):
    labs["static"].update(STATIC)
    twice = steps(OPEN, {"do": "open", "path": "/#second"}, {"do": "expect_text", "text": "Visits: 2"})
    assert labs["static"].run_flow(twice).finding is None


def test_a_color_that_is_not_there_names_those_that_are(labs):
    labs["static"].update(STATIC)
    ended = labs["static"].run_flow(steps(OPEN, {"do": "expect_color", "value": "#faf0e6"}), patience=HASTE)
    assert "% of it has that colour, expected 5 %; it has #ffffff" in ended.finding
    named = labs["static"].run_flow(steps(OPEN, {"do": "expect_color", "value": "linen"}), patience=HASTE)
    assert "#rrggbb" in named.finding
