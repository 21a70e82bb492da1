"""What a builder gets to know of a build, and what it is: a value with four methods. Knows nothing of tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from builder.agent.assignment import Turn
from builder.agent.journal import Journal
from builder.agent.ledger import Requirement
from builder.events import Event
from builder.spec import AppSpec
from workers.models import BuildKind


@dataclass(frozen=True)
class BuildRequest:
    """`number` is the first release number that is free, `data` a copy of the live database, if there is one.

    `live_data` makes that copy anew: once a release is served, the next one's migrations must cope with what people
    entered since. `prompt` is the project's first message; `spec`, `ledger` and `history` are the project as this
    build finds it. A build that was interrupted gets its `journal` again and goes on after the last step.
    """

    project: Path
    kind: BuildKind
    message: str
    payload: dict[str, Any]
    number: int
    data: Path | None
    cancelled: Callable[[], bool]
    build_id: str
    prompt: str
    spec: AppSpec | None
    ledger: tuple[Requirement, ...]
    history: tuple[Turn, ...]
    journal: Journal
    live_data: Callable[[], Path | None]

    @property
    def releases(self) -> Path:
        return self.project / "releases"

    @property
    def workspace(self) -> Path:
        return self.project / "workspace"


class Builder(Protocol):
    def build(self, request: BuildRequest) -> Iterator[Event]:
        """Yields Released at least once, each to be served at once.

        Raises Refusal, BuildFailedError or CancelledError. Closing the iterator must end whatever it started.
        """

    def score(self, request: BuildRequest, release: Path) -> Iterator[Event]:
        """The checks that rank a release which the build didn't score itself; never takes it down."""

    def prove_again(self, request: BuildRequest, release: Path) -> Iterator[Event]:
        """What was asked for since, on a release that comes back and whose score is known."""

    def rest(self) -> None:
        """Nothing is to be built just now: a moment to get ready for the next build."""

    def close(self) -> None: ...
