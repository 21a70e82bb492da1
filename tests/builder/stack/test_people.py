"""Apps with accounts: their own tests pass, and each person sees and changes what is theirs."""

import json

import pytest
from pydantic import ValidationError

from builder.stack import render_stack
from tests.people import ATTENDANCE, FORUM
from tests.samples import spec

# What only these things of the forum show, run along with its own tests.
MORE = """
from tests import visitors


def test_rules_look_at_rows_that_one_may_not_see(client):
    theirs = visitors.new(client)
    mine = client.post("/api/visits", json={"begins": "2030-01-01", "ends": "2030-01-03"})
    taken = client.post("/api/visits", json={"begins": "2030-01-02", "ends": "2030-01-04"}, headers=theirs)
    assert (mine.status_code, taken.status_code) == (201, 409)


def test_what_is_unique_is_so_among_ones_own(client):
    theirs, note = visitors.new(client), {"title": "A note", "color": "red"}
    assert client.post("/api/notes", json=note).status_code == 201
    assert client.post("/api/notes", json=note, headers=theirs).status_code == 201
    assert client.post("/api/notes", json=note).json()["error"]["fields"] == {"color": "This is taken already."}


def test_the_server_signs_a_row(client):
    me = client.get("/api/auth/me").json()["person"]
    assert client.post("/api/notes", json={"title": "A note"}).json()["written_by"] == me["username"]
    assert client.post("/api/notes", json={"title": "A note", "written_by": "Tom"}).status_code == 422
"""


@pytest.mark.parametrize(("source", "more"), [(FORUM, MORE), (ATTENDANCE, "")], ids=["forum", "attendance"])
def test_an_app_with_accounts_passes_its_own_tests(apps, source, more):
    app = apps.make(spec(source))
    (app.folder / "tests" / "test_more.py").write_text(more)
    assert " passed" in app.run("-m", "pytest")


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
