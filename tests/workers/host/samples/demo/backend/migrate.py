"""Apply what is new to the database; one made by this very run is seeded."""

import os
import sqlite3
import sys
from pathlib import Path

path = Path(os.environ["DATABASE_URL"].removeprefix("sqlite:///"))
new = not path.exists()
if Path(__file__).with_name("broken_migration").exists():
    sys.exit("demo: no such column <price>")
connection = sqlite3.connect(path)
connection.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT)")
connection.execute("CREATE TABLE IF NOT EXISTS migrated (release TEXT)")
connection.execute("INSERT INTO migrated VALUES (?)", (Path(__file__).with_name("version").read_text(),))
if new:
    connection.execute("INSERT INTO note (text) VALUES ('seeded')")
connection.commit()
connection.close()
