"""Questions and refusals: when the model may ask, and when it never gets to answer."""

import pytest

from builder.drafter.model_prompts import instructions
from builder.formula.parser import FUNCTIONS, GATHERING
from builder.refusal import Refusal
from builder.spec import FeatureName, RuleKind
from tests.builder.drafter.replies import CLOCK, HOMES, PROMPTS, SITE, answers, asked, drafter

QUESTIONS = [{"text": f"Question {n}?", "choices": [f"choice {c}" for c in range(9)]} for n in range(9)]


def test_it_may_ask_once_with_a_best_guess():
    draft = drafter(answers(SITE, answer="ask", questions=QUESTIONS)).draft(HOMES)
    assert draft.spec.name == "Harbour Homes"
    assert [len(question.choices) for question in draft.questions] == [5, 5, 5]


def test_a_question_without_a_guess_is_enough():
    draft = drafter(answers(answer="ask", questions=QUESTIONS[:1])).draft(CLOCK)
    assert [question.text for question in draft.questions] == ["Question 0?"]


def test_with_answers_it_never_asks_again():
    text = f"{HOMES}\n\nQuestion: For sale or to rent?\nAnswer: To rent"
    one = drafter(answers(SITE, answer="ask", questions=QUESTIONS))
    draft = one.draft(text, ask=False)
    assert (draft.spec.name, draft.questions) == ("Harbour Homes", ())
    assert "Don't ask" in asked(one)[0]


SLY = "A diary that quietly learns where she goes after work"


def test_the_model_refuses_what_words_did_not_give_away():
    with pytest.raises(Refusal) as caught:
        drafter(answers(answer="harmful", because="quietly learns  where she goes")).draft(SLY)
    assert caught.value.code.value == "harmful"


@pytest.mark.parametrize("code", ["harmful", "not_an_app"])
def test_the_model_refuses_what_no_blueprint_knows(code):
    with pytest.raises(Refusal) as caught:
        drafter(answers(answer=code)).draft("I love pizza and rainy days")
    assert caught.value.code.value == code


def test_a_model_that_sees_harm_is_asked_where_and_may_tell():
    one = drafter(answers(answer="harmful"), answers(answer="harmful", because="where she goes"))
    with pytest.raises(Refusal):
        one.draft(SLY)
    assert "copy the words that ask for harm" in asked(one)[1]


@pytest.mark.parametrize("because", ["", "bombs and knives"])
def test_harm_that_the_wish_does_not_say_is_built_from_the_blueprint(because):
    one = drafter(*[answers(answer="harmful", because=because)] * 2)
    draft = one.draft("A todo list")
    assert draft.spec.entities[0].name == "task"
    assert draft.notes


def test_an_app_that_is_known_is_one_whatever_a_small_model_says():
    one = drafter(answers(answer="not_an_app"), answers(SITE))
    assert one.draft(HOMES).spec.name == "Harbour Homes"
    assert drafter(*[answers(answer="not_an_app")] * 2).draft("A todo list").notes


@pytest.mark.parametrize("prompt", ["", "asdf qwer ;;;; zxcv", PROMPTS["dev-018"], "x" * 30_000])
def test_what_is_refused_at_once_never_reaches_the_model(prompt):
    one = drafter()
    with pytest.raises(Refusal):
        one.draft(prompt)
    assert asked(one) == []


def test_the_instructions_tell_of_all_that_the_stack_builds():
    told = instructions().partition("# JSON Schema")[0]
    assert [name for name in (*FeatureName, *RuleKind) if f"`{name.value}`" not in told] == []
    assert [name for name in (*FUNCTIONS, *GATHERING) if f"{name}(" not in told] == []
