"""Going in circles is noticed, and looking twice at something that changed is not a circle."""

from builder.agent.stuck import SAME_CALL, SAME_CONTENT, SAME_FAILURE, Habits


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
