"""Copy a SQLite database from one file to another: `copy_database.py LIVE COPY`. Runs inside the sandbox.

A database whose app was killed can't be read where nothing may be written: recovering it takes writing. Then its
files are copied as they lie, journals too, and recovered in the copy.
"""

import shutil
import sqlite3
import sys
from pathlib import Path


def copy_database(live: Path, copy: Path) -> None:
    if not live.is_file():  # a pipe, for one, would keep whoever opens it waiting
        raise FileNotFoundError(f"{live.name} is no ordinary file")
    try:
        target = back_up(live, copy)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        target = recover(live, copy)
    target.execute("PRAGMA trusted_schema=OFF")
    target.execute("PRAGMA journal_mode=DELETE")
    target.execute("SELECT count(*) FROM sqlite_master")
    target.close()


def back_up(live: Path, copy: Path) -> sqlite3.Connection:
    source = sqlite3.connect(f"{live.as_uri()}?mode=ro", uri=True, timeout=10)
    source.execute("PRAGMA trusted_schema=OFF")
    target = sqlite3.connect(copy)
    source.backup(target)
    source.close()
    return target


def recover(live: Path, copy: Path) -> sqlite3.Connection:
    shutil.copyfile(live, copy)
    for suffix in ("-wal", "-journal"):
        part = Path(f"{live}{suffix}")
        if part.exists():
            shutil.copyfile(part, f"{copy}{suffix}")
    return sqlite3.connect(copy)


if __name__ == "__main__":
    try:
        copy_database(Path(sys.argv[1]), Path(sys.argv[2]))
    except (sqlite3.Error, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
