"""What a run has done so far, kept step by step, so that a run that was killed goes on where it stood."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from builder.model.chat import Message


@dataclass(frozen=True)
class Step:
    """One model reply and its tool calls. Step 0 holds the opening messages.

    `messages` are those appended by this step, `commit` is `main` after it, `state` the whole state of the run. With
    `compacted` the messages replace all earlier ones in the prompt; a trajectory keeps both.
    """

    n: int
    messages: Sequence[Message]
    commit: str
    state: dict[str, Any]
    compacted: bool = False


class Journal(Protocol):
    def steps(self) -> list[Step]: ...
    def append(self, step: Step) -> None:
        """Returns when the step is stored for good."""


@dataclass
class MemoryJournal:
    """For runs that nobody resumes."""

    kept: list[Step] = field(default_factory=list)

    def steps(self) -> list[Step]:
        return list(self.kept)

    def append(self, step: Step) -> None:
        self.kept.append(step)
