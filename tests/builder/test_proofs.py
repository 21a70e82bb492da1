"""Requirements without a model: each understood part has the steps that prove it, or says that it has none."""

from datetime import date

import pytest

from builder.agent.flow import check_flow
from builder.answers import ENGLISH, say_in
from builder.drafter import BlueprintDrafter
from builder.drafter.revise import revise
from builder.proofs import NO_PROBE, TAKEN_OUT, asked_by_change, redrawn

TODAY = date(2026, 3, 14)

PROMPTS = [
    "A todo list: tasks with a title, due date and priority; search, filter by priority, add, edit and delete them.",
    "Polls: create a poll with several options, everyone votes once, and the results show as bars.",
    "Bookmark manager with accounts: links with a title, URL and tags; search everything, export as CSV or JSON.",
    "Каталог моих фильмов: название, год, моя оценка от 1 до 10. Поиск по названию, сортировка по оценке.",
    "Build a Pokédex with search by name, filter by type, favourites and compare two side by side",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_steps_do_something_and_expect_something(prompt):
    draft = BlueprintDrafter(lambda: TODAY).draft(prompt)
    assert draft.requirements
    for requirement in draft.requirements:
        if requirement.flow:
            assert check_flow(requirement.flow) is None, requirement
        else:
            assert requirement.reason == say_in(draft.spec.locale)(NO_PROBE)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_is_said_in_the_words_of_the_prompt(prompt):
    for requirement in BlueprintDrafter().draft(prompt).requirements:
        start, end = requirement.source or (0, 0)
        assert " ".join(prompt[start:end].split()).lower() == requirement.text.lower()


def test_the_page_that_an_app_opens_with_is_proven_where_it_stands():
    draft = BlueprintDrafter().draft("Kanban board for orders with customer, due date and priority")
    board = next(r.flow for r in draft.requirements if "kanban" in r.text.lower())
    assert (board[0].do, board[0].path) == ("open", "/")
    assert "Keep track of orders" in (board[1].name or "")


def test_a_rule_is_proven_by_breaking_it():
    prompt = "Appointments with date, time and duration for a client; two appointments must not overlap"
    flows = [r.flow for r in BlueprintDrafter().draft(prompt).requirements if "overlap" in r.text]
    statuses = [step.status for step in flows[0] if step.do == "call_api"]
    assert statuses == [201, 409, 201]


def test_what_was_asked_for_is_proven_on_the_app_as_a_change_left_it():
    prompt = "Tasks with a title, due date and priority (low, high); lavender background"
    draft = BlueprintDrafter(lambda: TODAY).draft(prompt)
    fields, colour = draft.requirements
    spec = revise(draft.spec, "rename the field priority to urgency and make the background mint", TODAY).spec
    named, painted = redrawn(spec, draft.requirements)
    assert (named.id, named.about[0].fields) == (fields.id, ("title", "due_date", "urgency"))
    assert (painted.id, painted.flow, painted.reason) == (colour.id, (), ENGLISH(TAKEN_OUT))
    assert list(redrawn(spec, [named, painted])) == []
    assert [one.flow for one in redrawn(draft.spec, [painted])] == [colour.flow]  # and back


def test_what_a_message_adds_is_a_requirement_in_its_words():
    draft = BlueprintDrafter(lambda: TODAY).draft("Tasks with a title and a due date")
    message = "add a field effort in hours, then add comments"
    spec = revise(draft.spec, message, TODAY).spec
    (added,) = asked_by_change(draft.spec, spec, message, draft.requirements)
    assert (added.id, added.text) == ("r2", "Add a field effort in hours, then add comments")
    assert added.source == (0, len(message))
    assert [one.part for one in added.about] == ["entities.task", "features.comments"]
    assert check_flow(added.flow) is None
    assert list(asked_by_change(spec, spec, "make it nicer", draft.requirements)) == []


def test_a_sentence_that_lists_fields_is_one_requirement_from_its_thing_on():
    prompt = (
        "A to-do list: add tasks with a title and a due date, mark them done, delete them. Search, sort by due date."
    )
    texts = [one.text for one in BlueprintDrafter(lambda: TODAY).draft(prompt).requirements]
    assert texts == [
        "Add tasks with a title and a due date", "Mark them done", "Delete them", "Search", "Sort by due date",
    ]  # fmt: skip
