"""What a draft says of itself: the person's words for each part, and the words that nothing was made of."""

import json
from pathlib import Path

import pytest

from builder.drafter import BlueprintDrafter, Draft

PROMPTS = {
    entry["id"]: entry["prompt"]
    for entry in map(json.loads, (Path(__file__).parents[2] / "data/prompts.jsonl").read_text("utf-8").splitlines())
}


def drafted(prompt: str) -> Draft:
    return BlueprintDrafter().draft(prompt)


@pytest.mark.parametrize("number", ["dev-001", "dev-002", "dev-005", "dev-015", "dev-016"])
def test_nothing_is_called_unused_where_all_of_it_was_used(number):
    assert drafted(PROMPTS[number]).unused == ()


def test_the_left_side_is_in_words():
    understood = dict(drafted("Invoices with number, client and due date, dark theme, export to CSV").understood)
    assert understood["Invoices"] == "Invoices"
    assert understood["Invoice: Due date"] == "due date"
    assert understood["Light or dark"] == "dark theme"
    assert understood["Export"] == "export, CSV"


def test_wishes_for_what_the_stack_lacks_are_said_in_the_person_s_words():
    draft = drafted("A list of books with title and author. Payment by Stripe, and an SMS to every reader.")
    assert draft.unused == ("Payment by Stripe", "an SMS to every reader")


def test_accounts_are_a_wish_and_bring_people():
    spec = drafted(PROMPTS["dev-008"]).spec
    assert [e.name for e in spec.entities] == ["link", "collection", "tag", "user"]
    assert spec.feature("auth")


def test_a_clause_about_nothing_in_the_app_is_said():
    draft = drafted("Books with title and author. The parrot must whistle at noon.")
    assert draft.unused == ("The parrot must whistle at noon",)


def test_a_blueprint_is_named_only_where_it_gave_something():
    assert "Modelled on “Rental”" in dict(drafted("bike rental").understood)
    draft = drafted("Café menu: dish, price, photo")
    assert not any(part.startswith("Modelled") for part, _ in draft.understood)
    assert draft.spec.tagline == ""
