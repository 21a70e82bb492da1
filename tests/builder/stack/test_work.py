"""Apps about work and time: stages, boards, calendars, bookings. Their own tests pass, and they work by hand."""

import subprocess
import sys

from builder.stack import FULLSTACK, pages, render_stack, schedule, stages
from builder.stack.features import Features
from builder.stack.looks import routes
from builder.stack.views import SpecView
from tests.samples import TODO, spec


def field(name, type="string", **more):
    return {"name": name, "type": type, "label": name.replace("_", " ").capitalize(), **more}


def choices(*values):
    return [{"value": value, "label": value.replace("_", " ").capitalize()} for value in values]


def thing(name, *fields, seed=(), plural=None):
    label = name.replace("_", " ").capitalize()
    plural = plural or f"{name}s"
    return {
        "name": name, "plural": plural, "label": label, "label_plural": plural.replace("_", " ").capitalize(),
        "fields": list(fields), "seed": list(seed),
    }  # fmt: skip


def feature(name, entity, **options):
    return {"name": name, "entity": entity, "options": options}


def rule(kind, entity, *fields, **options):
    return {"kind": kind, "entity": entity, "fields": fields, "options": options}


NAME = field("name", required=True)
STEPS = {"open": ["doing"], "doing": ["done", "open"], "done": [], "dropped": []}
WHEN = {"date": "date", "time": "time", "minutes": "service.minutes"}
WORK = {
    "name": "Workshop",
    "entities": [
        thing("person", NAME, seed=[{"name": "Ada"}, {"name": "Ben"}], plural="people"),
        thing(
            "task",
            field("title", required=True),
            field("status", "choice", required=True, choices=choices(*STEPS)),
            field("person", "relation", target="person"),
            field("due", "date"),
            field("budget", "money", unit="€"),
            field("position", "integer", required=True),
            seed=[
                {"title": "Plane the boards", "status": "open", "person": 1, "due": "2025-03-04", "position": 1},
                {"title": "Cut the legs", "status": "doing", "budget": 120, "position": 2},
                {"title": "Buy oil", "status": "open", "position": 3},
            ],
        ),
        thing("service", NAME, field("minutes", "integer", unit="min"), seed=[{"name": "Repair", "minutes": 45}]),
        thing("room", NAME, field("opens", "time"), seed=[{"name": "Bench", "opens": "08:00"}]),
        thing(
            "appointment",
            field("who", required=True),
            field("room", "relation", target="room", required=True),
            field("service", "relation", target="service", required=True),
            field("date", "date", required=True),
            field("time", "time", required=True),
            field("status", "choice", required=True, choices=choices("asked", "agreed", "cancelled")),
            seed=[{"who": "Mia", "room": 1, "service": 1, "date": "2025-03-04", "time": "10:00", "status": "agreed"}],
        ),
        thing("tool", NAME, field("last_oiled", "date"), seed=[{"name": "Saw"}]),
        thing(
            "entry",
            field("person", "relation", target="person", required=True),
            field("start", "datetime", required=True),
            field("stop", "datetime"),
            seed=[{"person": 1, "start": "2025-03-04T09:00:00"}],
            plural="entries",
        ),
        thing(
            "goal",
            NAME,
            field("saved", "money", unit="€"),
            field("target", "money", unit="€"),
            field("points", "integer", min=0),
            field("decision", "choice", choices=choices("asked", "approved", "rejected")),
            field("decided", "date"),
            seed=[{"name": "New bench", "saved": 120, "target": 400, "points": 3, "decision": "asked"}],
        ),
        thing(
            "loan",
            field("borrower", required=True),
            field("tool", "relation", target="tool", required=True),
            field("start", "date", required=True),
            field("until", "date"),
        ),
    ],
    "features": [
        *({"name": name} for name in ("search", "filter", "sort", "detail", "create", "edit", "delete")),
        feature("status_workflow", "task", field="status"),
        feature("kanban", "task", field="status"),
        feature("drag_drop", "task", field="position"),
        feature("calendar", "task", date="due"),
        feature("status_workflow", "tool", stamp="last_oiled", label="Oil </script> it"),
        feature("calendar", "appointment", **WHEN),
        feature("booking", "appointment", of="room", **WHEN),
        feature("availability", "appointment", of="room", **WHEN),
        feature("timer", "entry", start="start", stop="stop"),
        feature("progress", "goal", value="saved", goal="target"),
        feature("scoring", "goal", field="points"),
        feature("approval", "goal", field="decision", approved="approved", rejected="rejected", at="decided"),
        feature("booking", "loan", of="tool", start="start", end="until"),
    ],
    "rules": [
        rule("transition", "task", "status", **{"from": STEPS}),
        rule("no_overlap", "appointment", by=["room"], **WHEN, **{"except": {"status": ["cancelled"]}}),
    ],
    "pages": [
        {"name": "board", "label": "Board", "entity": "task", "view": "board"},
        {"name": "tasks", "label": "Tasks", "entity": "task"},
        {"name": "plan", "label": "Plan", "entity": "appointment", "view": "calendar"},
        {"name": "rooms", "label": "Rooms", "entity": "room"},
        {"name": "tools", "label": "Tools", "entity": "tool"},
        {"name": "entries", "label": "Hours", "entity": "entry"},
        {"name": "goals", "label": "Goals", "entity": "goal"},
    ],
}


def test_an_app_of_work_and_time_passes_its_own_tests(apps):
    app = apps.make(spec(WORK))
    for command in (["check", "--select=E,F,I,B,UP", "--ignore=B008"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length=120", "--no-cache", "."]
        done = subprocess.run(ruff, cwd=app.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    assert " passed" in app.run("-m", "pytest")


def entity_of(name, source=WORK):
    app = spec(source)
    view = SpecView(app, Features.load(FULLSTACK / "features", app))
    return view.entity(name), routes(view)


def test_fields_are_found_where_options_are_silent():
    silent = WORK | {"features": [{"name": f["name"], "entity": f.get("entity")} for f in WORK["features"]]}
    for name in ("task", "appointment", "loan"):
        told, guessed = entity_of(name)[0], entity_of(name, silent)[0]
        for meaning in (stages.workflow, stages.board, schedule.takes_place, schedule.calendar):
            assert meaning(told) == meaning(guessed), (name, meaning.__name__)
        booked, found = schedule.booking(told), schedule.booking(guessed)
        assert (booked and (booked.of.name, booked.by_days)) == (found and (found.of.name, found.by_days))
        assert told.order_field == guessed.order_field


def test_a_path_through_the_stages_goes_forward_and_leaves_out_what_is_aside():
    task, _ = entity_of("task")
    assert stages.workflow(task) == {"field": "status", "path": ["open", "doing", "done"]}
    assert stages.next_steps(task, task.field("status"))["doing"] == ["open", "done"]


def test_every_view_of_rows_has_a_page_and_a_way_to_it():
    task, paths = entity_of("task")
    assert pages.view_switch(task, paths) == [("list", "/tasks"), ("board", "/"), ("calendar", "/tasks/calendar")]
    appointment, paths = entity_of("appointment")
    assert pages.view_switch(appointment, paths) == [("list", "/appointments"), ("calendar", "/plan")]


def test_what_has_no_field_for_it_goes_without():
    plain = TODO | {"entities": [thing("note", NAME)], "features": [
        feature(name, "note") for name in ("status_workflow", "kanban", "drag_drop", "calendar", "booking")
    ]}  # fmt: skip
    files = render_stack(spec(plain))
    assert not [path for path in files if any(word in path for word in ("Board", "Calendar", "Steps", "Free"))]
    assert b"place" not in files["backend/entities/note.py"]
