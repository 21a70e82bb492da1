"""A person's own things beside the rows of a data set."""

from builder.datasets import load
from builder.drafter import BlueprintDrafter
from builder.spec import AppSpec


def drafted(prompt: str) -> AppSpec:
    return BlueprintDrafter().draft(prompt).spec


def test_teams_point_at_the_rows_of_the_data_set():
    spec = drafted("Pokémon team builder: teams with a name, a strategy and up to six Pokémon")
    pokemon = spec.entity("team").field("pokemon")
    assert (pokemon.target, pokemon.many) == ("pokemon", True)
    assert len(load(spec.entity("pokemon").dataset)) == 151
    assert {f.entity for f in spec.features if f.name == "create"} == {"team"}
    assert all(1 <= at <= 151 for row in spec.entity("team").seed for at in row["pokemon"])


def test_what_the_person_did_with_each_row_is_a_thing_of_its_own():
    spec = drafted("Trainer diary: I note every Pokémon I caught, with nickname, where I caught it, and the date")
    caught = spec.entities[0]
    assert (caught.label, caught.field("pokemon").target) == ("Caught Pokémon", "pokemon")
    assert [f.label for f in caught.fields] == ["Nickname", "Pokémon", "Where caught", "Date"]


def test_a_word_that_is_its_own_plural_has_one_path():
    assert drafted("Pokédex").entity("pokemon").plural == "pokemon"
