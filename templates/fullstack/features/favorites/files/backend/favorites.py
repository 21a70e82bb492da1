"""What each visitor marked."""

import sqlalchemy as sa
from sqlalchemy import exc, orm

from backend import visitor
from backend.database import Base


def table(model: type[Base]) -> sa.Table:
    name = model.__tablename__
    return sa.Table(
        f"{name}_favorites",
        Base.metadata,
        sa.Column("visitor", sa.String, primary_key=True),
        sa.Column("row_id", sa.ForeignKey(f"{name}.id", ondelete="CASCADE"), primary_key=True),
    )


def is_marked(model: type[Base], marked: sa.Table) -> sa.ColumnElement[bool]:
    return sa.exists().where(marked.c.row_id == model.id, visitor.is_current(marked.c.visitor))


def mark(session: orm.Session, marked: sa.Table, id: int, person: str) -> None:
    try:
        session.execute(sa.insert(marked).values(visitor=person, row_id=id))
        session.commit()
    except exc.IntegrityError:  # marked already
        session.rollback()


def unmark(session: orm.Session, marked: sa.Table, id: int, person: str) -> None:
    session.execute(sa.delete(marked).where(marked.c.visitor == person, marked.c.row_id == id))
    session.commit()
