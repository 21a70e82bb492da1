"""What a run is asked to do, with what, and how much it may spend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from builder.agent.journal import Journal
from builder.agent.lab import Lab
from builder.agent.ledger import Requirement
from builder.agent.tools.base import Research
from builder.model.chat import ChatModel
from builder.spec import AppSpec


@dataclass(frozen=True)
class Turn:
    """An earlier message of the person, and in one sentence what became of it."""

    message: str
    outcome: str


@dataclass(frozen=True)
class Budget:
    """Checked before each step. `tokens` counts prompt tokens that were not cached, and completion tokens."""

    steps: int = 80
    tokens: int = 2_000_000
    seconds: float = 3600


@dataclass(frozen=True)
class Assignment:
    """`notes` tell the model what it must know besides, such as a render that conflicts with its earlier edits. With
    `may_lose_data` the person agreed to a change that removes rows or columns.
    """

    message: str
    spec: AppSpec
    requirements: Sequence[Requirement]
    history: Sequence[Turn] = ()
    notes: Sequence[str] = ()
    may_lose_data: bool = False


@dataclass(frozen=True)
class Means:
    """`open_lab` gets the app's files."""

    model: ChatModel
    journal: Journal
    open_lab: Callable[[Mapping[str, bytes]], Lab]
    budget: Budget = Budget()
    research: Research | None = None
