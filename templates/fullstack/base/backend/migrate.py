"""Bring the database up to date: `python -m backend.migrate`. A database that this very run makes is seeded."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from backend import seed
from backend.database import database_url

MIGRATIONS = Path(__file__).parent / "migrations"


def main() -> None:
    # Not the app's engine: its connections enforce foreign keys, and SQLite changes a table by making it anew.
    engine = sa.create_engine(database_url())
    with engine.begin() as connection:
        is_new = not sa.inspect(connection).has_table("alembic_version")
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if is_new:
            seed.fill(connection)
    engine.dispose()


if __name__ == "__main__":
    main()
