"""Follow-ups in words, without a model: each kind of change, on the AppSpec alone."""

from contextlib import suppress
from datetime import date

import pytest

from builder.drafter import BlueprintDrafter
from builder.drafter.revise import is_undo, revise
from builder.drafter.revise.undo import back_to, spec_before
from builder.refusal import Refusal, RefusalCode
from builder.spec import AppSpec, FieldType

TODAY = date(2026, 3, 14)


@pytest.fixture(scope="module")
def todo() -> AppSpec:
    prompt = "A todo list: tasks with a title, notes, due date, priority and status (todo, doing, done)"
    return BlueprintDrafter(lambda: TODAY).draft(prompt).spec


def changed(spec: AppSpec, message: str) -> AppSpec:
    return revise(spec, message, TODAY).spec


def labels(spec: AppSpec) -> list[str]:
    return [f.label for f in spec.entities[0].fields]


def test_fields_are_added_and_taken_away(todo):
    spec = changed(todo, "Add a field estimate in hours to tasks, and remove the priority")
    assert "Estimate" in labels(spec)
    assert "Priority" not in labels(spec)
    assert all("priority" not in feature.options.get("fields", ()) for feature in spec.features)


def test_a_renamed_field_says_what_it_was(todo):
    field = changed(todo, "rename notes to remarks").entities[0].field("remarks")
    assert (field.label, field.was) == ("Remarks", "notes")


def test_rows_keep_their_values_under_the_new_name(todo):
    before = [row.get("notes") for row in todo.entities[0].seed]
    after = [row.get("remarks") for row in changed(todo, "rename notes to remarks").entities[0].seed]
    assert after == before


def test_choices_come_and_go_and_are_called_otherwise(todo):
    def status(message: str) -> list[str]:
        return [c.label for c in changed(todo, message).entities[0].field("status").choices]

    assert status("add the status blocked") == ["Todo", "Doing", "Done", "Blocked"]
    assert status("remove the choice doing") == ["Todo", "Done"]
    renamed = changed(todo, "rename doing to in progress").entities[0].field("status").choices[1]
    assert (renamed.value, renamed.label) == ("doing", "In progress")


@pytest.mark.parametrize(
    ("message", "name", "type"),
    [
        ("turn notes into a short text", "notes", FieldType.STRING),
        ("make the priority a number", "priority", FieldType.INTEGER),
        ("change notes to a choice (short, long)", "notes", FieldType.CHOICE),
    ],
)
def test_fields_become_another_type(todo, message, name, type):
    assert changed(todo, message).entities[0].field(name).type is type


def test_another_kind_of_thing_comes_with_its_fields(todo):
    spec = changed(todo, "add a table suppliers with name, phone and city")
    assert [f.name for f in spec.entity("supplier").fields] == ["name", "phone", "city"]
    assert any(page.entity == "supplier" for page in spec.pages)


def test_looks_change_by_a_sentence(todo):
    theme = changed(todo, "make the background lavender and the buttons navy").theme
    assert (theme.background, theme.component) == ("#e6e6fa", "#000080")
    assert changed(todo, "make it dark").theme.mode == "dark"


def test_a_feature_is_added(todo):
    assert changed(todo, "I want favourites").feature("favorites", "task")


def test_other_languages_are_understood(todo):
    assert changed(todo, "translate it to Spanish").locale == "es"
    russian = BlueprintDrafter(lambda: TODAY).draft("Список задач с названием и сроком").spec
    assert "Цена" in labels(changed(russian, "добавь цену"))


@pytest.mark.parametrize("message", ["make the moon bigger", "hello there", "why is it so slow?"])
def test_what_it_cannot_do_says_where_it_can_be_done(todo, message):
    with pytest.raises(Refusal, match="Design tab") as refused:
        revise(todo, message, TODAY)
    assert refused.value.code is RefusalCode.NEEDS_MODEL


def test_a_message_that_contradicts_itself_is_asked_about(todo):
    with pytest.raises(Refusal) as refused:
        revise(todo, "add a field colour and remove the field colour", TODAY)
    assert refused.value.code is RefusalCode.CONTRADICTION


def test_undo_is_told_from_other_wishes():
    assert is_undo("Undo")
    assert is_undo("undo that please")
    assert not is_undo("undo the blue and add a price")


@pytest.fixture(scope="module")
def crm() -> AppSpec:
    prompt = (
        "A CRM with accounts: companies (name, industry, website), contacts (name, email, phone, company) and deals "
        "(title, value in €, stage (lead, offer, won, lost), close date, company). Each person signs in. Kanban board."
    )
    return BlueprintDrafter(lambda: TODAY).draft(prompt).spec


def test_features_and_rules_follow_a_new_name_and_nothing_else_changes(crm):
    spec = changed(crm, "rename close date to deadline")
    assert spec.feature("sort", "deal").options["fields"] == ["title", "value", "stage", "deadline"]
    assert spec.feature("sort", "deal").options["default"] == "-deadline"
    assert (spec.rules, spec.pages, spec.entities[0]) == (crm.rules, crm.pages, crm.entities[0])


@pytest.mark.parametrize(
    ("message", "feature", "entity"),
    [
        ("add comments to deals", "comments", "deal"),
        ("let people vote on companies", "like", "company"),
        ("export contacts as CSV", "export", None),
        ("add a calendar page for deals", "calendar", "deal"),
        ("add a dashboard", "dashboard", None),
    ],
)
def test_features_come_to_an_app_with_accounts(crm, message, feature, entity):
    assert changed(crm, message).feature(feature, entity)


def test_pages_and_features_go_together(crm):
    spec = changed(crm, "remove the board")
    assert spec.feature("kanban", "deal") is None
    assert "board" not in {page.view for page in spec.pages}
    assert changed(crm, "remove the page contacts").entity("contact")


@pytest.mark.parametrize(
    ("message", "owner", "name", "many"),
    [
        ("link deals to contacts", "deal", "contact", False),
        ("each deal has a contact", "deal", "contact", False),
        ("a contact can have many deals", "deal", "contact", False),
        ("deals can have several contacts", "deal", "contacts", True),
    ],
)
def test_two_things_are_related(crm, message, owner, name, many):
    field = changed(crm, message).entity(owner).field(name)
    assert (field.target, field.many) == ("contact", many)


def test_a_thing_keeps_its_name_when_its_label_changes(crm):
    spec = changed(crm, "rename companies to organisations")
    assert spec.entity("company").label_plural == "Organisations"
    assert spec.entity("deal").field("company").label == "Organisation"


@pytest.mark.parametrize(
    "message",
    [
        "rename website to homepage and remove website",
        "make value required and optional",
        "make it dark and light",
        "add a field notes and remove the field notes",
        "rename value to title",
        "remove everything",
    ],
)
def test_what_contradicts_itself_or_the_app_gets_a_clear_answer(crm, message):
    with pytest.raises(Refusal) as refused:
        revise(crm, message, TODAY)
    assert refused.value.code is RefusalCode.CONTRADICTION
    assert "Without a model" not in refused.value.message


def test_the_last_thing_stays(crm):
    revision = revise(crm, "remove companies, contacts and deals", TODAY)
    assert [e.name for e in revision.spec.entities] == ["deal", "user"]
    assert "keeps at least one" in revision.said[-1]


@pytest.mark.parametrize("message", ["remove name", "rename the name to label", "remove the moon"])
def test_what_is_meant_is_asked_where_it_is_not_clear(crm, message):
    with pytest.raises(Refusal) as refused:
        revise(crm, message, TODAY)
    assert refused.value.code is RefusalCode.UNCLEAR


@pytest.mark.parametrize(
    "message",
    ["add a chatbot", "only admins can delete deals at night", "hide phone", "a deal can't be closed before it"],
)
def test_nothing_is_taken_away_by_what_is_not_understood(crm, message):
    spec = crm
    with suppress(Refusal):
        spec = changed(crm, message)
    assert [e.name for e in spec.entities] == [e.name for e in crm.entities]


FOREIGN = {
    "de": ("Bücher mit Titel, Autor, Genre (Roman, Krimi)", "benenne Autor in Verfasser um", "lösche die Option Krimi"),
    "es": ("Libros con título, autor, género (novela, poesía)", "renombra autor a escritor", "borra la opción poesía"),
    "fr": ("Livres avec titre, auteur, genre (roman, essai)", "renomme auteur en écrivain", "supprime l'option essai"),
    "it": ("Libri con titolo, autore, genere (giallo, saggio)", "rinomina autore in penna", "rimuovi l'opzione saggio"),
    "pt": ("Livros com título, autor, gênero (conto, poesia)", "renomeie autor para escritor", "remova a opção poesia"),
    "ru": ("Книги: название, автор и жанр (роман, поэзия)", "переименуй автора в писателя", "удали вариант поэзия"),
    "zh": ("书籍包含标题、作者、类型（小说、诗歌）", "把作者改名为作家", "删除选项诗歌"),
    "id": ("Buku: judul, penulis, genre (novel, puisi)", "ganti nama penulis menjadi pena", "hapus pilihan puisi"),
}  # fmt: skip


@pytest.mark.parametrize("code", FOREIGN)
def test_each_language_has_its_own_words_for_a_change(code):
    prompt, rename, remove = FOREIGN[code]
    spec = BlueprintDrafter(lambda: TODAY).draft(prompt).spec
    renamed = [f for f in changed(spec, rename).entities[0].fields if f.was]
    assert [f.was for f in renamed] == ["author"]
    before = next(f for f in spec.entities[0].fields if f.type is FieldType.CHOICE)
    assert len(changed(spec, remove).entities[0].field(before.name).choices) == 1


@pytest.mark.parametrize(
    "message", ["rückgängig", "deshaz", "annule", "отмени", "撤销", "تراجع", "batalkan", "go back"]
)
def test_undo_is_known_in_every_language(message):
    assert is_undo(message)


def test_undo_goes_back_step_by_step_and_names_come_back_with_their_columns(todo):
    first = todo.model_dump(mode="json")
    second = changed(todo, "rename notes to remarks").model_dump(mode="json")
    third = changed(AppSpec.model_validate(second), "add a price").model_dump(mode="json")
    assert spec_before([first, second, third]) == second
    undone = back_to(second, third).model_dump(mode="json")
    assert spec_before([first, second, third, undone]) == first
    field = back_to(first, undone | second).entities[0].field("notes")
    assert field.was == "remarks"
