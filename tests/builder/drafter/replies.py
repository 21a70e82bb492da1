"""Replies of a scripted model to a drafter, and the wishes they answer."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from builder.drafter import BlueprintDrafter
from builder.drafter.model import ModelDrafter
from builder.model.chat import ModelUnavailableError, Reply
from builder.testing import ScriptedModel, says

PROMPTS = {
    line["id"]: line["prompt"]
    for line in map(json.loads, (Path(__file__).parents[2] / "data" / "prompts.jsonl").read_text().splitlines())
}

POKEDEX, HOMES, DECK, GAME, CLOCK = (PROMPTS[f"dev-{n}"] for n in ("001", "005", "014", "012", "009"))

TODAY = date(2026, 11, 23)

DOWN = ModelUnavailableError("The model at localhost did not answer.")


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": name.replace("_", " ").capitalize(), **more}


def entity(name: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    label = name.capitalize()
    return {
        "name": name,
        "plural": f"{name}s",
        "label": label,
        "label_plural": f"{label}s",
        "fields": list(fields),
    } | more


def answers(app: Any = None, *, answer: str = "build", **more: Any) -> Reply:
    return says(json.dumps({"answer": answer, **({"app": app} if app is not None else {}), **more}, ensure_ascii=False))


LISTING = entity(
    "listing",
    field("address", required=True),
    field("city"),
    field("price", "money", min=0),
    field("bedrooms", "integer", min=0),
    field("area", "decimal", unit="m²"),
    field("photos", "image"),
)

SITE = {
    "name": "Harbour Homes",
    "kind": "fullstack",
    "locale": "en",
    "entities": [LISTING],
    "features": [
        {"name": "search", "options": {"fields": ["address", "city"]}},
        {"name": "filter", "entity": "listing", "options": {"fields": ["price", "bedrooms", "city"]}},
        {"name": "detail"},
    ],
}

SENTENCES = [
    {"text": "Every listing has a page of its own.", "words": "a page for each"},
    {"text": "The list can be filtered by city.", "words": "filters by price,  BEDROOMS and city"},
    {"text": "Prices are in euros.", "words": "in euros"},
]


def drafter(*replies: Any, **more: Any) -> ModelDrafter:
    model = ScriptedModel(replies, **more)
    return ModelDrafter(model, blueprints=BlueprintDrafter(lambda: TODAY), today=lambda: TODAY)


def asked(drafter: ModelDrafter) -> list[str]:
    assert isinstance(drafter.model, ScriptedModel)
    return [request.messages[-1]["content"] for request in drafter.model.requests]
