"""What can't be used is told in a sentence before anything is made of it."""

from typing import Any

import pytest

from builder.sound import check_sound
from builder.spec import AppSpec
from tests.people import ATTENDANCE, FORUM
from tests.samples import LIBRARY, SHOP, TODO


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": name.title(), **more}


def thing(name: str, *fields: dict[str, Any]) -> dict[str, Any]:
    more = {"label": name.title(), "label_plural": f"{name.title()}s", "fields": [field("name"), *fields]}
    return {"name": name, "plural": f"{name}s", **more}


def feature(name: str, **options: Any) -> dict[str, Any]:
    return {
        "name": "X",
        "entities": [thing("task")],
        "features": [{"name": name, "entity": "task", "options": options}],
    }


NEEDED = {"target": "task", "required": True}
UNSOUND = [
    (feature("kanban", field="status"), "needs the option 'field'"),
    (feature("kanban", field="name"), "choice or relation"),
    (feature("calendar"), "needs the option 'date'"),
    (feature("search", fields=["nope"]), "goes by 'nope'"),
    (feature("filter", fields="name"), "as a list"),
    (feature("sort", fields=["name"], default="-when"), "opens in the order of '-when'"),
    (feature("stats", by="name", measure="most:name"), "measures 'most:name'"),
    (feature("export", formats=["exe"]), "csv and json"),
    ({"name": "X", "entities": [thing("task", field("parent", "relation", **NEEDED))]}, "nobody could add the first"),
    (
        {
            "name": "X",
            "entities": [
                thing("task", field("plan", "relation", target="plan", required=True)),
                thing("plan", field("task", "relation", **NEEDED)),
            ],
        },
        "task needs plan needs task",
    ),
]


@pytest.mark.parametrize(("source", "message"), UNSOUND, ids=lambda value: value if isinstance(value, str) else "")
def test_what_cannot_be_used_says_what_it_lacks(source, message):
    with pytest.raises(ValueError, match=message):
        check_sound(AppSpec.model_validate(source))


@pytest.mark.parametrize("source", [LIBRARY, SHOP, TODO, FORUM, ATTENDANCE], ids=lambda s: s["name"])
def test_what_can_be_used_says_nothing(source):
    check_sound(AppSpec.model_validate(source))
