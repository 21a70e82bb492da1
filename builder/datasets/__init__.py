"""The data sets that come with the builder: their rows, their licences, and what a prompt may call them.

Each is a folder with `dataset.yaml` (words, entities, fields: all the drafter knows of it), a licence and a module
that reads its files. A reference is `SET/ENTITY?key=value`; a relation in a row is the 1-based position, or a list
of them, in the rows of its target under the same query.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

from builder.yaml_files import read_yaml

ROOT = Path(__file__).parent
Row = dict[str, Any]


class DatasetError(ValueError):
    """No data set, or no entity of it, has this name; the message says which there are."""


class Source(Protocol):
    """What the module of a data set offers."""

    def rows(self, entity: str, query: Mapping[str, str]) -> list[Row]: ...


@dataclass(frozen=True)
class Ref:
    dataset: str
    entity: str
    query: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Ref":
        path, _, query = text.partition("?")
        dataset, _, entity = path.partition("/")
        return cls(dataset, entity, tuple(parse_qsl(query)))


def load(ref: str) -> list[Row]:
    """The rows of `ref`, with every field the data set has; a caller takes those that its entity kept."""
    parsed = Ref.parse(ref)
    described = describe(parsed.dataset)
    entity = parsed.entity or described["main"]
    if entity not in described["entities"]:
        raise DatasetError(f"{parsed.dataset} has no {entity}; it has {', '.join(described['entities'])}")
    source = cast(Source, importlib.import_module(f"{__name__}.{parsed.dataset}.source"))
    return source.rows(entity, dict(parsed.query))


def licence(ref: str) -> tuple[str, bytes]:
    """The file name and text of the notice that must go wherever the data goes."""
    dataset = Ref.parse(ref).dataset
    name = describe(dataset)["licence"]
    return f"LICENSE-{dataset}.md", (ROOT / dataset / name).read_bytes()


def describe(dataset: str) -> dict[str, Any]:
    """What `dataset.yaml` says."""
    if dataset not in catalogue():
        raise DatasetError(f"there is no data set {dataset!r}; there is {', '.join(catalogue())}")
    return _read(dataset)


@cache
def catalogue() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in ROOT.glob("*/dataset.yaml")))


@cache
def _read(dataset: str) -> dict[str, Any]:
    described: dict[str, Any] = read_yaml(ROOT / dataset / "dataset.yaml")
    return described
