"""The bench's verdicts on what can be told without starting an app: a line that no probe knows is never met."""

import pytest

from builder.drafter import BlueprintDrafter
from builder.proofs.app import App
from web.bench.invariants import behaviour_steps, invariant_steps
from web.bench.probes import verdicts


def test_a_refusal_is_met_by_being_refused():
    wanted = {"must_reject": True}
    assert [v.holds for v in verdicts(wanted, {"status": "harmful"}, None)] == [True]
    assert [v.holds for v in verdicts(wanted, {"status": "ready"}, None)] == [False]
    assert [v.holds for v in verdicts({"needs_model": True}, {"status": "needs_model"}, None)] == [True]


def test_what_was_not_built_meets_nothing():
    found = list(verdicts({"features": ["search"]}, {"status": "failed", "error": "no"}, None))
    assert [(v.part, v.holds) for v in found] == [("built", False)]


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("Films with title and my rating from 1 to 10", "rating outside 1..10 is refused"),
        ("Polls with options, everyone votes once", "one vote per voter and poll"),
        ("A wiki: entries with title and content", "script in content is shown as text"),
        ("A wiki: entries with title and content", "a quote in a title does not break a query"),
    ],
)
def test_sentences_about_what_must_hold_have_steps(prompt, sentence):
    app = App.of(BlueprintDrafter().draft(prompt).spec)
    assert invariant_steps(app, sentence)


def test_a_sentence_nobody_knows_has_none():
    app = App.of(BlueprintDrafter().draft("Films with title").spec)
    assert invariant_steps(app, "the whistle is green") == []
    assert behaviour_steps(app.spec, "it smells of roses") == []
