"""What a blueprint's formulas, features and rules name is found again under the names that the app has."""

import copy

import pytest

from builder.drafter.assemble import AbsentError, Naming, assemble_parts
from builder.drafter.reference import forget_unanswered
from builder.drafter.shelf import read_blueprint
from builder.spec import FieldType

CLUB = {
    "name": "Boat club",
    "words": ["boat club"],
    "entities": {
        "boat": {
            "fields": {
                "name": "string required",
                "class": {"string": True},
                "state": {"choice": {"In repair": "red", "Ready": "green"}},
                "trips": {"computed": 'if(state = "In repair", 0, count(outing, boat) + sum(outing.hours) * 0)'},
                "mood": {"computed": 'if(trips > 3, "Worn", "As new")', "choices": {"Worn": "red", "As new": "green"}},
            }
        },
        "outing": {
            "aside": True,
            "fields": {
                "boat": {"relation": "boat"},
                "day": "date",
                "hours": {"decimal": True},
                "state": {"choice": {"Planned": "slate", "Back": "green", "Called off": "red"}},
                "line": {"computed": "hours * boat.trips"},
            },
        },
    },
    "features": [
        {"feature": "calendar", "entity": "outing", "options": {"date": "day"}},
        {"feature": "dashboard", "options": {"tiles": [{"entity": "outing", "measure": "sum:hours", "by": "boat"}]}},
        {"feature": "export", "options": {"formats": ["csv"]}},
    ],
    "rules": [
        {"rule": "transition", "entity": "outing", "fields": ["state"],
         "options": {"from": {"Planned": ["Called off"]}}},
        {"rule": "no_overlap", "entity": "outing",
         "options": {"by": ["boat"], "start": "day", "end": "day", "except": {"state": ["Called off"]}}},
        {"rule": "capacity", "entity": "outing", "options": {"of": "boat", "limit": "boat.trips"}},
    ],
}  # fmt: skip


@pytest.fixture
def sketch():
    return read_blueprint("club", copy.deepcopy(CLUB)).sketch.copy()


def test_names_and_choices_are_said_as_the_app_has_them(sketch):
    boat = sketch.entities[0]
    boat.label, boat.name = "Ship", "ship"  # as a person calls it
    naming = Naming(sketch)
    trips, mood = (naming.say(f.formula) for f in boat.fields if f.type is FieldType.COMPUTED)
    assert trips == 'if(state = "in_repair", 0, count(outing, boat) + sum(outing.hours) * 0)'
    assert mood == 'if(trips > 3, "worn", "as_new")'
    assert naming.fields["boat"]["class"] == "class_field"
    features, rules, pages = assemble_parts(sketch, naming)
    assert features[1].options == {"tiles": [{"entity": "outing", "measure": "sum:hours", "by": "boat"}]}
    assert rules[0].options == {"from": {"planned": ["called_off"]}}
    assert rules[1].options["except"] == {"state": ["called_off"]}
    assert rules[2].options["limit"] == "boat.trips"
    assert [(p.label, p.entity, p.view) for p in pages] == [
        ("Dashboard", None, "dashboard"), ("Boats", "ship", None), ("Calendar", "outing", "calendar"),
    ]  # fmt: skip


def test_values_stay_when_labels_are_shown_in_another_language(sketch):
    state = sketch.entities[1].find("state")
    state.choices = [("Geplant", None), ("Zurück", None), ("Abgesagt", None)]
    rules = assemble_parts(sketch, Naming(sketch))[1]
    assert rules[1].options["except"] == {"state": ["called_off"]}


def test_what_goes_by_something_that_is_not_there_is_left_out(sketch):
    outing = sketch.entities[1]
    outing.fields = [f for f in outing.fields if f.key != "day"]
    features, rules, _ = assemble_parts(sketch, Naming(sketch))
    assert [f.name for f in features] == ["dashboard", "export"]
    assert [r.kind for r in rules] == ["transition", "capacity"]
    sketch.entities = sketch.entities[:1]
    with pytest.raises(AbsentError):
        Naming(sketch).say(sketch.entities[0].find("trips").formula)
    forget_unanswered(sketch)
    assert [f.key for f in sketch.entities[0].fields] == ["name", "class", "state"]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"feature": "chart", "entity": "boat", "options": {"by": "colour"}}, "no field 'colour'"),
        (
            {"feature": "approval", "entity": "boat", "options": {"field": "state", "approved": "Done"}},
            "none of In repair",
        ),
        ({"feature": "checkout", "entity": "boat", "options": {"order": "basket"}}, "no 'basket'"),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error_of_the_file(part, said):
    with pytest.raises(ValueError, match=said):
        read_blueprint("club", CLUB | {"features": [part]})
