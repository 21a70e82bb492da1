"""Make an AppSpec of what a model wrote and the draft it was given: nothing is lost that it did not say to drop.

Raises UnfitReplyError with what the model must change. What can't be mistaken is put right without asking: seed rows
that fit no field, options that name no field, the data set that a thing of the draft came with.
"""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from builder import datasets
from builder.drafter.model_features import features, pages
from builder.drafter.model_reply import UnfitReplyError, problems
from builder.drafter.model_rows import seed_rows
from builder.drafter.model_schema import NESTED
from builder.spec import AppKind, AppSpec, Entity

Raw = dict[str, Any]


def drafted_spec(app: Mapping[str, Any], base: AppSpec, dropped: Collection[str], kind: AppKind | None) -> AppSpec:
    """The app as the model wrote it; of what it says nothing at all, and of rows and data sets, the draft's stand."""
    before = base.model_dump(mode="json", exclude_none=True)
    raw = {"entities": _kept(None, before["entities"], ())} | _over(base, app)
    raw = {part: _standing(raw["entities"], before[part]) for part in ("features", "rules")} | raw
    _keep_nested(raw, before)
    if kind is not None:
        raw["kind"] = kind.value
    return _finished(raw, base, dropped)


def changed_spec(app: Mapping[str, Any], base: AppSpec, dropped: Collection[str]) -> AppSpec:
    """`base` with what `app` changes. A part that is missing stays, unless it is named in `dropped`."""
    raw = _over(base, app) | {"kind": base.kind.value}
    before = base.model_dump(mode="json", exclude_none=True)
    written = {str(entity.get("name")): entity for entity in _dicts(raw.get("entities"))}
    _keep_nested(raw, before)
    raw["entities"] = _kept(raw.get("entities"), before["entities"], dropped)
    names = _names(raw["entities"])
    for entity in _dicts(raw["entities"]):
        old = next((e for e in before["entities"] if e["name"] == entity.get("name")), None)
        if old is not None:
            own = {name.partition(".")[2] for name in dropped if name.startswith(f"{old['name']}.")}
            own |= {f["name"] for f in old["fields"] if f.get("target") in dropped and f["target"] not in names}
            fields = _kept(written.get(old["name"], {}).get("fields"), old["fields"], own)
            entity.update(
                {key: value for key, value in old.items() if key not in {*entity, "seed"}} | {"fields": fields}
            )
    _lose_the_dropped(raw, before, dropped)
    return _finished(raw, base, dropped)


def _keep_nested(raw: Raw, before: Raw) -> None:
    """Options that the reply has no form for stay as they were drafted."""
    for part, key in (("features", ("name", "entity")), ("rules", ("kind", "entity", "fields"))):
        old = {tuple(map(str, (item.get(k) for k in key))): item.get("options", {}) for item in _dicts(before[part])}
        for item in _dicts(raw.get(part)):
            drafted = old.get(tuple(map(str, (item.get(k) for k in key))), {})
            nested = {name: value for name, value in drafted.items() if name in NESTED}
            if nested:
                item["options"] = nested | (item.get("options") or {})


def _over(base: AppSpec, app: Mapping[str, Any]) -> Raw:
    """What the app says of itself: as written, else as it was; a look may be changed in part."""
    given = {key: value for key, value in app.items() if value is not None}
    over = base.model_dump(mode="json", include={"name", "tagline", "kind", "locale", "theme"}) | given
    if isinstance(given.get("theme"), dict):
        over["theme"] = base.theme.model_dump(mode="json") | given["theme"]
    return over


def _dicts(value: Any) -> list[Raw]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _names(entities: Any) -> list[Any]:
    return [entity.get("name") for entity in _dicts(entities)]


def _kept(new: Any, old: list[Raw], dropped: Collection[str], key: tuple[str, ...] = ("name",)) -> Any:
    """`old` in its order with what `new` changes of it, then what is new. Anything but a list is left to be refused."""
    if new is not None and not isinstance(new, list):
        return new
    by_key = {tuple(str(item.get(k)) for k in key): item for item in _dicts(new)}
    merged = []
    for item in old:
        place = tuple(str(item.get(k)) for k in key)
        if place in by_key:
            merged.append(by_key.pop(place))
        elif item[key[0]] not in dropped:
            merged.append({k: v for k, v in item.items() if k != "seed"})
    return [*merged, *by_key.values(), *(item for item in new or () if not isinstance(item, dict))]


def _lose_the_dropped(raw: Raw, before: Raw, dropped: Collection[str]) -> None:
    """Features, rules and pages stay too, but for those of things that are gone."""
    names = _names(raw["entities"])
    keys = {"features": ("name", "entity"), "rules": ("kind", "entity", "fields"), "pages": ("name",)}
    for part, key in keys.items():
        raw[part] = _of(names, _kept(raw.get(part), _standing(raw["entities"], before[part]), dropped, key))


def _standing(entities: Any, drafted: list[Raw]) -> list[Raw]:
    """What was drafted of things and fields that are still there."""
    fields = {str(entity.get("name")): _names(entity.get("fields")) for entity in _dicts(entities)}
    parts = _of(fields, drafted)
    return [p for p in parts if all(f in fields.get(str(p.get("entity")), ()) for f in p.get("fields", ()))]


def _of(names: Collection[Any], parts: Any) -> Any:
    if not isinstance(parts, list):
        return parts
    return [p for p in parts if not isinstance(p, dict) or p.get("entity") is None or p["entity"] in names]


def _finished(raw: Raw, base: AppSpec, dropped: Collection[str]) -> AppSpec:
    if raw["kind"] != AppKind.FULLSTACK:
        raw = _without_data(raw)
    given = {str(e.get("name")): e.pop("rows", None) for e in _dicts(raw.get("entities"))}
    raw["entities"] = _with_datasets(raw.get("entities", []), base)
    try:
        spec = AppSpec.model_validate(raw)
        _hold_the_rest(spec, base, dropped)
        entities = [entity.model_copy(update={"seed": seed_rows(entity, given, base)}) for entity in spec.entities]
        spec = spec.model_copy(update={"entities": tuple(entities), "features": features(spec)})
        spec = spec.model_copy(update={"pages": pages(spec, base)})
        return AppSpec.model_validate(spec.model_dump(mode="json"))
    except ValidationError as error:
        raise UnfitReplyError(*problems(error)) from error


def _without_data(raw: Raw) -> Raw:
    """A single page or a deck keeps no rows."""
    features = [{"name": f.get("name")} for f in _dicts(raw.get("features"))]
    return raw | {"entities": [], "rules": [], "pages": [], "features": features}


def _with_datasets(entities: Any, base: AppSpec) -> Any:
    """A thing of the draft keeps its data set, with the fields that it fills and the things these point at."""
    if not isinstance(entities, list):
        return entities
    old = {entity.name: entity for entity in base.entities if entity.dataset}
    for entity in _dicts(entities):
        if isinstance(name := entity.get("name"), str) and name in old:
            entity["dataset"] = _loadable(entity.get("dataset")) or old[name].dataset
            _restore_fields(entity, old[name])
        elif not _loadable(entity.get("dataset")):
            entity.pop("dataset", None)
    return [*entities, *_targets(entities, old)]


def _loadable(ref: Any) -> str | None:
    try:
        return ref if isinstance(ref, str) and datasets.load(ref) else None
    except (ValueError, LookupError):
        return None


def _restore_fields(entity: Raw, old: Entity) -> None:
    before = {field.name: field for field in old.fields}
    for at, field in enumerate(entity["fields"] if isinstance(entity.get("fields"), list) else ()):
        was = before.get(str(field.get("name"))) if isinstance(field, dict) else None
        if was is not None and (field.get("type"), field.get("target")) != (was.type.value, was.target):
            entity["fields"][at] = was.model_dump(mode="json")


def _targets(entities: list[Any], old: Mapping[str, Entity]) -> list[Raw]:
    """The things with data sets that the fields point at and that were left out."""
    names = _names(entities)
    fields = [field for entity in _dicts(entities) for field in _dicts(entity.get("fields"))]
    wanted = dict.fromkeys(t for f in fields if isinstance(t := f.get("target"), str) and t not in names and t in old)
    return [old[name].model_dump(mode="json") for name in wanted]


def _hold_the_rest(spec: AppSpec, base: AppSpec, dropped: Collection[str]) -> None:
    """What the AppSpec itself does not check: data that would be lost, an app of nothing."""
    wrong = []
    if spec.kind is AppKind.FULLSTACK:
        if not spec.entities:
            wrong.append("app.entities: a fullstack app needs at least one entity; is it an artifact or slides?")
        names = {entity.name for entity in spec.entities} | set(dropped)
        lost = [e for e in base.entities if e.dataset and e.name not in names and _is_main(e, base)]
        wrong += [f"app.entities: keep {e.name!r}, whose data set would be lost, or name it in dropped" for e in lost]
    if wrong:
        raise UnfitReplyError(*wrong)


def _is_main(entity: Entity, base: AppSpec) -> bool:
    """Things that others only point at may go."""
    pointed = {field.target for other in base.entities if other.name != entity.name for field in other.fields}
    return entity.name not in pointed
