"""Additions to an app, made on its sketch as a first prompt makes them, and brought over to the AppSpec as it is.

Only what is new comes over: nothing that a person or a model set since is drafted again.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from builder.drafter.assemble import Naming, assemble_entities, assemble_parts
from builder.drafter.features import Mention
from builder.drafter.lexicon import lexicon
from builder.drafter.merge import unite
from builder.drafter.requests import FILTERED, UNSORTED, grant
from builder.drafter.revise.opened import opened
from builder.drafter.revise.references import App, entity_of
from builder.drafter.sketch import AppSketch
from builder.drafter.text import Prompt
from builder.drafter.wishes import fulfil
from builder.spec import AppSpec, FieldType

Change = Callable[[AppSketch], None]


def add_by(app: App, change: Change, today: date) -> None:
    """Make `change` on the sketch of `app`, and take over what it added."""
    sketch = opened(AppSpec.model_validate(app))
    change(sketch)
    _take_over(app, _assembled(sketch, today), set())


def add_features(app: App, mentions: Sequence[Mention], prompt: Prompt, first: str | None, today: date) -> None:
    """What `mentions` ask for; `first` is the entity that they are about where none is named."""
    plain = _with_features(app, [], prompt, first, today)
    asked = _with_features(app, mentions, prompt, first, today)
    _take_over(app, asked, {_key(part) for part in (*plain["features"], *plain["rules"])})


def _with_features(
    app: App, mentions: Sequence[Mention], prompt: Prompt, first: str | None, today: date
) -> dict[str, list[App]]:
    sketch = opened(AppSpec.model_validate(app))
    main = next((e for e in sketch.entities if e.name == first), None)
    if main:
        sketch.entities = [main, *(e for e in sketch.entities if e is not main)]
    _, left = fulfil(sketch, [m for m in mentions if m.name not in lexicon().features_to_come], prompt)
    unite(sketch)
    sketch.features = grant(sketch, Naming(sketch), left, prompt).features
    return _assembled(sketch, today)


def _assembled(sketch: AppSketch, today: date) -> dict[str, list[App]]:
    naming = Naming(sketch)
    entities = assemble_entities(sketch, naming, today)
    features, rules, pages = assemble_parts(sketch, naming)
    parts = {"entities": entities, "features": features, "rules": rules, "pages": pages}
    return {name: [one.model_dump(mode="json") for one in many] for name, many in parts.items()}


def _take_over(app: App, made: dict[str, list[App]], usual: set[Any]) -> None:
    fresh = {e["name"] for e in made["entities"]} - {e["name"] for e in app["entities"]}
    for entity in made["entities"]:
        own = entity_of(app, entity["name"])
        if own is None:
            app["entities"].append(entity)
        else:
            _new_fields(app, own, entity)
    for kind in ("features", "rules"):
        known = {_key(part) for part in app[kind]}
        new = [p for p in made[kind] if _key(p) not in known and (_key(p) not in usual or p["entity"] in fresh)]
        app[kind] += new
        for part in app[kind]:
            _more_options(part, next((p for p in made[kind] if _key(p) == _key(part)), None), usual)
    shown = {(p["entity"], p["view"] in NAMELESS) if p["view"] in NAMELESS else p["view"] for p in app["pages"]}
    for page in made["pages"]:
        place = (page["entity"], True) if page["view"] in NAMELESS else page["view"]
        is_new = page["view"] not in NAMELESS or page["entity"] in fresh
        if is_new and place not in shown and page["name"] not in {p["name"] for p in app["pages"]}:
            app["pages"].insert(0 if page["view"] == "dashboard" else len(app["pages"]), page)


NAMELESS = (None, "cards", "table", "list")  # views of an entity's own page


def _new_fields(app: App, own: App, made: App) -> None:
    known = {f["name"] for f in own["fields"]}
    new = [f for f in made["fields"] if f["name"] not in known]
    own["fields"] += new
    if len(own["seed"]) == len(made["seed"]):
        for row, other in zip(own["seed"], made["seed"], strict=True):
            row |= {f["name"]: other[f["name"]] for f in new if f["name"] in other}
    for field in new:
        kind = FieldType(field["type"])
        for name, fits in (("filter", kind in FILTERED and not field["many"]), ("sort", kind not in UNSORTED)):
            part = next((f for f in app["features"] if f["name"] == name and f["entity"] == own["name"]), None)
            if fits and part and isinstance(part["options"].get("fields"), list):
                part["options"]["fields"] = [*part["options"]["fields"], field["name"]]


def _more_options(part: App, made: App | None, usual: set[Any]) -> None:
    """ "search by email" where there is a search already: one field more."""
    if made is None or _key(part) not in usual:
        return
    for key, value in made["options"].items():
        before = part["options"].get(key)
        if isinstance(value, list) and isinstance(before, list):
            part["options"][key] = [*before, *(v for v in value if v not in before)]


def _key(part: App) -> tuple[Any, ...]:
    return (part.get("name") or part.get("kind"), part["entity"], tuple(part.get("fields", ())))
