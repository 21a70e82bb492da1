"""The rows an app starts with, as JSON files beside its migrations, with the licence of the data they came from."""

import importlib
from typing import Any

from builder.spec import AppSpec, Entity
from builder.stack.templates import as_json

FOLDER = "backend/seed"


def seed_files(spec: AppSpec) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for entity in spec.entities:
        rows = seed_rows(entity)
        if rows:
            lines = ",\n  ".join(as_json(row) for row in rows)
            files[f"{FOLDER}/{entity.plural}.json"] = f"[\n  {lines}\n]\n".encode()
        if entity.dataset:
            name, licence = importlib.import_module("builder.datasets").licence(entity.dataset)
            files[f"LICENSES/{name}"] = licence
    return files


def seed_rows(entity: Entity) -> list[dict[str, Any]]:
    """The entity's rows: those of its dataset, then those that the AppSpec spells out."""
    rows: list[dict[str, Any]] = []
    if entity.dataset:
        rows += importlib.import_module("builder.datasets").load(entity.dataset)
    rows += entity.seed
    stored = [f.name for f in entity.stored_fields]
    return [{name: row[name] for name in stored if row.get(name) is not None} for row in rows]
