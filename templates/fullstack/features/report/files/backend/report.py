"""Totals of a list by one thing, and across another: a table with sums at both ends, for people or a spreadsheet."""

import typing

import fastapi
import pydantic
import sqlalchemy as sa
from sqlalchemy import orm
from starlette.datastructures import QueryParams

from backend import errors, spreadsheet, stats, words
from backend.listing import Listing

OWN = ("by", "across", "measure")
MOST_COLUMNS = 60


class Group(pydantic.BaseModel):
    key: str
    label: str


class Line(Group):
    values: list[float | None]
    total: float | None


class Report(pydantic.BaseModel):
    """`columns` is empty where nothing was asked across; totals are measured anew, so that means are right, too."""

    columns: list[Group]
    lines: list[Line]
    totals: list[float | None]
    total: float | None


def read(session: orm.Session, listing: Listing, query: QueryParams) -> Report:
    by, across = query.get("by"), query.get("across")
    if not by or by == across:
        raise errors.invalid("by", words.ERROR_REPORT_BY)
    measure = stats.measure_of(listing, query.get("measure") or "count")
    chosen = listing.select(query, also=OWN).order_by(None).with_only_columns(listing.model.id)
    down = stats.grouping_of(session, listing, by)
    lines = stats.grouped(session, listing, chosen, measure, down)
    columns: list[stats.Figure] = []
    cells: dict[tuple[str, str], float | None] = {}
    if across:
        over = stats.grouping_of(session, listing, across)
        columns = stats.grouped(session, listing, chosen, measure, over)[-MOST_COLUMNS:]
        found = session.execute(stats.joined(listing, chosen, [down, over], measure))
        cells = {(_key(down, one), _key(over, other)): stats.rounded(value) for one, other, value in found}
    return Report(
        columns=[Group(key=column.key, label=column.label) for column in columns],
        lines=[
            Line(key=n.key, label=n.label, total=n.value, values=[cells.get((n.key, c.key)) for c in columns])
            for n in lines
        ],
        totals=[column.value for column in columns],
        total=stats.rounded(session.scalar(sa.select(measure).where(listing.model.id.in_(chosen)))),
    )


def as_csv(report: Report, query: QueryParams, name: str) -> fastapi.Response:
    head = [query["by"], *(column.label for column in report.columns), query.get("measure") or "count"]
    body = [[line.label, *line.values, line.total] for line in report.lines]
    foot = [words.REPORT_TOTAL, *report.totals, report.total]
    text = "".join(spreadsheet.line(cells) for cells in (head, *body, foot))
    headers = {"Content-Disposition": f'attachment; filename="{name}-report.csv"'}
    return fastapi.Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def openapi(listing: Listing) -> dict[str, typing.Any]:
    required = {"by": True}
    own = [{"name": n, "in": "query", "required": n in required, "schema": {"type": "string"}} for n in OWN]
    return {"parameters": own + [p for p in listing.openapi["parameters"] if p["name"] not in OWN]}


def _key(grouping: stats.Grouping, key: typing.Any) -> str:
    return "" if key is None else grouping.text(key)
