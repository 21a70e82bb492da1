"""Days in a row: of the rows of a log, or of each row that they belong to.

A day is the reader's own, as the log has it: what "today" is comes with the question, since here it may be tomorrow.
"""

import collections
import datetime as dt
import typing

import pydantic
import sqlalchemy as sa
from sqlalchemy import orm

DAY = dt.timedelta(days=1)
SHOWN = 35  # of the last days: five weeks
MOST = 50_000


class Streak(pydantic.BaseModel):
    """`of` is the row that the days belong to, `today` the row of the log that stands for today."""

    of: int | None
    current: int
    best: int
    total: int
    today: int | None
    days: list[dt.date]


def streaks(
    session: orm.Session, date: orm.InstrumentedAttribute[typing.Any], of: typing.Any, today: dt.date | None
) -> list[Streak]:
    """One for each row that has any day up to today, or one for the whole log where there is no `of`."""
    now = today or dt.datetime.now(dt.UTC).date()
    id = date.class_.id
    logged = sa.select(of if of is not None else sa.null(), date, id).where(date.is_not(None), date <= now)
    found: dict[int | None, dict[dt.date, int]] = collections.defaultdict(dict)
    for whose, day, row in session.execute(logged.order_by(date.desc(), id.desc()).limit(MOST)):
        found[whose][day] = row
    return [_streak(whose, days, now) for whose, days in found.items() if whose is not None or of is None]


def _streak(of: int | None, days: dict[dt.date, int], today: dt.date) -> Streak:
    shown = [day for day in sorted(days, reverse=True) if (today - day).days < SHOWN]
    return Streak(
        of=of, current=current(days, today), best=best(days), total=len(days), today=days.get(today), days=shown
    )


def current(days: typing.Collection[dt.date], today: dt.date) -> int:
    """Up to today, or to yesterday: the day isn't over."""
    day = today if today in days else today - DAY
    count = 0
    while day in days:
        count, day = count + 1, day - DAY
    return count


def best(days: typing.Collection[dt.date]) -> int:
    longest = run = 0
    before: dt.date | None = None
    for day in sorted(days):
        run = run + 1 if before is not None and day - before == DAY else 1
        longest, before = max(longest, run), day
    return longest
