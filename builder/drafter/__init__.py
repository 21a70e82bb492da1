"""From a prompt to an AppSpec. A drafter says what it understood and which words it could not use."""

from dataclasses import dataclass
from typing import Protocol

from builder.agent.ledger import Requirement
from builder.spec import AppKind, AppSpec


@dataclass(frozen=True)
class Question:
    """Asked once, when the prompt leaves open what the app is mainly about; `choices` are likely answers."""

    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """`understood` pairs a part of the spec with the person's words for it; of `unused` words nothing was made.

    `notes` are sentences for the person, such as that the model failed and a blueprint was used. `is_known` says that
    the words name a blueprint, a data set or a page that is ready, so that there is no doubt that they want an app.
    """

    spec: AppSpec
    understood: tuple[tuple[str, str], ...] = ()
    unused: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    is_known: bool = False


class Drafter(Protocol):
    def draft(self, prompt: str, *, kind: AppKind | None = None, name: str | None = None) -> Draft: ...


from builder.drafter.blueprint import BlueprintDrafter  # noqa: E402  it needs the names above

__all__ = ["BlueprintDrafter", "Draft", "Drafter"]
