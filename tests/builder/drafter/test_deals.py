"""Deeds, things between things, codes and colours: what sentences say that no list of fields does."""

from datetime import date

from builder.drafter import BlueprintDrafter
from builder.spec import AppSpec


def drafted(prompt: str) -> AppSpec:
    return BlueprintDrafter(lambda: date(2026, 3, 14)).draft(prompt).spec


def pointers(spec: AppSpec, entity: str) -> list[str | None]:
    return [f.target for f in spec.entity(entity).fields if f.target]


def test_what_people_do_with_a_thing_is_kept_with_who_and_when():
    spec = drafted("Kayaks have a name and a deposit; members rent a kayak from a start date to an end date.")
    assert {f.name for f in spec.entity("rental").fields} >= {"member", "kayak", "start_date", "end_date"}
    assert set(pointers(spec, "rental")) == {"member", "kayak"}


def test_what_is_between_things_points_at_both():
    spec = drafted(
        "Pilots with a licence number, planes with a call sign, and flights linking plane and pilot with a purpose."
    )
    assert set(pointers(spec, "flight")) == {"plane", "pilot"}
    games = drafted("Players with a rating, duels between two players with a result (won, lost) and date.")
    assert pointers(games, "duel") == ["player", "player"]


def test_short_codes_behind_a_field_are_its_choices_and_steps_those_of_a_status():
    spec = drafted("Shirts (name, size S, M, L, XL, price). Staff move them through washed, ironed, folded.")
    shirt = spec.entity("shirt")
    assert [c.label for f in shirt.fields if f.name == "size_field" for c in f.choices or ()] == ["S", "M", "L", "XL"]
    assert [c.label for f in shirt.fields if f.name == "status" for c in f.choices or ()] == [
        "Washed",
        "Ironed",
        "Folded",
    ]


def test_colours_are_read_in_every_form_of_the_word():
    assert drafted("Приложение задач, сделай фон лавандовым").theme.background == "#e6e6fa"
    theme = drafted("Aufgabenliste mit Hintergrund hellgrau und dunkelblauen Knöpfen").theme
    assert (theme.background, theme.component) == ("#d3d3d3", "#00008b")
    assert drafted("tasks with a title and a date, sage green buttons").theme.component == "#9caf88"
