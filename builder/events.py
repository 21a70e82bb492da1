"""What happens during a build, as values. `builder` yields them, `workers` stores them, `web` streams them."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """`kind` is the event's name in the stream: build spec requirement file step check preview usage note."""

    kind: ClassVar[str]

    def data(self) -> dict[str, Any]:
        return asdict(self)


class Phase(StrEnum):
    QUEUED = "queued"
    DRAFTING = "drafting"
    RENDERING = "rendering"
    CHECKING = "checking"
    SERVING = "serving"
    WORKING = "working"
    SCORING = "scoring"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class PhaseChanged(Event):
    kind: ClassVar[str] = "build"
    phase: Phase
    message: str = ""


@dataclass(frozen=True)
class SpecDrafted(Event):
    """`understood` pairs a part of the spec with the words it came from; `unused` lists words nothing was made of."""

    kind: ClassVar[str] = "spec"
    spec: dict[str, Any]
    understood: tuple[tuple[str, str], ...] = ()
    unused: tuple[str, ...] = ()


class Change(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True)
class FileChanged(Event):
    kind: ClassVar[str] = "file"
    path: str
    change: Change
    lines: int


class CheckStatus(StrEnum):
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, cause first; `path` and `line` where it can be located."""

    message: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Checked(Event):
    """A check began (`running`) or ended. One with `gate` decides whether the release may be served."""

    kind: ClassVar[str] = "check"
    name: str
    label: str
    status: CheckStatus
    gate: bool
    seconds: float = 0.0
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class Released(Event):
    """A release lies complete on disk and may be served; `path` is its folder."""

    kind: ClassVar[str] = "build"
    release: int
    commit: str
    path: Path

    def data(self) -> dict[str, Any]:
        return {"release": self.release, "commit": self.commit}


@dataclass(frozen=True)
class Served(Event):
    kind: ClassVar[str] = "preview"
    release: int
    url: str


@dataclass(frozen=True)
class Scored(Event):
    """The scored checks of a release ended; `score` is 0 to 100."""

    kind: ClassVar[str] = "build"
    release: int
    score: int


@dataclass(frozen=True)
class Noted(Event):
    """`level` is `info`, `warning` or `question`; the answers to questions come as the person's next message."""

    kind: ClassVar[str] = "note"
    text: str
    level: str = "info"
    questions: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Called:
    """One tool call of a step, as a person follows it; `result` is the beginning of what the model was told."""

    id: str
    name: str
    summary: str
    ok: bool
    path: str | None = None
    result: str = ""
    seconds: float = 0.0
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Stepped(Event):
    """A step of the model ended and is committed. `phase` is `build`, `verify` or `polish`."""

    kind: ClassVar[str] = "step"
    n: int
    phase: str
    text: str
    reasoning: str
    calls: tuple[Called, ...]
    commit: str
    changed: bool
    seconds: float


@dataclass(frozen=True)
class StepStreamed(Event):
    """What the model is writing right now, in whole; shown, never stored.

    Each call has `name`, `path`, `lines` (so far) and `tail` (the newest lines of the file being written).
    """

    kind: ClassVar[str] = "step"
    n: int
    phase: str
    reasoning: str
    text: str
    calls: tuple[dict[str, Any], ...] = ()

    def data(self) -> dict[str, Any]:
        return {**asdict(self), "live": True}


@dataclass(frozen=True)
class RequirementChanged(Event):
    """`status` is `open`, `proven`, `failed`, or `removed` when it holds no longer; `proof` has `steps`, `finding` and
    `screenshot`.
    """

    kind: ClassVar[str] = "requirement"
    id: str
    text: str
    source: tuple[int, int] | None
    status: str
    flow: tuple[dict[str, Any], ...] = ()
    proof: dict[str, Any] | None = None
    reason: str | None = None
    about: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class UsageTold(Event):
    """The build's tokens so far; `wasted` were spent after the first repeat. `acceptance` is of drafted tokens."""

    kind: ClassVar[str] = "usage"
    steps: int
    prompt: int
    completion: int
    cached: int
    wasted: int = 0
    tokens_per_second: float | None = None
    acceptance: float | None = None
    context: float | None = None
