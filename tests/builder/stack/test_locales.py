"""Every language says all that English says, and fills in the same places."""

import json
import re
from typing import Any

import pytest

from builder.stack.locales import LOCALES, words

CATEGORIES = {"zero", "one", "two", "few", "many", "other"}  # of Intl.PluralRules
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
