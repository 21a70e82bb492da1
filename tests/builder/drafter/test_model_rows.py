"""The rows of a draft, and its data sets: which stay, which are the model's own, which go."""

import json
from datetime import date
from typing import Any

from builder.drafter import BlueprintDrafter
from builder.stack import render_stack
from tests.builder.drafter.replies import HOMES, LISTING, POKEDEX, SITE, answers, asked, drafter, entity, field


def test_the_drafts_rows_stay_unless_the_model_writes_its_own():
    kept = drafter(answers(SITE)).draft(HOMES).spec.entity("listing").seed
    assert kept == BlueprintDrafter(lambda: date(2026, 11, 23)).draft(HOMES).spec.entity("listing").seed
    rows = {"fields": ["address", "price", "cellar"], "values": [["1 Quay Street", 410000, True], ["2 Pier", None], 7]}
    own = drafter(answers(SITE | {"entities": [LISTING | {"rows": rows}]})).draft(HOMES).spec.entity("listing").seed
    assert own == ({"address": "1 Quay Street", "price": 410000}, {"address": "2 Pier"})


def test_kept_rows_name_their_relations_when_the_rows_these_point_at_are_new():
    prompt = "CRM with contacts, companies and deals"
    base = BlueprintDrafter(lambda: date(2026, 11, 23)).draft(prompt).spec
    companies = [row["name"] for row in base.entity("company").seed]
    app = base.model_dump(mode="json", exclude_defaults=True, exclude={"entities": {"__all__": {"seed"}}})
    company = next(one for one in app["entities"] if one["name"] == "company")
    company["rows"] = {"fields": ["name"], "values": [["New first"], *[[name] for name in companies]]}
    spec = drafter(answers(app)).draft(prompt).spec
    before = [row["company"] for row in base.entity("contact").seed]
    assert [row["company"] for row in spec.entity("contact").seed] == [companies[at - 1] for at in before]
    written = json.loads(render_stack(spec)["backend/seed/contacts.json"])
    assert [row["company"] for row in written] == [at + 1 for at in before]


POKEMON = entity(
    "pokemon",
    field("number", "integer", unique=True),
    field("name"),
    field("types"),
    field("hp", "integer"),
    field("attack", "integer"),
    field("nickname"),
    plural="pokemon",
)


def test_a_data_set_survives_a_model_that_forgets_it_and_what_it_points_at():
    features = [
        {"name": "compare", "entity": "pokemon", "options": {"max": 2}},
        {"name": "chart", "entity": "pokemon", "options": {"scope": "row", "fields": ["hp", "attack", "name"]}},
    ]
    draft = drafter(answers({"name": "Pokédex", "entities": [POKEMON], "features": features})).draft(POKEDEX)
    main = draft.spec.entity("pokemon")
    assert main.dataset == "pokemon/species?generation=1"
    assert (main.field("types").target, main.field("types").many) == ("type", True)
    assert draft.spec.entity("type").dataset == "pokemon/types"
    assert {page.view for page in draft.spec.pages} >= {"cards", "compare"}
    assert draft.spec.features[1].options == {"scope": "row", "fields": ["hp", "attack"]}
    rows = json.loads(render_stack(draft.spec)["backend/seed/pokemon.json"])
    assert (len(rows), rows[0]["name"]) == (151, "Bulbasaur")
    assert rows[0]["types"]


def test_a_data_set_goes_only_when_the_model_says_so():
    cards = {"name": "Cards", "entities": [entity("card", field("name"), field("price", "money"))]}
    kept = drafter(answers(cards), answers(cards)).draft(POKEDEX)
    assert kept.spec.entity("pokemon").dataset
    assert kept.notes
    assert "would be lost" in asked_again(cards)
    gone = drafter(answers(cards, dropped=["pokemon"])).draft(POKEDEX)
    assert [e.name for e in gone.spec.entities] == ["card"]


def asked_again(app: Any) -> str:
    one = drafter(answers(app), answers(SITE))
    one.draft(POKEDEX)
    return asked(one)[1]


def test_a_data_set_that_is_none_is_left_out():
    app = {"name": "Homes", "entities": [LISTING | {"dataset": "houses/all"}]}
    assert drafter(answers(app)).draft(HOMES).spec.entity("listing").dataset is None
