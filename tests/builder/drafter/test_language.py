"""A prompt in another language is read through that language's table, and its app speaks that language."""

import pytest

from builder.drafter import BlueprintDrafter
from builder.drafter.gloss import read_prompt
from builder.drafter.language import language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A catalogue of my films with title and year", "en"),
        ("Café menu", "en"),
        ("Каталог моих фильмов", "ru"),
        ("我的菜谱和食材", "zh"),
        ("قائمة الكتب: العنوان، المؤلف", "ar"),
        ("Eine Rezeptsammlung mit Zutaten und Zubereitungszeit", "de"),
        ("Une liste de tâches avec des échéances", "fr"),
        ("Una aplicación para gestionar los turnos del hospital", "es"),
        ("Um catálogo dos meus livros com os autores", "pt"),
        ("Un'app per le mie ricette con gli ingredienti", "it"),
        ("Aplikasi untuk mencatat buku yang saya baca", "id"),
        ("読書の記録", "und"),
        ("독서 기록", "und"),
        ("Een overzicht van mijn uitgaven", "und"),
        ("فهرست کتاب‌های گمشده", "und"),
    ],
)
def test_the_language_of_a_prompt_is_told(text, code):
    assert language_of(text) == code


def test_words_mean_what_they_say_and_keep_their_place():
    text = "Каталог фильмов: название, дата просмотра"
    words = read_prompt(text, "ru").words
    assert [text[w.start : w.end] for w in words if w.end > w.start] == [w.text for w in words if w.end > w.start]
    assert [w.norm for w in words] == ["catalogue", "of", "films", ":", "title", ",", "date watched"]
    assert words[2].as_label == "фильмы"


def test_a_russian_prompt_gives_a_russian_app_with_english_names():
    prompt = (
        "Каталог моих фильмов: название, режиссёр, год, моя оценка от 1 до 10 и дата просмотра. "
        "Фильтр по году, сортировка по оценке, график: сколько фильмов по месяцам."
    )
    draft = BlueprintDrafter().draft(prompt)
    film = draft.spec.entities[0]
    assert (draft.spec.locale, film.name, film.label, film.label_plural) == ("ru", "film", "Фильм", "Фильмы")
    assert {f.name: f.label for f in film.fields} == {
        "title": "Название",
        "director": "Режиссёр",
        "year": "Год",
        "rating": "Оценка",
        "date_watched": "Дата просмотра",
    }
    assert film.field("rating").max == 10
    assert draft.spec.feature("chart", "film")
    assert draft.unused == ()


def test_bent_words_are_shown_straight():
    draft = BlueprintDrafter().draft("Список задач с названием, описанием и сроком")
    assert [f.label for f in draft.spec.entities[0].fields] == ["Название", "Описание", "Срок"]


@pytest.mark.parametrize(
    ("prompt", "entity"),
    [
        ("Een overzicht van mijn uitgaven", "expense"),
        ("Lista moich zadań na tydzień", "task"),
        ("読書の記録", "book"),
        ("Een mercatino voor de buurt", "ad"),
    ],
)
def test_the_name_of_a_kind_of_app_is_known_in_more_languages(prompt, entity):
    assert BlueprintDrafter().draft(prompt).spec.entities[0].name == entity


def test_an_unknown_language_gives_an_app_in_the_persons_own_words():
    spec = BlueprintDrafter().draft("독서 모임: 이름, 전화번호, 가입일").spec
    assert [f.label for f in spec.entities[0].fields][-3:] == ["이름", "전화번호", "가입일"]


@pytest.mark.parametrize(
    "prompt",
    ["Films by Claire de Lune, with date", "Café menu", "Piñata shop", "A table called class (import, def, 名前)"],
)
def test_foreign_words_in_an_english_sentence_are_only_words(prompt):
    assert BlueprintDrafter().draft(prompt).spec.locale == "en"


def test_an_arabic_word_keeps_letters_that_are_its_own():
    invoices, phoenix = (read_prompt(text, "ar").words[-1] for text in ("تطبيق فواتير", "تطبيق عنقاء"))
    assert invoices.as_label == "فواتير"
    assert phoenix.is_word
    assert read_prompt("بالسعر", "ar").words[-1].as_label == "سعر"


def test_a_unit_is_said_in_the_language_of_the_app():
    spec = BlueprintDrafter().draft("تطبيق بيطري").spec
    units = {f.unit for e in spec.entities for f in e.fields if f.unit}
    assert spec.name == "بيطري"
    assert {"سنة", "كغ"} <= units


def spec_of(prompt: str):
    return BlueprintDrafter().draft(prompt).spec


def test_sentences_of_other_languages_say_whose_what_is():
    arabic = spec_of("أريد تطبيقًا: لكل جهاز نوع ورقم تسلسلي وعطل وتكلفة، ولكل زبون اسم ورقم هاتف")
    assert [[f.name for f in e.fields] for e in arabic.entities] == [
        ["type", "serial_number", "fault", "cost"],
        ["name", "phone"],
    ]
    german = spec_of(
        "Für die Laibe notiere ich Pflegegänge, die ein Datum und eine Tätigkeit haben. Jeder Laib hat ein Gewicht."
    )
    care = next(e for e in german.entities if e.label == "Pflegegänge")
    assert [f.type.value for f in care.fields] == ["relation", "date", "string"]


def test_a_choice_is_no_wish():
    spec = spec_of("Grades with student, type (homework, quiz, project) and score")
    assert "quiz" not in {f.name.value for f in spec.features}


def test_a_chinese_list_of_what_each_has_is_read():
    spec = spec_of("学生的姓名、年龄、家长电话;课程的日期、时间、学生和作业")
    assert [f.type.value for f in spec.entities[0].fields] == ["string", "integer", "phone"]
    assert any(f.target == spec.entities[0].name for f in spec.entities[1].fields)
