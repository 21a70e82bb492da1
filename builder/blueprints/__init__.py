"""Ready drafts of the apps people ask for, one YAML file each. What they mean is read in `builder.drafter.shelf`."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from builder.yaml_files import read_yaml

ROOT = Path(__file__).parent
PARTS = "parts"  # fields that several of them share


@cache
def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in ROOT.glob("*.yaml") if path.stem != PARTS))


@cache
def read(name: str) -> dict[str, Any]:
    """The file as it is written, with the shared fields in the place where it says to use them."""
    blueprint = _load(name)
    for entity in blueprint["entities"].values():
        entity["fields"] = dict(_spelled_out(entity["fields"]))
    return blueprint


def _spelled_out(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, field in fields.items():
        if name != "use":
            yield name, field
            continue
        for part in [field] if isinstance(field, str) else field:
            yield from parts()[part].items()


@cache
def parts() -> dict[str, Any]:
    return _load(PARTS)


@cache
def translations(code: str) -> dict[str, dict[str, dict[str, str]]]:
    """By blueprint: `labels` ("one / several") and `texts` of its rows, from English; empty without a file."""
    path = ROOT / "languages" / f"{code}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = read_yaml(ROOT / f"{name}.yaml")
    return loaded
