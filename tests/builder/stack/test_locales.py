"""Every language says all that English says, and fills in the same places."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from builder.stack.locales import LOCALES, words

CATEGORIES = {"zero", "one", "two", "few", "many", "other"}  # of Intl.PluralRules
SENTENCE = re.compile(r'(?<!")"([A-Z][^"\n]* [^"\n]*[.!?])"(?!")')  # no docstring
OTHERS = sorted(path.stem for path in LOCALES.glob("*.json") if path.stem != "en")


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_word_with_the_same_places(language: str) -> None:
    english, own = words("en"), _read(language)
    assert own.keys() == english.keys()
    wrong = {key: own[key] for key in english if not _fits(own[key], english[key])}
    assert not wrong


def test_a_region_speaks_its_language_and_an_unknown_language_english() -> None:
    assert words("pt-BR") == words("pt") != words("en")
    assert words("xx") == words("en")


def test_no_sentence_for_people_stands_in_the_code_of_a_server() -> None:
    assert not [(path.as_posix(), found) for path, text in _server() for found in SENTENCE.findall(text)]


def test_what_a_server_says_is_one_text_that_fits_a_line_of_code() -> None:
    named = {name for _, text in _server() for name in re.findall(r"\bwords\.([A-Z_]+)", text)}
    lines = {f"{name} = {words(code)[name.lower()]!r}" for name in named for code in ("en", *OTHERS)}
    assert len(named) > 90
    assert not [line for line in lines if " = {" in line or _width(line) > 120]


def _server() -> list[tuple[Path, str]]:
    others = ("frontend", "tests", "readme")
    found = (path for path in LOCALES.parent.rglob("*") if path.suffix in (".py", ".jinja"))
    parts = (p for p in found if "backend" in p.parts or (p.parent.name == "slots" and not p.name.startswith(others)))
    return [(path, path.read_text()) for path in parts]


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def _read(language: str) -> dict[str, Any]:
    return dict(json.loads((LOCALES / f"{language}.json").read_text()))


def _fits(text: Any, english: Any) -> bool:
    """Forms for many have the places of English, those for one or two may say the number; none is blank."""
    forms = text if isinstance(text, dict) else {"other": text}
    needed = _places(english["other"] if isinstance(english, dict) else english)
    named = forms.keys() <= CATEGORIES and "other" in forms
    whole = all(_places(form) == needed for category, form in forms.items() if category in {"few", "many", "other"})
    return named and whole and all(_places(form) <= needed and form.strip() for form in forms.values())


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
