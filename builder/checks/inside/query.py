"""Ask the app's database, and change nothing in it. Knows nothing of the app."""

import contextlib
import sqlite3
import time
from typing import Any

SECONDS, MAX_CELL, MAX_BYTES = 3.0, 400, 200_000
_REFUSED = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}


class QueryError(Exception):
    """What SQLite said of the query."""


def query(path: str, sql: str, limit: int) -> dict[str, Any]:
    """`columns`, at most `limit` `rows`, and whether there are `more`."""
    deadline = time.monotonic() + SECONDS
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as database:
            database.execute("PRAGMA query_only = ON")
            database.create_function("lower", 1, _lower, deterministic=True)  # as the app's own connections have it
            database.text_factory = lambda data: data.decode(errors="replace")
            database.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action in _REFUSED else sqlite3.SQLITE_OK)
            database.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
            cursor = database.execute(sql)
            return {"columns": [c[0] for c in cursor.description or ()], **_bounded(cursor, limit)}
    except (sqlite3.Error, sqlite3.Warning) as error:
        late = time.monotonic() > deadline
        raise QueryError(f"it took longer than {SECONDS:g} s" if late else f"SQLite says: {error}") from error


def _bounded(cursor: sqlite3.Cursor, limit: int) -> dict[str, Any]:
    rows: list[list[Any]] = []
    size = 0
    for row in cursor:
        if len(rows) >= limit or size > MAX_BYTES:
            return {"rows": rows, "more": True}
        rows.append([_cell(value) for value in row])
        size += sum(len(str(value)) for value in rows[-1])
    return {"rows": rows, "more": False}


def _cell(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, str) and len(value) > MAX_CELL:
        return value[:MAX_CELL] + "…"
    return value if not isinstance(value, float) or abs(value) < 1e300 else str(value)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
