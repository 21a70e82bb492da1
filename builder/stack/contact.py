"""What the public form asks for, and what the app says in its place: when something was sent and where it stands.

Every function answers nothing where no form is asked for.
"""

from typing import Any

from builder.stack.efforts import approval
from builder.stack.stages import workflow
from builder.stack.views import EntityView, FieldView

WRITTEN = frozenset("string text email phone url".split())


def contact_fields(entity: EntityView) -> list[str]:
    """What the option `fields` names, else what people write; and what no row can be without."""
    if not _is_sent(entity):
        return []
    contact = entity.app.spec.feature("contact_form")
    wished = contact.options.get("fields") if contact else None
    asked = wished or [f.name for f in entity.input_fields if f.type in WRITTEN]
    starts = contact_starts(entity)
    needed = [f.name for f in entity.input_fields if f.required and not f.is_moment]
    return [f.name for f in entity.input_fields if f.name in (*asked, *needed) and f.name not in starts]


def contact_moments(entity: EntityView) -> list[FieldView]:
    """The fields that say when something was sent."""
    return [f for f in entity.input_fields if f.type in ("date", "datetime") and f.name not in contact_fields(entity)]


def contact_starts(entity: EntityView) -> dict[str, str]:
    """Where something stands when it has just been sent: the sender has no say in that."""
    steps = [found["field"] for found in (workflow(entity), approval(entity)) if found]
    staged = [f for f in entity.input_fields if f.steps or f.name in steps] if _is_sent(entity) else []
    return {f.name: f.steps.starts[0] if f.steps else f.choices[0].value for f in staged}


def contact_entity(entities: list[EntityView]) -> EntityView | None:
    return next((e for e in entities if contact_fields(e)), None)


def _is_sent(entity: EntityView) -> bool:
    contact = entity.app.spec.feature("contact_form")
    return contact is not None and contact.options.get("entity") == entity.name


GLOBALS: dict[str, Any] = {f.__name__: f for f in (contact_fields, contact_moments, contact_starts, contact_entity)}
