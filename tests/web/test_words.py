"""The studio's own sentences: whole in every language, used, and said in the language of who asks."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from builder.answers import LANGUAGES
from builder.settings import Settings
from builder.yaml_files import read_yaml
from tests.web.api.conftest import serving
from web.words import FOLDER, preferred

WEB = FOLDER.parent
CATEGORIES = {"ar": {"zero", "one", "two", "few", "many", "other"}, "ru": {"one", "few", "many", "other"}}
ONLY_OTHER = {"id", "zh"}
Said = dict[str, str | dict[str, str]]


def said(code: str) -> Said:
    found: Said = read_yaml(FOLDER / f"{code}.yaml")
    return found


def places(value: str | dict[str, str]) -> set[str]:
    return {
        place
        for text in ([value] if isinstance(value, str) else value.values())
        for place in re.findall(r"\{(\w+)\}", text)
    }


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_says_everything_with_the_same_places(code: str) -> None:
    english, own = said("en"), said(code)
    assert set(own) <= set(english)
    for key, value in own.items():
        assert places(value) == places(english[key]), key
        assert isinstance(value, dict) == isinstance(english[key], dict), key
        if isinstance(value, dict):
            needed = {"other"} if code in ONLY_OTHER else {"one", "other"}
            assert CATEGORIES.get(code, needed) == set(value), key


def test_every_sentence_is_used() -> None:
    """By its whole key, or by a start that the code completes: `status.${name}`."""
    text = "".join(path.read_text(encoding="utf-8") for path in sources())
    keys = set(re.findall(r"[\"'`]([a-z_]+(?:\.\w+)*)[\"'`]", text))
    starts = tuple(set(re.findall(r"[\"'`]((?:[a-z_]+\.)+)\$?\{", text)))
    assert [key for key in said("en") if key not in keys and not key.startswith(starts)] == []


def sources() -> Iterator[Path]:
    for pattern in ("static/js/*.js", "pages/**/*.html", "**/*.py"):
        yield from WEB.glob(pattern)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("*", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("nl, fr;q=0.7, en;q=0.3", "fr"),
        ("en;q=0.2, zh-TW;q=0.4", "zh"),
        ("ar;q=x, id;q=0", "en"),
    ],
)
def test_the_browser_says_which_language_is_liked_best(header: str, code: str) -> None:
    assert preferred(header) == code


def test_pages_and_errors_are_in_the_language_that_was_chosen(settings: Settings) -> None:
    with serving(settings) as web:
        assert '<html lang="en" dir="ltr"' in web.get("/").text
        german = web.get("/", headers={"Accept-Language": "de"}).text
        assert '<html lang="de" dir="ltr"' in german
        assert "Was soll die App tun?" in german
        arabic = web.get("/", headers={"Accept-Language": "de", "Cookie": "protodex_language=ar"}).text
        assert '<html lang="ar" dir="rtl"' in arabic
        module = re.search(r'data-words="([^"]+)"', german)
        assert module
        kept_for_good(web.get(module[1].replace("&amp;", "&")))


def kept_for_good(answer: httpx.Response) -> None:
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert "Noch keine Projekte" in answer.text
