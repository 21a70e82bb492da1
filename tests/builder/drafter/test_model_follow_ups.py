"""Follow-ups: what the model names is changed, the rest stays."""

import pytest

from builder.agent.assignment import Turn
from builder.agent.flow import FlowStep
from builder.agent.ledger import Requirement, RequirementStatus
from builder.drafter.model import NOTHING_TO_CHANGE
from builder.refusal import Refusal
from builder.spec import AppSpec
from builder.testing import says
from tests.builder.drafter.replies import DOWN, LISTING, SITE, answers, asked, drafter, entity, field

HOME_SPEC = AppSpec.model_validate(
    SITE
    | {
        "theme": {"background": "#f0f8ff"},
        "entities": [
            LISTING | {"seed": [{"address": "1 Quay Street"}]},
            entity("agent", field("name"), field("note", "text")),
        ],
        "rules": [{"kind": "unique", "entity": "listing", "fields": ["address"]}],
        "pages": [
            {"name": "listings", "label": "Homes", "entity": "listing"},
            {"name": "agents", "label": "Agents", "entity": "agent"},
        ],
    }
)

PROVEN = Requirement(
    id="r1",
    text="Every listing has a page of its own.",
    status=RequirementStatus.PROVEN,
    flow=(FlowStep(do="open", path="/"), FlowStep(do="expect_text", text="Quay")),
)

KNOWN = (PROVEN, Requirement(id="r2", text="The list can be filtered by city."))


def test_a_follow_up_changes_only_what_the_model_names():
    garden = entity("listing", field("garden", "boolean"), field("price", "money", min=1000, label="Asking price"))
    change = {"name": "Harbour Homes", "entities": [garden], "features": [{"name": "favorites", "entity": "listing"}]}
    message = "Add a garden, and let me keep favourites"
    new = [{"text": "A listing can be kept as a favourite.", "words": "keep favourites"}]
    change |= {
        "theme": {"component": "#4682b4"},
        "rules": [{"kind": "range", "entity": "listing", "fields": ["price"]}],
    }
    change["features"].append({"name": "filter", "options": {"fields": ["garden", "city"]}})
    draft = drafter(answers(change, requirements=new)).revise(HOME_SPEC, message, KNOWN)
    spec = draft.spec
    names = [f.name for f in spec.entity("listing").fields]
    assert names == ["address", "city", "price", "bedrooms", "area", "photos", "garden"]
    assert spec.entity("listing").field("price").label == "Asking price"
    assert spec.entity("listing").seed == ({"address": "1 Quay Street"},)
    assert spec.entity("agent") == HOME_SPEC.entity("agent")
    assert (spec.theme.background, spec.theme.component) == ("#f0f8ff", "#4682b4")
    assert [rule.kind.value for rule in spec.rules] == ["unique", "range"]
    assert spec.feature("filter", "listing") == spec.features[1]
    assert spec.features[1].options == {"fields": ["garden", "city"]}
    assert [feature.name.value for feature in spec.features] == ["search", "filter", "detail", "favorites"]
    assert [page.name for page in spec.pages] == ["listings", "agents", "favorites"]
    assert draft.requirements[:2] == KNOWN
    added = draft.requirements[2]
    assert (added.id, added.source) == ("r3", (message.index("keep"), len(message)))


def test_only_what_is_named_is_taken_away():
    change = answers({"name": "Homes"}, dropped=["agent", "listing.area", "search", "unique"], removed=["r2", "r9"])
    draft = drafter(change).revise(HOME_SPEC, "No agents, no area, no search", KNOWN)
    assert [e.name for e in draft.spec.entities] == ["listing"]
    assert "area" not in {f.name for f in draft.spec.entity("listing").fields}
    assert [feature.name.value for feature in draft.spec.features] == ["filter", "detail"]
    assert [page.name for page in draft.spec.pages] == ["listings"]
    assert draft.spec.rules == ()
    assert draft.requirements == (PROVEN,)


def test_fields_that_point_at_what_is_dropped_go_with_it():
    owner = field("agent", "relation", target="agent", label="Agent")
    spec = drafter(answers({"name": "Homes", "entities": [entity("listing", owner)]})).revise(HOME_SPEC, "", ()).spec
    assert spec.entity("listing").field("agent").target == "agent"
    gone = drafter(answers({"name": "Homes"}, dropped=["agent"])).revise(spec, "No agents", ()).spec
    assert gone.entity("listing") == HOME_SPEC.entity("listing")


def test_a_change_of_behaviour_leaves_the_spec_and_reopens_what_it_changes():
    forms = [
        {"id": "r1", "text": "Every listing opens in a dialog.", "words": "in a dialog"},
        {"text": "  every listing has a page OF its own. ", "words": ""},
        {"id": "r2", "text": "The list can be filtered by city.", "words": ""},
    ]
    draft = drafter(answers(requirements=forms)).revise(HOME_SPEC, "Open listings in a dialog", KNOWN)
    assert draft.spec is HOME_SPEC
    changed = draft.requirements[0]
    assert (changed.id, changed.status, changed.flow) == ("r1", RequirementStatus.OPEN, ())
    assert draft.requirements[1] == KNOWN[1]
    assert len(draft.requirements) == 3


@pytest.mark.parametrize("replies", [(DOWN,), (says("?"), says("{}")), (answers(), answers())])
def test_a_follow_up_that_no_model_read_is_a_requirement_itself(replies):
    draft = drafter(*replies).revise(HOME_SPEC, "Make the\nbuttons round", KNOWN)
    assert draft.spec == HOME_SPEC
    assert [(r.id, r.text) for r in draft.requirements[2:]] == [("r3", "Make the buttons round")]
    assert bool(draft.notes) == (len(replies) == 1 or replies[0].text == "?")


def test_a_message_that_asks_for_nothing_changes_nothing():
    draft = drafter(answers(answer="not_an_app")).revise(HOME_SPEC, "Thank you", KNOWN)
    assert (draft.spec, draft.requirements, draft.notes) == (HOME_SPEC, KNOWN, (NOTHING_TO_CHANGE,))


def test_a_harmful_follow_up_is_refused():
    with pytest.raises(Refusal):
        drafter(answers(answer="harmful", because="so we can go in")).revise(
            HOME_SPEC, "Show which owners are away, so we can go in", KNOWN
        )


def test_a_follow_up_knows_what_was_said_before():
    one = drafter(answers())
    history = [Turn(f"message {n}", "done") for n in range(30)]
    one.revise(HOME_SPEC, "And now smaller", KNOWN, history)
    assert "message 29 → done" in asked(one)[0]
    assert "message 3 →" not in asked(one)[0]
    assert "r2: The list can be filtered by city." in asked(one)[0]
    assert asked(one)[0].rstrip().endswith("<wish>\nAnd now smaller\n</wish>")
