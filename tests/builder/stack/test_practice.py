"""Days in a row and quizzes: one app that has both passes its own tests, and an app without them has none of it."""

import re

import pytest

from builder.stack import render_stack
from tests.builder.stack.conftest import type_errors
from tests.samples import LIBRARY, spec


def field(name, type="string", **more):
    return {"name": name, "type": type, "label": name.replace("_", " ").capitalize(), **more}


def thing(name, *fields, seed=()):
    label = name.replace("_", " ").capitalize()
    return {
        "name": name, "plural": f"{name}s", "label": label, "label_plural": f"{label}s", "fields": list(fields),
        "seed": list(seed),
    }  # fmt: skip


def feature(name, entity, **options):
    return {"name": name, "entity": entity, "options": options}


NAME = field("name", required=True)
DAYS = [f"2025-03-{day:02}" for day in (1, 2, 3, 5, 6)]
PLAIN = "create edit delete detail search sort filter".split()
PRACTICE = {
    "name": "Practice",
    "entities": [
        thing("habit", NAME, seed=[{"name": "Read"}, {"name": "Run"}]),
        thing(
            "check_in",
            field("habit", "relation", target="habit", required=True),
            field("date", "date", required=True),
            seed=[{"habit": 1, "date": day} for day in DAYS],
        ),
        thing("sitting", field("note"), field("date", "date"), field("minutes", "integer", min=0)),
        thing(
            "question",
            field("text", required=True),
            field("answer", required=True),
            field("wrong"),
            field("also_wrong"),
            seed=[
                {"text": f"{n} + 1", "answer": str(n + 1), "wrong": str(n), "also_wrong": str(n + 2)} for n in range(5)
            ],
        ),
        thing("card", field("front", required=True), field("back", required=True)),
    ],
    "features": [
        feature("streak", "check_in", date="date", of="habit"),
        feature("streak", "sitting", date="date"),
        feature("quiz", "question", question="text", answer="answer", choices=["answer", "wrong", "also_wrong"]),
        feature("quiz", "card", question="front", answer="back"),
        *({"name": name} for name in PLAIN),
    ],
    "rules": [{"kind": "unique", "entity": "check_in", "fields": ["habit", "date"]}],
}


def with_accounts():
    people = thing("person", NAME, field("email", "email", required=True), field("password"))
    auth = {"name": "auth", "options": {"entity": "person", "name": "name", "login": "email", "secret": "password"}}
    return PRACTICE | {"entities": [*PRACTICE["entities"], people], "features": [*PRACTICE["features"], auth]}


@pytest.mark.parametrize(
    "source", [PRACTICE, pytest.param(with_accounts(), marks=pytest.mark.slow)], ids=["", "accounts"]
)
def test_an_app_passes_its_own_tests(source, apps):
    assert " passed" in apps.make(spec(source)).run("-m", "pytest")


def test_its_front_end_type_checks(tmp_path, toolchain):
    assert type_errors(spec(PRACTICE), tmp_path, toolchain) == ""


def test_what_is_not_asked_for_leaves_no_code():
    plain = "\n".join([*(files := render_stack(spec(LIBRARY))), *(d.decode(errors="ignore") for d in files.values())])
    assert re.findall(r"StreakMark|QuizPage|streaks?\b|keptBack|backend/(quiz|streaks)\.py", plain) == []


def test_no_row_tells_the_answer():
    files = {path: data.decode() for path, data in render_stack(spec(PRACTICE)).items() if path.endswith(".py")}
    row = files["backend/entities/question.py"].partition("class QuestionRow")[2].partition("LISTING")[0]
    listing = files["backend/entities/question.py"].partition("LISTING = ")[2].partition("router =")[0]
    assert "text" in row
    assert not re.search("answer|wrong", row + listing)
