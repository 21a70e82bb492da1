"""Requirements without a model: each understood part has the steps that prove it, or says that it has none."""

from datetime import date

import pytest

from builder.agent.flow import check_flow
from builder.drafter import BlueprintDrafter
from builder.proofs import NO_PROBE

PROMPTS = [
    "A todo list: tasks with a title, due date and priority; search, filter by priority, add, edit and delete them.",
    "Polls: create a poll with several options, everyone votes once, and the results show as bars.",
    "Bookmark manager with accounts: links with a title, URL and tags; search everything, export as CSV or JSON.",
    "Каталог моих фильмов: название, год, моя оценка от 1 до 10. Поиск по названию, сортировка по оценке.",
    "Build a Pokédex with search by name, filter by type, favourites and compare two side by side",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_steps_do_something_and_expect_something(prompt):
    requirements = BlueprintDrafter(lambda: date(2026, 3, 14)).draft(prompt).requirements
    assert requirements
    for requirement in requirements:
        if requirement.flow:
            assert check_flow(requirement.flow) is None, requirement
        else:
            assert requirement.reason == NO_PROBE


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
