"""A shop sells what its name says."""

import pytest

from builder.drafter import BlueprintDrafter
from builder.drafter.language import CODES
from builder.drafter.wares import Trade, trades
from builder.spec import AppSpec, Entity


def draft(prompt: str) -> AppSpec:
    return BlueprintDrafter().draft(prompt).spec


def entity(spec: AppSpec, name: str) -> Entity:
    return next(e for e in spec.entities if e.name == name)


@pytest.mark.parametrize("code", ["en", *CODES])
def test_every_trade_is_whole_in_each_language(code: str) -> None:
    for name in trades():
        trade = Trade(name, code, ())
        goods = list(trade.goods())
        assert trade.shop
        assert len(set(trade.shelves)) == 4
        assert len({one["name"] for one in goods}) == 10
        assert all(one["about"] and one["price"] > 0 for one in goods)


def test_a_plant_shop_sells_plants_on_shelves_of_its_trade() -> None:
    spec = draft("Build a plant shop")
    product = entity(spec, "product")
    assert product.label_plural == "Products"
    assert entity(spec, "category").seed[0]["name"] == "Indoor plants"
    assert product.seed[0]["name"].startswith("Monstera")
    assert {row["category"] for row in product.seed} == {1, 2, 3, 4}
    prices = [row["price"] for row in product.seed]
    assert all(row["unit_price"] == prices[row["product"] - 1] for row in entity(spec, "order_item").seed)


def test_goods_that_are_counted_give_the_thing_its_name_and_a_mass_of_them_does_not() -> None:
    assert draft("An online store for sneakers").entities[0].label_plural == "Sneakers"
    clothes = draft("магазин одежды")
    assert clothes.name == "Магазин одежды"
    assert clothes.entities[0].label_plural == "Товары"


@pytest.mark.parametrize(("prompt", "first"), [
    ("A bookstore with cart", "Pride and Prejudice"),
    ("baby clothes store", "Bodysuits"),
    ("online garden furniture shop", "Three-seat sofa"),
    ("Buchladen", "Stolz und Vorurteil"),
    ("Сайт магазина цветов", "Монстера"),
])  # fmt: skip
def test_shops_are_known_by_their_trade(prompt: str, first: str) -> None:
    assert draft(prompt).entities[0].seed[0]["name"].startswith(first)


def test_what_is_said_of_the_looks_or_of_no_trade_is_no_trade() -> None:
    assert draft("A shop in rose and gold").tagline == draft("A shop").tagline
    assert draft("a shop for vintage maps").entities[0].label == "Vintage map"
