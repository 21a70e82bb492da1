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
PAGES = [*WEB.glob("pages/**/*.html")]
MODULES = [*WEB.glob("static/js/*.js")]
# Names and what the browser or another program knows by these words.
NAMES_OF_THINGS = {"Protodex", "· Protodex", "Ctrl Enter", "Ctrl K", "Ctrl ${kbd.dataset.mod}", "Enter", "Esc"}
NAMES_OF_THINGS |= {"Build it as it is.", "There is no sentence for ${key}."}  # for the loop, and for us
NAMES_OF_THINGS |= {"Name"}  # of a field of an app whose language is another than the studio's
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
    assert set(own) == set(english)
    for key, value in own.items():
        assert places(value) == places(english[key]), key
        assert isinstance(value, dict) == isinstance(english[key], dict), key
        if isinstance(value, dict):
            needed = {"other"} if code in ONLY_OTHER else {"one", "other"}
            assert CATEGORIES.get(code, needed) == set(value), key


def test_every_sentence_is_used() -> None:
    """By its whole key, by a start that the code completes (`status.${name}`), or by an end (`${kind}.passed`)."""
    text = "".join(path.read_text(encoding="utf-8") for path in sources())
    keys = set(re.findall(r"[\"'`]([a-z_]+(?:\.\w+)*)[\"'`]", text))
    starts = tuple(re.findall(r"[\"'`]([a-z_]+(?:\.[a-z_]*)+)(?:\$?\{|[\"'] ~)", text))
    ends = tuple(re.findall(r"`\$\{\w+\}(\.\w+)`", text))
    assert [key for key in said("en") if not (key in keys or key.startswith(starts) or key.endswith(ends))] == []


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


def test_no_sentence_stands_in_a_page_or_a_module() -> None:
    assert {path.name: found for path in PAGES if (found := english_in_page(path.read_text(encoding="utf-8")))} == {}
    assert {
        path.name: found for path in MODULES if (found := english_in_module(path.read_text(encoding="utf-8")))
    } == {}


def english_in_page(text: str) -> list[str]:
    """What is left when the tags, the attributes that nobody reads and what Jinja puts in are taken away."""
    text = re.sub(r"\{% block body_class %\}.*?\{% endblock %\}", "", text)
    text = re.sub(r"\{[{%#].*?[}%#]\}", "", text, flags=re.DOTALL)
    told = re.findall(r"(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"", text)
    told += re.sub(r"<[^>]*>", "\n", text).split("\n")
    return [words for words in map(str.strip, told) if re.search(r"[^\W\d]{2}", words) and words not in NAMES_OF_THINGS]


def english_in_module(text: str) -> list[str]:
    """Texts that begin with a capital, or with a blank and a word, or hold plain words: as far as can be told."""
    code = re.sub(r"^\s*//.*$|\s// .*$|/\*[^*]*\*/", "", text, flags=re.MULTILINE)
    found = re.findall(r"\"((?:[^\"\\\n]|\\.)*)\"|`([^`]*)`", code)
    texts = [one or other for one, other in found]
    return [
        t
        for t in texts
        if re.search(r"^[A-Z][a-z]+(?: |$|\.)|^ [a-z]|\b(?:the|is|are|of|and|to|no) ", t) and t not in NAMES_OF_THINGS
    ]
