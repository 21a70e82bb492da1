"""The state of a run, whole and small: with the messages and the commit it is all that a resumed run needs."""

from enum import StrEnum

from pydantic import BaseModel, Field

from builder.agent.ledger import Requirement
from builder.agent.stuck import Habits
from builder.model.chat import Usage


class Stage(StrEnum):
    """`build` until a checkpoint passes the gate, `verify` until the requirements are proven, `polish` to the end."""

    BUILD = "build"
    VERIFY = "verify"
    POLISH = "polish"


class Best(BaseModel):
    """The best checkpoint so far: a served release, or for a follow-up the one it began from.

    `quality` is the score of its scored checks, None until it was measured; `flows` names the proofs it had then.
    `new` says that this run released it.
    """

    release: int
    commit: str
    proven: int = 0
    quality: int | None = None
    flows: str = ""
    new: bool = False

    @property
    def standing(self) -> tuple[int, int]:
        return self.proven, self.quality or 0


class RunState(BaseModel):
    stage: Stage = Stage.BUILD
    steps: int = 0
    usage: dict[str, int] = Field(default_factory=dict)
    wasted: int = 0
    model_seconds: float = 0.0
    seconds: float = 0.0
    base: str = ""
    best: Best | None = None
    requirements: list[Requirement] = Field(default_factory=list)
    habits: Habits = Field(default_factory=Habits)
    second_try: bool = False
    silent: int = 0
    fruitless: int = 0
    polish_left: int = 1
    checked: str | None = None
    findings: list[str] = Field(default_factory=list)
    finished: bool = False
    acceptance: float | None = None
    summary: list[str] = Field(default_factory=list)

    def spend(self, usage: Usage, seconds: float) -> None:
        total = Usage(**self.usage) + usage
        self.usage = vars(total)
        self.model_seconds += seconds
        if self.habits.repeating:
            self.wasted += tokens_of(usage)

    @property
    def spent(self) -> Usage:
        return Usage(**self.usage)


def tokens_of(usage: Usage) -> int:
    """What a budget counts: prompt tokens that were computed, and what was written."""
    return max(usage.prompt - usage.cached, 0) + usage.completion
