"""Both databases: the migrations make what the models say, and writers wait for each other."""

import threading
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import select

import workers
from builder.agent.journal import Step
from builder.events import RequirementChanged, SpecDrafted
from workers.claims import claim
from workers.database import Database, is_current, migrate
from workers.journal import DatabaseJournal
from workers.ledger import put_requirement
from workers.models import IMPLICIT_OWNER, Base, Build, BuildKind, Owner, Project, Release
from workers.store import Store, append_events


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
    project, build = store.create_project("A list", None, None)
    held = claim(database, build.id, "w1")
    assert held is not None
    DatabaseJournal(database, held).append(Step(0, [], "0" * 40, {}))
    with database.write() as session:
        put_requirement(session, project.id, RequirementChanged("r1", "Things can be added", None, "open"))
    assert (len(store.steps(build.id)), len(store.requirements(project.id))) == (1, 1)
    store.delete_project(project.id)
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name != "owners":
                assert session.execute(select(table)).all() == []


def test_releases_of_an_older_version_learn_their_description(database: Database) -> None:
    project, build = Store(database).create_project("A list", None, None)
    back = Store(database).create_build(project.id, BuildKind.RESTORE, "Back to release 1.", {"n": 1})
    with database.write() as session:
        for n, of in ((1, build), (2, back)):
            session.get_one(Build, of.id).release = n
            session.add(Release(project_id=project.id, n=n, commit="0" * 40))
        append_events(session, build, [SpecDrafted({"name": "First"}), SpecDrafted({"name": "A list"})])
    config = Config()
    config.set_main_option("script_location", str(Path(workers.__file__).parent / "migrations"))
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    assert not is_current(database)
    migrate(database)
    with database.read() as session:
        assert session.scalars(select(Release.spec).order_by(Release.n)).all() == [{"name": "A list"}] * 2
