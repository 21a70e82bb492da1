"""The requirements ledger: the testable sentences of a prompt, each with the steps that prove it and how they ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from builder.agent.flow import FlowStep
from builder.events import RequirementChanged


class RequirementStatus(StrEnum):
    OPEN = "open"
    PROVEN = "proven"
    FAILED = "failed"


class Proof(BaseModel):
    """How the steps ended on a release. `screenshot` is a file in the release's `proofs/` folder."""

    model_config = ConfigDict(frozen=True)

    steps: tuple[str, ...] = ()
    finding: str | None = None
    screenshot: str | None = None
    seconds: float = 0.0


class PartAsked(BaseModel):
    """A part of the AppSpec: "features.search", "entities.book" and the fields named beside it, "theme.background" and
    its colour.
    """

    model_config = ConfigDict(frozen=True)

    part: str
    fields: tuple[str, ...] = ()


class Requirement(BaseModel):
    """`source` is the span of the message it was drawn from. `reason` says why it stays unproven, where it must.

    `about` are the parts whose own probes the steps are: they are drawn anew when the AppSpec changes.
    """

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^r[0-9]{1,3}$")
    text: str = Field(min_length=1, max_length=300)
    source: tuple[int, int] | None = None
    flow: tuple[FlowStep, ...] = ()
    status: RequirementStatus = RequirementStatus.OPEN
    proof: Proof | None = None
    reason: str | None = Field(default=None, max_length=400)
    about: tuple[PartAsked, ...] = ()


@dataclass
class Ledger:
    """The requirements by id, in their order."""

    items: dict[str, Requirement] = field(default_factory=dict)

    @classmethod
    def of(cls, requirements: Iterable[Requirement]) -> "Ledger":
        return cls({requirement.id: requirement for requirement in requirements})

    def put(self, requirement: Requirement) -> None:
        self.items[requirement.id] = requirement

    def next_id(self) -> str:
        return f"r{max((int(key[1:]) for key in self.items), default=0) + 1}"

    @property
    def proven(self) -> int:
        return sum(item.status is RequirementStatus.PROVEN for item in self.items.values())

    @property
    def unsettled(self) -> list[Requirement]:
        """What is neither proven nor given up with a reason."""
        return [i for i in self.items.values() if i.status is not RequirementStatus.PROVEN and not i.reason]

    def markdown(self) -> str:
        """REQUIREMENTS.md of the download."""
        lines = ["# Requirements", "", "What was asked for, and how it was proven in a browser.", ""]
        for item in self.items.values():
            mark = "x" if item.status is RequirementStatus.PROVEN else " "
            lines.append(f"- [{mark}] **{item.id}** {item.text}")
            lines += [f"  {number}. {step.told()}" for number, step in enumerate(item.flow, 1)]
            if item.status is not RequirementStatus.PROVEN and (
                why := item.reason or (item.proof and item.proof.finding)
            ):
                lines.append(f"  Not proven: {why}")
        return "\n".join(lines) + "\n"


def changed(item: Requirement) -> RequirementChanged:
    return RequirementChanged(
        item.id,
        item.text,
        item.source,
        item.status.value,
        tuple(step.model_dump(exclude_defaults=True) for step in item.flow),
        item.proof.model_dump(mode="json") if item.proof else None,
        item.reason,
        tuple(one.model_dump(mode="json") for one in item.about),
    )
