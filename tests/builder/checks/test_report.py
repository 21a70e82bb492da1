"""What a traceback comes down to in a finding."""

import pytest

from builder.checks.inside.report import Findings

STACK = """Traceback (most recent call last):
  File "/app/backend/migrations/versions/0002_stars.py", line 9, in upgrade
    op.add_column("notes", column)
  File "/usr/lib/sqlalchemy/engine.py", line 1192, in do_execute
    cursor.execute(statement, parameters)
"""
SQL = """sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) Cannot add a NOT NULL column
[SQL:
    ALTER TABLE notes
    ADD COLUMN stars INTEGER NOT NULL
]
(Background on this error at: https://sqlalche.me/e/21/e3q8)
"""
SQL_SAID = (
    "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) Cannot add a NOT NULL column "
    "[SQL: ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL ]"
)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (STACK + "ValueError: no such colour\n", "ValueError: no such colour"),
        (STACK + "KeyboardInterrupt\n", "KeyboardInterrupt"),
        (STACK + SQL, SQL_SAID),
        (STACK + "ValueError: early\n\nDuring it:\n\n" + STACK + SQL, SQL_SAID),
        (STACK + "ValueError: boom\n\nERROR:    Application startup failed. Exiting.\n", "ValueError: boom"),
    ],
)
def test_the_cause_of_a_traceback_is_told_whole_and_alone(said: str, message: str) -> None:
    findings = Findings()
    findings.add_traceback(said, "It ended.")
    assert findings == [{"message": message, "path": "backend/migrations/versions/0002_stars.py", "line": 9}]


@pytest.mark.parametrize(("said", "message"), [("", "It ended."), ("INFO: starting\nno such table\n", "no such table")])
def test_what_is_no_traceback_is_told_by_its_last_line(said: str, message: str) -> None:
    findings = Findings()
    findings.add_traceback(said, "It ended.")
    assert findings == [{"message": message, "path": None, "line": None}]
