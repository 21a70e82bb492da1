"""Pokémon species, types, abilities, moves, berries, items and natures, from the CSV files of PokéAPI."""
