"""What a blueprint and what a person said come together to: said wins, known fills, rows follow."""

from datetime import date

import pytest

from builder import blueprints
from builder.drafter import BlueprintDrafter

TODAY = date(2026, 3, 14)


def drafted(prompt: str):
    return BlueprintDrafter(today=lambda: TODAY).draft(prompt).spec


@pytest.mark.parametrize(
    ("prompt", "entity"),
    [
        ("christmas gift list", "gift"),
        ("bike rental", "rental"),
        ("somewhere to keep my recipes", "recipe"),
        ("job hunt", "application"),
        ("house plants", "plant"),
        ("An app for notes", "notebook"),
        ("upload files and share them", "folder"),
        ("upload photos and share them", "album"),
        ("project portfolio tracker", "project"),
        ("Plattensammlung", "album"),
        ("Büchersammlung", "book"),
        ("Rezeptverwaltung", "recipe"),
        ("Bootsverleih", "rental"),
        ("Zinnfigurensammlung", "series"),
        ("Haushaltsbuch", "transaction"),
        ("app para controlar minhas despesas por categoria com gráfico mensal", "expense"),
        ("приложение для учёта расходов семьи: сумма, категория, дата", "expense"),
        ("Recetario de mi abuela con foto, ingredientes y pasos", "recipe"),
    ],
)
def test_a_vague_prompt_gets_the_nearest(prompt, entity):
    assert entity in {e.name for e in drafted(prompt).entities}


def test_a_detailed_prompt_overrides_the_blueprint_and_keeps_fitting_rows():
    recipe = drafted("A recipe box with ingredients, cooking time and rating").entity("recipe")
    assert [f.name for f in recipe.fields] == ["title", "ingredients", "cooking_time", "rating"]
    assert recipe.seed[0]["title"] == "Red lentil soup"
    assert set(recipe.seed[0]) == {"title", "ingredients", "cooking_time", "rating"}


def test_rows_for_fields_nobody_knew_are_invented_the_same_each_time():
    prompt = "Lighthouses with name, height in m, keeper, lit on, notes and status (lit, dark)"
    rows = drafted(prompt).entity("lighthouse").seed
    assert rows == drafted(prompt).entity("lighthouse").seed
    assert len(rows) == 12
    assert len({row["name"] for row in rows}) == 12
    assert {row["status"] for row in rows} == {"lit", "dark"}
    assert not any("lorem" in str(row).lower() or "item 1" in str(row).lower() for row in rows)


def test_days_lie_around_the_day_of_the_draft():
    rows = drafted("to-do list").entity("task").seed
    assert rows[0]["due_date"] == "2026-03-15"


def test_said_choices_win_over_known_ones():
    task = drafted("tasks with title and priority (low, someday)").entity("task")
    assert [c.label for c in task.field("priority").choices] == ["Low", "Someday"]
    assert {row["priority"] for row in task.seed} == {"low", "someday"}


def test_a_thing_nothing_was_said_of_gets_the_fields_usual_for_its_kind():
    beer = drafted("Beer cellar").entities[0]
    assert (beer.label, [f.label for f in beer.fields][:3]) == ("Beer", ["Name", "Producer", "Vintage"])


def test_a_person_s_word_takes_the_place_of_a_general_one():
    spec = drafted("tool library where neighbours borrow tools")
    assert [e.label for e in spec.entities] == ["Tool", "Neighbour", "Loan"]
    assert spec.entity("loan").field("neighbour").target == "neighbour"
    assert drafted("bike rental").entities[0].label_plural == "Bikes"


def test_invented_rows_hold_together():
    spec = drafted(
        "Invoices with number, client, amount, issue date and due date. Shifts with a date, start and end time. "
        "Hotel rooms with number, price per night; bookings for a guest from a day to a day"
    )
    for row in spec.entity("invoice").seed:
        assert row["issue_date"] < row["due_date"]
    numbers = [row["number"] for row in spec.entity("invoice").seed]
    assert len(set(numbers)) == len(numbers) >= 8
    assert all(row["start_time"] < row["end_time"] for row in spec.entity("shift").seed)
    assert all(45 <= row["price_per_night"] <= 220 for row in spec.entity("hotel_room").seed)
    assert [f.label for f in spec.entity("booking").fields if f.target == "hotel_room"] == ["Hotel room"]


def test_the_plural_keeps_the_person_s_word():
    assert drafted("A table called Index (key, value)").entities[0].label_plural == "Indexes"


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("habit-tracker", "habits"),
        ("track my sleep", "sleep"),
        ("baby feeding log", "baby"),
        ("pill reminder", "medicines"),
        ("drink water reminder", "nutrition"),
        ("school timetable", "homework"),
        ("my period", "period"),
        ("Ein Perioden-Tracker", "period"),
        ("compteur de calories", "nutrition"),
        ("дневник сна", "sleep"),
        ("用药提醒", "medicines"),
    ],
)
def test_what_people_keep_of_themselves_has_a_blueprint_each(prompt, name):
    icons = [entity["icon"] for entity in blueprints.read(name)["entities"].values()]
    assert [entity.icon for entity in drafted(prompt).entities] == icons


@pytest.mark.parametrize(
    ("prompt", "label"),
    [
        ("Pokemon card collection", "Pokemon card"),
        ("my collection of fountain pens", "Fountain pen"),
        ("Münzsammlung", "Münze"),
        ("joke collection", "Joke"),
        ("recipe collection", "Recipe"),
        ("vinyl collection", "Album"),
    ],
)
def test_a_collection_keeps_what_the_person_collects(prompt, label):
    """Where a nearer blueprint has it, that one is drafted; what is not owned piece by piece is no collection."""
    entities = drafted(prompt).entities
    collected = label in {"Pokemon card", "Fountain pen", "Münze"}
    assert entities[0].label == label
    assert (entities[0].icon == "gem") == collected


def test_a_german_compound_is_read_by_its_parts():
    spec = drafted("Bootsverleih: Boote mit Kaufdatum, Stückpreis und Kundennummer")
    types = {f.label: f.type.value for f in spec.entities[0].fields}
    assert (types["Kaufdatum"], types["Stückpreis"], types["Kundennummer"]) == ("date", "money", "string")
    assert spec.name == "Bootsverleih"


@pytest.mark.parametrize(
    ("prompt", "entity", "names"),
    [
        ("To keep track of who owes me. name, how much, since when, paid back or not", "entry",
         ["name", "price", "since", "paid_back"]),
        ("makeup inventory, brand, shade, opened on", "makeup", ["brand", "shade", "opened_on"]),
        ("CRM. Every deal belongs to a company, has a value and a stage (lead, won)", "deal",
         ["title", "company", "value", "stage"]),
    ],
)  # fmt: skip
def test_fields_are_read_as_people_list_them(prompt, entity, names):
    found = next(e for e in drafted(prompt).entities if e.name == entity)
    assert [f.name for f in found.fields] == names


def test_members_book_what_was_named():
    spec = drafted("Tennis club court booking: 4 courts, members log in and book a court, no double bookings")
    assert any(f.target == "court" for f in spec.entity("booking").fields)
    assert not any(rule.kind.value == "owner_only" and rule.entity == "court" for rule in spec.rules)
