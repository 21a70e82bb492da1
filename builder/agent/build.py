"""A build with a model: draft, render, release the scaffold at once, then let the model make it what was asked for.

A follow-up goes the same way from the project's AppSpec. Knows nothing of users, queues or tables.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from builder.agent.assignment import Assignment, Means, Turn
from builder.agent.ledger import Requirement, changed
from builder.agent.postmortem import DATA_ANSWERS
from builder.agent.run import improve
from builder.drafter import Draft
from builder.drafter.model import ModelDrafter
from builder.events import Event, Noted, Phase, PhaseChanged, Released, SpecDrafted
from builder.path import BuildFailedError, Workshop, last_render, release_commit
from builder.spec import AppKind, AppSpec
from builder.stack import render_stack
from builder.workspace import MAIN, SCAFFOLD, MergeConflictError

AS_IT_IS = "Build it as it is."
ANSWERED = "Question: "
NOTHING_NEW = "The model stopped before it had anything better, so what was served still is. Its last note says why."
MAX_CONFLICT_DIFF = 8_000


@dataclass(frozen=True)
class Order:
    """What was asked. `spec` and `requirements` are the project's, None and empty before its first draft."""

    message: str
    prompt: str
    kind: AppKind | None = None
    name: str | None = None
    spec: AppSpec | None = None
    requirements: Sequence[Requirement] = ()
    history: Sequence[Turn] = ()

    @property
    def answers(self) -> bool:
        """Whether the message answers the questions of the first draft, so that this begins anew."""
        asked_of_data = any(answer in self.message for answer in DATA_ANSWERS)
        answered = self.message.startswith(ANSWERED) and not asked_of_data
        return len(self.history) <= 1 and (answered or self.message.strip() == AS_IT_IS)

    @property
    def wish(self) -> str:
        return f"{self.prompt}\n\n{self.message}" if self.answers else self.message


def build_with_model(order: Order, means: Means, workshop: Workshop) -> Iterator[Event]:
    """Raises Refusal, BuildFailedError when nothing new could be served, CancelledError."""
    released = bool(means.journal.steps())  # one that was interrupted may have released before
    for event in _build(order, means, workshop):
        released = released or isinstance(event, Released)
        yield event
    if not released:
        raise BuildFailedError(NOTHING_NEW)


def _build(order: Order, means: Means, workshop: Workshop) -> Iterator[Event]:
    if means.journal.steps() and order.spec is not None:  # a worker was killed in the middle of it
        yield from improve(_assignment(order, order.spec, order.requirements), means, workshop)
        return
    yield PhaseChanged(Phase.DRAFTING)
    draft = _draft(order, ModelDrafter(means.model, workshop.cancelled))
    yield SpecDrafted(draft.spec.model_dump(mode="json"), draft.understood, draft.unused)
    yield from (Noted(note, level="warning") for note in draft.notes)
    yield from _redrawn(order, draft)
    notes: list[str] = []
    if draft.spec != order.spec or workshop.workspace.head(MAIN) is None:
        yield from _render(draft.spec, workshop, notes)
        if draft.spec.kind is AppKind.FULLSTACK and not notes:
            yield from _release(workshop, notes)
            if draft.questions and not notes:
                yield Noted("A few answers make this better.", "question", tuple(map(asdict, draft.questions)))
                return
    yield from improve(_assignment(order, draft.spec, draft.requirements, notes), means, workshop)


def _redrawn(order: Order, draft: Draft) -> Iterator[Event]:
    """The requirements as they are now: known also when the run begins later, or is never begun."""
    kept = {item.id for item in draft.requirements}
    for item in order.requirements:
        if item.id not in kept:
            yield replace(changed(item), status="removed")
    yield from map(changed, draft.requirements)


def _draft(order: Order, drafter: ModelDrafter) -> Draft:
    if order.spec is None:
        return drafter.draft(order.message, kind=order.kind, name=order.name)
    if order.answers and order.message.strip() == AS_IT_IS:
        return Draft(order.spec, requirements=tuple(order.requirements))
    if order.answers:
        return drafter.draft(order.wish, kind=order.kind, name=order.name, ask=False)
    return drafter.revise(order.spec, order.message, order.requirements, order.history)


def _release(workshop: Workshop, notes: list[str]) -> Iterator[Event]:
    """What does not pass the gate as it was rendered is for the model to mend."""
    try:
        yield from release_commit(workshop.workspace.require(MAIN), workshop)
    except BuildFailedError as error:
        notes.append(f"As it was rendered, the app does not pass its checks, so mend this first. {error}")


def _render(spec: AppSpec, workshop: Workshop, notes: list[str]) -> Iterator[Event]:
    """A render that meets edits of the same lines is left to the model, which gets to see it."""
    yield PhaseChanged(Phase.RENDERING)
    workspace = workshop.workspace
    before = workspace.head(SCAFFOLD)
    try:
        yield from workspace.render(render_stack(spec, last_render(workspace)), f"Render {spec.name}")
    except MergeConflictError as error:
        diff = workspace.diff(before or SCAFFOLD, SCAFFOLD)[:MAX_CONFLICT_DIFF]
        notes.append(
            f"The AppSpec changed, and rendering it anew touches lines you edited in {', '.join(error.paths)}. Nothing "
            "of it is in the files yet. Bring it in by hand; this is what the stack would change:\n"
            f"```diff\n{diff}\n```"
        )
        workspace.settle_conflict("Leave the new render to be brought in by hand")


def _assignment(
    order: Order, spec: AppSpec, requirements: Sequence[Requirement], notes: Sequence[str] = ()
) -> Assignment:
    return Assignment(order.wish, spec, requirements, order.history, notes, DATA_ANSWERS[0] in order.message)
