"""The JSON Schema of a tool's arguments as the model reads it: whole, without references, titles and empty choices.

It stands in every prompt, and some servers' grammars know no `$ref`.
"""

from typing import Any

from pydantic import BaseModel

_NOISE = frozenset({"title", "$defs"})


def wire_schema(arguments: type[BaseModel]) -> dict[str, Any]:
    schema = arguments.model_json_schema()
    plain: dict[str, Any] = _plain(schema, schema.get("$defs", {}))
    return plain


def _plain(value: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_plain(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _plain(definitions[value["$ref"].rpartition("/")[2]], definitions)
    if (inner := _optional(value)) is not None:
        return _plain(inner | {k: v for k, v in value.items() if k not in {"anyOf", "default", "title"}}, definitions)
    return {
        key: _named(item, definitions) if key == "properties" else _plain(item, definitions)
        for key, item in value.items()
        if key not in _NOISE
    }


def _named(properties: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A property may be called `title`, so names are never noise."""
    return {name: _plain(item, definitions) for name, item in properties.items()}


def _optional(value: dict[str, Any]) -> dict[str, Any] | None:
    """What may be null may as well be left out: only the other form is told."""
    forms = [form for form in value.get("anyOf", ()) if form != {"type": "null"}]
    return forms[0] if len(forms) == 1 and len(value["anyOf"]) == 2 else None
