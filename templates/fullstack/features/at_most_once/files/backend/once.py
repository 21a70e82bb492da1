"""What a person may do once. Each row is noted under who made it and what it is about, and the database takes no second
note of the same kind: not even from two requests at the same moment."""

import sqlalchemy as sa
from sqlalchemy import event, exc, orm

from backend import errors, visitor, words
from backend.database import Base

Way = tuple[str, ...]  # from a row to the thing that it is about, by the names of relations

_kept: dict[type[Base], tuple[sa.Table, list[list[Way]]]] = {}


def keep(model: type[Base], rules: list[list[Way]]) -> sa.Table:
    name = model.__tablename__
    table = sa.Table(
        f"{name}_once",
        Base.metadata,
        sa.Column("visitor", sa.String, primary_key=True),
        sa.Column("thing", sa.String, primary_key=True),
        sa.Column("row_id", sa.ForeignKey(f"{name}.id", ondelete="CASCADE"), nullable=False),
    )
    _kept[model] = table, rules
    return table


@event.listens_for(orm.Session, "after_flush")
def _note(session: orm.Session, _context: object) -> None:
    for row in (*session.new, *session.dirty):
        if type(row) in _kept:
            table, rules = _kept[type(row)]
            things = {f"{number}:{_thing(session, row, ways)}" for number, ways in enumerate(rules)}
            person = visitor.current()
            if row not in session.new:
                noted = sa.select(table.c.visitor).where(table.c.row_id == row.id).limit(1)
                person = session.scalar(noted) or ""
                session.execute(sa.delete(table).where(table.c.row_id == row.id))
            if person:
                _insert(session, table, [{"visitor": person, "thing": t, "row_id": row.id} for t in sorted(things)])


def _insert(session: orm.Session, table: sa.Table, notes: list[dict[str, object]]) -> None:
    try:
        session.execute(sa.insert(table), notes)
    except exc.IntegrityError:
        raise errors.conflict(words.ERROR_ONCE) from None


def _thing(session: orm.Session, row: Base, ways: list[Way]) -> str:
    """The ids of what the row is about, read by its keys: the relations themselves may not be loaded yet."""
    ids = []
    for way in ways:
        found: Base | None = row
        id = None
        for name in way:
            relation = sa.inspect(type(found)).relationships[name] if found is not None else None
            if relation is None:
                break
            (column,) = relation.local_columns
            id = getattr(found, sa.inspect(type(found)).get_property_by_column(column).key)
            found = session.get(relation.mapper.class_, id) if id is not None else None
        ids.append(str(id))
    return ",".join(ids)
