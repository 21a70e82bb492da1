"""Tags that are made while they are typed: one that is there already, whatever its case, is found instead."""

import typing

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm

from backend import entities, errors, rows, schema, words
from backend.database import Base


class NewTag(schema.In):
    name: schema.Line


def find_or_make(session: orm.Session, tags: typing.Any, name: str) -> Base:
    """The tag of this name; `tags` is the relation of the rows that carry tags."""
    model = tags.property.mapper.class_
    title = getattr(model, model.TITLE)
    found = session.scalars(sa.select(model).where(sa.func.lower(title) == name.lower()).limit(1)).first()
    if found is not None:
        return found
    try:
        body = dict(entities.MODELS)[model](**{model.TITLE: name})
    except pydantic.ValidationError:
        raise errors.invalid("name", words.ERROR_TAG) from None
    return rows.write(session, model(), body)
