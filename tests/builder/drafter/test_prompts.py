"""Prompts as people write them, drafted and held against what they asked for."""

import json
from datetime import date
from pathlib import Path

import pytest

from builder.datasets import load
from builder.drafter import BlueprintDrafter
from builder.refusal import Refusal
from builder.spec import AppSpec, FieldType
from tests.builder.drafter.expectations import missing

PROMPTS = {
    entry["id"]: entry
    for entry in map(json.loads, (Path(__file__).parents[2] / "data/prompts.jsonl").read_text("utf-8").splitlines())
}
TODAY = date(2026, 3, 14)


def drafted(prompt: str) -> AppSpec:
    return BlueprintDrafter(today=lambda: TODAY).draft(prompt).spec


def fields(spec: AppSpec, entity: str) -> dict[str, FieldType]:
    return {field.name: field.type for field in spec.entity(entity).fields}


@pytest.mark.parametrize("number", ["dev-001", "dev-002", "dev-005", "dev-008", "dev-015", "dev-016"])
def test_everything_asked_for_is_in_the_draft(number):
    entry = PROMPTS[number]
    spec = drafted(entry["prompt"])
    later = {"feature auth", "feature tags"}  # what the stack can't give yet is said as unused instead
    assert [m for m in missing(spec, entry["expect"]) if m not in later] == []


@pytest.mark.parametrize("number", ["dev-014", "dev-017", "dev-018"])
def test_what_is_no_app_with_data_is_refused(number):
    with pytest.raises(Refusal):
        drafted(PROMPTS[number]["prompt"])


POKEDEX_IN_OTHER_WORDS = [
    PROMPTS["dev-001"]["prompt"],
    "I'd like a Pokedex: the original 151 monsters in a card grid. For each one the No., the name and its types as "
    "coloured labels. Let me look them up by name or number, narrow down by type, order them by number, name or total "
    "stats, and load 24 at a time. A detail page has height, weight, abilities, a bar chart of the base stats, the "
    "previous evolution, and next/previous links. Favourites and a side by side comparison of two, please.",
    "kanto pokédex website with search by name or number, filter by type, sorting by number, name and base stat total, "
    "24 per page, detail pages with previous and next, favorites, and comparing of two: compare side by side",
]


@pytest.mark.parametrize("prompt", POKEDEX_IN_OTHER_WORDS)
def test_the_same_prompt_in_other_words(prompt):
    spec = drafted(prompt)
    assert missing(spec, PROMPTS["dev-001"]["expect"]) == []
    assert spec.entities[0].dataset == "pokemon/species?generation=1"
    assert len(load(spec.entities[0].dataset)) == 151
    options = {(f.name.value, f.entity): f.options for f in spec.features}
    assert options["search", "pokemon"]["fields"] == ["name", "number"]
    assert options["filter", "pokemon"]["fields"] == ["types"]
    assert options["sort", "pokemon"]["fields"] == ["number", "name", "total"]
    assert options["pagination", "pokemon"]["size"] == 24
    assert options["detail", "pokemon"]["previous_next"]
    assert options["compare", "pokemon"]["max"] == 2


@pytest.mark.parametrize(
    ("prompt", "ref"),
    [
        ("a browsable list of Pokémon moves by type", "pokemon/moves"),
        ("a catalogue of berries with their flavours", "pokemon/berries"),
        ("Pokemon of the second generation", "pokemon/species?generation=2"),
        ("Show every Pokémon from Johto with its stats", "pokemon/species?generation=2"),
        ("Pokédex with all generations", "pokemon/species"),
        ("Pokémon items with cost and category", "pokemon/items"),
    ],
)
def test_a_data_set_is_attached_where_a_prompt_is_about_it(prompt, ref):
    spec = drafted(prompt)
    assert spec.entities[0].dataset == ref
    assert not any(f.name.value in {"create", "edit", "delete"} for f in spec.features)


def test_a_catalogue_can_be_changed_where_that_is_asked_for():
    spec = drafted("A Pokédex where I can add my own Pokémon and delete them")
    assert {"create", "delete"} <= {f.name.value for f in spec.features if f.entity == "pokemon"}


def test_a_collection_of_cards_is_no_catalogue_of_the_data_set():
    spec = drafted("Track my Pokémon cards with name, price and condition")
    assert [e.dataset for e in spec.entities] == [None]
    assert fields(spec, "pokemon_card") == {
        "name": FieldType.STRING,
        "price": FieldType.MONEY,
        "condition": FieldType.CHOICE,
    }


def test_open_and_done_are_the_values_of_one_field():
    spec = drafted(PROMPTS["dev-002"]["prompt"])
    done = spec.entity("task").field("done")
    assert [(c.value, c.label) for c in done.choices] == [("true", "Done"), ("false", "Open")]
    assert spec.feature("filter", "task").options["fields"] == ["done"]


def test_reserved_words_keep_their_labels():
    spec = drafted(PROMPTS["dev-016"]["prompt"])
    assert [e.label for e in spec.entities] == ["Table", "Index"]
    assert [f.label for e in spec.entities for f in e.fields] == ["Name", "Column", "Row", "Key", "Value", "Order"]


def test_things_point_at_each_other():
    spec = drafted(
        "Pet clinic: owners with name, phone and email; pets with name, species (dog, cat, rabbit), birthday, "
        "weight in kg and owner; visits with pet, date, reason and cost."
    )
    pet = spec.entity("pet")
    assert (pet.field("owner").target, pet.field("weight").unit) == ("owner", "kg")
    assert [c.label for c in pet.field("species").choices] == ["Dog", "Cat", "Rabbit"]
    assert spec.entity("visit").field("pet").target == "pet"


def test_each_project_has_many_tasks():
    spec = drafted(
        "Track projects and tasks. Each project has a name, a client and many tasks. "
        "Tasks have a title, status (todo, doing, done), a due date and are assigned to a person."
    )
    assert spec.entity("task").field("project").target == "project"
    assert fields(spec, "task")["due_date"] is FieldType.DATE


def test_ranges_units_and_flags():
    spec = drafted(
        "Books with title (required), author, rating from 1 to 10, price in €, pages, score out of 5, "
        "isbn (unique) and whether it is lent out"
    )
    book = spec.entity("book")
    assert (book.field("rating").min, book.field("rating").max) == (1, 10)
    assert (book.field("price").type, book.field("price").unit) == (FieldType.MONEY, "€")
    assert (book.field("score").min, book.field("score").max) == (1, 5)
    assert book.field("title").required
    assert book.field("isbn").unique
    assert book.field("lent_out").type is FieldType.BOOLEAN


def test_a_list_with_bullets():
    spec = drafted(
        "A gym needs an app:\n- Members: name, email, phone\n- Classes: name, trainer, date and time, capacity\n"
        "- Bookings: member, class"
    )
    assert [e.label_plural for e in spec.entities] == ["Members", "Classes", "Bookings"]
    assert fields(spec, "member") == {"name": FieldType.STRING, "email": FieldType.EMAIL, "phone": FieldType.PHONE}
    assert [f.target for f in spec.entity("booking").fields] == ["member", "class_item"]


@pytest.mark.parametrize(
    ("prompt", "background", "component"),
    [
        ("A list of books with title. Alice blue background and steel blue tiles.", "#f0f8ff", "#4682b4"),
        ("A list of books with title; the background should be mint cream, buttons in tomato", "#f5fffa", "#ff6347"),
        ("A list of books with title. #fdf6e3 background, #268bd2 components", "#fdf6e3", "#268bd2"),
        ("A list of red wines with name and price", None, None),
    ],
)
def test_colours(prompt, background, component):
    theme = drafted(prompt).theme
    assert (theme.background, theme.component) == (background, component)


def test_mood_and_mode():
    theme = drafted("A list of books with title and author. Dark mode, a playful look.").theme
    assert (theme.mode, theme.style) == ("dark", "playful")


def test_the_name_of_the_app():
    assert drafted("An app called Night Owl for tracking books with title and author").name == "Night Owl"
    assert drafted("crm with companies, contacts and deals").name == "CRM"
    assert BlueprintDrafter().draft("a list of books", name="Mine").spec.name == "Mine"


def test_charts_add_up_money_and_count_things():
    spec = drafted("Track expenses with amount, category and date; chart by month")
    assert spec.feature("chart", "expense").options == {"scope": "list", "by": "month:date", "measure": "sum:amount"}
    spec = drafted("Movie catalogue: title, genre and the date I watched it. Chart: how many films per month.")
    assert spec.feature("chart", "movie").options["measure"] == "count"
    spec = drafted("Workouts with exercise, reps, weight in kg and date. A chart of weight by month.")
    assert spec.feature("chart", "workout").options["measure"] == "avg:weight"


def test_what_was_understood_points_at_the_words():
    draft = BlueprintDrafter().draft(PROMPTS["dev-005"]["prompt"])
    understood = dict(draft.understood)
    assert understood["Background"] == "Alice blue background"
    assert understood["Listing: City"] == "city"
    assert all(words in PROMPTS["dev-005"]["prompt"] for words in understood.values())


def test_things_in_brackets_after_a_verb():
    spec = drafted(
        "A simple website where I can store customer information (name, email, phone) and invoices "
        "(customer, number, amount, due date, paid)."
    )
    assert fields(spec, "customer")["email"] is FieldType.EMAIL
    assert spec.entity("invoice").field("customer").target == "customer"


def test_columns_of_a_board_are_the_choices_of_a_status():
    spec = drafted("A task board with columns To do, In progress and Done. Tasks have a title and an assignee.")
    assert [c.label for c in spec.entity("task").field("status").choices] == ["To do", "In progress", "Done"]


def test_fields_are_stored_of_what_the_app_is_about():
    spec = drafted("I want an app for my book club. Store the title, the author, who suggested it and a rating.")
    assert list(fields(spec, "book")) == ["title", "author", "suggested_by", "rating"]


def test_a_replaced_word_order_finds_the_same_thing():
    spec = drafted("I need to keep track of the medicines my father takes: name, dose in mg, stock")
    assert spec.entity("medicine").field("dose").unit == "mg"


def test_what_has_only_a_day_and_an_hour_is_named_by_whose_it_is():
    assert drafted(PROMPTS["dev-011"]["prompt"]).entities[0].title.name == "customer"
