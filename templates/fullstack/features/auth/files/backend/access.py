"""Who may do what. Each route below /api says who may call it, and queries leave out what somebody may not see."""

import dataclasses
import typing
from collections.abc import Callable

import fastapi
import pydantic
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.compiler import compiles

from backend import errors, visitor, words
from backend.database import Base

Endpoint = typing.TypeVar("Endpoint", bound=Callable[..., typing.Any])

_levels: dict[Callable[..., typing.Any], str] = {}


def everyone(endpoint: Endpoint) -> Endpoint:
    return _open(endpoint, "everyone")


def members(endpoint: Endpoint) -> Endpoint:
    """For those who are signed in."""
    return _open(endpoint, "members")


def admins(endpoint: Endpoint) -> Endpoint:
    return _open(endpoint, "admins")


def _open(endpoint: Endpoint, level: str) -> Endpoint:
    _levels[endpoint] = level
    return endpoint


def level(endpoint: Callable[..., typing.Any]) -> str | None:
    return _levels.get(endpoint)


async def guard(request: fastapi.Request) -> None:
    """Every request passes here. What says nothing about who may call it can't be called."""
    if not request.url.path.startswith("/api/"):
        return
    needed = level(request.scope["endpoint"])
    if needed is None:
        raise _forbidden(words.ERROR_UNSAID)
    if needed != "everyone":
        await visitor.required()
    if needed == "admins" and not visitor.sees_everything():
        raise _forbidden(words.ERROR_ADMINS)


@dataclasses.dataclass(frozen=True)
class Policy:
    """Whose rows are read and changed. `owner` is the column with the id of the person whose a row is; `granted` are
    the fields of a person that only admins change; in `made` and `changed` stands who made a row or changed it last.
    `shown` is a column and the value that makes a row one for others, `decided` a field and the values that only admins
    give it or take from it.
    """

    read: typing.Literal["all", "members", "own"]
    write: typing.Literal["own", "members", "admins"]
    owner: sa.ColumnElement[int] | None
    granted: frozenset[str]
    made: tuple[str, ...]
    changed: tuple[str, ...]
    shown: tuple[str, str] | None
    decided: tuple[str, ...] | None

    @property
    def hides(self) -> bool:
        return self.read != "all" or self.shown is not None


_policies: dict[sa.FromClause, Policy] = {}


def keep(
    model: type[Base],
    read: typing.Literal["all", "members", "own"],
    write: typing.Literal["own", "members", "admins"],
    owner: str | None = None,
    granted: typing.Iterable[str] = (),
    made: typing.Iterable[str] = (),
    changed: typing.Iterable[str] = (),
    shown: tuple[str, str] | None = None,
    decided: tuple[str, ...] | None = None,
) -> None:
    """Who sees the rows of a table and who changes them; admins see and change all of them."""
    column = model.__table__.c[owner] if owner else None
    signed = (tuple(made), tuple(changed))
    _policies[model.__table__] = Policy(read, write, column, frozenset(granted), *signed, shown, decided)


def may_change(row: Base) -> bool:
    policy, person = _policies[row.__table__], visitor.account()
    if visitor.sees_everything():
        return True
    if person is None or policy.write == "admins":
        return False
    return policy.write == "members" or getattr(row, policy.owner.key) == person.id


def check_put(row: Base, body: pydantic.BaseModel) -> None:
    """Refuse a change by somebody who may not, and a decision that is not theirs."""
    policy = _policies[row.__table__]
    if policy.decided and not visitor.sees_everything():
        _check_decided(row, body, *policy.decided)
    if row.id is None:
        return
    check(row)
    for name in policy.granted & body.model_fields_set:
        if getattr(body, name) != getattr(row, name) and (not visitor.sees_everything() or row.id == _id()):
            raise _forbidden(words.ERROR_OTHER_ADMIN)


def _check_decided(row: Base, body: pydantic.BaseModel, field: str, *ends: str) -> None:
    now, wanted = getattr(row, field), getattr(body, field, None)
    if field in body.model_fields_set and now != wanted and (now in ends or wanted in ends):
        raise _forbidden(words.ERROR_ADMINS)


def fill(row: Base) -> None:
    """Write down whose a new row is, and who made or changed it, whatever was sent."""
    policy, person = _policies[row.__table__], visitor.account()
    if person is None:
        return
    if row.id is None:
        own = [policy.owner.key] if policy.owner is not None and not policy.owner.primary_key else []
        for column in (*own, *policy.made):
            _sign(row, column, person)
    for column in policy.changed:
        _sign(row, column, person)


def _sign(row: Base, column: str, person: visitor.Account) -> None:
    setattr(row, column, person.name if isinstance(row.__table__.c[column].type, sa.String) else person.id)


def is_filled(row: Base, column: str) -> bool:
    policy = _policies[row.__table__]
    return policy.owner is not None and policy.owner.key == column


def check_delete(row: Base) -> None:
    check(row)
    person = visitor.account()
    if _policies[row.__table__].granted and person is not None and person.is_admin and row.id == person.id:
        raise errors.conflict(words.ERROR_LAST_ADMIN)


def check(row: Base) -> None:
    if not may_change(row):
        raise _forbidden(words.ERROR_NOT_YOURS)


@compiles(sa.Table)
def _visible_rows(table: sa.Table, compiler: typing.Any, **options: typing.Any) -> str:
    """In every query a table stands for those of its rows that the person may see, however the query is made."""
    written = compiler.visit_table(table, **options)
    policy = _policies.get(table)
    if policy is None or not policy.hides or not options.get("asfrom") or options.get("iscrud"):
        return written
    rows = compiler.process(sa.select(sa.literal_column("*")).select_from(sa.text(written)).where(_visible(policy)))
    has_alias = _policies.get(getattr(options.get("enclosing_alias"), "element", None)) is policy
    return f"({rows})" if has_alias else f"({rows}) AS {compiler.preparer.format_table(table)}"


def _visible(policy: Policy) -> sa.ColumnElement[bool]:
    ways = [sa.bindparam(None, callable_=visitor.sees_everything, type_=sa.Boolean)]
    if policy.owner is not None:
        ways.append(sa.literal_column(policy.owner.name) == sa.bindparam(None, callable_=_id, type_=sa.Integer))
    others = _others(policy)
    return sa.or_(*ways) if others is None else sa.or_(*ways, others)


def _others(policy: Policy) -> sa.ColumnElement[bool] | None:
    """Which rows are for those who are neither an admin nor the owner."""
    if policy.read == "own":
        return None
    is_member = sa.bindparam(None, callable_=lambda: visitor.account() is not None, type_=sa.Boolean)
    allowed = is_member if policy.read == "members" else sa.true()
    if policy.shown is None:
        return allowed
    column, value = policy.shown
    return sa.and_(allowed, sa.literal_column(column) == sa.literal(value))


def _id() -> int | None:
    person = visitor.account()
    return person.id if person else None


def forget(session: orm.Session, id: int) -> None:
    """Delete what is kept of a person beside their own row: marks, votes and the like."""
    for table in Base.metadata.tables.values():
        if "visitor" in table.c:
            session.execute(sa.delete(table).where(table.c.visitor == str(id)))


def _forbidden(message: str) -> errors.Problem:
    return errors.Problem(403, "forbidden", message)
