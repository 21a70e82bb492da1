"""Values that a field takes and values that it refuses, as Python: what the tests of an app send."""

import math

from builder.rules import Room, Way
from builder.stack.columns import LENGTHS
from builder.stack.templates import as_python, title
from builder.stack.views import EntityView, FieldView

# Enough of these are different to be unique.
COUNTED = {"string", "text", "integer", "email", "url", "date", "datetime", "decimal", "money"}


def has_example(field: FieldView) -> bool:
    """Optional relations stay empty, and what is unique but has few values can't be made up."""
    if field.is_filled:
        return False
    if field.is_relation:
        return bool(field.required)
    return not field.unique or field.type in COUNTED


def example(field: FieldView) -> str:
    """An expression for a value; `n` in it is another number each time."""
    if field.is_relation:
        assert field.target is not None
        made = f'create_{field.target.name}(client)["id"]'
        return f"[{made}]" if field.many else made
    if field.type in LENGTHS:
        return _text(field)
    if field.is_number:
        return _number(field)
    if field.type == "choice":
        return as_python(_choice(field))
    return {
        "boolean": "True",
        "date": "str(dt.date(2025, 1, 1) + dt.timedelta(days=n))",
        "datetime": "(dt.datetime(2025, 1, 1, 9) + dt.timedelta(days=n)).isoformat()",
        "time": '"09:30:00"',
        "email": 'f"someone{n}@example.org"',
        "url": 'f"https://example.org/{n}"',
        "phone": '"+49 30 123456"',
        "color": '"#2e7d32"',
        "image": '"/picture.svg"',
        "file": '"/paper.pdf"',
    }[field.type]


def _choice(field: FieldView) -> str:
    """The first, but for what others see only with another one."""
    access = field.entity.access
    shown = access.shown if access else None
    return shown[1] if shown and shown[0] == field.name and not field.steps else field.choices[0].value


def _text(field: FieldView) -> str:
    longest = field.max if field.max is not None and field.max >= 1 else LENGTHS[field.type]
    words = title(field.name)
    value = f'f"{words} {{n}}"' if longest >= len(words) + 5 else "str(n)"
    return f'{value}.ljust({int(field.min)}, "x")' if field.min and field.min > 1 else value


def _number(field: FieldView) -> str:
    low, high = field.min, field.max
    if field.type == "rating":
        return str(math.ceil(low) if low is not None else 1)
    if _is_limit(field) and not field.unique:
        return as_python(math.floor(high) if high is not None else math.ceil(max(low or 0, 1000)))
    if not field.unique:
        number = low if low is not None else 1 if high is None or high >= 1 else high
        return as_python(math.ceil(number) if field.type == "integer" else number)
    if high is not None:
        return f"{as_python(math.floor(high))} - n"
    return f"{as_python(math.ceil(low or 0) + 1_000_000)} + n"


def _is_limit(field: FieldView) -> bool:
    """Whether rows that point here are counted against it."""
    for rule in field.entity.app.rules:
        if isinstance(rule, Room) and isinstance(rule.limit, Way) and rule.limit.field == field.name:
            of = field.entity.app.entity(rule.entity).field(str(rule.of))
            if of.spec.target == field.entity.name:
                return True
    return False


def refused_values(entity: EntityView) -> list[tuple[str, str]]:
    """A value that each field refuses, with the field's name."""
    found = [(f.name, value) for f in entity.input_fields for value in _refused(f)]
    return found[:40]


def _refused(field: FieldView) -> list[str]:
    if field.is_relation:
        return ["[999999]"] if field.many else ["999999"]
    if field.type in LENGTHS:
        longest = LENGTHS[field.type]
        if field.max is not None and field.max >= 1:
            longest = min(longest, int(field.max))
        return [f'"x" * {longest + 1}', "7", '"a\\0b"']
    if field.type in ("integer", "rating"):
        return [*_outside(field), "10**30", "1.5"]
    if field.is_number:
        return [*_outside(field), '"many"']
    return ['"no such value"', "7"]


def _outside(field: FieldView) -> list[str]:
    low = 1 if field.type == "rating" and field.min is None else field.min
    high = 5 if field.type == "rating" and field.max is None else field.max
    found = [] if low is None else [as_python(math.floor(low) - 1)]
    return found if high is None else [*found, as_python(math.ceil(high) + 1)]


def needing(entity: EntityView) -> list[FieldView]:
    """The relations, of other entities, that keep a row of this one from being deleted."""
    return [
        f
        for f in entity.reverse_relations
        if not f.many and f.on_delete == "RESTRICT" and f.entity.name != entity.name and _is_sent(f)
    ]


def _is_sent(field: FieldView) -> bool:
    return has_example(field) and field.name in {f.name for f in field.entity.asked_fields}


def uses_in_examples(entities: list[EntityView], text: str) -> bool:
    return any(text in example(f) for e in entities for f in e.asked_fields if has_example(f))


def uses_number(entity: EntityView) -> bool:
    examples = " ".join(example(f) for f in entity.asked_fields if has_example(f))
    return any(part in examples for part in ("{n}", "(n)", "=n)", "+ n", "- n"))


def api_paths(entities: list[EntityView]) -> list[str]:
    return [f"/api/{e.plural}" for e in entities]


GLOBALS = {
    f.__name__: f for f in (has_example, example, refused_values, uses_in_examples, uses_number, api_paths, needing)
}
