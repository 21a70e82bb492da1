"""Apps with accounts: their own tests pass, and each person sees and changes what is theirs."""

import json

import pytest
from pydantic import ValidationError

from builder.stack import render_stack
from tests.people import ATTENDANCE, FORUM
from tests.samples import spec


@pytest.mark.parametrize("source", [FORUM, ATTENDANCE], ids=["forum", "attendance"])
def test_an_app_with_accounts_passes_its_own_tests(apps, source):
    assert " passed" in apps.make(spec(source)).run("-m", "pytest")


@pytest.mark.parametrize(
    ("part", "position", "change", "said"),
    [
        ("features", 0, {"entity": "nobody"}, "unknown entity 'nobody'"),
        ("features", 0, {"login": "department"}, "needs the option 'login'"),
        ("features", 0, {"secret": "name"}, "never shown"),
        ("features", 1, {"field": "team"}, "needs the option 'role'"),
        ("rules", 0, {"read": "nobody"}, "'read' is all, members or own"),
        ("rules", 1, {"write": "everybody"}, "'write' is own, members or admin"),
    ],
)
def test_options_that_do_not_hold_are_refused(part, position, change, said):
    parts = [dict(p) for p in ATTENDANCE[part]]
    parts[position]["options"] = parts[position]["options"] | change
    with pytest.raises(ValidationError, match=said):
        spec(ATTENDANCE | {part: parts})


def test_an_owner_is_one_of_the_people():
    rules = [{"kind": "owner_only", "entity": "attendance", "fields": ["day"], "options": {"read": "own"}}]
    with pytest.raises(ValidationError, match="has to be one of 'employee'"):
        spec(ATTENDANCE | {"rules": rules})
    with pytest.raises(ValidationError, match="needs a field that says whose"):
        spec(ATTENDANCE | {"rules": [rules[0] | {"fields": []}]})


def test_accounts_that_nobody_has_spelled_out_are_none():
    """A wish for accounts that names no people yet leaves the app as it is without them."""
    wish = [{"name": "auth"} if f["name"] == "auth" else f for f in FORUM["features"] if f["name"] != "favorites"]
    bare = [f for f in wish if f["name"] != "auth"]
    assert render_stack(spec(FORUM | {"features": wish})) == render_stack(spec(FORUM | {"features": bare}))


def test_seed_people_can_sign_in_and_one_of_them_is_an_admin():
    files = render_stack(spec(ATTENDANCE))
    people = json.loads(files["backend/seed/employees.json"])
    assert [(p["login"], p["role"]) for p in people] == [("wang", "admin"), ("li", "staff")]
    assert all("password_hash" not in p for p in people)


def test_seed_rows_without_an_owner_are_somebodys():
    """What is kept to its owner is the first one's for the most part; what all read is everybody's."""
    posts = [{"title": f"Post {n}", "content": "–", "category": 1} for n in range(4)]
    notes = [{"title": f"Note {n}"} for n in range(5)]
    seeds = {"post": posts, "note": notes}
    source = FORUM | {"entities": [e | {"seed": seeds.get(e["name"], e.get("seed", []))} for e in FORUM["entities"]]}
    files = render_stack(spec(source))
    assert [p["author"] for p in json.loads(files["backend/seed/posts.json"])] == [1, 2, 1, 2]
    assert [n["owner"] for n in json.loads(files["backend/seed/notes.json"])] == [1, 1, 2, 1, 1]
