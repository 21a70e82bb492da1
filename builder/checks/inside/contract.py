"""Smoke-test an API from its own OpenAPI: lists read; rows are created, read, changed and deleted."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from . import api
from .report import Findings
from .samples import Samples
from .session import enter

Json = dict[str, Any]
ATTEMPTS = 8
FEW = 5  # rows that a table is likely to have


def smoke(findings: Findings) -> None:
    with api.client() as client:
        document = client.get("/openapi.json").json()
        enter(client, document)
        for path, operations in document["paths"].items():
            if "get" in operations and "{" not in path and not _is_endless(operations["get"]):
                _reads(client, path, findings)
        for collection in collections(document):
            _round_trip(client, collection, findings)


@dataclass(frozen=True)
class Collection:
    path: str
    item_path: str
    methods: frozenset[str]
    samples: Samples
    change: Samples

    def item(self, key: Any) -> str:
        return self.path + "/" + str(key)


def collections(document: Json) -> list[Collection]:
    """Every path that creates by POST and has an item path with one parameter behind it; what lies behind a row, as
    its comments do, is the app's own tests' to try.
    """
    found = []
    for path, operations in document["paths"].items():
        if "{" in path:
            continue
        items = [p for p in document["paths"] if p.startswith(path + "/{") and p.count("/") == path.count("/") + 1]
        if "post" in operations and "get" in operations and items:
            methods = document["paths"][items[0]]
            samples, change = Samples(document, operations["post"]), Samples(document, methods.get("patch", {}))
            found.append(Collection(path, items[0], frozenset(methods), samples, change))
    return found


def _is_endless(operation: Json) -> bool:
    """Whether it answers with a stream of events, which nobody can read to its end."""
    answers = operation.get("responses", {}).values()
    return any("text/event-stream" in answer.get("content", {}) for answer in answers)


def _reads(client: httpx.Client, path: str, findings: Findings) -> None:
    answer = client.get(path)
    # A required query parameter is the caller's to give; only a failure of the app itself is a finding here.
    if answer.status_code >= 500:
        findings.add(f"GET {path} answered {answer.status_code}: {answer.text[:160]}")


def _round_trip(client: httpx.Client, collection: Collection, findings: Findings) -> None:
    created = _create(client, collection)
    if created.status_code == 403 and "Cookie" in client.headers:
        return  # others than somebody who has just signed up may do this
    if created.status_code == 201:
        path = collection.item(created.json()["id"])
        _expect(client.get(path), 200, f"GET {path}", findings)
        mine = _cookie(created)
        if "patch" in collection.methods:
            _change(client, path, collection.change, json.loads(created.request.content), mine, findings)
        if "delete" in collection.methods:
            _expect(client.delete(path, headers=mine), 204, f"DELETE {path}", findings)
            _expect(client.get(path), 404, f"GET {path} after its deletion", findings)
    elif created.status_code >= 500 or not _needs_another_row(client, collection):
        findings.add(f"POST {collection.path} answered {created.status_code}: {created.text[:200]}")
    if collection.samples.required:
        _expect(client.post(collection.path, json={}), 422, f"POST {collection.path} with nothing in it", findings)
    _expect(client.get(collection.item(2**31 - 1)), 404, f"GET {collection.path} of an unknown row", findings)


def _cookie(created: httpx.Response) -> dict[str, str]:
    """Who made a row, where the answer told their browser: nobody else may change a vote."""
    told = [line.partition(";")[0] for line in created.headers.get_list("set-cookie")]
    return {"Cookie": "; ".join(told)} if told and "Cookie" not in created.request.headers else {}


def _change(
    client: httpx.Client, path: str, samples: Samples, sent: Json, mine: dict[str, str], findings: Findings
) -> None:
    """What was sent before, as far as a change takes it, with what it asks for besides. An app may refuse a change
    that changes nothing, or one that goes somewhere else, so one of the two must be taken.
    """
    known = {name: value for name, value in sent.items() if name in samples.names} if samples.names else sent
    same = samples.body() | known
    other = samples.body(1, known) | {name: value for name, value in known.items() if not isinstance(value, str)}
    answers = [client.patch(path, json=same, headers=mine)]
    if 400 <= answers[0].status_code < 500:
        answers.append(client.patch(path, json=other, headers=mine))
    if answers[-1].status_code != 200:
        _expect(answers[0], 200, f"PATCH {path} with {json.dumps(same, ensure_ascii=False)[:160]}", findings)


def _create(client: httpx.Client, collection: Collection) -> httpx.Response:
    """A first row may meet a value or a time that is taken, so other values are tried; a rule may ask for a field that
    the schema leaves out, so what is asked for is sent. Where two rows may be paired once only, such as an order and a
    product, a number that names no row is tried again among the first rows, each field at a pace of its own.
    """
    asked: set[str] = set()
    near: list[str] = []
    for attempt in range(ATTEMPTS):
        body = collection.samples.body(attempt, sorted(asked))
        if near:
            small = {
                name: value for name, value in collection.samples.body(0, sorted(asked)).items() if _is_number(value)
            }
            body |= small | {name: 1 + attempt * (at + 1) % FEW for at, name in enumerate(near)}
        answer = client.post(collection.path, json=body)
        said = _asked_for(answer)
        missing = said & collection.samples.names - set(body)
        strangers = said & set(collection.samples.required_ids) if attempt else set()
        if answer.status_code != 409 and not missing and not strangers:
            break
        asked |= missing
        near += sorted(strangers - set(near))
    return answer


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _asked_for(answer: httpx.Response) -> frozenset[str]:
    """The fields that a refusal names."""
    if answer.status_code != 422:
        return frozenset()
    try:
        return frozenset(answer.json()["error"]["fields"])
    except (ValueError, KeyError, TypeError):
        return frozenset()


def _needs_another_row(client: httpx.Client, collection: Collection) -> bool:
    """A required relation can't be filled while its table is empty: that is not the app's fault."""
    return bool(collection.samples.required_ids) and client.get(collection.path).json().get("total", 1) == 0


def _expect(answer: httpx.Response, status: int, what: str, findings: Findings) -> None:
    if answer.status_code != status:
        findings.add(f"{what} answered {answer.status_code}, not {status}: {answer.text[:160]}")
