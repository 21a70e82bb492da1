"""The first marks and comments of an app, so that it doesn't look empty: made from the seed rows, always the same ones.

Nobody real says anything: without accounts it is invented first names, with accounts the people of the seed.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.stack.seed import FOLDER, written_rows
from builder.stack.social import commented_by
from builder.stack.templates import as_json
from builder.stack.views import EntityView, SpecView
from builder.yaml_files import read_yaml

SAMPLES = Path(__file__).parents[2] / "templates" / "fullstack" / "features" / "comments" / "samples.yaml"
MARKED, DISCUSSED = 60, 8  # at most so many rows
NAMES = ("Mara", "Jonas", "Aiko", "Tomás", "Lin", "Oluwaseun", "Petra", "Noor", "Emil")
Rows = list[dict[str, Any]]


def seeds_marks(entities: list[EntityView]) -> bool:
    """Whether the app starts with marks or comments."""
    return bool(entities) and any(True for _ in _tables(entities[0].app))


def mark_files(view: SpecView) -> dict[str, bytes]:
    """The rows of the tables that stand beside those of the entities; `created_at` is a number of days ago."""
    files = {}
    for table, rows in _tables(view):
        lines = ",\n  ".join(as_json(row) for row in rows)
        files[f"{FOLDER}/{table}.json"] = f"[\n  {lines}\n]\n".encode()
    return files


def _tables(view: SpecView) -> Iterator[tuple[str, Rows]]:
    people = _people(view)
    for entity in view.entities if people else ():
        titles = [str(row.get(entity.title.name)) for row in written_rows(entity)]
        if not titles or (entity.access is not None and entity.access.read == "own"):
            continue
        for feature, suffix in (("like", "likes"), ("follow", "follows"), ("ratings", "ratings")):
            if entity.has(feature):
                rows = [r for at, t in enumerate(titles[:MARKED], 1) for r in _marks(suffix, at, t, people)]
                yield from [(f"{entity.table}_{suffix}", rows)] if rows else []
        if entity.has("comments") and commented_by(entity) is None:
            rows = list(_comments(titles[:DISCUSSED], people, view.locale))
            yield from [(f"{entity.table}_comments", rows)] if rows else []


def _people(view: SpecView) -> list[tuple[str, str]]:
    """Who marks and says something: the id that is kept with it, and the name."""
    if view.people is None:
        return [(hashlib.sha256(name.encode()).hexdigest()[:32], name) for name in NAMES]
    rows = written_rows(view.entity(view.people.entity))
    return [(str(id), str(row.get(view.people.name) or "")) for id, row in enumerate(rows[:9], 1)]


def _marks(suffix: str, row_id: int, title: str, people: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    dice = hashlib.sha256(f"{suffix} {title}".encode()).digest()
    for turn in range(dice[0] % (len(people) + 1)):
        visitor, _ = people[(dice[1] + turn) % len(people)]
        mark = {"row_id": row_id, "visitor": visitor}
        yield mark | ({"stars": (3, 4, 4, 5, 5, 2)[dice[2 + turn] % 6]} if suffix == "ratings" else {})


def _comments(titles: list[str], people: list[tuple[str, str]], locale: str) -> Iterator[dict[str, Any]]:
    """Only in languages that there are samples of: an English remark in another language's app is out of place."""
    samples = read_yaml(SAMPLES).get(locale.split("-")[0]) or []
    said = 0
    for row_id, title in enumerate(titles, 1):
        dice = hashlib.sha256(f"comments {title}".encode()).digest()
        count = max(dice[0] % 3, 2 if row_id == 1 else 0)  # the first row shows what a conversation looks like
        for turn in range(count if samples else 0):
            visitor, author = people[(dice[1] + turn) % len(people)]
            text, said = samples[said % len(samples)], said + 1
            days = 1 + (dice[2] % 9) - turn
            yield {"row_id": row_id, "visitor": visitor, "author": author, "text": text, "created_at": days}
