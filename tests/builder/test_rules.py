"""What rules say, and the sentences for what they lack; AppSpecs that are too large or named strangely."""

from typing import Any

import pytest
from pydantic import ValidationError

from builder.rules import Filled, NoOverlap, Ordered, RequiredIf, Room, Steps, Way, Within, read_rules
from tests.samples import spec

STATUS = {
    "name": "status",
    "type": "choice",
    "label": "Status",
    "choices": [{"value": "open", "label": "Open"}, {"value": "done", "label": "Done"}],
}
FIELDS = [
    STATUS,
    {"name": "name", "type": "string", "label": "Name"},
    {"name": "room", "type": "relation", "label": "Room", "target": "room"},
    {"name": "guests", "type": "relation", "label": "Guests", "target": "room", "many": True},
    {"name": "day", "type": "date", "label": "Day"},
    {"name": "at", "type": "time", "label": "At"},
    {"name": "begins", "type": "datetime", "label": "Begins"},
    {"name": "ends", "type": "datetime", "label": "Ends"},
    {"name": "people", "type": "integer", "label": "People", "min": 1, "max": 9},
    {"name": "twice", "type": "computed", "label": "Twice", "formula": "people * 2"},
]
SEATS = {"name": "seats", "type": "integer", "label": "Seats"}


def app(kind: str, *fields: str, **options: Any) -> dict[str, Any]:
    rooms = {"name": "room", "plural": "rooms", "label": "Room", "label_plural": "Rooms", "fields": [SEATS]}
    visits = {"name": "visit", "plural": "visits", "label": "Visit", "label_plural": "Visits", "fields": FIELDS}
    rule = {"kind": kind, "entity": "visit", "fields": fields, "options": options}
    return {"name": "Visits", "entities": [rooms, visits], "rules": [rule]}


@pytest.mark.parametrize(
    ("kind", "fields", "options", "read"),
    [
        ("range", ["people"], {"min": 2, "max": 20}, Within("visit", "people", 2, 9)),
        ("range", ["begins", "ends"], {}, Ordered("visit", "begins", "ends")),
        ("required_if", ["day"], {"field": "status", "is": "Done"}, RequiredIf("visit", "day", "status", ("done",))),
        ("computed", ["name"], {"source": "created_by"}, Filled("visit", "name", "created_by")),
        (
            "transition",
            ["status"],
            {"from": {"open": ["done"]}},
            Steps("visit", "status", {"open": ("done",), "done": ()}, ("open",)),
        ),
        (
            "no_overlap",
            [],
            {"by": ["room"], "start": "begins", "end": "ends", "except": {"status": ["done"]}},
            NoOverlap("visit", ("room",), "begins", "ends", out={"status": ("done",)}),
        ),
        (
            "no_overlap",
            [],
            {"date": "day", "time": "at", "minutes": "room.seats"},
            NoOverlap("visit", (), "day", time="at", minutes=Way("seats", "room")),
        ),
        (
            "capacity",
            [],
            {"of": "room", "limit": "room.seats", "count": "people"},
            Room("visit", "room", Way("seats", "room"), "people"),
        ),
        ("capacity", [], {"limit": 20}, Room("visit", None, 20)),
    ],
)
def test_what_a_rule_says(kind, fields, options, read):
    assert read_rules(spec(app(kind, *fields, **options))) == [read]


@pytest.mark.parametrize(
    ("kind", "fields", "options", "reason"),
    [
        ("range", ["price"], {"min": 1}, "names 'price' for fields, which 'visit' doesn't have"),
        ("range", ["name"], {"min": 1}, "needs a number that is integer, decimal, money or rating; 'name' is string"),
        ("range", ["people"], {"min": "one"}, "needs a number for 'min'"),
        ("range", ["people"], {"min": 10}, "leaves no number for 'people'"),
        ("range", ["day", "at"], {}, "of one type; 'day' is date and 'at' is time"),
        ("range", ["people", "twice"], {}, "can't go by 'twice', which is computed"),
        ("range", [], {}, "needs 1 or 2 of its fields, not 0"),
        ("required_if", ["day"], {}, "needs the option 'field'"),
        ("required_if", ["day"], {"field": "status", "is": ["late"]}, "names 'late' for 'status', which is open or d"),
        ("required_if", ["status"], {"field": "status", "is": "open"}, "makes 'status' depend on itself"),
        ("computed", ["name"], {"source": "the moon"}, "needs the option 'source': created_by, changed_by"),
        ("computed", ["name"], {"source": "created_at"}, "needs a field that is datetime or date; 'name' is string"),
        ("computed", ["room"], {"source": "created_by"}, "can only point at with accounts"),
        ("transition", ["status"], {}, "needs the option 'from'"),
        ("transition", ["name"], {"from": {"a": ["b"]}}, "needs a field that is choice; 'name' is string"),
        ("transition", ["status"], {"from": {"open": ["gone"]}}, "names 'gone' for 'status'"),
        ("no_overlap", [], {}, "needs the options `start` and `end`, or `date`, `time` and `minutes`"),
        ("no_overlap", [], {"start": "begins"}, "needs the option 'end'"),
        ("no_overlap", [], {"start": "begins", "end": "day"}, "of one type; 'begins' is datetime and 'day' is date"),
        ("no_overlap", [], {"date": "day", "time": "at"}, "needs the option 'minutes': a field, or relation.field"),
        ("no_overlap", [], {"by": ["guests"], "start": "begins", "end": "ends"}, "'guests', which holds many rows"),
        ("no_overlap", [], {"start": "begins", "end": "ends", "except": "done"}, "needs `except` as {field: [values]}"),
        ("capacity", [], {"of": "room"}, "needs the option 'limit': a field, or relation.field"),
        ("capacity", [], {"of": "room", "limit": "people"}, "needs `limit` as a number, or as a field of what `of`"),
        ("unique", [], {}, "names no fields"),
        ("refuse_delete", [], {"while": "room"}, "waits for 'room', which doesn't point at it"),
    ],
)
def test_what_a_rule_lacks_is_said_in_a_sentence(kind, fields, options, reason):
    with pytest.raises(ValidationError, match=f"the rule {kind} of 'visit'") as refused:
        spec(app(kind, *fields, **options))
    assert reason in refused.value.errors()[0]["msg"]


def field(name: str) -> dict[str, Any]:
    return {"name": name, "type": "computed", "label": "x", "formula": "1"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([field(f"f{n}") for n in range(500)], "at most 80 items"),
        ([field("class")], "the field name 'class' is reserved; call it class_field"),
        ([field("metadata")], "the field name 'metadata' is reserved"),
        ([field("Größe")], "should match pattern"),
        ([field("a") | {"formula": "b"}, field("b") | {"formula": "a"}], "formulas that need each other"),
    ],
)
def test_an_appspec_that_cannot_be_built_is_refused_at_once(fields, reason):
    entity = {"name": "a", "plural": "b", "label": "A", "label_plural": "B", "fields": fields}
    with pytest.raises(ValidationError, match=reason):
        spec({"name": "x", "entities": [entity]})
