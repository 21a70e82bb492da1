"""The smoke test finds a row that an app takes, and only what an app itself gets wrong is a finding."""

import json

import httpx

from builder.checks.inside.contract import _create, collections

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
