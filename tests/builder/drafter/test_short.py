"""What people type first: a few words. Each gets the app it names, in its language and colours."""

import json
from pathlib import Path

import pytest

from builder.drafter import BlueprintDrafter

ASKS = [json.loads(line) for line in (Path(__file__).parents[1] / "data" / "short.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("language", sorted({ask["language"] for ask in ASKS}))
def test_a_few_words_get_the_app_they_name(language):
    missed = {}
    for ask in (ask for ask in ASKS if ask["language"] == language):
        spec = BlueprintDrafter().draft(ask["prompt"]).spec
        theme = spec.theme.model_dump(mode="json")
        missing = set(ask["entities"]) - {entity.name for entity in spec.entities}
        missing |= _missing_fields(spec, ask.get("fields", {}))
        missing |= {view for view in (ask.get("home"),) if view and view != spec.pages[0].view}
        colours = {name for name, value in ask.get("theme", {}).items() if theme[name] != value}
        if missing or colours or spec.locale != language:
            missed[ask["prompt"]] = (missing, colours, spec.locale)
    assert missed == {}


def _missing_fields(spec, wanted):
    """ "burn_time" or "burn_time:integer": a field, or one of that type."""
    have = {f"{e.name}.{name}" for e in spec.entities for f in e.fields for name in (f.name, f"{f.name}:{f.type}")}
    return {f"{name}.{field}" for name, fields in wanted.items() for field in fields} - have
