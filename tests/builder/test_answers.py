"""Sentences for people: the same keys and places in every language, and each said in the language it is asked in."""

import re
from datetime import date
from string import Formatter

import pytest

from builder.answers import LANGUAGES, answer_to, say_in, sentences
from builder.drafter import BlueprintDrafter
from builder.drafter.language import CODES
from builder.drafter.revise import is_undo, revise
from builder.drafter.revise.translating import translate
from builder.refusal import Refusal, RefusalCode, screen
from builder.spec import AppSpec, FeatureName, FieldType, RuleKind
from builder.stack.starters import about, names

TODAY = date(2026, 3, 14)
QUOTED = re.compile(r"“([^”]+)”|«\s*([^»]+?)\s*»|„([^“]+)“")


@pytest.fixture(scope="module")
def tasks() -> dict:
    prompt = "Tasks with title, notes, price; Notes with title and text"
    return BlueprintDrafter(lambda: TODAY).draft(prompt).spec.model_dump(mode="json")


def in_language(app: dict, code: str) -> AppSpec:
    own = AppSpec.model_validate(app).model_dump(mode="json")
    translate(own, code)
    return AppSpec.model_validate(own)


def said(spec: AppSpec, message: str) -> str:
    try:
        return " ".join(revise(spec, message, TODAY).said)
    except Refusal as refusal:
        return refusal.message


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_places(code):
    english, own = sentences("en"), sentences(code)
    assert own.keys() == english.keys()
    assert {key for key in own if places(own[key]) != places(english[key])} == set()
    same = {key for key, text in own.items() if text == english[key] and " " in text.strip()}
    assert code == "en" or same <= {"paper_option", "page.slide"}


def test_whatever_an_app_is_made_of_has_a_name():
    wanted = {f"feature.{name}" for name in (*FeatureName, *RuleKind)} | {f"type.{kind}" for kind in FieldType}
    wanted |= {f"option.{option}" for name in names() for option in about(name).options}
    wanted |= {f"language.{code}" for code in ("en", *CODES)}
    assert wanted <= sentences("en").keys()
    assert all(say_in("en")(f"feature.{name}") == name.replace("_", " ") for name in FeatureName)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_examples_of_a_language_are_understood_in_it(tasks, code):
    spec = in_language(tasks, code) if code != "en" else AppSpec.model_validate(tasks)
    examples = ["".join(groups) for groups in QUOTED.findall(sentences(code)["message.help"])]
    *changes, undo = [example for example in examples if example != "Design"]
    assert len(changes) == 4
    assert all(revise(spec, example, TODAY).said for example in changes)
    assert is_undo(undo, code)


def test_an_answer_is_in_the_language_of_the_message_whatever_the_app_speaks(tasks):
    english, russian = AppSpec.model_validate(tasks), in_language(tasks, "ru")
    assert said(english, "добавь поле автор в Tasks") == "В «Tasks» добавлено поле «Автор»."
    assert said(russian, "remove the price") == "Removed “Цена” from Задачи."
    assert said(russian, "price") == sentences("ru")["message.help"]  # too short to tell
    assert said(russian, "Please could you do the thing with all of it") == sentences("en")["message.help"]


def test_a_contradiction_is_told_in_spanish(tasks):
    sentence = said(in_language(tasks, "es"), "añade un campo autor a tareas y elimina el campo autor de tareas")
    assert sentence.startswith("Aquí se pide a la vez añadir el campo «Autor» y eliminar el campo «Autor».")


def test_a_refusal_is_told_in_arabic_and_what_is_read_the_other_way_is_kept_apart(tasks):
    with pytest.raises(Refusal) as refused:
        screen("السلام عليكم شكرا")
    assert (refused.value.code, refused.value.message) == (
        RefusalCode.NOT_AN_APP,
        sentences("ar")["refusal.not_an_app"],
    )
    assert said(AppSpec.model_validate(tasks), "احذف price") == "حُذف حقل «\u2068Price\u2069» من «\u2068Tasks\u2069»."


def test_of_a_language_without_sentences_the_answer_is_english():
    assert answer_to("レシピのアプリを作ってください").code == "en"
