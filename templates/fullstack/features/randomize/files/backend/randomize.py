"""One row of a list by chance."""

import typing

import sqlalchemy as sa
from sqlalchemy import orm
from starlette.datastructures import QueryParams

from backend import errors
from backend.database import Base
from backend.listing import Listing

OTHER = "other_than"


def pick(session: orm.Session, listing: Listing, query: QueryParams) -> Base:
    """Any row that the query asks for; another one than `other_than`, while there is another."""
    rows = listing.select(query, also=(OTHER,)).order_by(None).order_by(sa.func.random()).limit(2)
    found = session.scalars(rows).all()
    if not found:
        raise errors.not_found()
    return next((row for row in found if str(row.id) != query.get(OTHER)), found[0])


def openapi(listing: Listing) -> dict[str, typing.Any]:
    own = {"name": OTHER, "in": "query", "schema": {"type": "integer"}}
    return {"parameters": [own, *listing.openapi["parameters"]]}
