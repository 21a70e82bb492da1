"""Both databases: the migrations make what the models say, and writers wait for each other."""

import threading

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from workers.database import Database, is_current, migrate
from workers.models import IMPLICIT_OWNER, Base, Owner, Project
from workers.store import Store


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    migrate(database)  # a second time changes nothing
    assert is_current(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    with database.read() as session:
        assert session.scalars(select(Owner.id)).all() == [IMPLICIT_OWNER]


def test_processes_may_migrate_at_the_same_moment(database: Database) -> None:
    threads = [threading.Thread(target=migrate, args=(database,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert is_current(database)


def test_many_writers_lose_nothing(database: Database) -> None:
    store = Store(database)

    def write() -> None:
        project, build = store.create_project("A list", None, None)
        store.cancel(build.id)
        store.project(project.id)

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert len(session.scalars(select(Project.slug)).unique().all()) == 16


def test_moments_keep_their_zone(database: Database) -> None:
    project, _ = Store(database).create_project("A list", None, None)
    again = Store(database).project(project.id)
    assert again.created_at == project.created_at
    assert again.created_at.utcoffset() is not None


def test_deleting_a_project_deletes_what_hangs_on_it(database: Database) -> None:
    store = Store(database)
    project, _ = store.create_project("A list", None, None)
    store.delete_project(project.id)
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name != "owners":
                assert session.execute(select(table)).all() == []
