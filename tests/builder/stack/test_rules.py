"""The rules of a rendered app hold, also when two write at once, on SQLite and on PostgreSQL."""

import json

import pytest

from tests.builder.test_rules import FIELDS, SEATS
from tests.samples import spec

RULES = [
    ("range", ["begins", "ends"], {}),
    ("required_if", ["name"], {"field": "status", "is": ["done"]}),
    ("transition", ["status"], {"from": {"open": ["done"]}}),
    ("no_overlap", [], {"by": ["room"], "start": "begins", "end": "ends", "except": {"status": ["done"]}}),
    ("no_overlap", [], {"by": ["room"], "date": "day", "time": "at", "minutes": "room.seats"}),
    ("capacity", [], {"of": "room", "limit": "room.seats", "count": "people"}),
    ("computed", ["made"], {"source": "created_at"}),
]
MADE = {"name": "made", "type": "datetime", "label": "Made"}
VISITS = {
    "name": "Visits",
    "entities": [
        {"name": "room", "plural": "rooms", "label": "Room", "label_plural": "Rooms", "fields": [SEATS]},
        {"name": "visit", "plural": "visits", "label": "Visit", "label_plural": "Visits", "fields": [*FIELDS, MADE]},
    ],
    "rules": [{"kind": k, "entity": "visit", "fields": f, "options": o} for k, f, o in RULES],
    "features": [{"name": n} for n in ("create", "edit", "delete", "filter", "sort")],
}
CALLS = """
import json
from concurrent.futures import ThreadPoolExecutor
from starlette.testclient import TestClient
from backend import main, migrate
migrate.main()
def send(call):
    method, path, body = call
    with TestClient(main.app, base_url="http://localhost") as client:
        answer = client.request(method, path, json=body)
        return [answer.status_code, answer.json()]
for call in json.load(open("calls.json")):
    if call[0] == "TWICE":
        with ThreadPoolExecutor(4) as pool:
            print(json.dumps(sorted(found[0] for found in pool.map(send, [call[1:]] * 4))))
    else:
        print(json.dumps(send(call)))
"""


def visit(**values: object) -> list[object]:
    return ["POST", "/api/visits", values]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_rules_hold_when_several_write_at_once(apps, kind, request):
    app = apps.make(spec(VISITS))
    if kind == "postgresql":
        app.url = request.getfixturevalue("new_postgres")
    calls = [
        ["POST", "/api/rooms", {"seats": 30}],
        visit(status="open"),
        visit(begins="2026-01-02T10:00", ends="2026-01-02T09:00"),
        visit(status="done"),
        ["PATCH", "/api/visits/1", {"status": "done", "name": "Ann"}],
        ["PATCH", "/api/visits/1", {"status": "open"}],
        ["TWICE", *visit(room=1, begins="2026-01-02T10:00", ends="2026-01-02T11:00", people=2)],
        visit(room=1, begins="2026-01-02T11:00", ends="2026-01-02T12:00", people=2),
        ["TWICE", *visit(room=1, day="2026-01-03", at="10:00", people=2)],
        visit(room=1, day="2026-01-03", at="10:29", people=2),
        visit(room=1, day="2026-01-03", at="10:30", people=2),
        ["TWICE", *visit(room=1, people=9)],
        visit(room=1, people=5),
    ]
    (app.folder / "calls.json").write_text(json.dumps(calls))
    found = [json.loads(line) for line in app.run("-W", "ignore::ResourceWarning", "-c", CALLS).splitlines()]
    (_, opened, ordered, needed, done, back, overlap, after, slot, within, behind, full, rest) = found
    assert (ordered[0], list(ordered[1]["error"]["fields"])) == (422, ["ends"])
    assert (needed[0], list(needed[1]["error"]["fields"])) == (422, ["name"])
    assert (opened[0], done[0], back[0]) == (201, 200, 422)
    assert opened[1]["made"]
    assert back[1]["error"]["fields"] == {"status": "Done can become nothing else."}
    assert overlap == slot == [201, 409, 409, 409]
    assert (after[0], within[0], behind[0]) == (201, 409, 201)
    assert full == [201, 201, 409, 409]
    assert (rest[0], rest[1]["error"]["fields"]) == (409, {"people": "Only 4 left."})


def test_an_app_with_rules_passes_its_own_tests(apps):
    assert " passed" in apps.make(spec(VISITS)).run("-m", "pytest")
