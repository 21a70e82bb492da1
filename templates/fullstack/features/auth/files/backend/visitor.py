"""Who is asking: the person who is signed in."""

import contextlib
import contextvars
import dataclasses
import typing
from collections.abc import Iterator

import fastapi
import sqlalchemy as sa

from backend import errors, words


@dataclasses.dataclass(frozen=True)
class Account:
    id: int
    name: str
    is_admin: bool


_account: contextvars.ContextVar[Account | None] = contextvars.ContextVar("account", default=None)
_everything = contextvars.ContextVar("everything", default=False)


def enter(account: Account | None) -> None:
    """Let the rest of this request be this person's."""
    _account.set(account)


def account() -> Account | None:
    return _account.get()


def current() -> str:
    """The id of the person, as a text; empty for somebody who isn't signed in."""
    person = account()
    return str(person.id) if person else ""


def is_current(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a column names who is asking, found out anew each time that the query runs."""
    return column == sa.bindparam(None, callable_=current, type_=sa.String)


async def required() -> str:
    if account() is None:
        raise errors.Problem(401, "sign_in", words.ERROR_SIGN_IN)
    return current()


Required = typing.Annotated[str, fastapi.Depends(required)]


@contextlib.contextmanager
def everything() -> Iterator[None]:
    """Within it queries find all rows, whoever asks: for what the app itself has to know."""
    before = _everything.set(True)
    try:
        yield
    finally:
        _everything.reset(before)


def sees_everything() -> bool:
    person = account()
    return _everything.get() or (person is not None and person.is_admin)
