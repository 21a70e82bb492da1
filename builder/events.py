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
    """The scored checks ended; `score` is 0 to 100."""

    kind: ClassVar[str] = "build"
    release: int
    score: int


@dataclass(frozen=True)
class Noted(Event):
    kind: ClassVar[str] = "note"
    text: str
    level: str = "info"
