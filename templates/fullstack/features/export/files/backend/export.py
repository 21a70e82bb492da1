"""A whole list as a file, row by row: CSV for spreadsheets, JSON for programs."""

import json
import typing
from collections.abc import Iterator

import sqlalchemy as sa
from fastapi.responses import StreamingResponse
from sqlalchemy import orm
from starlette.datastructures import QueryParams

from backend import spreadsheet
from backend.listing import Listing
from backend.schema import Row

Records = Iterator[dict[str, typing.Any]]


def read(session: orm.Session, listing: Listing, query: QueryParams, schema: type[Row]) -> Records:
    relations = [orm.selectinload(getattr(listing.model, r.key)) for r in sa.inspect(listing.model).relationships]
    # The query is checked here, before the answer has begun.
    rows = session.scalars(listing.select(query).options(*relations).execution_options(yield_per=200))
    return (schema.model_validate(row).model_dump(mode="json") for row in rows)


def as_csv(records: Records, schema: type[Row], name: str) -> StreamingResponse:
    return _download(_csv_lines(records, list(schema.model_fields)), "text/csv; charset=utf-8", f"{name}.csv")


def as_json(records: Records, _schema: type[Row], name: str) -> StreamingResponse:
    return _download(_json_lines(records), "application/json", f"{name}.json")


def _csv_lines(records: Records, fields: list[str]) -> Iterator[str]:
    yield spreadsheet.line(fields)
    for record in records:
        yield spreadsheet.line(record[field] for field in fields)


def _json_lines(records: Records) -> Iterator[str]:
    yield "["
    for position, record in enumerate(records):
        yield (",\n" if position else "\n") + json.dumps(record, ensure_ascii=False)
    yield "\n]\n"


def _download(lines: Iterator[str], kind: str, name: str) -> StreamingResponse:
    return StreamingResponse(lines, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
