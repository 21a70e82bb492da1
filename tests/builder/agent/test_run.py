"""The loop on real projects, with real tools, lab, checks and proofs; only the model reads from a script."""

import json
from collections.abc import Sequence
from itertools import pairwise, repeat

import pytest

from builder.agent.assignment import Budget
from builder.agent.flow import FlowStep
from builder.agent.ledger import Requirement
from builder.checks.probe import CancelledError
from builder.events import Event, FileChanged, RequirementChanged, Scored, Stepped, StepStreamed, UsageTold
from builder.model.chat import ChatRequest, ContextTooLongError, ModelUnavailableError, Reply, Usage
from builder.release import read_release
from builder.testing import ScriptedModel, calls, says
from tests.builder.agent.conftest import Project, is_best, last_note, served

TWO = {"path": "index.html", "hunks": [{"search": "+ 1)", "replace": "+ 2)"}]}
BROKEN = {"path": "index.html", "hunks": [{"search": "const count", "replace": "throw new Error('no'); const count"}]}
MENDED = {"path": "index.html", "hunks": [{"search": "throw new Error('no'); const count", "replace": "const count"}]}
COUNTS_BY_TWO = [
    {"do": "open", "path": "/"},
    {"do": "click", "role": "button", "name": "Add one"},
    {"do": "expect_text", "text": "Count: 2"},
]
NEED = [Requirement(id="r1", text="Each click counts by two.")]
PROVE = ("update_requirement", {"id": "r1", "flow": COUNTS_BY_TWO})
GIVE_UP = ("update_requirement", {"id": "r1", "cannot": "There is no browser to prove it in."})
FINISH = ("finish", {"summary": "It counts by two."})


def test_a_change_is_made_repaired_proven_and_served(counter: Project) -> None:
    """One run, looked at from all sides: each costs a checkpoint."""
    model = ScriptedModel(
        [
            says("I will look first."),
            calls(("read_file", {"path": "index.html"}), ("search", {"text": "count"}), reasoning="Two at once."),
            calls(("edit_file", TWO), text="Counting by two."),
            calls(("no_such_tool", {})),
            calls(("edit_file", "{not json")),
            calls(("edit_file", BROKEN)),
            calls(FINISH),
            calls(("edit_file", MENDED), PROVE),
            *repeat(calls(FINISH), 3),
        ]
    )
    events = counter.run(model, NEED)
    _is_refused_while_it_is_broken(counter, events)
    _is_served_with_its_proof(counter, events)
    _is_told_with_diff_and_usage(counter, events)
    _only_grows_at_its_end(model)


def _is_refused_while_it_is_broken(counter: Project, events: Sequence[Event]) -> None:
    finish = next(e for e in events if isinstance(e, Stepped) and e.n == 7)
    assert "Uncaught exception: no" in finish.calls[0].result
    assert len(served(events)) == 1
    assert "throw" not in counter.file("index.html")


def _is_served_with_its_proof(counter: Project, events: Sequence[Event]) -> None:
    assert served(events)[-1] >= 2
    assert is_best(counter, served(events)[-1])
    assert "+ 2)" in counter.file("index.html")
    (proof,) = [e for e in events if isinstance(e, RequirementChanged) and e.status == "proven"][-1:]
    assert proof.proof is not None
    assert len(proof.proof["steps"]) == 3
    release = read_release(counter.releases / str(served(events)[-1]))
    assert "- [x] **r1** Each click counts by two." in (release.app / "REQUIREMENTS.md").read_text()
    assert last_note(events).text.startswith("It counts by two.")


def _is_told_with_diff_and_usage(counter: Project, events: Sequence[Event]) -> None:
    edit = next(e for e in events if isinstance(e, Stepped) and e.changed)
    assert (edit.n, edit.text) == (3, "Counting by two.")
    assert (edit.calls[0].path, edit.calls[0].added, edit.calls[0].removed) == ("index.html", 1, 1)
    before = next(e.commit for e in events if isinstance(e, Stepped) and e.n == 2)
    assert "+ 2)" in counter.workshop.workspace.diff(before or "", edit.commit or "")
    assert any(isinstance(e, StepStreamed) and e.text for e in events)
    assert any(isinstance(e, FileChanged) and e.path == "index.html" for e in events)
    assert [e for e in events if isinstance(e, UsageTold)][-1].completion > 0


def _only_grows_at_its_end(model: ScriptedModel) -> None:
    prompts = [_bytes(request) for request in model.requests]
    assert len(prompts) >= 6
    for before, after in pairwise(prompts):
        assert after.startswith(before)
    assert len({json.dumps(request.tools) for request in model.requests}) == 1


def test_the_best_gets_new_proofs_and_a_worse_one_stays_on_the_workbench(counter: Project) -> None:
    """One run, killed before its first proof and folded before its second: a browser is dear."""
    second = {"text": "It begins at zero.", "flow": [COUNTS_BY_TWO[0], {"do": "expect_text", "text": "Count: 0"}]}
    worse = {"path": "index.html", "hunks": [{"search": "+ 2)", "replace": "+ 3)"}]}
    run_checks = calls(("run_checks", {"scope": "all"}))
    needs = [*NEED, Requirement(id="r2", text="It looks good.")]
    _killed_after(1, counter, ScriptedModel([calls(("edit_file", TWO))]), needs)
    model = ScriptedModel(
        [
            calls(PROVE),
            run_checks,
            _fills_the_window,
            says("I counted by two."),
            calls(("update_requirement", second)),
            run_checks,
            calls(("edit_file", worse)),
            run_checks,
            *repeat(says("I don't know."), 9),
        ]
    )
    events = counter.run(model, needs)
    assert next(e for e in events if isinstance(e, Stepped)).n == 2
    assert "I counted by two." in model.requests[4].messages[1]["content"]
    _has_one_release_with_both_proofs(counter, events)
    told = [call.result for e in events if isinstance(e, Stepped) for call in e.calls if call.name == "run_checks"]
    assert "no better than release" in told[-1]
    assert "+ 2)" in counter.file("index.html")
    assert is_best(counter, served(events)[0])


def _killed_after(steps: int, project: Project, model: ScriptedModel, needs: Sequence[Requirement]) -> None:
    run = project.steps(model, needs)
    for event in run:
        if isinstance(event, Stepped) and event.n == steps:
            break
    run.close()


def _fills_the_window(request: ChatRequest) -> Reply:
    reply = calls(("search", {"text": f"nothing {len(request.messages)}"}))
    return Reply(calls=reply.calls, finish="tool_calls", usage=Usage(prompt=90_000, completion=10))


def _has_one_release_with_both_proofs(counter: Project, events: Sequence[Event]) -> None:
    """New proofs of the same files make no new release."""
    assert len(served(events)) == 1
    release = read_release(counter.releases / str(served(events)[0]))
    assert (release.app / "REQUIREMENTS.md").read_text().count("- [x]") == 2
    assert [event for event in events if isinstance(event, Scored)][-1].score == release.score


def test_a_run_that_was_killed_goes_on_where_it_stood(counter: Project) -> None:
    first = ScriptedModel([calls(("edit_file", TWO)), calls(("read_file", {"path": "index.html"}))])
    project = counter.unseen()
    _killed_after(2, project, first, NEED)
    counter.workshop.workspace.write({"index.html": b"half done"}, "A commit whose step was never stored")
    second = ScriptedModel([calls(GIVE_UP), *repeat(calls(FINISH), 3)])
    events = project.run(second, NEED)
    assert _bytes(second.requests[0]).startswith(_bytes(first.requests[-1]))
    assert next(e for e in events if isinstance(e, Stepped)).n == 3
    assert "+ 2)" in counter.file("index.html")
    assert served(events)


def test_stop_ends_the_run_and_leaves_what_is_served(counter: Project) -> None:
    def stops(_: ChatRequest) -> Reply:
        counter.stop = True
        return calls(("edit_file", BROKEN))

    with pytest.raises(CancelledError):
        counter.run(ScriptedModel([stops]), NEED)


@pytest.mark.parametrize(
    ("budget", "word"),
    [(Budget(steps=3), "3 steps"), (Budget(tokens=5_000), "5,000 tokens"), (Budget(seconds=0.0), "minutes")],
)
def test_a_budget_ends_the_run_before_the_next_step(counter: Project, budget: Budget, word: str) -> None:
    def look(request: ChatRequest) -> Reply:
        n = len(request.messages)
        reply = calls(("search", {"text": f"nothing {n}"}))
        return Reply(calls=reply.calls, finish="tool_calls", usage=Usage(prompt=2_000, completion=10))

    model = ScriptedModel(repeat(look))
    note = last_note(counter.run(model, NEED, budget=budget))
    assert note.level == "warning"
    assert word in note.text
    assert len(model.requests) <= 3


def test_an_endpoint_that_goes_away_leaves_the_best_with_a_sentence(counter: Project) -> None:
    model = ScriptedModel(
        [
            calls(("edit_file", TWO)),
            calls(("run_checks", {"scope": "all"})),
            ModelUnavailableError("It is down."),
        ]
    )
    events = counter.unseen().run(model, NEED)
    assert served(events)
    assert "It is down." in last_note(events).text


def test_a_full_window_is_folded_and_the_run_goes_on(counter: Project) -> None:
    model = ScriptedModel(
        [
            calls(("edit_file", TWO)),
            _fills_the_window,
            says("I counted by two."),
            calls(GIVE_UP),
            *repeat(calls(FINISH), 3),
        ]
    )
    events = counter.unseen().run(model, NEED)
    folded = model.requests[3].messages
    assert len(folded) == 2
    assert "I counted by two." in folded[1]["content"]
    assert served(events)


def test_flow_steps_of_the_ledger_have_one_form() -> None:
    assert [FlowStep.model_validate(step).do for step in COUNTS_BY_TWO] == ["open", "click", "expect_text"]


def _bytes(request: ChatRequest) -> str:
    """The prompt without the bracket that ends the list."""
    return json.dumps(request.messages, ensure_ascii=False)[:-1]


def test_a_window_that_holds_nothing_ends_the_run(counter: Project) -> None:
    """An endpoint that tells a large window and refuses at a small one is believed the second time."""

    class Lying(ScriptedModel):
        @property
        def context(self) -> int:
            return 2_000 if self.requests else 128_000

        @context.setter
        def context(self, _: int) -> None: ...

    model = Lying([calls(("list_files", {})), ContextTooLongError("Too long.", 2_000), says("Nothing was done.")])
    note = last_note(counter.run(model, NEED))
    assert "2,000 tokens is too small" in note.text
    assert len(model.requests) == 3


def test_an_endpoint_that_refuses_every_prompt_as_too_long_is_asked_once(counter: Project) -> None:
    model = ScriptedModel(repeat(ContextTooLongError("Too long.", 100_000)))
    assert "too small" in last_note(counter.run(model, NEED)).text
    assert len(model.requests) == 1
