"""A product that everybody knows calls the kind of app that it is, where it is named as a model and nowhere else."""

from datetime import date

import pytest

from builder import blueprints
from builder.drafter import BlueprintDrafter
from builder.drafter.brands import _kinds, _raw, take_call
from builder.drafter.shelf import shelf
from builder.drafter.text import Prompt

TODAY = date(2026, 3, 14)


def drafted(prompt: str):
    return BlueprintDrafter(today=lambda: TODAY).draft(prompt)


def test_each_brand_calls_a_blueprint_that_is_there():
    assert set(_raw()["brands"]) <= set(blueprints.names())
    assert set(_raw()["things"]) <= set(_raw()["brands"])
    assert set(_raw()["words"]) <= set(_kinds())
    for brand, kind in _kinds().items():
        prompt = f"{brand} dog walkers" if brand.endswith(" for") else f"{brand} clone"
        rest, call = take_call(Prompt.read(prompt))
        assert call, brand
        assert call.blueprint == kind, brand
        assert "clone" not in {word.norm for word in rest.words}


@pytest.mark.parametrize(
    ("prompt", "blueprint", "name"),
    [
        ("Twitter clone", "microblog", "Microblog"),
        ("an app like Instagram", "photos", "Photos"),
        ("Build me a clone of Reddit", "forum", "Forum"),
        ("an alternative to Trello", "kanban", "Kanban board"),
        ("something like Jira", "kanban", "Kanban board"),
        ("self-hosted Splitwise", "shared_expenses", "Shared expenses"),
        ("Duolingo", "flashcards", "Flashcards"),
        ("my own Airbnb", "hotel", "Hotel"),
        ("Slack for beekeepers", "chat", "Beekeepers"),
        ("Slack clone called Hive", "chat", "Hive"),
        ("Tinder for dogs", "dating", "Dogs"),
        ("Pinterest for recipes", "recipes", "Recipes"),
        ("a Twitter-like app", "microblog", "Microblog"),
        ("Eine App wie Trello", "kanban", None),
        ("Клон Твиттера", "microblog", None),
        ("clon de Instagram", "photos", None),
        ("类似Twitter的应用", "microblog", None),
        ("Twitter-kloon voor mijn vrienden", "microblog", None),
    ],
)
def test_a_well_known_product_calls_what_it_is(prompt, blueprint, name):
    spec = drafted(prompt).spec
    kind = next(b for b in shelf() if b.name == blueprint)
    assert [e.icon for e in spec.entities] == [e.icon for e in kind.sketch.entities]
    assert name is None or spec.name == name


@pytest.mark.parametrize(
    "prompt",
    [
        "Instagram captions with text, date and status",
        "a diary of medium length walks",
        "my Etsy orders with number, buyer and total",
        "track what I spend on Netflix and Spotify",
        "a linear regression notebook",
        "poems with title, text and doodle",
    ],
)
def test_a_product_that_is_only_spoken_of_calls_nothing(prompt):
    text = Prompt.read(prompt)
    assert take_call(text) == (text, None)


def test_the_kind_of_thing_that_it_is_for_stays_the_person_s():
    assert drafted("Goodreads for board games").spec.name == "Board games"
    assert [e.icon for e in drafted("Goodreads for board games").spec.entities] == ["gamepad-2"]
    assert dict(drafted("Twitter clone").understood)["Modelled on “Microblog”"] == "Twitter clone"
