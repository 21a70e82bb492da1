"""Whether an AppSpec that holds together can be used: features go by fields that fit, and a first row can be added.

Asked of what people and programs send; a draft is held to it by its tests. Raises a ValueError with a sentence.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from builder.spec import AppSpec, Entity, Feature, SpecField

NUMBERS = ("integer", "decimal", "money", "rating", "computed")
DAYS = ("date", "datetime")
GROUPS = ("choice", "relation", "boolean", "string", "rating")
# What an option of a feature names: a field of one of these types.
OPTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "kanban": {"field": ("choice", "relation")},
    "categories": {"field": ("choice", "relation", "boolean", "string")},
    "drag_drop": {"field": ("integer",)},
    "scoring": {"field": ("integer", "decimal", "money")},
    "calendar": {"date": DAYS},
    "low_stock_alert": {"quantity": NUMBERS, "minimum": NUMBERS},
    "progress": {"value": NUMBERS, "goal": NUMBERS},
    "cart": {"price": NUMBERS},
}
LISTS = ("search", "filter", "sort", "upload")
GATHERED = ("chart", "stats", "report")
FORMATS = {"csv", "json"}


def check_sound(spec: "AppSpec") -> None:
    for feature in spec.features:
        for entity in [e for e in spec.entities if feature.entity in {None, e.name}]:
            _Check(feature, entity).run()
    _check_first_rows(spec)


class _Check:
    def __init__(self, feature: "Feature", entity: "Entity") -> None:
        self.feature, self.entity, self.options = feature, entity, feature.options

    def run(self) -> None:
        name = str(self.feature.name)
        if self.feature.entity is not None:
            for option, types in OPTIONS.get(name, {}).items():
                self._named(option, types)
        if name in LISTS and self.feature.entity is not None:
            self._list()
        if name in GATHERED and self.feature.entity is not None:
            self._gathered()
        if name == "pagination" and not _is_count(self.options.get("size", 24)):
            raise self._wrong("needs a whole number of rows as its option 'size'")
        if name == "export" and not set(_listed(self.options.get("formats", ["csv"]))) <= FORMATS:
            raise self._wrong("knows the formats csv and json")

    def _wrong(self, what: str) -> ValueError:
        return ValueError(f"the feature {self.feature.name} of {self.entity.name!r} {what}")

    def _named(self, option: str, types: tuple[str, ...]) -> None:
        given = self.options.get(option)
        if isinstance(given, int | float) and not isinstance(given, bool):
            return
        if given is None and self.feature.name == "cart":
            return
        self._fits(option, self._field(given), types)

    def _fits(self, option: str, field: "SpecField | None", types: tuple[str, ...]) -> None:
        if field is None or field.type not in types:
            kinds = ", ".join(types[:-1]) + (" or " if types[1:] else "") + types[-1]
            raise self._wrong(f"needs the option {option!r}: a field of it that is {kinds}")

    def _field(self, name: Any) -> "SpecField | None":
        return next((f for f in self.entity.fields if f.name == name), None)

    def _list(self) -> None:
        given = self.options.get("fields", [])
        if not isinstance(given, list | tuple):
            raise self._wrong("needs its option 'fields' as a list")
        for name in given:
            if self._field(name) is None:
                raise self._wrong(f"goes by {name!r}, which it doesn't have")
        default = self.options.get("default")
        if isinstance(default, str) and default.lstrip("-") != "id" and self._field(default.lstrip("-")) is None:
            raise self._wrong(f"opens in the order of {default!r}, which it doesn't have")

    def _gathered(self) -> None:
        for given in _listed(self.options.get("by")):
            if self._field(str(given).rpartition(":")[2].partition(".")[0]) is None:
                raise self._wrong(f"goes by {given!r}, which it doesn't have")
        measure = str(self.options.get("measure") or "count")
        how, _, of = measure.partition(":")
        if measure != "count" and (how not in {"sum", "avg"} or self._field(of.partition(".")[0]) is None):
            raise self._wrong(f"measures {measure!r}, where count, sum:FIELD or avg:FIELD is known")


def _check_first_rows(spec: "AppSpec") -> None:
    """Things that all need one another can't be begun, unless they start with rows."""
    needs = {
        e.name: {f.target for f in e.fields if f.required and f.target is not None and not f.many}
        for e in spec.entities
        if not e.seed and not e.dataset
    }
    for name in needs:
        ring = next(_rings(name, needs), None)
        if ring:
            raise ValueError(
                f"nobody could add the first {name!r}: {' needs '.join([*ring, name])}; let one of them be left empty"
            )


def _rings(start: str, needs: dict[str, set[str]]) -> Iterator[list[str]]:
    """A way from `start` along what is required that ends at `start`."""
    paths, seen = [[start]], {start}
    while paths:
        path = paths.pop()
        for following in needs.get(path[-1], ()):
            if following == start:
                yield path
            elif following and following not in seen:
                seen.add(following)
                paths.append([*path, following])


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1000
