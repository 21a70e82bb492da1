"""A sentence in another language gives a known kind of app or a kind answer, never names made of its letters."""

import pytest

from builder.drafter import BlueprintDrafter
from builder.refusal import Refusal, RefusalCode


@pytest.mark.parametrize(
    ("prompt", "entity"),
    [
        ("Eine Rezeptsammlung mit Zutaten und Zubereitungszeit", "recipe"),
        ("Une liste de tâches avec des échéances", "task"),
        ("Un inventario para mi taller", "item"),
        ("Um catálogo dos meus livros", "book"),
        ("Un'app per le mie ricette", "recipe"),
        ("Een overzicht van mijn uitgaven", "expense"),
        ("Lista moich zadań na tydzień", "task"),
        ("Каталог моих фильмов: название, режиссёр, год", "film"),
        ("我的菜谱和食材", "recipe"),
        ("読書の記録", "book"),
        ("Сделай покедекс", "pokemon"),
    ],
)
def test_the_name_of_a_kind_of_app_is_known_in_ten_languages(prompt, entity):
    draft = BlueprintDrafter().draft(prompt)
    assert draft.spec.entities[0].name == entity
    assert all(e.label.isascii() or e.name in {"pokemon"} for e in draft.spec.entities)


@pytest.mark.parametrize(
    "prompt",
    [
        "一个员工考勤系统，记录上下班时间",
        "Una aplicación para gestionar los turnos de los enfermeros del hospital",
        "Ein Werkzeug für meinen Weinkeller",
        "قائمة الكتب: العنوان، المؤلف",
        "Aplicación de citas para una peluquería: clientes con nombre y teléfono",
    ],
)
def test_what_is_not_understood_is_refused_with_a_kind_sentence(prompt):
    with pytest.raises(Refusal) as refused:
        BlueprintDrafter().draft(prompt)
    assert refused.value.code is RefusalCode.NEEDS_MODEL
    assert "describe the app in English" in refused.value.message


def test_what_follows_the_one_word_that_was_understood_is_said():
    draft = BlueprintDrafter().draft("Eine Rezeptsammlung mit Zutaten und Zubereitungszeit")
    assert draft.unused == ("mit Zutaten und Zubereitungszeit",)


@pytest.mark.parametrize(
    "prompt",
    ["Films by Claire de Lune, with date", "Café menu", "Piñata shop", "A table called class (import, def, 名前)"],
)
def test_foreign_words_in_an_english_sentence_are_only_words(prompt):
    assert BlueprintDrafter().draft(prompt).spec.entities
