"""The rows before and after a row, in a list as a query string orders and narrows it."""

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm
from starlette.datastructures import QueryParams

from backend.database import label
from backend.listing import Listing


class Neighbour(pydantic.BaseModel):
    id: int
    label: str


class Neighbours(pydantic.BaseModel):
    previous: Neighbour | None
    next: Neighbour | None


def find(session: orm.Session, listing: Listing, query: QueryParams, id: int) -> Neighbours:
    model = listing.model
    order = listing.ordering(query.get("sort") or listing.order)
    before = sa.func.lag(model.id).over(order_by=order).label("before")
    after = sa.func.lead(model.id).over(order_by=order).label("after")
    rows = listing.select(query).order_by(None).with_only_columns(model.id, before, after).subquery()
    found = session.execute(sa.select(rows.c.before, rows.c.after).where(rows.c.id == id)).first()
    previous, following = found or (None, None)
    return Neighbours(previous=_named(session, listing, previous), next=_named(session, listing, following))


def _named(session: orm.Session, listing: Listing, id: int | None) -> Neighbour | None:
    row = session.get(listing.model, id) if id is not None else None
    return row and Neighbour(id=row.id, label=label(row))
