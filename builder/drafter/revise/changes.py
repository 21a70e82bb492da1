"""Change an AppSpec, as plain data, so that it holds together: what names a part goes or is renamed with it.

Each change answers with what else it took away. Knows no sentence, only its key.
"""

from copy import deepcopy
from typing import Any

from builder.drafter.revise.references import App, GoneError, Place, field_of, formula_said, options_said

Taken = tuple[str, dict[str, str]]  # the key of its name, and what stands in that
CHOSEN = ("approved", "rejected", "admin", "is")  # options that name a choice of their part's field


def rename_field(app: App, entity: App, field: App, name: str, label: str) -> None:
    """The column is told what it was called, so that its rows keep what they hold."""
    old = field["name"]
    before = deepcopy(app)
    field["label"] = label
    if name == old:
        return
    field["was"] = field.get("was") or old
    field["name"] = name
    for row in entity["seed"]:
        if old in row:
            row[name] = row.pop(old)

    def say(place: Place) -> str | None:
        return name if place == (entity["name"], old) else place[1] or place[0]

    _resay(app, before, say)
    for rule in app["rules"]:
        if rule["entity"] == entity["name"]:
            rule["fields"] = [name if f == old else f for f in rule["fields"]]


def remove_field(app: App, entity: App, field: App) -> list[Taken]:
    return _take_away(app, {(entity["name"], field["name"])})


def remove_entity(app: App, entity: App) -> list[Taken]:
    gone: set[Place] = {(entity["name"], None)}
    gone |= {(e["name"], f["name"]) for e in app["entities"] for f in e["fields"] if f.get("target") == entity["name"]}
    return _take_away(app, gone)


def remove_choice(app: App, entity: App, field: App, choice: App) -> list[Taken]:
    """Steps, exceptions and conditions forget the value; what goes by it alone goes."""
    value = choice["value"]
    field["choices"] = [c for c in field["choices"] if c is not choice]
    for row in entity["seed"]:
        if row.get(field["name"]) == value:
            del row[field["name"]]
    taken: list[Taken] = []
    for parts in (app["features"], app["rules"]):
        for part in [p for p in parts if p["entity"] in {entity["name"], None}]:
            if not _without_value(part, field["name"], value):
                parts.remove(part)
                taken.append(_called(part))
    return taken


def retype(field: App, kind: str, **more: Any) -> None:
    """What another type can't have is left out; a unit and limits stay between numbers."""
    numbers = {"integer", "decimal", "money", "rating"}
    kept = {"unit", "min", "max"} if {field["type"], kind} <= numbers else set()
    for name, blank in (("choices", []), ("unit", None), ("min", None), ("max", None), ("target", None),
                        ("many", False), ("formula", None)):  # fmt: skip
        if name not in kept:
            field[name] = blank
    field["type"] = kind
    field.update(more)


def forget_values(entity: App, field: App) -> None:
    for row in entity["seed"]:
        row.pop(field["name"], None)


def _take_away(app: App, gone: set[Place]) -> list[Taken]:
    """Also what is worked out from it, and the features and rules that can't be without it."""
    before = deepcopy(app)
    taken: list[Taken] = []

    def say(place: Place) -> str | None:
        return None if place in gone or (place[0], None) in gone else place[1] or place[0]

    again = True
    while again:
        again = False
        for entity in before["entities"]:
            for field in entity["fields"]:
                place = (entity["name"], field["name"])
                if field.get("formula") and say(place) and not _is_whole(before, entity["name"], field["formula"], say):
                    gone.add(place)
                    taken.append(("field_of", {"field": field["label"], "things": entity["label_plural"]}))
                    again = True
    app["entities"] = [e for e in app["entities"] if say((e["name"], None))]
    for entity in app["entities"]:
        lost = {f["name"] for f in entity["fields"] if say((entity["name"], f["name"])) is None}
        entity["fields"] = [f for f in entity["fields"] if f["name"] not in lost]
        entity["seed"] = [{k: v for k, v in row.items() if k not in lost} for row in entity["seed"]]
    return taken + _resay(app, before, say)


def _is_whole(app: App, here: str, formula: str, say: Any) -> bool:
    try:
        formula_said(app, here, formula, say)
    except GoneError:
        return False
    return True


def _resay(app: App, before: App, say: Any) -> list[Taken]:
    """Formulas, features, rules and pages in the names of now; what can't be any more is told."""
    taken: list[Taken] = []
    for entity in app["entities"]:
        for field in entity["fields"]:
            if field.get("formula"):
                field["formula"] = formula_said(before, entity["name"], field["formula"], say)
    for parts in (app["features"], app["rules"]):
        for part in list(parts):
            try:
                if part["entity"] is not None and say((part["entity"], None)) is None:
                    raise GoneError
                if any(say((part["entity"], f)) is None for f in part.get("fields", ())):
                    raise GoneError
                part["options"] = options_said(before, part["options"], part["entity"], say)
            except GoneError:
                parts.remove(part)
                if part["entity"] is None or say((part["entity"], None)) is not None:
                    taken.append(_called(part))
    lost = {p["name"] for p in app["pages"] if p["entity"] and say((p["entity"], None)) is None}
    app["pages"] = [p for p in app["pages"] if p["name"] not in lost]
    drop_orphaned_pages(app)
    return [part for at, part in enumerate(taken) if part not in taken[:at] and part not in QUIET]


# What goes without saying.
USUAL = ("search", "filter", "sort", "create", "edit", "delete", "pagination", "detail")
QUIET: tuple[Taken, ...] = tuple((f"feature.{name}", {}) for name in USUAL)
# The feature that a view of a page shows.
SAME = ("calendar", "quiz", "compare", "favorites", "dashboard", "report", "leaderboard")
PAGE_OF = {"board": "kanban", "contact": "contact_form"} | {name: name for name in SAME}


def drop_orphaned_pages(app: App) -> None:
    """A page that shows a feature goes with it."""
    has = {f["name"] for f in app["features"]}
    app["pages"] = [p for p in app["pages"] if PAGE_OF.get(p.get("view")) in {None, *has}]


def _without_value(part: App, field: str, value: str) -> bool:
    """False where nothing of the part is left."""
    options = part["options"]
    about = field in (options.get("field"), *part.get("fields", ()))
    steps = options.get("from")
    if about and isinstance(steps, dict):
        options["from"] = {k: [v for v in following if v != value] for k, following in steps.items() if k != value}
        return bool(options["from"])
    outside = options.get("except")
    if isinstance(outside, dict) and field in outside:
        left = [v for v in _listed(outside[field]) if v != value]
        options["except"] = {k: left if k == field else v for k, v in outside.items() if k != field or left}
    for key in CHOSEN:
        if about and value in _listed(options.get(key)):
            left = [v for v in _listed(options[key]) if v != value]
            if not left:
                return False
            options[key] = left
    return True


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _called(part: App) -> Taken:
    return f"feature.{part.get('name') or part.get('kind')}", {}


def fresh_name(app: App, entity: App, wanted: str, own: App | None = None) -> bool:
    """Whether no other field of the entity has the name."""
    found = field_of(app, entity["name"], wanted)
    return found is None or found is own
