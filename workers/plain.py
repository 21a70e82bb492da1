"""Values as every database, and JSON in every browser, can hold them. Knows nothing of tables.

What an app or a probe says may hold a zero byte, half of a character or no number at all: each would make the whole
row unreadable, for PostgreSQL or for whoever reads the stream.
"""

import math
from typing import Any

_ZERO = {0: "\ufffd"}


def plain(value: Any) -> Any:
    """The same value; what can't be held becomes None in place of a number, and a mark in place of a character."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case str():
            return _plain_text(value)
        case dict():
            return {plain(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(plain(item) for item in value)
    return value


def _plain_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode(errors="replace").decode()
    return text.translate(_ZERO) if "\0" in text else text
