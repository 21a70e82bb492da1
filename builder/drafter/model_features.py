"""What the stack can do of the features and pages that a model named: options that hold, pages that show something."""

from typing import Any

from builder.drafter.assemble import VIEWS
from builder.names import identifier
from builder.spec import AppKind, AppSpec, Entity, Feature, FeatureName, FieldType, Page, SpecField

SPECIAL = {view: (feature, label) for feature, view, label in VIEWS}  # views that need their feature
CHECKED = frozenset(  # features of lists, whose options are looked at here; the spec itself knows those of the others
    "search filter sort pagination detail create edit delete validation relations favorites compare chart stats "
    "export".split()
)
UNLISTED = {FieldType.TEXT, FieldType.IMAGE, FieldType.FILE}
UNSORTABLE = {FeatureName.SORT: UNLISTED | {FieldType.COLOR}, FeatureName.FILTER: UNLISTED}
Raw = dict[str, Any]


def features(spec: AppSpec) -> tuple[Feature, ...]:
    """Each feature once for each thing, as it was said last; a thing may have bars of its rows and of its list."""
    found: dict[tuple[str, str | None, Any], Feature] = {}
    for feature in spec.features:
        if (fit := _usable(feature, spec)) is not None:
            found[fit.name, fit.entity, fit.options.get("scope")] = fit
    return tuple(found.values())


def _usable(feature: Feature, spec: AppSpec) -> Feature | None:
    """The feature with only what the stack can do of its options, or None where nothing of it is left."""
    if feature.name not in CHECKED:
        return feature
    options = {key: value for key, value in feature.options.items() if _fits(key, value)}
    entity = _owner(feature, options, spec)
    if entity is None:
        options = {k: v for k, v in options.items() if k not in {"fields", "default", "by", "measure"}}
        return None if feature.name is FeatureName.CHART else feature.model_copy(update={"options": options})
    fields = {
        f.name: f for f in entity.fields if f.type not in UNSORTABLE.get(feature.name, ()) and not _is_many(feature, f)
    }
    if "fields" in options:
        options["fields"] = [name for name in options["fields"] if isinstance(name, str) and name in fields]
        if not options["fields"]:
            del options["fields"]
    if options.get("default", "").removeprefix("-") not in fields:
        options.pop("default", None)
    if feature.name is FeatureName.CHART and not _chartable(options, entity):
        return None
    return feature.model_copy(update={"entity": entity.name, "options": options})


def _is_many(feature: Feature, field: SpecField) -> bool:
    return feature.name is FeatureName.SORT and field.many


def _owner(feature: Feature, options: Raw, spec: AppSpec) -> Entity | None:
    """The thing a feature belongs to; one that names none but speaks of fields belongs to who has them."""
    if feature.entity is not None:
        return spec.entity(feature.entity)
    by, measure = str(options.get("by", "")).rpartition(":")[2], str(options.get("measure", "")).partition(":")[2]
    said = {str(name) for name in options.get("fields", ())} | {
        by,
        measure,
        str(options.get("default", "")).lstrip("-"),
    }
    said.discard("")
    return next((e for e in spec.entities if said and said <= {field.name for field in e.fields}), None)


def _fits(key: str, value: Any) -> bool:
    match key:
        case "fields" | "formats":
            return isinstance(value, list)
        case "size":
            return isinstance(value, int) and 1 <= value <= 100
        case "max":
            return isinstance(value, int) and 2 <= value <= 4
        case "previous_next":
            return isinstance(value, bool)
        case "style":
            return value in ("pages", "load_more")
        case "scope":
            return value in ("row", "list")
        case _:
            return key in {"default", "by", "measure"} and isinstance(value, str)


def _chartable(options: Raw, entity: Entity) -> bool:
    """Bars of numbers, or a list counted by a field it has."""
    types = {field.name: field.type for field in entity.fields}
    if options.get("scope") == "row":
        options["fields"] = [name for name in options.get("fields", ()) if types[name].is_number]
        return bool(options["fields"])
    month, _, by = options.get("by", "").rpartition(":")
    how, _, what = options.get("measure", "count").partition(":")
    if how != "count" and not (how in {"sum", "avg"} and what in types and types[what].is_number):
        options["measure"] = "count"
    return by in types and (month == "" or (month == "month" and types[by] in {FieldType.DATE, FieldType.DATETIME}))


def pages(spec: AppSpec, base: AppSpec) -> tuple[Page, ...]:
    """The pages that were written, else those of the draft and of what is new, and those of features that need one."""
    if spec.kind is not AppKind.FULLSTACK:
        return ()
    names = {entity.name for entity in spec.entities}
    kept = spec.pages or tuple(page for page in base.pages if page.entity in names)
    found = [page for page in kept if _shows(page, spec)]
    shown = {page.entity for page in found if page.view not in SPECIAL}
    if not spec.pages:
        found += [_list_page(entity) for entity in spec.entities if entity.name not in shown]
    taken = {page.name for page in found}
    for view, (name, label) in SPECIAL.items():
        owner = next(
            (e for e in spec.entities if any(f.name == name and f.entity == e.name for f in spec.features)), None
        )
        if owner is not None and all(page.view != view for page in found):
            page = {"name": identifier(view, taken), "label": label, "entity": owner.name, "view": view}
            found.append(Page.model_validate(page))
    return _unrepeated(found)


def _shows(page: Page, spec: AppSpec) -> bool:
    """A page without a thing, or with a view that the stack has no page for, is for the engineer to write."""
    if page.view == "dashboard":
        return spec.feature("dashboard") is not None
    if page.entity is None:
        return False
    return page.view not in SPECIAL or spec.feature(SPECIAL[page.view][0], page.entity) is not None


def _list_page(entity: Entity) -> Page:
    return Page(name=entity.plural, label=entity.label_plural, entity=entity.name)


def _unrepeated(found: list[Page]) -> tuple[Page, ...]:
    return tuple({page.name: page for page in reversed(found)}.values())[::-1]
