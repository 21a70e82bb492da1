"""The path: a prompt becomes an AppSpec, the spec a rendered stack, the stack a checked release.

Yields what happens as events. Knows nothing of users, queues or tables, and serves nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from builder.agent.ledger import changed
from builder.checks import gate
from builder.checks.probe import CancelledError
from builder.checks.standby import Standby
from builder.drafter import Drafter
from builder.events import Checked, CheckStatus, Event, Noted, Phase, PhaseChanged, Released, SpecDrafted
from builder.release import discard, publish, stage_release
from builder.sandbox import Sandbox
from builder.spec import AppKind, AppSpec
from builder.stack import render_stack
from builder.stack.migrations import NUMBERED
from builder.toolchain import Toolchain
from builder.untrusted import UnfitAppError
from builder.workspace import MAIN, SCAFFOLD, Workspace

__all__ = ["BuildFailedError", "CancelledError", "Workshop", "build_app", "build_spec"]


class BuildFailedError(Exception):
    """The gate found what must not be served; the findings were yielded, the message names the check."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Workshop:
    """Where one project is built and with what. `data` is a copy of the live database, if there is one; `live_data`
    makes that copy anew, since people go on using the app while a model works on it. The checks may stand by already.
    """

    workspace: Workspace
    releases: Path
    sandbox: Sandbox
    toolchain: Toolchain
    number: int = 1
    data: Path | None = None
    cancelled: Callable[[], bool] = _never
    live_data: Callable[[], Path | None] | None = None
    standby: Standby | None = None


def build_app(
    prompt: str, drafter: Drafter, workshop: Workshop, *, kind: AppKind | None = None, name: str | None = None
) -> Iterator[Event]:
    """Raises Refusal for a prompt that won't be built, BuildFailedError, CancelledError."""
    yield PhaseChanged(Phase.DRAFTING)
    draft = drafter.draft(prompt, kind=kind, name=name)
    yield SpecDrafted(draft.spec.model_dump(mode="json"), draft.understood, draft.unused)
    yield from map(changed, draft.requirements)
    yield from map(Noted, draft.notes)
    yield from build_spec(draft.spec, workshop)


def build_spec(spec: AppSpec, workshop: Workshop) -> Iterator[Event]:
    """Render `spec`, merge it into what people and models edited, and release the result."""
    yield PhaseChanged(Phase.RENDERING)
    workspace = workshop.workspace
    yield from workspace.render(render_stack(spec, last_render(workspace)), f"Render {spec.name}")
    yield from release_commit(workspace.require(MAIN), workshop)


def last_render(workspace: Workspace) -> dict[str, bytes]:
    """The last render, with the migrations that a person or a model has added since: the next one comes after them."""
    if workspace.head(SCAFFOLD) is None:
        return {}
    added = {path: data for path, data in workspace.read_all(MAIN).items() if NUMBERED.fullmatch(path)}
    return workspace.read_all(SCAFFOLD) | added


def release_commit(commit: str, workshop: Workshop) -> Iterator[Event]:
    """Take `commit` through the gate and publish it as release `workshop.number`."""
    yield PhaseChanged(Phase.CHECKING)
    if workshop.cancelled():
        raise CancelledError
    ready = workshop.standby.take() if workshop.standby else None
    stage = stage_release(workshop.workspace, commit, workshop.releases, workshop.number, workshop.data, ready)
    ended: list[Checked] = []
    try:
        for event in gate(stage, workshop.toolchain, workshop.sandbox, workshop.cancelled):
            ended += [event] if event.status is not CheckStatus.RUNNING else []
            yield event
        if failed := [event for event in ended if event.status is CheckStatus.FAILED]:
            raise BuildFailedError(_sentence(failed[0]))
        release = publish(stage, workshop.number, commit, ended)
    except UnfitAppError as error:
        discard(stage)
        raise BuildFailedError(str(error)) from error
    except BaseException:
        discard(stage)
        raise
    yield Released(release.n, commit, release.path)


def _sentence(failed: Checked) -> str:
    cause = failed.findings[0].message.splitlines()[0] if failed.findings else "no cause was given"
    return f"The check “{failed.label}” failed: {cause}"
