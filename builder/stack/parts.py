"""The entities that a feature's options make a part of another: a log belongs to what it logs, a message to its room.

The page of the whole shows its parts, and they go with it. Of some parts nobody but the server writes the rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.spec import AppSpec
from builder.stack.features import Features, Folder


@dataclass(frozen=True)
class Part:
    """The rows of `entity` are shown on the page of the row that their relation `by` points at."""

    entity: str
    by: str
    server_only: bool


def parts(features: Features) -> Iterator[Part]:
    for folder in features.all:
        for feature in features.spec.features:
            if feature.name == folder.name and feature.entity is not None:
                yield from _of_feature(folder, feature.entity, dict(feature.options), features.spec)


def _of_feature(folder: Folder, whole: str, options: dict[str, object], spec: AppSpec) -> Iterator[Part]:
    known = {e.name for e in spec.entities}
    named = {option: name for option in folder.about.parts if isinstance(name := options.get(option), str)}
    wholes = {whole, *named.values()}
    for option, entity in named.items():
        if entity in known and entity != whole:
            by = _relation(spec, entity, wholes - {entity}, options.get(folder.about.parts[option] or ""))
            if by is not None:
                yield Part(entity, by, option in folder.about.server_only)


def _relation(spec: AppSpec, entity: str, wholes: set[str], wished: object) -> str | None:
    """The relation that the options name, else the first that leads to the whole or to another of its parts."""
    found = [f.name for f in spec.entity(entity).fields if f.target in wholes and not f.many]
    return str(wished) if wished in found else next(iter(found), None)
