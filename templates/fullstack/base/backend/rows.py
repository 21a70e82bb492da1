"""Find, write and delete rows, and say clearly why something can't be done."""

import typing

import pydantic
import sqlalchemy as sa
from sqlalchemy import exc, orm

from backend import errors
from backend.database import Base
from backend.schema import LARGEST_ID

Row = typing.TypeVar("Row", bound=Base)


def find(session: orm.Session, model: type[Row], id: int) -> Row:
    row = session.get(model, id) if 0 < id <= LARGEST_ID else None
    if row is None:
        raise errors.not_found()
    return row


def write(session: orm.Session, row: Row, body: pydantic.BaseModel) -> Row:
    """Set the fields that the body carries, and store the row."""
    put(session, row, body)
    return keep(session, row)


def keep(session: orm.Session, row: Row) -> Row:
    """End the transaction that wrote the row."""
    try:
        session.commit()
    except exc.IntegrityError as error:
        session.rollback()
        raise conflict(row, error) from None
    return row


def put(session: orm.Session, row: Row, body: pydantic.BaseModel) -> Row:
    """The same within a transaction that goes on: nothing is kept yet."""
    for name, value in body.model_dump(exclude_unset=row.id is not None).items():
        relation = sa.inspect(type(row)).relationships.get(name)
        if relation is None:
            setattr(row, name, value)
        elif relation.uselist:
            setattr(row, name, _all_of(session, relation.mapper.class_, name, value))
        else:
            (column,) = relation.local_columns
            setattr(row, column.name, _one_of(session, relation.mapper.class_, name, value))
    session.add(row)
    return row


def delete(session: orm.Session, row: Base) -> None:
    users = _users(session, row)
    if users:
        raise errors.conflict(f"This is still used by {_listed(users)}. Change or delete them first.")
    try:
        session.execute(sa.delete(type(row)).where(type(row).id == row.id))  # the database clears what points at it
        session.commit()
    except exc.IntegrityError:
        session.rollback()
        raise errors.conflict("This is still used elsewhere. Change that first.") from None


def _one_of(session: orm.Session, model: type[Base], name: str, id: int | None) -> int | None:
    if id is not None and session.get(model, id) is None:
        raise errors.invalid(name, "What was chosen doesn't exist any more.")
    return id


def _all_of(session: orm.Session, model: type[Base], name: str, ids: list[int]) -> list[Base]:
    found = {row.id: row for row in session.scalars(sa.select(model).where(model.id.in_(ids)))}
    if len(found) < len(set(ids)):
        raise errors.invalid(name, "Some of what was chosen doesn't exist any more.")
    return [found[id] for id in dict.fromkeys(ids)]


def conflict(row: Base, error: exc.IntegrityError) -> errors.Problem:
    """Which unique fields the database means: it names them in its own words, so they are looked for there."""
    for constraint in row.__table__.constraints:
        if not isinstance(constraint, sa.UniqueConstraint):
            continue
        columns = [column.name for column in constraint.columns]
        named = ", ".join(f"{row.__table__.name}.{column}" for column in columns)
        said = str(error.orig)
        if str(constraint.name) in said or said.endswith(f": {named}"):
            names = [_field(row, column) for column in columns]
            return errors.conflict(
                "There is one like this already. Use another " + " or ".join(n.replace("_", " ") for n in names) + ".",
                dict.fromkeys(names, "This is taken already."),
            )
    return errors.conflict("This doesn't go together with what is there already.")


def _field(row: Base, column: str) -> str:
    """The field of a column: a relation's column isn't called as the field."""
    for relation in sa.inspect(type(row)).relationships:
        if not relation.uselist and {c.name for c in relation.local_columns} == {column}:
            return relation.key
    return column


def _users(session: orm.Session, row: Base) -> list[tuple[str, int]]:
    """How many rows of each table keep this one from being deleted."""
    found: list[tuple[str, int]] = []
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table is row.__table__ and key.ondelete == "RESTRICT":
                query = sa.select(sa.func.count()).select_from(table).where(key.parent == row.id)
                if "id" in table.c:  # a row that points at itself is in nobody's way
                    query = query.where(sa.or_(table is not row.__table__, table.c.id != row.id))
                if count := session.scalar(query):
                    owner = table if "id" in table.c else next(iter(table.c.source_id.foreign_keys)).column.table
                    found.append((owner.name, count))
    return found


def _listed(users: list[tuple[str, int]]) -> str:
    return " and ".join(f"{count} of the {name.replace('_', ' ')}" for name, count in users)
