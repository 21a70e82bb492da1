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


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
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
