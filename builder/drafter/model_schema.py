"""The JSON Schema that a drafting model's reply is held to, derived from the AppSpec's own.

Grammar engines (llguidance, xgrammar, outlines) differ in the keywords they know and pay for every repetition they
must count, so it is simpler than the AppSpec. Left out, and checked by the AppSpec itself when the reply is read:

- lengths, array bounds and counted repetitions of long patterns, which make large grammars;
- titles, descriptions and defaults, which are tokens of every prompt; what they mean is said in the instructions;
- references: each part is used in one place, so it stands there;
- `null`: what is not set is left out;
- free-form objects, which engines read differently: seed rows become a table (`rows`: names of the fields once, then
  values only, which is also shorter to write), options the few keys that the stack knows.
"""

import re
from functools import cache
from typing import Any

from builder.spec import AppSpec

Schema = dict[str, Any]
KEPT = ("type", "enum", "pattern", "properties", "required", "additionalProperties", "items")
ANSWERS = ("build", "ask", "harmful", "not_an_app")

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
SCALARS: list[Schema] = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
CELL: Schema = {"anyOf": [*SCALARS, {"type": "null"}, {"type": "array", "items": {"anyOf": SCALARS[:2]}}]}


def _closed(properties: dict[str, Schema], *required: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


ROWS = _closed({"fields": TEXTS, "values": {"type": "array", "items": {"type": "array", "items": CELL}}},
               "fields", "values")  # fmt: skip
NUMBER_OR_TEXT: Schema = {"anyOf": [{"type": "number"}, TEXT]}
FEATURE_OPTIONS = _closed({
    **dict.fromkeys(
        "field stamp label entity text log entry summary at options votes messages room of date time start end stop "
        "question answer price stock order item quantity name login secret role admin approved rejected".split(), TEXT
    ),
    **dict.fromkeys("minutes value goal minimum".split(), NUMBER_OR_TEXT),
    "choices": TEXTS,
    "fields": TEXTS,
    "default": TEXT,
    "size": {"type": "integer"},
    "style": {"type": "string", "enum": ["pages", "load_more"]},
    "previous_next": {"type": "boolean"},
    "scope": {"type": "string", "enum": ["row", "list"]},
    "by": {"anyOf": [TEXT, TEXTS]},
    "measure": TEXT,
    "max": {"type": "integer"},
    "best": {"type": "string", "enum": ["highest", "lowest"]},
    "formats": {"type": "array", "items": {"type": "string", "enum": ["csv", "json"]}},
})  # fmt: skip
RULE_OPTIONS = _closed({
    **dict.fromkeys("while field source start end date time of count per read write".split(), TEXT),
    **dict.fromkeys("min max minutes limit".split(), NUMBER_OR_TEXT),
    "is": TEXTS,
    "by": TEXTS,
})  # fmt: skip
NESTED = frozenset("due tiles from except".split())  # options that are objects: kept of the draft, not asked for


@cache
def reply_schema() -> Schema:
    """One schema for drafts and changes, so that both conversations begin with the same bytes."""
    question = _closed({"text": TEXT, "choices": TEXTS}, "text", "choices")
    requirement = _closed({"id": TEXT, "text": TEXT, "words": TEXT}, "text", "words")
    return _closed(
        {
            "answer": {"type": "string", "enum": list(ANSWERS)},
            "because": TEXT,
            "questions": {"type": "array", "items": question},
            "app": app_schema(),
            "dropped": TEXTS,
            "requirements": {"type": "array", "items": requirement},
            "removed": TEXTS,
        },
        "answer",
    )


@cache
def app_schema() -> Schema:
    raw = AppSpec.model_json_schema()
    schema = _simpler(raw, raw["$defs"])
    entity = schema["properties"]["entities"]["items"]["properties"]
    del entity["seed"]
    entity["rows"] = ROWS
    schema["properties"]["features"]["items"]["properties"]["options"] = FEATURE_OPTIONS
    schema["properties"]["rules"]["items"]["properties"]["options"] = RULE_OPTIONS
    return schema


def _simpler(schema: Schema, parts: dict[str, Schema]) -> Schema:
    if "$ref" in schema:
        return _simpler(parts[schema["$ref"].rsplit("/", 1)[-1]], parts)
    if "anyOf" in schema:  # only ever "this or null"
        return _simpler(next(s for s in schema["anyOf"] if s.get("type") != "null"), parts)
    found = {key: schema[key] for key in KEPT if key in schema}
    if "properties" in found:
        found["properties"] = {name: _simpler(part, parts) for name, part in found["properties"].items()}
    if "items" in found:
        found["items"] = _simpler(found["items"], parts)
    if "pattern" in found:
        found["pattern"] = re.sub(r"\{\d*,\d\d+\}", "*", found["pattern"])
    return found


def pruned(value: Any, schema: Schema) -> Any:
    """`value` without what the schema has no place for and without nulls: a slip of a model that no grammar held."""
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        return {k: pruned(v, known[k]) for k, v in value.items() if k in known and v is not None}
    if isinstance(value, list) and "items" in schema:
        return [pruned(item, schema["items"]) for item in value]
    return value
