"""What no ready app can be is said kindly, with what can be; an app about such a thing is an app like any other."""

import pytest

from builder.drafter import BlueprintDrafter
from builder.drafter.page import refuse_without_model
from builder.refusal import Refusal, RefusalCode


@pytest.mark.parametrize(
    ("prompt", "instead"),
    [
        ("Password manager", "never|in clear"),
        ("an app to store my passwords", "in clear"),
        ("Менеджер паролей", "в открытом виде"),
        ("URL shortener", "bookmarks"),
        ("landing page for my startup", "waiting list"),
        ("ChatGPT clone", "prompt library"),
        ("currency converter", "exchange rates"),
        ("短链接", "书签"),
        ("RSS reader", "link board"),
        ("weather dashboard", "weather diary"),
    ],
)
def test_what_no_ready_app_is_gets_a_sentence_with_what_to_ask_for(prompt, instead):
    for ask in (BlueprintDrafter().draft, lambda text: refuse_without_model(text, None)):
        with pytest.raises(Refusal) as refused:
            ask(prompt)
        assert refused.value.code is RefusalCode.NEEDS_MODEL
        assert any(word in refused.value.message for word in instead.split("|"))


@pytest.mark.parametrize(
    "prompt",
    [
        "a list of password managers with name, price and rating",
        "Password generator",
        "History of search engines with name, founder and year",
        "Bakery orders with customer, product and pick-up day; later we want a landing page",
    ],
)
def test_an_app_about_such_a_thing_is_drafted(prompt):
    assert BlueprintDrafter().draft(prompt).spec.name


def test_what_a_kind_of_app_leaves_to_people_is_said_beside_it():
    assert "typed in" in BlueprintDrafter().draft("stock prices").notes[0]
    assert "вручную" in BlueprintDrafter().draft("дневник сна").notes[0]
    assert BlueprintDrafter().draft("shopping list").notes == ()
