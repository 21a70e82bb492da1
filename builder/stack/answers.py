"""Which fields of an entity tell the answers of its quiz: they are written, and in no row that goes out."""

import re
from collections.abc import Mapping
from typing import Any

from builder.spec import Entity, FieldType

ANSWER = re.compile(r"(^|_)(answer|correct|right|solution|back|translation|definition|meaning|key)($|_)")


def answers_of(entity: Entity, options: Mapping[str, Any]) -> tuple[str, ...]:
    """The answer that a quiz's options name, else the text that is called so, and the choices beside it."""
    fit = [
        f.name for f in entity.fields if f.type in (FieldType.STRING, FieldType.TEXT) and f.name != entity.title.name
    ]
    fit = [name for name in fit if name != options.get("question")]
    named = options.get("answer")
    answer = named if named in fit else next((name for name in fit if ANSWER.search(name)), None)
    if answer is None:
        return ()
    choices = [name for name in options.get("choices") or () if name in fit and name != answer]
    return (answer, *dict.fromkeys(choices))
