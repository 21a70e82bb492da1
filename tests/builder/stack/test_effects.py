"""What a change does to the rows that are there is told before it is made."""

import copy
import sqlite3
from typing import Any

import pytest

from builder.stack.effects import Effect, effects
from tests.builder.stack.test_migrations import Source, entity, field
from tests.samples import LIBRARY, spec
from workers.host.take_census import census


@pytest.fixture(scope="module")
def counted() -> dict[str, Any]:
    """A database with some of the library's columns, counted as the host does."""
    connection = sqlite3.connect(":memory:")
    connection.executescript("""
        CREATE TABLE authors (id INTEGER, name VARCHAR, website VARCHAR, email VARCHAR);
        CREATE TABLE books (id INTEGER, title VARCHAR, summary TEXT, pages BIGINT, price BIGINT, status VARCHAR,
                            copies BIGINT, author_id INTEGER);
        CREATE TABLE books_favorites (visitor VARCHAR, row_id INTEGER);
        CREATE TABLE book_genres_links (source_id INTEGER, target_id INTEGER);
        INSERT INTO authors VALUES (1, 'Ann', 'https://a.example', 'a@b.example');
        INSERT INTO authors VALUES (2, 'Eve', '', 'a@b.example'), (3, 'Bob', NULL, NULL);
        INSERT INTO books VALUES (1, 'One', '12', 100, 1490, 'lent', 1, 1);
        INSERT INTO books VALUES (2, 'Two', 'long', NULL, NULL, 'lent', 2, 2);
        INSERT INTO books_favorites VALUES ('x', 1);
        INSERT INTO book_genres_links VALUES (1, 1), (2, 1);
    """)
    found = census(connection)
    connection.close()
    return found


def foreseen(change: Any, counted: dict[str, Any]) -> list[Effect]:
    changed: Source = copy.deepcopy(LIBRARY)
    change(changed)
    return effects(spec(LIBRARY), spec(changed), counted)


def test_what_is_as_it_was_has_no_effect(counted):
    assert foreseen(lambda _: None, counted) == []


class Uncounted(dict[str, Any]):
    def get(self, *_: Any) -> Any:
        raise AssertionError("the rows were counted")


def test_no_rows_are_counted_for_what_touches_none():
    def add(source: Source) -> None:
        source["tagline"] = "Another one"
        entity(source, "author")["fields"].append({"name": "shoe_size", "type": "integer", "label": "Shoe size"})

    changed = copy.deepcopy(LIBRARY)
    add(changed)
    assert effects(spec(LIBRARY), spec(changed), Uncounted(), additions=False) == []
    with pytest.raises(AssertionError, match="counted"):
        foreseen(add, Uncounted())


def rename(source: Source) -> None:
    field(source, "author", "website").update({"name": "homepage", "label": "Homepage", "was": "website"})
    for row in entity(source, "author")["seed"]:
        row.pop("website", None)


def test_a_renamed_column_keeps_its_values(counted):
    (effect,) = foreseen(rename, counted)
    assert (effect.text, effect.loses) == ("Renames “Website” of Authors to “Homepage”; 1 value stays.", False)


def drop(source: Source) -> None:
    author = entity(source, "author")
    author["fields"] = [f for f in author["fields"] if f["name"] != "website"]
    author["seed"] = [{k: v for k, v in row.items() if k != "website"} for row in author["seed"]]
    source["features"] = [f for f in source["features"] if f["name"] != "favorites"]


def test_what_is_dropped_says_what_it_holds(counted):
    dropped, marks = foreseen(drop, counted)
    assert (dropped.text, dropped.rows, dropped.loses) == ("Drops “Website” of Authors, which holds 1 value.", 1, True)
    assert (marks.text, marks.loses) == ("Drops the favorites of Books: 1 row.", True)
    assert not any(effect.loses for effect in foreseen(drop, {}))


@pytest.mark.parametrize(
    ("name", "change", "text", "loses"),
    [
        ("summary", {"type": "integer"}, "“Summary” of Books can't read 1 value, which will be empty.", True),
        ("summary", {"type": "string"}, "“Summary” of Books keeps its 2 values.", False),
        ("pages", {"type": "decimal"}, "“Pages” of Books keeps its 1 value.", False),
        ("pages", {"required": True}, "1 row of Books without “Pages” will hold “1”.", False),
        ("pages", {"type": "date"}, "“Pages” of Books can't keep 1 value, which will be empty.", True),
    ],
)
def test_another_type_says_what_it_can_read(counted, name, change, text, loses):
    def retype(source: Source) -> None:
        own = field(source, "book", name)
        for limit in ("min", "max", "unit") if change.get("type") == "date" else ():
            own.pop(limit, None)
        own.update(change)
        for part in ("features", "rules"):
            source[part] = []
        entity(source, "book")["fields"] = [f for f in entity(source, "book")["fields"] if f["type"] != "computed"]
        entity(source, "book")["seed"] = []

    found = [e for e in foreseen(retype, counted) if e.field == name]
    assert [(e.text, e.loses) for e in found] == [(text, loses)]


def test_values_that_are_twice_stand_in_the_way_of_unique(counted):
    (effect,) = foreseen(lambda source: field(source, "author", "email").update({"unique": True}), counted)
    assert effect.blocks
    assert effect.text == "“Email” can't be unique: 2 rows of Authors share a value. Make them differ first."
