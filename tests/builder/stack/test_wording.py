"""Texts of the stack: nouns in sentences, a first line for apps without one, Markdown, the words and icons in use."""

import re
from pathlib import Path

import pytest

from builder.spec import AppSpec
from builder.stack import render_stack
from builder.stack.locales import words
from builder.stack.looks import ICONS
from builder.stack.templates import as_attribute, as_markdown
from builder.stack.wording import noun
from tests.samples import LIBRARY, TODO, spec

BUILDER = Path(__file__).parents[3] / "builder"


@pytest.mark.parametrize(
    ("label", "locale", "inside"),
    [
        ("Task", "en", "task"),
        ("Due date", "en-GB", "due date"),
        ("Aufgabe", "de", "Aufgabe"),
        ("Café", "en", "Café"),
        ("Categoría", "es", "categoría"),
        ("Фильм", "ru", "фильм"),
        ("URL", "en", "URL"),
        ("iPad", "en", "iPad"),
        ("X", "en", "X"),
        ("タスク", "ja", "タスク"),
    ],
)
def test_a_noun_inside_a_sentence_is_small_where_its_language_says_so(label, locale, inside):
    assert noun(label, locale) == inside


def test_an_app_without_a_tagline_says_what_can_be_done_with_it():
    features = [
        {"name": "create"},
        {"name": "filter", "entity": "book", "options": {"fields": ["genres"]}},
        {"name": "compare", "entity": "book"},
    ]
    pages = [{"name": "books", "label": "Books", "entity": "book"}]
    files = render_stack(spec(LIBRARY | {"tagline": "", "features": features, "pages": pages}))
    assert b"\nKeep track of books by genre and compare two side by side\n" in files["README.md"]
    browsed = render_stack(spec(LIBRARY | {"tagline": "", "features": [], "pages": pages}))
    assert b"\nBrowse books\n" in browsed["README.md"]
    assert render_stack(spec(LIBRARY))["README.md"].count(LIBRARY["tagline"].encode()) == 1


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("To-do list", "To-do list"),
        ("3.5 (new)!", "3.5 (new)!"),
        ("C#", "C#"),
        ("# one", "\\# one"),
        ("- one", "\\- one"),
        ("1. one", "1\\. one"),
        ("---", "\\---"),
        ("<b>[x](y)_z_", "\\<b\\>\\[x\\](y)\\_z\\_"),
        ("&lt;", "\\&lt;"),
    ],
)
def test_markdown_is_escaped_only_where_it_would_mean_something(text, markdown):
    assert as_markdown(text) == markdown


def test_plain_attributes_stand_without_braces():
    assert as_attribute("Due dates") == '"Due dates"'
    assert as_attribute("Q&A") == '{"Q\\u0026A"}'
    assert as_attribute('say "hi"') == '{"say \\"hi\\""}'


def test_every_icon_that_a_blueprint_or_a_data_set_names_can_be_shown():
    sources = [*BUILDER.glob("blueprints/*.yaml"), *BUILDER.glob("datasets/*/dataset.yaml")]
    named = {icon for path in sources for icon in re.findall(r"^ +icon: ([a-z0-9-]+)$", path.read_text(), re.MULTILINE)}
    assert named
    assert named <= set(ICONS)


def test_an_app_holds_only_the_words_of_its_own_pages():
    files = render_stack(spec(TODO))
    assert '"compare_title"' not in files["frontend/src/words.ts"].decode()
    assert '"search_in"' in files["frontend/src/words.ts"].decode()


def test_the_server_says_what_its_code_names_in_the_language_of_the_app():
    told = {code: _words(render_stack(spec(LIBRARY | {"locale": code}))) for code in ("en", "ru")}
    assert told["en"]["ERROR_TAKEN"] == "This is taken already."
    assert told["ru"]["ERROR_TAKEN"] == words("ru")["error_taken"]
    assert "ERROR_SIGN_IN" not in told["ru"]  # nobody signs in
    assert [told[code]["called"]("color") for code in told] == ["color", "Colour"]


def _words(files):
    module = {}
    exec(files["backend/words.py"], module)
    return module


def test_many_or_long_pages_have_a_row_of_their_own_below_the_name():
    fields = [{"name": "title", "type": "string", "label": "Title"}]

    def rule(*labels: str) -> str:
        entities = [
            {"name": f"thing_{n}", "plural": f"things_{n}", "label": label, "label_plural": label, "fields": fields}
            for n, label in enumerate(labels)
        ]
        told = AppSpec.model_validate({"name": "Hotel", "entities": entities})
        css = render_stack(told)["frontend/src/styles/nav.css"].decode()
        return next(line for line in css.splitlines() if "min-width: 48rem" in line)

    few, more = rule("Rooms", "Guests"), rule("Rooms", "Guests", "Bookings", "Payments")
    assert int(few.split("max-width: ")[1].split("rem")[0]) < int(more.split("max-width: ")[1].split("rem")[0]) < 70
    assert "max-width" not in rule(*(f"Бронирования номеров {n}" for n in range(6)))
