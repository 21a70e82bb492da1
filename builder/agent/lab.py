"""The warm sandbox of a run: the app under work, started once and kept up to date with every edit.

All of it is untrusted: what comes back is data with a bounded size. Times out and raises LabError, never hangs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from builder.agent.flow import FlowStep
from builder.events import Checked


class LabError(RuntimeError):
    """The lab could not do it; the message is for the model and says why (the app doesn't start, it took too long)."""


@dataclass(frozen=True)
class ApiAnswer:
    status: int
    body: str
    headers: Mapping[str, str]
    seconds: float


@dataclass(frozen=True)
class Rows:
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


@dataclass(frozen=True)
class TestReport:
    """`vacuous` names tests of the model's that pass without its change too: they count for nothing."""

    __test__ = False

    passed: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    vacuous: tuple[str, ...] = ()
    tail: str = ""


@dataclass(frozen=True)
class PageReport:
    """`snapshot` is the accessibility tree as YAML; `changed` a diff against the tree before the actions."""

    url: str
    title: str
    snapshot: str
    changed: str
    problems: tuple[str, ...]
    failed_step: str | None = None
    screenshot: bytes | None = None


@dataclass(frozen=True)
class FlowResult:
    """`failed_at` is the index of the step that did not hold, `snapshot` the page at that moment."""

    ok: bool
    finding: str | None
    failed_at: int | None
    snapshot: str
    seconds: float
    screenshot: bytes | None = None


class Lab(Protocol):
    """May be called from several threads; calls take turns."""

    def update(self, changes: Mapping[str, bytes | None]) -> None:
        """Bring the app's files up to date; None deletes. What they touch is rebuilt at the next call that needs it."""

    def check(self, changed: Collection[str]) -> list[Checked]:
        """The gate's checks that these files can break, and no others."""

    def run_tests(self, paths: Sequence[str], base: Mapping[str, bytes]) -> TestReport:
        """Run the app's tests; those new or changed against the files of `base` are also run on these."""

    def call_api(self, method: str, path: str, body: Any = None) -> ApiAnswer: ...
    def query_db(self, sql: str, limit: int = 50) -> Rows:
        """A read-only query."""

    def browse(self, path: str | None, steps: Sequence[FlowStep], *, screenshot: bool = False) -> PageReport:
        """Open `path`, or stay on the page of the last call, then act."""

    def run_flow(self, steps: Sequence[FlowStep], *, patience: float = 1.0) -> FlowResult:
        """On a fresh copy of the data, from a fresh page; nothing of it stays.

        `patience` is how many times as long as usual is waited for what does not come true.
        """

    def read_logs(self, lines: int = 60) -> str: ...
    def close(self) -> None: ...
