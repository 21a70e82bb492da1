"""What each visitor marked. A visitor is a browser with a random id in a cookie, without any account."""

import contextvars
import re
import secrets

import fastapi
import sqlalchemy as sa
from sqlalchemy import exc, orm

from backend.database import Base

COOKIE = "visitor"
A_YEAR = 365 * 24 * 3600

_current = contextvars.ContextVar("visitor", default="")


async def recognise(request: fastapi.Request) -> None:
    """Note whose request this is: rows tell whether that visitor marked them."""
    known = request.cookies.get(COOKIE, "")
    _current.set(known if re.fullmatch("[0-9a-f]{32}", known) else "")


def visitor(request: fastapi.Request, response: fastapi.Response) -> str:
    """The visitor's id, made and set as a cookie when there is none yet."""
    if not _current.get():
        _current.set(secrets.token_hex(16))
        # Inside another site's frame a browser sends a cookie only if it is set like this, and only over https or
        # on localhost. Starlette knows no Partitioned before Python 3.14, so the header is written out.
        cookie = f"{COOKIE}={_current.get()}; Max-Age={A_YEAR}; Path=/; HttpOnly; "
        cookie += "SameSite=None; Secure; Partitioned" if _is_secure(request) else "SameSite=Lax"
        response.headers.append("Set-Cookie", cookie)
    return _current.get()


def table(model: type[Base]) -> sa.Table:
    name = model.__tablename__
    return sa.Table(
        f"{name}_favorites",
        Base.metadata,
        sa.Column("visitor", sa.String, primary_key=True),
        sa.Column("row_id", sa.ForeignKey(f"{name}.id", ondelete="CASCADE"), primary_key=True),
    )


def is_marked(model: type[Base], marked: sa.Table) -> sa.ColumnElement[bool]:
    by_visitor = sa.bindparam("visitor", callable_=_current.get, type_=sa.String)
    return sa.exists().where(marked.c.row_id == model.id, marked.c.visitor == by_visitor)


def mark(session: orm.Session, marked: sa.Table, id: int, visitor: str) -> None:
    try:
        session.execute(sa.insert(marked).values(visitor=visitor, row_id=id))
        session.commit()
    except exc.IntegrityError:  # marked already
        session.rollback()


def unmark(session: orm.Session, marked: sa.Table, id: int) -> None:
    session.execute(sa.delete(marked).where(marked.c.visitor == _current.get(), marked.c.row_id == id))
    session.commit()


def _is_secure(request: fastapi.Request) -> bool:
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme).split(",")[0].strip()
    host = (request.url.hostname or "").lower()
    return scheme == "https" or host == "localhost" or host.endswith(".localhost")
