"""`protodex build`: the path in the foreground, with no broker and no database.

With a model connected it works as in the studio: what it made last is handed over, and also what it had made when it
was stopped or failed.
"""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from builder.agent.build import AS_IT_IS
from builder.agent.journal import MemoryJournal
from builder.agent.ledger import Requirement
from builder.archive import copy_app
from builder.events import Event, Noted, Released, RequirementChanged, Scored, SpecDrafted
from builder.path import BuildFailedError
from builder.refusal import Refusal
from builder.sandbox import SandboxUnavailableError
from builder.settings import Settings
from builder.spec import AppSpec
from builder.toolchain import ToolchainError
from web.build_display import Display, JsonLines, Progress
from workers.models import BuildKind
from workers.path_builder import PathBuilder, open_path
from workers.request import BuildRequest

BUILT, FAILED, REFUSED, STOPPED = 0, 1, 2, 130
STOP, STOP_WITH_APP = "Stopped. Nothing was kept.", "Stopped. The app as it was last is in {out}."


def build(prompt: str, out: Path, settings: Settings, *, as_json: bool, score: bool = False) -> int:
    """Build `prompt` into the folder `out`; the answer is the exit code: 0 built, 1 failed, 2 refused, 130 stopped."""
    with JsonLines() if as_json else Progress() as display, _stopped_by_signals() as stopped:
        return _build(prompt, out, settings, display, score, stopped)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Ctrl-C, or being asked to end, interrupts whatever runs; tools and checks in other threads see the event."""
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()
        raise KeyboardInterrupt

    heeded = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _build(prompt: str, out: Path, settings: Settings, display: Display, score: bool, stopped: threading.Event) -> int:
    try:
        if problem := _out_problem(out):
            display.failed(problem, "out_unusable")
            return FAILED
        with closing(_run(prompt, out, settings, score, stopped)) as events:
            for event in events:
                display.event(event)
    except Refusal as refusal:
        display.failed(refusal.message, refusal.code)
        return REFUSED
    except (BuildFailedError, SandboxUnavailableError, ToolchainError) as error:
        display.failed(str(error), "failed")
        return FAILED
    except KeyboardInterrupt:
        display.failed(STOP_WITH_APP.format(out=out) if out.exists() and any(out.iterdir()) else STOP, "stopped")
        return STOPPED
    display.done(out)
    return BUILT


def _out_problem(out: Path) -> str | None:
    """Asked before anything is built: an app that is ready and can't be handed over helps nobody."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        return f"{out} is not an empty folder. Name one that is new or empty."
    nearest = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        return f"{out} can't be written. Name a folder that is yours."
    return None


def _run(
    prompt: str, out: Path, settings: Settings, score: bool, stopped: threading.Event
) -> Generator[Event, None, None]:
    builder = open_path(settings)
    scratch = settings.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=scratch) as folder:
        project = _Project(Path(folder), stopped)
        try:
            yield from _work(prompt, builder, project, score)
        finally:
            if project.release is not None:
                _hand_over(project.release / "app", out)


def _work(prompt: str, builder: PathBuilder, project: "_Project", score: bool) -> Iterator[Event]:
    """Questions get no answer here: the app is built as the model guessed it."""
    request = project.request(BuildKind.PROMPT, prompt, prompt)
    try:
        yield from project.heard(builder.build(request))
        if project.asked:
            yield from project.heard(builder.build(project.request(BuildKind.MESSAGE, AS_IT_IS, prompt)))
    except BuildFailedError as error:
        if project.release is None:
            raise
        yield Noted(str(error), "warning")
    if score and project.release is not None and not project.scored:
        yield from builder.score(request, project.release)


@dataclass
class _Project:
    """What a database would remember of the one project that there is."""

    folder: Path
    stopped: threading.Event
    release: Path | None = None
    scored: bool = False
    asked: bool = False
    spec: AppSpec | None = None
    ledger: dict[str, Requirement] = field(default_factory=dict)

    def request(self, kind: BuildKind, message: str, prompt: str) -> BuildRequest:
        number = 1 + sum(path.name.isdigit() for path in (self.folder / "releases").glob("*"))
        return BuildRequest(
            project=self.folder,
            kind=kind,
            message=message,
            payload={},
            number=number,
            data=None,
            cancelled=self.stopped.is_set,
            build_id="foreground",
            prompt=prompt,
            spec=self.spec,
            ledger=tuple(self.ledger.values()),
            history=(),
            journal=MemoryJournal(),
            live_data=lambda: None,
        )

    def heard(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            match event:
                case SpecDrafted(spec=spec):
                    self.spec = AppSpec.model_validate(spec)
                case RequirementChanged(id=id, status="removed"):
                    self.ledger.pop(id, None)
                case RequirementChanged():
                    self._put(event)
                case Released(path=path):
                    self.release, self.scored = path, False
                case Scored():
                    self.scored = True
                case Noted(level="question"):
                    self.asked = True
                case _:
                    pass
            yield event

    def _put(self, told: RequirementChanged) -> None:
        self.ledger[told.id] = Requirement.model_validate(
            {"id": told.id, "text": told.text, "source": told.source, "status": told.status, "flow": told.flow}
        )


def _hand_over(app: Path, out: Path) -> None:
    """All of the app or nothing; a folder that was there stays the same one, it may be somebody's current one."""
    made = not out.exists()
    try:
        copy_app(app, out)
    except BaseException:
        for path in out.iterdir() if out.exists() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if made and out.exists():
            out.rmdir()
        raise
