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


@pytest.mark.parametrize("code", ["harmful", "not_an_app"])
def test_the_model_refuses_what_words_did_not_give_away(code):
    with pytest.raises(Refusal) as caught:
        drafter(answers(answer=code)).draft("A diary that quietly learns where she goes after work")
    assert caught.value.code.value == code


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
