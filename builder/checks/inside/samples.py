"""Values that fit a JSON Schema, for requests that ought to succeed."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]
_FORMATS = {
    "email": "ada{n}@example.org",
    "uri": "https://example.org/{n}",
    "uri-reference": "/sample-{n}.svg",
    "password": "a sample password {n}",
    "phone": "+1 555 010{n}",
    "color": "#2e7d3{n}",
    "time": "10:3{n}:00",
    "uuid": "00000000-0000-4000-8000-00000000000{n}",
}


class Samples:
    """Bodies for one operation. `required_ids` are required integers: what a relation to another table looks like."""

    def __init__(self, document: Json, operation: Json) -> None:
        self._document = document
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        self._schema = self._resolve(content.get("schema", {}))
        self.required = tuple(self._schema.get("required", ()))
        properties = self._schema.get("properties", {})
        self.required_ids = [n for n in self.required if self._resolve(properties[n]).get("type") == "integer"]

    @property
    def free_texts(self) -> list[str]:
        """Properties that take any text of some length."""
        properties = self._schema.get("properties", {})
        schemas = {name: self._resolve(schema) for name, schema in properties.items()}
        return [
            name
            for name, schema in schemas.items()
            if schema.get("type") == "string"
            and not {"format", "enum", "const", "pattern"} & set(schema)
            and int(schema.get("maxLength", 200)) >= 120
        ]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._schema.get("properties", {}))

    def body(self, attempt: int = 0, also: Iterable[str] = ()) -> Json:
        """What is required, and `also` these; every attempt has other values."""
        properties = self._schema.get("properties", {})
        wanted = dict.fromkeys((*self.required, *(name for name in also if name in properties)))
        return {name: self._value(properties[name], attempt + 1) for name in wanted}

    def _value(self, schema: Json, n: int) -> Any:
        schema = self._resolve(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if "const" in schema:
            return schema["const"]
        match schema.get("type"):
            case "integer" | "number":
                return self._number(schema, n)
            case "boolean":
                return True
            case "array":
                # Each another: what a list holds is often not allowed twice, told by `uniqueItems` or not.
                return [self._value(schema.get("items", {}), n + at) for at in range(int(schema.get("minItems", 0)))]
            case "object":
                required = schema.get("required", ())
                return {name: self._value(schema["properties"][name], n) for name in required}
            case _:
                return self._text(schema, n)

    def _number(self, schema: Json, n: int) -> int | float:
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + (1 if "exclusiveMinimum" in schema else 0))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        # 1, 256, 6561, 65536: soon past a unique number that the seed rows count up, and at first the first row's id.
        far = low if n == 1 and low > 0 else round(low + n**8 - (low > 0), 6)
        value = far if high is None or far <= high else max(low, high - n)
        return int(value) if schema.get("type") == "integer" else value

    def _text(self, schema: Json, n: int) -> str:
        # Behind and ahead in turn: a time without an end reaches over all that is taken later.
        day = date(2024 if n % 2 else 2044, 5, 1) + timedelta(days=n)
        if schema.get("format") == "date":
            return day.isoformat()
        if schema.get("format") == "date-time":
            return f"{day.isoformat()}T10:30:00"
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]].format(n=(n - 1) % 9 + 1)  # one digit
        if example := (schema.get("examples") or [None])[0]:
            return str(example)
        text = f"Sample {n}".ljust(int(schema.get("minLength", 0)), "x")
        return text[: int(schema.get("maxLength", len(text)))]

    def _resolve(self, schema: Json) -> Json:
        while "$ref" in schema:
            target: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
        for choice in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
            if choice.get("type") != "null":
                return self._resolve({**{k: v for k, v in schema.items() if k not in {"anyOf", "allOf"}}, **choice})
        return schema
