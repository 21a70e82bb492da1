"""Count what a SQLite database holds, as JSON: `take_census.py DATABASE`. Runs inside the sandbox.

For each table its rows, and for each column how many hold something, how many different values there are, and, where
these are few and short, how many rows hold each. A false, and an empty text, count as nothing.
"""

import json
import sqlite3
import sys
from typing import Any

FEW, SHORT = 40, 60


def census(connection: sqlite3.Connection) -> dict[str, Any]:
    connection.execute("PRAGMA trusted_schema=OFF")
    names = [n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: _table(connection, name) for name in names if not name.startswith("sqlite_")}


def _table(connection: sqlite3.Connection, table: str) -> dict[str, Any]:
    columns = [(row[1], str(row[2]).upper()) for row in connection.execute(f"PRAGMA table_info({_quoted(table)})")]
    (rows,) = connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()
    return {"rows": rows, "columns": {name: _column(connection, table, name, kind) for name, kind in columns}}


def _column(connection: sqlite3.Connection, table: str, column: str, kind: str) -> dict[str, Any]:
    nothing = "''" if kind != "BOOLEAN" else "0"
    held = f"FROM {_quoted(table)} WHERE {_quoted(column)} IS NOT NULL AND {_quoted(column)} != {nothing}"
    filled, different = connection.execute(f"SELECT count(*), count(DISTINCT {_quoted(column)}) {held}").fetchone()
    counted = connection.execute(f"SELECT {_quoted(column)}, count(*) {held} GROUP BY 1 LIMIT {FEW + 1}").fetchall()
    few = different <= FEW and all(len(str(value)) <= SHORT for value, _ in counted)
    values = {str(value): count for value, count in counted if not isinstance(value, bytes)} if few else None
    return {"filled": filled, "different": different, "values": values}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    try:
        print(json.dumps(census(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=10))))
    except (sqlite3.Error, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
