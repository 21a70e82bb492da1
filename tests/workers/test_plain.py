"""What an app says is stored as something that can be read again, whatever it said."""

import json
import math

from workers.plain import plain


def test_ordinary_values_stay_as_they_are() -> None:
    value = {"a": [1, 2.5, None, True], "b": ("x", "é🌱\n")}
    assert plain(value) == value


def test_what_no_database_holds_is_replaced() -> None:
    said = {"seconds": math.nan, "more": [math.inf, -math.inf], "text\0": "half \ud83d zero \0"}
    held = plain(said)
    assert held == {"seconds": None, "more": [None, None], "text\ufffd": "half ? zero \ufffd"}
    json.dumps(held, allow_nan=False, ensure_ascii=False).encode()
