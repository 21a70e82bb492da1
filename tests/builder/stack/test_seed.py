"""Seed rows are made to fit: whatever an AppSpec or a data set says, a new database can be filled."""

import json

from builder.stack import render_stack
from tests.samples import LIBRARY, spec

THING = {"name": "thing", "plural": "things", "label": "Thing", "label_plural": "Things"}


def rows(fields, seed, **more):
    files = render_stack(spec({"name": "Things", "entities": [THING | {"fields": fields, "seed": seed} | more]}))
    return json.loads(files["backend/seed/things.json"])


def field(type_, name="value", **more):
    return {"name": name, "type": type_, "label": name} | more


def values(type_, written, **more):
    title = field("string", "title")
    seed = [{"title": str(position), "value": value} for position, value in enumerate(written)]
    return [row.get("value") for row in rows([title, field(type_, **more)], seed)]


def test_relations_are_named_by_title_or_position():
    books = json.loads(render_stack(spec(LIBRARY))["backend/seed/books.json"])
    assert [book["author"] for book in books] == [1, 2, 1]
    assert [book["genres"] for book in books] == [[2, 1], [3], [1]]
    assert [book.get("sequel_of") for book in books] == [None, 1, None]


def test_an_unknown_relation_is_left_out_or_the_first_where_it_is_required():
    changed = LIBRARY | {"entities": [dict(entity) for entity in LIBRARY["entities"]]}
    seed = [{"title": "Lost", "author": "Nobody", "genres": ["None", "essay"], "sequel_of": 99, "status": "lent"}]
    changed["entities"][2]["seed"] = seed
    (book,) = json.loads(render_stack(spec(changed))["backend/seed/books.json"])
    assert book == {"title": "Lost", "author": 1, "genres": [3], "status": "lent"}


def test_values_that_do_not_fit_are_left_out():
    assert values("integer", [1, "2", 2.6, "many", float("nan"), 10**30]) == [1, 2, 3, None, None, 2**53 - 1]
    assert values("integer", [0, 50], min=1, max=10) == [1, 10]
    assert values("money", [9.999, "1.5", "x"]) == [10.0, 1.5, None]
    assert values("rating", [0, 3, 9]) == [1, 3, 5]
    assert values("boolean", [True, "yes", 0, "false"]) == [True, True, False, False]
    assert values("date", ["2024-02-30", "2024-02-29", "2024-02-29T10:00"]) == [None, "2024-02-29", "2024-02-29"]
    assert values("datetime", ["2024-01-01T10:00+02:00", "soon"]) == ["2024-01-01T08:00:00", None]
    assert values("time", ["7:30", "07:30"]) == [None, "07:30:00"]
    assert values("email", ["a@example.org", "a at b"]) == ["a@example.org", None]
    assert values("url", ["https://example.org/a", "javascript:alert(1)"]) == ["https://example.org/a", None]
    assert values("color", ["#FF0000", "red"]) == ["#FF0000", None]


def test_a_choice_may_be_written_as_its_label():
    choices = [{"value": "open", "label": "Still open"}, {"value": "done", "label": "Done"}]
    assert values("choice", ["open", "still Open", "nothing"], choices=choices) == ["open", "open", None]


def test_required_values_that_lack_are_stood_in_for():
    choices = [{"value": "a", "label": "A"}]
    fields = [field(kind, kind, required=True) for kind in ("string", "integer", "date", "email", "boolean")]
    fields += [
        field("choice", "choice", required=True, choices=choices),
        field("decimal", "weight", required=True, min=2),
    ]
    assert rows(fields, [{}]) == [
        {
            "string": "–",
            "integer": 0,
            "date": "2025-01-01",
            "email": "someone@example.org",
            "boolean": False,
            "choice": "a",
            "weight": 2,
        }
    ]


def test_what_is_unique_is_there_once():
    written = {
        "title": "Same",
        "number": 7,
        "mail": "a@example.org",
        "site": "https://example.org",
        "day": "2024-12-31",
    }
    kinds = ["string", "integer", "email", "url", "date"]
    fields = [field(kind, name, unique=True, required=True) for kind, name in zip(kinds, written, strict=True)]
    fields.append(field("phone", "phone", unique=True))
    assert rows(fields, [written | {"phone": "030 12345"}] * 2)[1] == {
        "title": "Same 2",
        "number": 8,
        "mail": "2.a@example.org",
        "site": "https://example.org#2",
        "day": "2025-01-02",
        "phone": None,
    }


def test_the_licence_of_a_data_set_comes_with_it():
    fields = [field("string", "name"), field("integer", "id_number")]
    app = spec({"name": "A", "entities": [THING | {"fields": fields, "dataset": "pokemon/species?generation=1"}]})
    files = render_stack(app)
    assert len(json.loads(files["backend/seed/things.json"])) == 151
    assert [path for path in files if path.startswith("LICENSES/")]
    assert b"LICENSES/" in files["README.md"]


def test_relations_in_a_circle_are_never_all_required():
    pair = [
        {
            "name": a,
            "plural": f"{a}s",
            "label": a,
            "label_plural": a,
            "fields": [field("relation", "other", target=b, required=True)],
        }
        for a, b in (("left", "right"), ("right", "left"))
    ]
    files = render_stack(spec({"name": "Pair", "entities": pair}))
    assert b"other: schema.Id | None = None" in files["backend/entities/left.py"]
