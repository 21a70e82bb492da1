"""Rendered apps do what they promise: their own tests pass, and the API keeps its contract under bad input."""

import json

import pytest

from builder.checks.inside.contract import collections
from tests.samples import BLANK, HOSTILE_WORDS, LIBRARY, RESERVED, TODO, hostile, spec

CALLS = """
import json, sys
from starlette.testclient import TestClient
from backend import main, migrate
migrate.main()
with TestClient(main.app, base_url="http://localhost") as client:
    for method, path, *body in json.load(sys.stdin):
        answer = client.request(method, path, **({"json": body[0]} if body else {}))
        print(json.dumps([answer.status_code, answer.json() if answer.text else None]))
"""


@pytest.mark.parametrize("source", [LIBRARY, BLANK], ids=lambda s: s["name"])
def test_an_app_passes_its_own_tests(apps, source):
    assert " passed" in apps.make(spec(source)).run("-m", "pytest")


@pytest.mark.slow
@pytest.mark.parametrize("source", [RESERVED, TODO], ids=["reserved words", "to-do"])
def test_another_app_passes_its_own_tests(apps, source):
    assert " passed" in apps.make(spec(source)).run("-m", "pytest")


def test_hostile_words_come_out_as_they_went_in(apps):
    words = HOSTILE_WORDS[6]
    app = apps.make(spec(hostile(words)))
    title, row, found, facets = answers(
        app,
        ["GET", "/openapi.json"],
        ["POST", "/api/genres", {"name": words + "!"}],
        ["GET", "/api/books?q=alert"],
        ["GET", "/api/books/facets"],
    )
    assert title[1]["info"]["title"] == words
    assert row[1]["name"] == words + "!"
    assert found[1]["items"][0]["title"] == words
    assert facets[1]["status"][0]["label"] == words


def test_what_a_required_field_takes_is_told_to_programs(apps):
    """The smoke test of a release sends what the OpenAPI document says, and a row must come of it."""
    kinds = ["string", "text", "email", "url", "phone", "color", "image", "file", "date", "time", "datetime", "money"]
    fields = [{"name": f"a_{kind}", "type": kind, "label": kind, "required": True} for kind in kinds]
    kept = {"name": "card", "plural": "cards", "label": "Card", "label_plural": "Cards", "fields": fields}
    app = apps.make(spec({"name": "Cards", "entities": [kept], "features": [{"name": "create"}]}))
    [[_, document]] = answers(app, ["GET", "/openapi.json"])
    [cards] = [c for c in collections(document) if c.path == "/api/cards"]
    made = answers(app, *(["POST", "/api/cards", cards.samples.body(attempt)] for attempt in range(4)))
    assert [status for status, _ in made] == [201] * 4, made


def test_names_that_are_words_of_sql(apps):
    app = apps.make(spec(RESERVED))
    made, changed, listed, refused, deleted = answers(
        app,
        ["POST", "/api/tables", {"name": "t", "column": "c", "row": "r", "order": "o", "select": "s", "index": "i"}],
        ["PATCH", "/api/tables/1", {"parent": 1, "tables": [1]}],
        ["GET", "/api/tables?sort=-order&column=c&parent=1&tables=1&q=t"],
        ["POST", "/api/indexs", {"key": "k", "owner": 7}],
        ["DELETE", "/api/tables/1"],
    )
    assert made[0] == 201
    assert changed[1]["parent"] == {"id": 1, "label": "t", "color": None}
    assert listed[1]["total"] == 1
    assert refused[1]["error"]["fields"] == {"owner": "What was chosen doesn't exist any more."}
    assert deleted[0] == 204


def test_the_list_keeps_its_contract(apps):
    """Each query with the ids that it must give, or the status that it must answer."""
    expected = {
        "sort=title": [3, 1, 2],
        "sort=-title": [2, 1, 3],
        "sort=author": [1, 3, 2],
        "sort=-author": [2, 1, 3],
        "sort=genres": [2, 1, 3],
        "sort=-value": [1, 2, 3],  # the third has none, and comes last either way
        "sort=value": [2, 1, 3],
        "sort=price_per_page": [1, 2, 3],
        "sort=-status&page=2&size=2": [3],
        "q=BÄUME": [2],
        "q=åström": [2],
        "q=hollow vernon": [1],
        "q=%25": [],
        "q=_": [],
        "status=lent": [2],
        "status=lent&status=available&sort=id": [1, 2, 3],
        "author=1&sort=id": [1, 3],
        "genres=3&genres=2&sort=id": [1, 2],
        "rare=true": [2],
        "title=Swordheart": [3],
        "price_min=9&price_max=9": [2],
        "price_max=14.9&price_min=14.9": [1],
        "value_min=44.7": [1],
        "published_min=2020-10-06&published_max=2020-10-06": [1],
        "added_max=2024-01-05": [1],
        "opens_min=17:30&opens_max=17:30": [1],
        "status=": [3, 1, 2],
        "page=1000": [],
        **dict.fromkeys(
            "page=0 page=-1 page=x page=1.5 page=99999999999 size=0 size=201 sort=nothing sort=--title other=1 "
            "author=x author=-1 author=99999999999999 price_min=x price_min=nan price_min=inf published_min=2020 "
            "published_min=2020-02-31 added_min=x opens_min=25:00 rare=yes pages=3".split(),
            422,
        ),
    }
    found = answers(apps.make(spec(LIBRARY)), *(["GET", f"/api/books?{query}"] for query in expected))
    for (query, wanted), (status, body) in zip(expected.items(), found, strict=True):
        got = [row["id"] for row in body["items"]] if status == 200 else status
        assert got == wanted, (query, body)


def test_what_does_not_fit_is_said_field_by_field(apps):
    bad = {
        "title": "   ",
        "author": 2**63,
        "genres": [1, "x"],
        "status": "stolen",
        "pages": 2**80,
        "weight": 1e300,
        "price": 1.005,
        "copies": 1.5,
        "published": "2024-02-30",
        "added": 1700000000,
        "opens": "25:00",
        "rare": None,
        "score": 6,
        "cover": "javascript:alert(1)",
        "summary": "a\0b",
        "value": 3,
        "nothing": 1,
    }
    author = {"name": "A", "website": "ftp://example.org", "email": "a@b", "born": 0}
    good = {"title": " Good ", "author": 1, "status": "lent", "price": 0.1, "copies": 3}
    answered = answers(
        apps.make(spec(LIBRARY)),
        ["POST", "/api/books", bad],
        ["POST", "/api/authors", author],
        ["POST", "/api/books", good],
        ["POST", "/api/books", good | {"title": "x" * 201}],
        ["POST", "/api/books", good | {"genres": [1, 99]}],
        ["PATCH", "/api/books/4", {"pages": None, "genres": [2, 2]}],
        ["PATCH", "/api/books/4", {"title": None}],
        ["POST", "/api/authors", {"name": "Ursula Vernon"}],
        ["DELETE", "/api/authors/1"],
        ["DELETE", "/api/books/1"],
        ["GET", "/api/books/2"],
        ["DELETE", "/api/genres/3"],
        ["GET", "/api/books/2"],
    )
    refused, writer, made, longer, gone, patched, emptied, taken, needed, *deleted = answered
    assert refused[0] == 422
    assert set(refused[1]["error"]["fields"]) == set(bad)
    assert set(writer[1]["error"]["fields"]) == {"website", "email", "born"}
    assert (made[0], made[1]["title"], made[1]["price"], made[1]["value"]) == (201, "Good", 0.1, 0.3)
    assert longer[1]["error"]["fields"] == {"title": "Use at most 200 characters."}
    assert list(gone[1]["error"]["fields"]) == ["genres"]
    assert [genre["label"] for genre in patched[1]["genres"]] == ["Horror"]
    assert emptied[1]["error"]["fields"] == {"title": "This field is required."}
    assert (taken[0], taken[1]["error"]["fields"]) == (409, {"name": "This is taken already."})
    assert (needed[0], needed[1]["error"]["code"]) == (409, "conflict")
    assert "3 of the books" in needed[1]["error"]["message"]
    book, sequel, genre, essay = deleted
    assert (book[0], genre[0]) == (204, 204)
    assert sequel[1]["sequel_of"] is None
    assert essay[1]["genres"] == []


def answers(app, *calls):
    """The status and JSON of each call, on a new database."""
    script = app.folder / "calls.json"
    script.write_text(json.dumps(calls))
    code = CALLS.replace("sys.stdin", 'open("calls.json", encoding="utf-8")').replace("import json, sys", "import json")
    return [json.loads(line) for line in app.run("-W", "ignore::ResourceWarning", "-c", code).splitlines()]
