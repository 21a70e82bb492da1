"""What features, rules and formulas of an AppSpec name, so that a change of a name or a loss reaches all of them.

An AppSpec here is the plain data that its JSON is: `App`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from builder.drafter.reference import _FORMULA, _PATH, CHOICES, ELSEWHERE, PLAIN, THINGS, WORDS

App = dict[str, Any]
Place = tuple[str, str | None]  # an entity, and a field of it
Say = Callable[[Place], str | None]  # what a place is called now; None where it is gone


class GoneError(LookupError):
    """What can't be without it names something that is gone."""


def entity_of(app: App, name: str | None) -> App | None:
    return next((e for e in app["entities"] if e["name"] == name), None)


def field_of(app: App, entity: str | None, name: str) -> App | None:
    return next((f for f in (entity_of(app, entity) or {"fields": []})["fields"] if f["name"] == name), None)


def in_formula(app: App, here: str, text: str) -> Iterator[tuple[int, int, Place]]:
    """Where a formula names an entity or a field."""
    for match in _FORMULA.finditer(text):
        if match["thing"]:
            yield (*match.span("thing"), (match["thing"], None))
            for part in ("of", "by"):
                if match[part]:
                    yield (*match.span(part), (match["thing"], match[part]))
        elif match["name"] and match["name"] not in WORDS:
            yield (*match.span("name"), (here, match["name"]))
            if match["then"]:
                own = field_of(app, here, match["name"])
                yield (*match.span("then"), (str(own and own.get("target")), match["then"]))


def formula_said(app: App, here: str, text: str, say: Say) -> str:
    """The formula in the names of now. Raises GoneError."""
    found, end = "", 0
    for start, stop, place in in_formula(app, here, text):
        found += text[end:start] + _must(say(place))
        end = stop
    return found + text[end:]


def options_said(app: App, options: Mapping[str, Any], here: str | None, say: Say) -> dict[str, Any]:
    """The options in the names of now. Of lists what is left; raises GoneError where a single name or all are gone."""
    here = str(options["entity"]) if "entity" in options else here
    found: dict[str, Any] = {}
    for key, value in options.items():
        other = next((options[o] for o, keys in ELSEWHERE.items() if o in options and key in keys), None)
        try:
            found[key] = _option(app, key, value, other or here, say)
        except GoneError:
            if key != "default":
                raise
    if "default" not in found and "default" in options:
        found["default"] = next(iter(found.get("fields", [])), "id")
    return found


def _option(app: App, key: str, value: Any, here: str | None, say: Say) -> Any:
    if isinstance(value, list) and key not in CHOICES:
        kept = [one for one in (_kept(app, key, v, here, say) for v in value) if one is not None]
        if value and not kept:
            raise GoneError
        return kept
    if key == "except" and isinstance(value, Mapping):
        return {said: v for k, v in value.items() if (said := say((str(here), k))) is not None}
    if key in CHOICES:
        return value
    if isinstance(value, Mapping):
        return options_said(app, value, here, say)
    if not isinstance(value, str) or key in PLAIN or value == "count":
        return value
    return _must(say((value, None))) if key in THINGS else _path(app, value, here, say)


def _kept(app: App, key: str, value: Any, here: str | None, say: Say) -> Any:
    try:
        return _option(app, key, value, here, say)
    except GoneError:
        return None


def _path(app: App, text: str, here: str | None, say: Say) -> str:
    match = _PATH.fullmatch(text)
    if match is None or here is None or field_of(app, here, match["name"]) is None:
        return text
    said = (match["before"] or "") + _must(say((here, match["name"])))
    if match["then"]:
        target = (field_of(app, here, match["name"]) or {}).get("target")
        said += "." + _must(say((str(target), match["then"])))
    return said


def _must(name: str | None) -> str:
    if name is None:
        raise GoneError
    return name
