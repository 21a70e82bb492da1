"""A build from its message to its requirements: what was drafted is what is told."""

import json
from contextlib import suppress
from dataclasses import replace
from itertools import repeat

from builder.agent.assignment import Budget, Means
from builder.agent.build import Order, build_with_model
from builder.agent.ledger import Requirement
from builder.events import Event, RequirementChanged
from builder.path import BuildFailedError
from builder.spec import AppKind
from builder.testing import ScriptedModel, calls, says
from tests.builder.agent.conftest import Project

COUNTS, SHINES = Requirement(id="r1", text="A click counts."), Requirement(id="r2", text="It shines.")


def build(project: Project, order: Order, draft: dict[str, object]) -> list[Event]:
    model = ScriptedModel([says(json.dumps(draft)), *repeat(calls(("finish", {})), 9)])
    means = Means(model, project.journal, project._lab, Budget(steps=1))
    events: list[Event] = []
    with suppress(BuildFailedError):  # there is nothing to serve that is better
        events.extend(build_with_model(order, means, replace(project.workshop, number=2)))
    return events


def told(events: list[Event]) -> list[tuple[str, str]]:
    found = [(event.id, event.status) for event in events if isinstance(event, RequirementChanged)]
    return list(dict.fromkeys(found))


def test_a_requirement_that_holds_no_longer_is_taken_away(counter: Project) -> None:
    order = Order("No shine", "A counter", AppKind.ARTIFACT, spec=counter.spec, requirements=(COUNTS, SHINES))
    events = build(counter.unseen(), order, {"answer": "build", "removed": ["r2"], "requirements": []})
    assert ("r2", "removed") in told(events)
    assert [status for id, status in told(events) if id == "r2"] == ["removed"]
    assert told(events)[1][0] == "r1"


def test_requirements_are_known_before_the_questions_are_answered(notes: Project) -> None:
    order = Order("Notes with a title", "Notes with a title")
    asks = {"text": "Whose are they?", "choices": ["Mine"]}
    needs = [{"text": "Notes have a title.", "words": "title"}]
    events = build(notes.unseen(), order, {"answer": "ask", "questions": [asks], "app": {}, "requirements": needs})
    assert [(e.id, e.text) for e in events if isinstance(e, RequirementChanged)] == [("r1", "Notes have a title.")]
