"""Join the CSV files into rows. Which fields there are, and what they are called, says `dataset.yaml`."""

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ENGLISH = "9"
LAST_TYPE = 18  # the later ones exist in special battles only
STATS = ("hp", "attack", "defense", "special_attack", "special_defense", "speed")
FLAVOURS = ("spicy", "dry", "sweet", "bitter", "sour")
COLOURS = {
    "normal": "#9a9a7c", "fighting": "#b8423a", "flying": "#8f86d8", "poison": "#94489c", "ground": "#c9a24f",
    "rock": "#a8914a", "bug": "#8ea32c", "ghost": "#63548c", "steel": "#8a8fb0", "fire": "#e2703a",
    "water": "#4a86d8", "grass": "#58a552", "electric": "#d8a91e", "psychic": "#e0557f", "ice": "#5fb5b5",
    "dragon": "#5a4fcf", "dark": "#5c4a40", "fairy": "#d67fb0",
}  # fmt: skip

Row = dict[str, Any]
Query = Mapping[str, str]


def rows(entity: str, query: Query) -> list[Row]:
    return READERS[entity](query)


def species(query: Query) -> list[Row]:
    chosen = _species(query)
    position = {record["id"]: at for at, record in enumerate(chosen, 1)}
    ability = {record["id"]: at for at, record in enumerate(_abilities(query), 1)}
    return [_one_species(record, position, ability) for record in chosen]


def _one_species(record: Mapping[str, str], position: Mapping[str, int], ability: Mapping[str, int]) -> Row:
    number = record["id"]
    body, name = _bodies()[number], _names("pokemon_species_names", "pokemon_species_id")[number]
    stats = {s["stat_id"]: int(s["base_stat"]) for s in _grouped("pokemon_stats", "pokemon_id")[body["id"]]}
    types = _grouped("pokemon_types", "pokemon_id")[body["id"]]
    abilities = (a["ability_id"] for a in _grouped("pokemon_abilities", "pokemon_id")[body["id"]])
    return {
        "number": int(number),
        "name": name["name"],
        "category": name["genus"].removesuffix(" Pokémon"),
        "types": [int(t["type_id"]) for t in types],
        "height": int(body["height"]) / 10,
        "weight": int(body["weight"]) / 10,
        "abilities": list(dict.fromkeys(ability[a] for a in abilities if a in ability)),
        **{stat: stats[str(at)] for at, stat in enumerate(STATS, 1)},
        "evolves_from": position.get(record["evolves_from_species_id"]),
        "generation": int(record["generation_id"]),
        "body_color": _identifier("pokemon_colors", record["color_id"]),
        "habitat": _identifier("pokemon_habitats", record["habitat_id"]),
        "capture_rate": int(record["capture_rate"]),
        "legendary": "1" in (record["is_legendary"], record["is_mythical"]),
    }


def types(_: Query) -> list[Row]:
    names = _names("type_names", "type_id")
    return [
        {"name": names[record["id"]]["name"], "color": COLOURS[record["identifier"]]}
        for record in _table("types")[:LAST_TYPE]
    ]


def abilities(query: Query) -> list[Row]:
    names = _names("ability_names", "ability_id")
    return [
        {"name": names[record["id"]]["name"], "generation": int(record["generation_id"])}
        for record in _abilities(query)
    ]


def moves(query: Query) -> list[Row]:
    return [
        {
            "name": _title(record["identifier"]),
            "type": int(record["type_id"]),
            "damage_class": _identifier("move_damage_classes", record["damage_class_id"]),
            "power": _number(record["power"]),
            "accuracy": _number(record["accuracy"]),
            "pp": _number(record["pp"]),
            "generation": int(record["generation_id"]),
        }
        for record in _table("moves")
        if int(record["type_id"]) <= LAST_TYPE and _in_generation(record, query)
    ]


def berries(_: Query) -> list[Row]:
    return [_berry(record) for record in _table("berries") if record["size"]]  # the newest have no measures on file


def _berry(record: Mapping[str, str]) -> Row:
    taste = {f["contest_type_id"]: int(f["flavor"]) for f in _grouped("berry_flavors", "berry_id")[record["id"]]}
    flavours = {flavour: taste.get(str(at), 0) for at, flavour in enumerate(FLAVOURS, 1)}
    item = _by_id("items")[record["item_id"]]
    return {
        "name": _title(item["identifier"]),
        "main_flavour": max(flavours, key=lambda flavour: flavours[flavour]),
        "firmness": _identifier("berry_firmness", record["firmness_id"]),
        "diameter": int(record["size"]),
        "growth_time": int(record["growth_time"]),
        "max_harvest": int(record["max_harvest"]),
        **flavours,
        "natural_gift_type": _number(record["natural_gift_type_id"]),
    }


def items(_: Query) -> list[Row]:
    categories = _by_id("item_categories")
    return [
        {
            "name": _title(record["identifier"]),
            "category": _title(categories[record["category_id"]]["identifier"]),
            "cost": int(record["cost"]),
        }
        for record in {record["identifier"]: record for record in _table("items")}.values()
        if categories[record["category_id"]]["identifier"] not in {"unused", "gameplay"}
        and not record["identifier"].startswith(("dynamax-crystal", "data-card"))
    ]


READERS: dict[str, Callable[[Query], list[Row]]] = {
    "species": species,
    "types": types,
    "abilities": abilities,
    "moves": moves,
    "berries": berries,
    "items": items,
}


def _species(query: Query) -> list[dict[str, str]]:
    chosen = [record for record in _table("pokemon_species") if _in_generation(record, query)]
    return sorted(chosen, key=lambda record: int(record["id"]))


def _abilities(query: Query) -> list[dict[str, str]]:
    """Those that a species of this query has, in the order of their numbers."""
    bodies = _bodies()
    held = {
        ability["ability_id"]
        for record in _species(query)
        for ability in _grouped("pokemon_abilities", "pokemon_id")[bodies[record["id"]]["id"]]
    }
    return [record for record in _table("abilities") if record["id"] in held]


def _in_generation(record: Mapping[str, str], query: Query) -> bool:
    return "generation" not in query or record["generation_id"] == query["generation"]


@cache
def _bodies() -> dict[str, dict[str, str]]:
    """A species' ordinary form, which has the measures."""
    return {record["species_id"]: record for record in _table("pokemon") if record["is_default"] == "1"}


@cache
def _table(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _by_id(name: str) -> dict[str, dict[str, str]]:
    return {record["id"]: record for record in _table(name)}


@cache
def _names(name: str, key: str) -> dict[str, dict[str, str]]:
    return {record[key]: record for record in _table(name) if record["local_language_id"] == ENGLISH}


@cache
def _grouped(name: str, key: str) -> dict[str, list[dict[str, str]]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for record in _in_slots(_table(name)):
        groups.setdefault(record[key], []).append(record)
    return groups


def _in_slots(records: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    yield from sorted(records, key=lambda record: int(record.get("slot") or 0))


def _identifier(table: str, number: str) -> str | None:
    return _by_id(table)[number]["identifier"].replace("-", "_") if number else None


def _title(identifier: str) -> str:
    return " ".join(word if word.isupper() else word.capitalize() for word in identifier.split("-"))


def _number(text: str) -> int | None:
    return int(text) if text else None
