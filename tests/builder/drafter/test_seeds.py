"""Invented rows speak the language of their entity, with the words of its table."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from builder.drafter import seeds
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.spec import FieldType

TABLES = Path(seeds.__file__).with_name("seed_words")
OTHERS = sorted(path.stem for path in TABLES.glob("*.yaml") if path.stem != "en")


@pytest.mark.parametrize("language", OTHERS)
def test_a_table_has_words_where_english_has_them(language: str) -> None:
    english, own = _table("en"), _table(language)
    assert own.keys() <= english.keys()
    for section in ("strings", "texts", "things"):
        words = own.get(section, {})
        assert words.keys() <= english[section].keys()
        assert [w for pool in words.values() for w in pool if not (isinstance(w, str) and w)] == []


@pytest.mark.parametrize(
    ("language", "label", "name"),
    [("en", "Kettle", "Blue kettle"), ("es", "Tetera", "Tetera de invierno"), ("de", "Kanne", "Kanne für den Winter")],
)
def test_a_quality_stands_where_its_language_wants_it(language: str, label: str, name: str) -> None:
    kettle = EntitySketch(label, "zzz", language=language, fields=[FieldSketch("", "name", FieldType.STRING)])
    assert seeds.invent(kettle, {}, date(2026, 3, 1))[0]["name"] == name


def _table(language: str) -> dict[str, Any]:
    return dict(yaml.safe_load((TABLES / f"{language}.yaml").read_text()))
