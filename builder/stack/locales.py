"""The stack's own words in each language, as they are written down, and which way that is read. Knows no app."""

import json
from functools import cache
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).parents[2] / "templates" / "fullstack" / "locales"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv", "ckb"})


def words(locale: str) -> dict[str, Any]:
    """The words in a language, English where there are none yet."""
    return _read("en") | _read(locale.split("-")[0])


def direction(locale: str) -> str:
    """The way the language is read, as the `dir` of a page names it."""
    return "rtl" if locale.split("-")[0] in RIGHT_TO_LEFT else "ltr"


@cache
def _read(language: str) -> dict[str, Any]:
    path = LOCALES / f"{language}.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}
