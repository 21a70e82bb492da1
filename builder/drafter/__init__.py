"""From a prompt to an AppSpec. A drafter says what it understood and which words it could not use."""

from dataclasses import dataclass
from typing import Protocol

from builder.spec import AppKind, AppSpec


@dataclass(frozen=True)
class Draft:
    """`understood` pairs a part of the spec with the person's words for it; of `unused` words nothing was made."""

    spec: AppSpec
    understood: tuple[tuple[str, str], ...] = ()
    unused: tuple[str, ...] = ()


class Drafter(Protocol):
    def draft(self, prompt: str, *, kind: AppKind | None = None, name: str | None = None) -> Draft: ...


from builder.drafter.blueprint import BlueprintDrafter  # noqa: E402  it needs the names above

__all__ = ["BlueprintDrafter", "Draft", "Drafter"]
