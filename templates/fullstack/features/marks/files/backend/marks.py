"""What people mark rows with: a heart, a like, stars. A mark is one person's, and each person has one for a row."""

import typing

import sqlalchemy as sa
from sqlalchemy import exc, orm

from backend import visitor
from backend.database import Base


def table(model: type[Base], suffix: str, *columns: sa.Column[typing.Any]) -> sa.Table:
    name = model.__tablename__
    return sa.Table(
        f"{name}_{suffix}",
        Base.metadata,
        sa.Column("row_id", sa.ForeignKey(f"{name}.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("visitor", sa.String, primary_key=True),
        *columns,
    )


def is_marked(model: type[Base], marks: sa.Table) -> sa.ColumnElement[bool]:
    """Whether who is asking marked the row."""
    return sa.exists().where(marks.c.row_id == model.id, visitor.is_current(marks.c.visitor))


def count(model: type[Base], marks: sa.Table) -> sa.ScalarSelect[int]:
    """How many people marked the row."""
    return sa.select(sa.func.count()).where(marks.c.row_id == model.id).correlate(model).scalar_subquery()


def mark(session: orm.Session, marks: sa.Table, id: int, person: str, **values: object) -> None:
    """Mark a row, or change what it is marked with."""
    mine = marks.c.row_id == id, marks.c.visitor == person
    try:
        session.execute(sa.insert(marks).values(row_id=id, visitor=person, **values))
    except exc.IntegrityError:  # marked already
        session.rollback()
        if values:
            session.execute(sa.update(marks).where(*mine).values(**values))
    session.commit()


def unmark(session: orm.Session, marks: sa.Table, id: int, person: str) -> None:
    session.execute(sa.delete(marks).where(marks.c.row_id == id, marks.c.visitor == person))
    session.commit()
