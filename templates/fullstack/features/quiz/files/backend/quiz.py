"""Runs through questions, each answered once. What is right is said when an answer was given, and not before."""

import datetime as dt
import json
import random
import secrets
import typing

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm

from backend import errors, schema, words
from backend.database import Base

SIZE, MOST, KEPT, OTHERS = 10, 50, 20, 3
Key = orm.InstrumentedAttribute[typing.Any]


class Start(schema.In):
    size: typing.Annotated[int, pydantic.Field(ge=1, le=MOST)] = SIZE


class Given(schema.In):
    question: int
    given: typing.Annotated[str, pydantic.Field(max_length=2000)]


class Question(pydantic.BaseModel):
    """Without choices the answer is typed."""

    id: int
    text: str
    choices: list[str]


class Run(pydantic.BaseModel):
    run: str
    total: int
    given: int
    right: int
    question: Question | None


class Verdict(pydantic.BaseModel):
    is_right: bool
    answer: str
    run: Run


class Score(pydantic.BaseModel):
    right: int
    total: int
    begun: dt.datetime


class Quiz:
    """The questions of one table: which column asks, which holds the answer, and which the wrong choices."""

    def __init__(self, model: type[Base], question: Key, answer: Key, choices: typing.Sequence[Key] = ()) -> None:
        self.model, self.question, self.answer, self.choices = model, question, answer, choices
        name = model.__tablename__
        self.runs = sa.Table(
            f"{name}_runs",
            Base.metadata,
            sa.Column("run", sa.String, primary_key=True),
            sa.Column("visitor", sa.String, nullable=False),
            sa.Column("asked", sa.Text, nullable=False),
            sa.Column("begun", sa.DateTime, nullable=False),
        )
        self.given = sa.Table(
            f"{name}_given",
            Base.metadata,
            sa.Column("run", sa.String, primary_key=True),
            sa.Column("row_id", sa.ForeignKey(f"{name}.id", ondelete="CASCADE"), primary_key=True),
            sa.Column("given", sa.Text, nullable=False),
            sa.Column("is_right", sa.Boolean, nullable=False),
        )

    def start(self, session: orm.Session, person: str, size: int) -> Run:
        """A new run through so many questions, in an order of its own."""
        can_be_asked = sa.select(self.model.id).where(self.answer.is_not(None), self.answer != "")  # type: ignore[attr-defined]
        ids = list(session.scalars(can_be_asked))
        if not ids:
            raise errors.conflict(words.ERROR_QUIZ_NONE)
        random.shuffle(ids)  # noqa: S311 - an order, no secret
        run, now = secrets.token_hex(12), dt.datetime.now(dt.UTC).replace(tzinfo=None)
        values = {"run": run, "visitor": person, "asked": json.dumps(ids[:size]), "begun": now}
        session.execute(sa.insert(self.runs).values(values))
        session.commit()
        return self.state(session, person, run)

    def state(self, session: orm.Session, person: str, run: str) -> Run:
        asked = self._asked(session, person, run)
        given = {id: right for id, right in session.execute(self._of(run, self.given.c.row_id, self.given.c.is_right))}
        open_ones = [id for id in asked if id not in given]
        return Run(
            run=run,
            total=len(asked),
            given=len(given),
            right=sum(given.values()),
            question=self._question(session, run, open_ones[0]) if open_ones else None,
        )

    def give(self, session: orm.Session, person: str, run: str, body: Given) -> Verdict:
        """Keep the answer, which can't be changed after, and say what is right."""
        asked = self._asked(session, person, run)
        row = session.get(self.model, body.question) if body.question in asked else None
        if row is None:
            raise errors.not_found()
        answer = str(getattr(row, self.answer.key))
        is_right = _plain(body.given) == _plain(answer)
        values = {"run": run, "row_id": body.question, "given": body.given, "is_right": is_right}
        try:
            session.execute(sa.insert(self.given).values(values))
            session.commit()
        except sa.exc.IntegrityError as error:
            session.rollback()
            raise errors.conflict(words.ERROR_QUIZ_AGAIN) from error
        return Verdict(is_right=is_right, answer=answer, run=self.state(session, person, run))

    def scores(self, session: orm.Session, person: str) -> list[Score]:
        """One's own finished runs, the last first."""
        right = sa.func.sum(sa.cast(self.given.c.is_right, sa.Integer))
        count = sa.func.count(self.given.c.row_id)
        joined = self.runs.join(self.given, self.given.c.run == self.runs.c.run)
        found = sa.select(self.runs.c.asked, self.runs.c.begun, right, count).select_from(joined)
        found = found.where(self.runs.c.visitor == person).group_by(self.runs.c.run, self.runs.c.asked, self.runs.c.begun)
        rows = session.execute(found.order_by(self.runs.c.begun.desc()).limit(KEPT * 2)).all()
        done = [Score(right=n, total=all, begun=at) for asked, at, n, all in rows if all == len(json.loads(asked))]
        return done[:KEPT]

    def key(self, row: Base) -> dict[str, str | None]:
        """What no row shows, for who may change it."""
        return {column.key: getattr(row, column.key) for column in dict.fromkeys([self.answer, *self.choices])}

    def _asked(self, session: orm.Session, person: str, run: str) -> list[int]:
        found = sa.select(self.runs.c.asked).where(self.runs.c.run == run, self.runs.c.visitor == person)
        asked = session.scalar(found)
        if asked is None:
            raise errors.not_found()
        ids: list[int] = json.loads(asked)
        there = set(session.scalars(sa.select(self.model.id).where(self.model.id.in_(ids))))  # type: ignore[attr-defined]
        return [id for id in ids if id in there]

    def _of(self, run: str, *columns: sa.ColumnElement[typing.Any]) -> sa.Select[typing.Any]:
        return sa.select(*columns).where(self.given.c.run == run)

    def _question(self, session: orm.Session, run: str, id: int) -> Question:
        row = session.get_one(self.model, id)
        choices = list(dict.fromkeys(c for c in self._choices(session, run, row) if c))
        random.Random(f"{run} {id}").shuffle(choices)  # noqa: S311 - the same order whenever it is asked for
        asked = str(getattr(row, self.question.key) or "")
        return Question(id=id, text=asked, choices=choices if len(choices) > 1 else [])

    def _choices(self, session: orm.Session, run: str, row: Base) -> list[str]:
        """The answer among the choices of its row; where it has none, among the answers to others."""
        answer = str(getattr(row, self.answer.key))
        own = [str(getattr(row, column.key) or "") for column in self.choices if column is not self.answer]
        if len(own) == 1:
            own = [part.strip() for part in own[0].replace("\n", ";").split(";")]
        if self.choices:
            return [answer, *own]
        others = sa.select(self.answer).where(self.answer.is_not(None), self.answer != answer).distinct().limit(200)
        found = sorted(session.scalars(others))
        if len(found) < OTHERS:
            return []
        return [answer, *random.Random(f"{row.id} {run}").sample(found, OTHERS)]  # type: ignore[attr-defined]  # noqa: S311


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
