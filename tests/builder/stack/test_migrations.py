"""A changed AppSpec migrates a database that is in use: rows stay, and the schema is that of a fresh render."""

import copy
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from builder.spec import AppSpec
from builder.stack import render_stack
from tests.builder.stack.conftest import App, Apps
from tests.samples import BLANK, LIBRARY, RESERVED, TODO, spec

Source = dict[str, Any]


def entity(source: Source, name: str) -> Source:
    found: Source = next(e for e in source["entities"] if e["name"] == name)
    return found


def field(source: Source, entity_name: str, name: str) -> Source:
    found: Source = next(f for f in entity(source, entity_name)["fields"] if f["name"] == name)
    return found


def add_fields(source: Source) -> None:
    entity(source, "book")["fields"] += [
        {"name": "isbn", "type": "string", "label": "ISBN", "required": True},
        {"name": "edition", "type": "integer", "label": "Edition", "required": True, "min": 1},
        {"name": "signed", "type": "boolean", "label": "Signed"},
        {"name": "bought", "type": "date", "label": "Bought", "required": True},
        {"name": "editor", "type": "relation", "label": "Editor", "target": "author", "required": True},
        {"name": "translators", "type": "relation", "label": "Translators", "target": "author", "many": True},
        {
            "name": "shelf",
            "type": "choice",
            "label": "Shelf",
            "required": True,
            "choices": [{"value": "upper", "label": "Upper"}, {"value": "lower", "label": "Lower"}],
        },
    ]


def drop_fields(source: Source) -> None:
    gone = {"sequel_of", "genres", "pages", "price_per_page", "opens"}
    book = entity(source, "book")
    book["fields"] = [f for f in book["fields"] if f["name"] not in gone]
    book["seed"] = [{k: v for k, v in row.items() if k not in gone} for row in book["seed"]]
    author = entity(source, "author")
    author["fields"] = [f for f in author["fields"] if f["name"] != "website"]
    author["seed"] = [{k: v for k, v in row.items() if k != "website"} for row in author["seed"]]


def change_fields(source: Source) -> None:
    field(source, "book", "title")["unique"] = True
    field(source, "author", "name")["unique"] = False
    field(source, "book", "pages")["required"] = True
    field(source, "book", "author")["required"] = False
    field(source, "book", "summary")["type"] = "string"
    field(source, "book", "weight")["type"] = "money"
    field(source, "book", "price")["type"] = "decimal"
    field(source, "book", "copies")["type"] = "string"
    field(source, "book", "value")["formula"] = "price"  # words can't be multiplied
    source["rules"] = [{"kind": "unique", "entity": "book", "fields": ["title", "author"]}]


def add_and_drop_entities(source: Source) -> None:
    source["entities"] = [e for e in source["entities"] if e["name"] != "genre"]
    book = entity(source, "book")
    book["fields"] = [f for f in book["fields"] if f["name"] != "genres"]
    for row in book["seed"]:
        row.pop("genres", None)
    source["pages"] = []
    # Two that point at each other: whichever table is made first, the other isn't there yet.
    for name, other in (("loan", "reader"), ("reader", "loan")):
        source["entities"].append(
            {
                "name": name,
                "plural": f"{name}s",
                "label": name.title(),
                "label_plural": f"{name.title()}s",
                "fields": [
                    {"name": "name", "type": "string", "label": "Name"},
                    {"name": "last", "type": "relation", "label": "Last", "target": other},
                    {"name": "book", "type": "relation", "label": "Book", "target": "book"},
                ],
            }
        )


def drop_a_feature(source: Source) -> None:
    source["features"] = [f for f in source["features"] if f["name"] != "favorites"]


def point_elsewhere(source: Source) -> None:
    field(source, "book", "sequel_of")["target"] = "author"
    for row in entity(source, "book")["seed"]:
        row.pop("sequel_of", None)


CHANGES = [add_fields, drop_fields, change_fields, add_and_drop_entities, drop_a_feature, point_elsewhere]


def rows_of(app: App, query: str) -> list[Any]:
    with closing(sqlite3.connect(app.database)) as connection:
        return connection.execute(query).fetchall()


MIGRATE_AND_COMPARE = """
import warnings; import alembic.autogenerate as a, alembic.migration as m
from backend import entities, migrate
from backend.database import Base, engine
migrate.main()
warnings.filterwarnings("ignore", "Cannot correctly sort tables")  # only the comparison sorts them
with engine.connect() as connection:
    found = a.compare_metadata(m.MigrationContext.configure(connection), Base.metadata)
    assert found == [], found
    assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    app = Apps(tmp_path_factory.mktemp("library")).make(spec(LIBRARY))
    app.migrate()
    return app


@pytest.mark.parametrize("source", [RESERVED, BLANK], ids=lambda s: s["name"])
def test_the_first_migration_makes_what_the_models_say(apps, source):
    apps.make(spec(source)).run("-c", MIGRATE_AND_COMPARE)


def test_a_new_database_is_seeded_once(library):
    library.run("-c", MIGRATE_AND_COMPARE)  # nothing is left to do
    assert rows_of(library, "SELECT id, title, author_id, sequel_of_id FROM books") == [
        (1, "The Hollow Places", 1, None),
        (2, "Über Bäume", 2, 1),
        (3, "Swordheart", 1, None),
    ]
    assert rows_of(library, "SELECT source_id, target_id FROM book_genres_links ORDER BY 1, 2") == [
        (1, 1),
        (1, 2),
        (2, 3),
        (3, 1),
    ]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_and_its_way_back_keep_the_rows(apps, library, change: Callable[[Source], None]):
    changed = copy.deepcopy(LIBRARY)
    change(changed)
    there = migrated(apps, "there", changed, library)
    assert len([p for p in there.files if "/versions/0002_" in p]) == 1
    back = migrated(apps, "back", LIBRARY, there)
    first = "backend/migrations/versions/0001_initial.py"
    assert back.files[first] == there.files[first] == library.files[first]
    for app in (there, back):
        titles = [title for (title,) in rows_of(app, "SELECT title FROM books ORDER BY id")]
        assert titles == ["The Hollow Places", "Über Bäume", "Swordheart"]


def test_new_required_columns_hold_something_sensible(apps, library):
    changed = copy.deepcopy(LIBRARY)
    add_fields(changed)
    app = migrated(apps, "there", changed, library)
    query = "SELECT DISTINCT isbn, edition, signed, bought, editor_id, shelf FROM books"
    assert rows_of(app, query) == [("", 1, 0, "2000-01-01", None, "upper")]


def test_money_keeps_its_amount_when_it_becomes_another_number(apps, library):
    changed = copy.deepcopy(LIBRARY)
    change_fields(changed)
    app = migrated(apps, "there", changed, library)
    assert rows_of(app, "SELECT price, weight, pages FROM books WHERE id = 1") == [(14.9, 41, 352)]
    assert rows_of(app, "SELECT pages FROM books WHERE id = 3") == [(1,)]


def migrated(apps: Apps, name: str, source: Source, before: App) -> App:
    """The app of the changed AppSpec, on a copy of the database of the one before."""
    app = apps.make(spec(source), name, previous=before.files)
    shutil.copy(before.database, app.database)
    app.run("-c", MIGRATE_AND_COMPARE)
    return app


def test_what_does_not_touch_the_database_makes_no_migration():
    first = render_stack(spec(LIBRARY))
    changed = copy.deepcopy(LIBRARY)
    changed["name"] = "Village library"
    field(changed, "book", "title")["label"] = "Name of the book"
    second = render_stack(spec(changed), first)
    assert _versions(first) == _versions(second) == ["0001_initial.py"]


def test_numbers_go_on_from_the_last():
    files: dict[str, bytes] = {}
    for source in (BLANK, TODO, BLANK, LIBRARY):
        files = render_stack(_spec(source), files)
    names = _versions(files)
    assert [name[:4] for name in names] == ["0001", "0002", "0003", "0004"]
    assert names[:3] == ["0001_initial.py", "0002_create_tasks.py", "0003_drop_tasks.py"]


def _spec(source: Source) -> AppSpec:
    return spec(source)


def _versions(files: dict[str, bytes]) -> list[str]:
    return sorted(p.rpartition("/")[2] for p in files if "/versions/" in p)
