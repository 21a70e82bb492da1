"""Going in circles is noticed, and looking twice at something that changed is not a circle."""

import json
from collections.abc import Iterator

from builder.agent.hands import Hands
from builder.agent.lab import FlowResult
from builder.agent.ledger import Ledger, Requirement
from builder.agent.stuck import SAME_CALL, SAME_CONTENT, SAME_FAILURE, Habits
from builder.events import Event
from builder.model.chat import ToolCall
from tests.builder.agent.fakes import Desk, ScriptedLab


def test_the_first_repeat_of_a_call_is_told_and_the_next_is_stuck() -> None:
    habits = Habits()
    said = [habits.called("read_file", '{"path":"a"}', "text") for _ in range(SAME_CALL)]
    assert said[0] is None
    assert said[1]
    assert habits.stuck
    assert "read_file" in habits.stuck


def test_a_call_with_another_result_is_no_repeat() -> None:
    habits = Habits()
    assert [habits.called("browse", "{}", f"page {n}") for n in range(9)] == [None] * 9
    assert habits.stuck is None
    assert not habits.repeating


def test_after_an_edit_the_same_look_is_no_repeat() -> None:
    habits = Habits()
    for n in range(9):
        assert habits.called("run_checks", "{}", "All passed.") is None
        habits.edited("a.py", f"x = {n}".encode())
    assert habits.stuck is None


def test_contents_that_alternate_are_stuck() -> None:
    habits = Habits()
    for n in range(2 * SAME_CONTENT):
        habits.edited("a.py", (b"x = 1", b"x = 2")[n % 2])
    assert habits.stuck
    assert "undo each other" in habits.stuck


def test_the_same_failure_with_other_numbers_is_the_same() -> None:
    habits = Habits()
    said = [habits.failed("run_tests", f"line {n}: assert {n} == 3 at 0x{n}f") for n in range(SAME_FAILURE)]
    assert said[0] is None
    assert said[1]
    assert habits.stuck


def test_a_pass_in_between_forgives() -> None:
    habits = Habits()
    for _ in range(9):
        habits.failed("run_tests", "assert False")
        habits.passed("run_tests")
    assert habits.stuck is None


def test_habits_survive_a_restart() -> None:
    habits = Habits()
    habits.called("browse", "{}", "x")
    again = Habits.model_validate(habits.model_dump(mode="json"))
    assert again.called("browse", "{}", "x") is not None


def test_one_cause_that_fails_the_proofs_of_several_requirements_is_no_circle() -> None:
    needs = [Requirement(id=f"r{n}", text=f"The sum of {n} is shown.") for n in range(1, 6)]
    lab = ScriptedLab(
        flow=FlowResult(False, "Step 2, expect text “Sum”: the page does not show that.", 1, "- main", 0.1)
    )
    desk, habits = Desk(lab=lab, ledger=Ledger.of(needs)), Habits()
    flow = [{"do": "open", "path": "/"}, {"do": "expect_text", "text": "Sum"}]
    proofs = [_call("update_requirement", {"id": item.id, "flow": flow}) for item in needs]
    hands = Hands(desk.tools, desk.context, habits)
    _through(hands.carry_out(proofs))
    assert habits.stuck is None
    assert not habits.repeating
    for _ in range(SAME_FAILURE - 1):
        _through(hands.carry_out(proofs[:1]))
    assert habits.stuck == f"update_requirement of r1 failed {SAME_FAILURE} times in the same way"


def _call(name: str, arguments: dict[str, object]) -> ToolCall:
    return ToolCall("call", name, json.dumps(arguments))


def _through(steps: Iterator[Event]) -> None:
    for _ in steps:
        pass
