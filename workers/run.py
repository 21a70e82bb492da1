"""Run one build: claim it, drive the builder, store its events, have the release served, end it with a reason.

The builder is a value with two methods, so this file knows neither prompts nor stacks nor checks.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from builder.events import Checked, CheckStatus, Event, Phase, PhaseChanged, Released, Served
from builder.path import BuildFailedError, CancelledError
from builder.sandbox import remove_tree
from builder.settings import Settings
from workers.claims import LEASE, Claim, ClaimLostError, claim, finish, next_build, put_back, runnable
from workers.database import Database
from workers.disk import DISK_FULL, MIN_FREE_BYTES
from workers.host_client import HostClient, HostUnavailableError
from workers.models import Build, BuildKind, BuildStatus, Project, ProjectStatus, Release
from workers.outcome import Outcome, outcome_of
from workers.plain import plain
from workers.queue import Queue
from workers.recorder import Recorder
from workers.restore import restore_release, spec_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildRequest:
    """What the builder gets to know of a build. `data` is a copy of the live database, if there is one."""

    project: Path
    kind: BuildKind
    message: str
    payload: dict[str, Any]
    number: int
    data: Path | None
    cancelled: Callable[[], bool]

    @property
    def releases(self) -> Path:
        return self.project / "releases"

    @property
    def workspace(self) -> Path:
        return self.project / "workspace"


class Builder(Protocol):
    def build(self, request: BuildRequest) -> Iterator[Event]:
        """Ends with Released; raises Refusal, BuildFailedError or CancelledError."""

    def score(self, request: BuildRequest, release: Path) -> Iterator[Event]:
        """The checks that rank a release; never takes it down."""


@dataclass
class Service:
    """What a worker works with. `stopping` is set when it shuts down: builds go back to the queue.

    Fewer may be in `scoring` than run at once, so that a new prompt never waits for the scoring of old ones.
    """

    settings: Settings
    database: Database
    queue: Queue
    host: HostClient
    builder: Builder
    name: str
    lease: timedelta = LEASE
    min_free_bytes: int = MIN_FREE_BYTES
    stopping: threading.Event = field(default_factory=threading.Event)
    scoring: threading.Semaphore = field(default_factory=threading.Semaphore)
    running: set[str] = field(default_factory=set)


def run_build(service: Service, build_id: str) -> None:
    """Run the build if it is this worker's to run, and hand on to the project's next one."""
    if service.stopping.is_set():
        return
    held = claim(service.database, build_id, service.name, service.lease)
    if held is None:
        log.info("build %s is not to be run now", build_id)
        return
    service.running.add(build_id)
    try:
        _Run(service, held).run()
    except ClaimLostError:
        _clean_up_after_delete(service, held)
    finally:
        service.running.discard(build_id)
        service.queue.wake(held.project.id)
    if not service.stopping.is_set() and (following := next_build(service.database, held.project.id)):
        service.queue.send(following)


class _Run:
    def __init__(self, service: Service, held: Claim) -> None:
        self.service, self.held = service, held
        self.project_dir = service.settings.project_dir(held.project.id)
        self.recorder = Recorder(service.database, held, service.queue.wake, service.stopping, service.lease)
        self.released: Released | None = None
        self.checks: list[dict[str, Any]] = []

    def run(self) -> None:
        with self.recorder:
            try:
                self._build()
                self.recorder.flush()
                outcome = Outcome(BuildStatus.SUCCEEDED)
            except Exception as error:  # whatever it was, the build ends with a reason
                cause = self.recorder.failure or error
                if isinstance(cause, CancelledError) and self.service.stopping.is_set() and not self.recorder.served:
                    put_back(self.service.database, self.held)
                    return
                outcome = outcome_of(cause, self.held.build.id)
        if self.recorder.served:  # whatever happened to the scoring, the person has the app
            outcome = Outcome(BuildStatus.SUCCEEDED)
        self._finish(outcome)

    def _finish(self, outcome: Outcome) -> None:
        ending = (outcome.status, outcome.error)
        try:
            finish(self.service.database, self.held, *ending, self.recorder.unsaved(), outcome.project_status)
        except SQLAlchemyError:
            log.exception("the last events of build %s are lost", self.held.build.id)
            finish(self.service.database, self.held, *ending, None, outcome.project_status)

    def _build(self) -> None:
        self.project_dir.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.project_dir).free < self.service.min_free_bytes:
            raise BuildFailedError(DISK_FULL)
        remove_strays(self.project_dir)
        request = self._request()
        try:
            for event in self._events(request):
                self._take(event)
            if self.released is None:
                raise BuildFailedError("The build ended without a release.")
            self._serve(request, self.released)
            if request.kind is not BuildKind.RESTORE:
                self._score(request, self.released)
        finally:
            if request.data is not None:
                request.data.unlink(missing_ok=True)

    def _request(self) -> BuildRequest:
        build = self.held.build
        number = next_release(self.project_dir / "releases")
        data = self.project_dir / f"live-{build.id}.sqlite"
        kind = BuildKind(build.kind)
        served = self.held.project.served_release is not None and kind is not BuildKind.RESTORE
        has_data = served and self.service.host.fetch_data(self.held.project.id, data)
        return BuildRequest(
            self.project_dir, kind, build.message, build.payload, number, data if has_data else None, self._cancelled
        )

    def _events(self, request: BuildRequest) -> Iterator[Event]:
        if request.kind is BuildKind.RESTORE:
            return restore_release(request.workspace, request.releases, int(request.payload["n"]), request.number)
        return self.service.builder.build(request)

    def _take(self, event: Event) -> None:
        if self._cancelled():
            raise CancelledError
        self.recorder.record(event)
        if isinstance(event, Released):
            self.released = event
        if isinstance(event, Checked) and event.status is not CheckStatus.RUNNING:
            self.checks.append(plain(event.data()))

    def _serve(self, request: BuildRequest, released: Released) -> None:
        self.recorder.record(PhaseChanged(Phase.SERVING))
        self.recorder.flush()
        project = self.recorder.project()
        data = "snapshot" if request.kind is BuildKind.RESTORE and request.payload.get("data") else "live"
        served = self.service.host.serve(project.id, project.slug, released.release, released.path, data=data)
        self.recorder.record(Served(served.release, served.url))
        self.recorder.flush(lambda *rows: self._keep(released, *rows))
        self.recorder.served = True

    def _keep(self, released: Released, session: Session, build: Build, project: Project) -> None:
        release = Release(project_id=project.id, n=released.release, commit=released.commit, checks=self.checks)
        if build.kind == BuildKind.RESTORE:  # it is the old one again, and so is what is known of it
            old = session.get(Release, (project.id, build.payload["n"]))
            release.checks, release.score = (old.checks, old.score) if old else ([], None)
            project.spec = spec_of(session, project.id, build.payload["n"]) or project.spec
        session.add(release)
        build.release = project.served_release = released.release
        project.status, project.error = ProjectStatus.READY, None

    def _score(self, request: BuildRequest, released: Released) -> None:
        self.recorder.record(PhaseChanged(Phase.SCORING))
        while not self.service.scoring.acquire(timeout=1):
            if self._cancelled() or runnable(self.service.database):
                return
        try:
            for event in self.service.builder.score(request, released.path):
                self._take(event)
        finally:
            self.service.scoring.release()
        self.recorder.flush(lambda session, _build, project: self._keep_checks(released, session, project))

    def _keep_checks(self, released: Released, session: Session, project: Project) -> None:
        session.get_one(Release, (project.id, released.release)).checks = list(self.checks)

    def _cancelled(self) -> bool:
        return self.recorder.cancelled()


def next_release(releases: Path) -> int:
    """One more than any release that was ever published, served or not: a number is never used twice."""
    numbers = [int(entry.name) for entry in releases.glob("*") if entry.name.isdigit()]
    return max(numbers, default=0) + 1


def remove_strays(project: Path) -> None:
    """What a killed worker left of an earlier build. One build of a project runs at a time, so it is nobody's now."""
    releases = project / "releases"
    for stray in (*project.glob("live-*.sqlite"), *releases.glob(".*.stage"), *releases.glob("score-*")):
        remove_tree(stray)


def _clean_up_after_delete(service: Service, held: Claim) -> None:
    """A project deleted in mid-build leaves nothing behind, also not what this build made since."""
    with service.database.read() as session:
        if session.get(Project, held.project.id) is not None:
            log.warning("build %s went to another worker", held.build.id)
            return
    try:
        service.host.delete(held.project.id)
    except HostUnavailableError as error:
        log.warning("the deleted project %s may still be served: %s", held.project.id, error)
    remove_tree(service.settings.project_dir(held.project.id))
