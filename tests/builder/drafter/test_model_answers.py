"""What a model may answer instead of what was asked for: it is read, told and asked again, or left."""

import json
from datetime import date
from typing import Any

import pytest

from builder.drafter import BlueprintDrafter
from builder.model.chat import Reply
from builder.testing import says
from tests.builder.drafter.replies import HOMES, LISTING, SENTENCES, SITE, answers, asked, drafter, entity, field


@pytest.mark.parametrize(
    "reply",
    [
        "Here is the app:\n```json\n{}\n```\nTell me more.",
        "<think>First {the} listings.</think>\n{}",
        "{}",
        "I used {braces} before. {} and {after}.",
    ],
)
def test_the_answer_is_found_whatever_stands_around_it(reply):
    text = json.dumps({"answer": "build", "app": SITE})
    assert drafter(says(reply.replace("{}", text))).draft(HOMES).spec.name == "Harbour Homes"


def test_an_appspec_alone_with_strange_keys_and_nulls_is_taken():
    strange = SITE | {"database": "postgres", "tagline": None, "entities": [LISTING | {"icon": None, "table": "x"}]}
    assert drafter(says(json.dumps(strange))).draft(HOMES).spec.entity("listing").field("price").min == 0


@pytest.mark.parametrize("number", ["Infinity", "NaN", "1e999"])
def test_a_number_without_end_is_no_number(number):
    text = json.dumps({"app": SITE}).replace('"min": 0', f'"min": {number}')
    assert drafter(says(text), says(text)).draft(HOMES).notes


def test_characters_that_no_database_takes_are_left_out():
    rows = {"fields": ["address"], "values": [["1 Quay\u0000 Street\ud800 💥"]]}
    text = json.dumps({"app": SITE | {"name": "Ho\u0000mes", "entities": [LISTING | {"rows": rows}]}})
    spec = drafter(says(text)).draft(HOMES).spec
    assert (spec.name, spec.entity("listing").seed) == ("Homes", ({"address": "1 Quay Street 💥"},))


def test_what_is_wrong_is_told_in_short_and_repaired():
    broken = SITE | {"entities": [entity("class", field("state", "choice"), field("id"))]}
    one = drafter(answers(broken), answers(SITE, requirements=SENTENCES))
    draft = one.draft(HOMES)
    assert draft.spec.name == "Harbour Homes"
    assert draft.notes == ()
    roles = [m["role"] for m in one.model.requests[1].messages]
    assert roles == ["system", "user", "assistant", "user"]
    assert one.model.requests[1].messages[:2] == one.model.requests[0].messages
    told = asked(one)[1]
    assert "the choice field 'state' has no choices" in told
    assert "the field name 'id' is reserved" in told
    assert len(told) < 2000


def test_an_answer_that_was_cut_off_is_asked_for_again_in_short():
    whole = answers(SITE).text
    one = drafter(Reply(whole[:300], finish="length"), answers(SITE))
    assert one.draft(HOMES).spec.name == "Harbour Homes"
    assert "cut off" in asked(one)[1]


def many(count: int) -> dict[str, Any]:
    return {"name": "Big", "entities": [entity("thing", *(field(f"field_{n}") for n in range(count)))]}


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "no JSON at all",
        "[]",
        "{" * 50_000,
        '{"app":' * 3000,
        "x" * 10_000_000,
        '{"answer":"build"}',
        '{"answer":"sure","app":{"name":"x"}}',
        '{"answer":"build","app":7}',
        '{"answer":"build","app":{"name":"x","entities":"none"}}',
        '{"answer":"build","app":{"name":"x","entities":[1,null,{"name":[]},{"name":"a","fields":[2]}]}}',
        '{"answer":"build","app":{"name":"x","kind":"fullstack","entities":[]}}',
        '{"answer":"build","app":{"name":"x","kind":{},"entities":[]}}',
        json.dumps({"answer": "build", "app": many(500)}),
        json.dumps({"app": {"name": "x", "entities": [entity("../../etc/passwd", field("name"))]}}),
        json.dumps({"app": {"name": "x", "entities": [entity("a", field("os.system('x')"))]}}),
        json.dumps({"app": {"name": "x", "entities": [entity("a", field("n", "computed", formula="().__class__"))]}}),
        json.dumps(
            {"app": {"name": "x", "entities": [entity("a", field("t"), field("n", "computed", formula="t*2"))]}}
        ),
    ],
)
def test_a_model_that_gives_nothing_usable_twice_leaves_the_blueprints_draft(reply):
    one = drafter(says(reply), says(reply))
    draft = one.draft(HOMES)
    assert draft.spec == BlueprintDrafter(lambda: date(2026, 11, 23)).draft(HOMES).spec
    assert [note for note in draft.notes if "blueprint" in note]
    assert len(asked(one)) == 2
    assert sum(len(message["content"]) for message in one.model.requests[1].messages) < 80_000
    texts = [HOMES[r.source[0] : r.source[1]] for r in draft.requirements if r.source]
    assert "a page for each" in texts
