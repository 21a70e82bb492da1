"""Additions to an app, made on its sketch as a first prompt makes them, and brought over to the AppSpec as it is.

Only what is new comes over: nothing that a person or a model set since is drafted again.
"""

from collections.abc import Sequence
from datetime import date
from itertools import chain
from typing import Any

from builder.drafter.assemble import (
    Naming,
    assemble_entities,
    assemble_entity,
    assemble_page,
    assemble_parts,
    completed,
)
from builder.drafter.features import Mention
from builder.drafter.lexicon import lexicon
from builder.drafter.merge import unite
from builder.drafter.relations import relate
from builder.drafter.requests import FILTERED, UNSORTED, grant
from builder.drafter.revise.opened import opened, opened_beside
from builder.drafter.revise.references import App, entity_of
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import Prompt
from builder.drafter.wishes import fulfil
from builder.spec import AppSpec, FieldType


def add_fields(app: App, own: App, fields: Sequence[FieldSketch], today: date) -> None:
    """Give a thing of the app fields. Only that thing is put together anew."""
    sketch, entity = opened_beside(app, own)
    for field in fields:
        entity.fields.append(field)
        relate(sketch)
        entity.seed = completed(sketch, entity, today)  # the values of a field are the same whatever comes after it
    made = assemble_entity(sketch, entity, Naming(sketch), today)
    _new_fields(app, own, made.model_dump(mode="json"))


def add_thing(app: App, entity: EntitySketch, today: date) -> None:
    """Give the app another thing and a page of its own; one that is there already stays."""
    sketch, _ = opened_beside(app, None)
    if any(e.key == entity.key for e in sketch.entities):
        return
    sketch.entities.append(entity)
    relate(sketch)
    naming = Naming(sketch)
    app["entities"].append(assemble_entity(sketch, entity, naming, today).model_dump(mode="json"))
    page = assemble_page(entity, naming).model_dump(mode="json")
    if page["name"] not in {p["name"] for p in app["pages"]}:
        app["pages"].append(page)


def add_features(app: App, mentions: Sequence[Mention], prompt: Prompt, first: str | None, today: date) -> None:
    """What `mentions` ask for; `first` is the entity that they are about where none is named."""
    spec = AppSpec.model_validate(app)
    plain = _with_features(spec, [], prompt, first)
    usual = {_key(part) for part in _dumped([*chain(*assemble_parts(plain, Naming(plain))[:2])])}
    sketch = _with_features(spec, mentions, prompt, first)
    features, rules, pages = assemble_parts(sketch, Naming(sketch))
    entities = assemble_entities(sketch, Naming(sketch), today) if _has_more(sketch) else ()
    parts = {"entities": entities, "features": features, "rules": rules, "pages": pages}
    _take_over(app, {name: _dumped(many) for name, many in parts.items()}, usual)


def _with_features(spec: AppSpec, mentions: Sequence[Mention], prompt: Prompt, first: str | None) -> AppSketch:
    sketch = opened(spec)
    main = next((e for e in sketch.entities if e.name == first), None)
    if main:
        sketch.entities = [main, *(e for e in sketch.entities if e is not main)]
    _, left = fulfil(sketch, [m for m in mentions if m.name not in lexicon().features_to_come], prompt)
    unite(sketch)
    sketch.features = grant(sketch, Naming(sketch), left, prompt).features
    return sketch


def _has_more(sketch: AppSketch) -> bool:
    """Whether there are things or fields that the app has not given names yet."""
    return any(e.name is None or any(f.name is None for f in e.fields) for e in sketch.entities)


def _dumped(parts: Sequence[Any]) -> list[App]:
    return [part.model_dump(mode="json") for part in parts]


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
