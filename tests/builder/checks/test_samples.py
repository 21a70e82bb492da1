import json
from typing import Annotated, Literal

import httpx
from fastapi import FastAPI
from pydantic import BaseModel, Field

from builder.checks.inside.contract import Collection, _create, collections
from builder.checks.inside.samples import Samples


class Note(BaseModel):
    title: Annotated[str, Field(min_length=3, max_length=200)]
    stars: Annotated[int, Field(ge=1, le=5)]
    kind: Literal["plain", "rich"]
    site: str | None = None


def openapi() -> dict:
    app = FastAPI()

    @app.get("/api/notes")
    def listed() -> list[Note]: ...

    @app.post("/api/notes")
    def create(note: Note) -> Note: ...

    @app.get("/api/notes/{note_id}")
    def read(note_id: int) -> Note: ...

    return app.openapi()


def test_a_body_fits_its_schema():
    [collection] = collections(openapi())
    for attempt in range(6):
        Note.model_validate(collection.samples.body(attempt))


def test_only_texts_without_a_form_take_any_text():
    [collection] = collections(openapi())
    assert collection.samples.free_texts == ["title", "site"]


def test_another_attempt_gets_past_numbers_that_seed_rows_count_up():
    class Counted(BaseModel):
        number: Annotated[int, Field(ge=1)]

    app = FastAPI()

    @app.get("/api/things")
    def listed() -> list[Counted]: ...

    @app.post("/api/things")
    def create(thing: Counted) -> Counted: ...

    @app.get("/api/things/{thing_id}")
    def read(thing_id: int) -> Counted: ...

    [collection] = collections(app.openapi())
    assert not {collection.samples.body(attempt)["number"] for attempt in (2, 3)} & set(range(1, 2000))


def test_a_list_holds_values_that_differ():
    class Poll(BaseModel):
        options: Annotated[list[str], Field(min_length=3)]

    app = FastAPI()

    @app.post("/api/polls")
    def create(poll: Poll) -> Poll: ...

    document = app.openapi()
    for attempt in range(4):
        options = Samples(document, document["paths"]["/api/polls"]["post"]).body(attempt)["options"]
        assert len(set(options)) == 3


def test_what_a_rule_asks_for_is_sent_though_the_schema_leaves_it_out():
    """A refusal names the field, and the next try has it."""
    properties = {"name": {"type": "string"}, "day": {"type": "string"}}
    body = {"type": "object", "required": ["name"], "properties": properties}
    operation = {"requestBody": {"content": {"application/json": {"schema": body}}}}

    def app(request: httpx.Request) -> httpx.Response:
        fields = json.loads(request.content)
        return httpx.Response(201) if "day" in fields else httpx.Response(422, json={"error": {"fields": {"day": "?"}}})

    samples = Samples({}, operation)
    with httpx.Client(base_url="http://localhost", transport=httpx.MockTransport(app)) as client:
        assert _create(client, Collection("/visits", "/visits/{id}", frozenset(), samples, samples)).status_code == 201


PAIR = {
    "type": "object",
    "required": ["order", "product", "quantity"],
    "properties": {"order": {"type": "integer"}, "product": {"type": "integer"}, "quantity": {"type": "integer"}},
}
DOCUMENT = {
    "paths": {
        "/api/items": {
            "get": {},
            "post": {"requestBody": {"content": {"application/json": {"schema": PAIR}}}},
        },
        "/api/items/{id}": {},
    }
}


def test_a_pair_that_is_free_is_found_among_the_first_rows():
    rows, taken, sent = {"order": 6, "product": 12}, {(1, 1), (1, 3), (2, 11), (3, 8)}, []

    def app(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        sent.append(body)
        for name, count in rows.items():
            if body[name] > count:
                return httpx.Response(422, json={"error": {"code": "invalid", "fields": {name: "is not there"}}})
        taken_already = (body["order"], body["product"]) in taken
        return httpx.Response(409, json={}) if taken_already else httpx.Response(201, json={"id": 1})

    (collection,) = collections(DOCUMENT)
    with httpx.Client(base_url="http://app", transport=httpx.MockTransport(app)) as client:
        assert _create(client, collection).status_code == 201
    assert len(sent) < 6
