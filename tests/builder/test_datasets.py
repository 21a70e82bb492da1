import csv
import re
from pathlib import Path

import pytest

from builder import datasets
from builder.datasets import DatasetError, catalogue, describe, licence, load
from builder.names import is_reserved

SPECIES = "pokemon/species?generation=1"


def test_the_first_generation_has_its_151():
    rows = load(SPECIES)
    assert len(rows) == 151
    assert {"Bulbasaur", "Charizard", "Pikachu", "Mewtwo", "Nidoran♀"} <= {row["name"] for row in rows}
    pikachu = rows[24]
    assert (pikachu["number"], pikachu["height"], pikachu["weight"], pikachu["speed"]) == (25, 0.4, 6.0, 90)


def test_relations_are_positions_in_the_rows_of_their_target():
    types, abilities, species = load("pokemon/types"), load("pokemon/abilities?generation=1"), load(SPECIES)
    charizard = species[5]
    assert [types[at - 1]["name"] for at in charizard["types"]] == ["Fire", "Flying"]
    assert "Blaze" in {abilities[at - 1]["name"] for at in charizard["abilities"]}
    assert species[charizard["evolves_from"] - 1]["name"] == "Charmeleon"


def test_a_relation_out_of_the_set_is_dropped():
    pikachu = load(SPECIES)[24]
    assert pikachu["evolves_from"] is None  # Pichu came a generation later
    everyone = load("pokemon/species")
    assert everyone[everyone[24]["evolves_from"] - 1]["name"] == "Pichu"


def test_rows_agree_with_the_files():
    with (Path(datasets.__file__).parent / "pokemon/pokemon_species.csv").open(encoding="utf-8") as file:
        of_second = sum(row["generation_id"] == "2" for row in csv.DictReader(file))
    assert len(load("pokemon/species?generation=2")) == of_second == 100


def test_berries_have_five_flavours():
    cheri = load("pokemon/berries")[0]
    assert (cheri["name"], cheri["spicy"], cheri["sweet"], cheri["main_flavour"]) == ("Cheri Berry", 10, 0, "spicy")


@pytest.mark.parametrize("name", catalogue())
def test_every_set_is_described_as_it_is(name):
    described = describe(name)
    for key, entity in described["entities"].items():
        stored = {n: f for n, f in entity["fields"].items() if f["type"] != "computed"}
        rows = load(f"{name}/{key}")
        assert rows
        assert not [field for field in entity["fields"] if is_reserved(field, entity=False)]
        for row in rows:
            assert set(stored) - set(row) == set()
            for field, description in stored.items():
                _check(row[field], description, rows, name)


def _check(value, description, rows, name):
    if value is None:
        assert not description.get("required")
        return
    if "choices" in description:
        assert value in description["choices"]
    if "max" in description:
        assert description["min"] <= value <= description["max"]
    if description["type"] == "relation":
        size = len(load(f"{name}/{description['target']}"))
        assert all(1 <= at <= size for at in (value if description.get("many") else [value]))


def test_colours_are_hex_and_all_different():
    colors = [row["color"] for row in load("pokemon/types")]
    assert len(set(colors)) == len(colors) == 18
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)


def test_the_licence_goes_with_the_data():
    name, text = licence(SPECIES)
    assert name == "LICENSE-pokemon.md"
    assert b"Redistribution and use" in text


def test_an_unknown_set_says_which_there_are():
    with pytest.raises(DatasetError, match="pokemon"):
        load("digimon/species")
    with pytest.raises(DatasetError, match="berries"):
        load("pokemon/trainers")
