"""Follow-ups in words, without a model: each kind of change, on the AppSpec alone."""

from datetime import date

import pytest

from builder.drafter import BlueprintDrafter
from builder.drafter.revise import is_undo, revise
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
