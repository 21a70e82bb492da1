"""The database: SQLite beside the app, or what DATABASE_URL names. One session for each request."""

import os
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path

import fastapi
import sqlalchemy as sa
from sqlalchemy import event, orm

ROOT = Path(__file__).resolve().parents[1]


def database_url() -> sa.URL:
    url = sa.make_url(os.environ.get("DATABASE_URL") or f"sqlite:///{ROOT / 'app.sqlite'}")
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


engine = sa.create_engine(database_url())


@event.listens_for(engine, "connect")
def prepare_sqlite(connection: typing.Any, _record: object) -> None:
    if engine.dialect.name != "sqlite":
        return
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 5000")
    # SQLite's own `lower` knows ASCII only; a search must find "ÉMILE" by "émile".
    connection.create_function("lower", 1, lower, deterministic=True)


def lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def open_session() -> Iterator[orm.Session]:
    with orm.Session(engine) as session:
        yield session


Session = typing.Annotated[orm.Session, fastapi.Depends(open_session)]


class Base(orm.DeclarativeBase):
    """What every table has: an id, and a field that names a row to people (`TITLE`), perhaps with a colour.

    `LABELS` are the words for a title's values, `PAIR` is the other side of a row between two, and `INSTEAD` names a
    row whose title is missing.
    """

    TITLE: typing.ClassVar[str] = "id"
    LABELS: typing.ClassVar[Mapping[str, str]] = {}
    PAIR: typing.ClassVar[str | None] = None
    INSTEAD: typing.ClassVar[str | None] = None
    COLOR: typing.ClassVar[str | None] = None

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer, primary_key=True, sort_order=-1)


def label(row: Base) -> str:
    """What people call a row. A row named by a relation is called as the row that it points at."""
    value = getattr(row, row.TITLE)
    if value is None and row.INSTEAD:
        value = getattr(row, row.INSTEAD)
    if isinstance(value, Base):
        other = getattr(row, row.PAIR) if row.PAIR else None
        return f"{label(value)} – {label(other)}" if isinstance(other, Base) else label(value)
    return f"#{row.id}" if value is None or row.TITLE == "id" else row.LABELS.get(str(value), str(value))
