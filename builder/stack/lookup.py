"""Find the fields that a feature goes by: those that its options name, else those whose type and name suit."""

import re
from typing import Any

from builder.stack.views import EntityView, FieldView


def asked_field(entity: EntityView, feature: str, option: str, types: set[str]) -> FieldView | None:
    return named_field(entity, entity.options(feature).get(option), types)


def named_field(entity: EntityView, name: Any, types: set[str]) -> FieldView | None:
    return next((f for f in entity.fields if f.name == name and f.type in types), None)


def first_field(entity: EntityView, types: set[str], named: re.Pattern[str] | None = None) -> FieldView | None:
    fields = (f for f in entity.fields if f.type in types and not f.many)
    return next((f for f in fields if named is None or named.search(f.name)), None)
