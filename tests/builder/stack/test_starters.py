"""Ready pages keep their form, speak every language they claim, and reach nothing outside."""

import re

import pytest

from builder.drafter import BlueprintDrafter
from builder.drafter.text import lemmas
from builder.stack import render_stack
from builder.stack.starters import about, names

LANGUAGES = {"en", "de", "es", "fr", "pt", "it", "ru", "zh", "ar", "id"}


@pytest.mark.parametrize("name", names())
def test_has_its_texts_in_every_language(name: str) -> None:
    texts = about(name).texts
    assert set(texts) >= LANGUAGES
    for language, known in texts.items():
        assert set(known) == set(texts["en"]), language
        assert all(text.strip() for text in known.values()), language


def test_no_two_share_a_word() -> None:
    owners: dict[str, str] = {}
    for name in names():
        for word in about(name).words:
            assert owners.setdefault(lemmas(word), name) == name, word


@pytest.mark.parametrize("name", names())
def test_is_drafted_by_its_name_and_renders_alone(name: str) -> None:
    called = next((word for word in about(name).words if " " in word), about(name).words[0])
    spec = BlueprintDrafter().draft(f"A {called}, dark green").spec
    assert spec.starter
    assert spec.starter.name == name
    page = bytes(render_stack(spec)["index.html"]).decode()
    assert about(name).texts["en"].keys().isdisjoint(re.findall(r">\{(\w+)\}<", page))
    assert not re.search(
        r"""(?:src|href)=["'](?!data:|#)|url\((?!["']?(?:data:|#))|@import|\bfetch\(|https?://(?!www\.w3\.org/)""", page
    )


def test_a_list_behind_the_name_is_what_the_page_works_with() -> None:
    wheel = BlueprintDrafter().draft("A wheel of names: Anna, Ben and Carla, without repeats").spec.starter
    assert wheel
    assert wheel.options == {"names": ["Anna", "Ben", "Carla"], "remove": True}
    clock = BlueprintDrafter().draft("World clock: London, Tokyo and New York in navy").spec.starter
    assert clock
    assert clock.options == {"cities": ["London", "Tokyo", "New York"]}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A starry night", "starry_night"),
        ("3 dice with 20 sides", "dice"),
        ("Колесо имён: Анна, Борис, Вера", "wheel_of_names"),
        ("Hangman: elephant, giraffe", "hangman"),
        ("A dice shop: name, price, colour", None),
        ("Buscaminas", "minesweeper"),
        ("Un convertidor de unidades", "unit_converter"),
        ("Calcolatore di percentuali", "percentage_calculator"),
        ("Gerador de senhas", "password_generator"),
        ("Le jeu du serpent", "snake"),
        ("Камень ножницы бумага", "rock_paper_scissors"),
        ("石头剪刀布", "rock_paper_scissors"),
        ("Stein, Papier", None),
        ("A zoo: snakes with species and age", None),
        ("A log of countdown timers by kitchen", None),
    ],
)
def test_is_called_by_its_name_in_other_languages_and_by_no_other_use_of_its_words(
    prompt: str, name: str | None
) -> None:
    starter = BlueprintDrafter().draft(prompt).spec.starter
    assert (starter and starter.name) == name
