"""Run one build: claim it, drive the builder, store its events, have its releases served, end it with a reason.

The builder is a value of few methods, so this file knows neither prompts nor stacks nor checks. A build whose worker
shuts down or is killed goes on later, from its journal; only what is left of the scoring is given up.
"""

import logging
import shutil
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from builder.events import Event, Noted, Phase, PhaseChanged
from builder.path import BuildFailedError, CancelledError
from builder.release import next_release
from builder.sandbox import remove_tree
from builder.settings import Settings
from builder.uploads import uploads_of
from workers.claims import LEASE, Claim, ClaimLostError, claim, finish, next_build, put_back, runnable
from workers.database import Database
from workers.delivery import Delivery
from workers.disk import DISK_FULL, MIN_FREE_BYTES
from workers.host_client import HostClient, HostUnavailableError
from workers.journal import DatabaseJournal
from workers.ledger import requirements_of, spec_of, turns
from workers.live import LiveFeed
from workers.models import Build, BuildKind, BuildStatus, Project, Release, StoredRequirement
from workers.outcome import Outcome, outcome_of
from workers.queue import Queue
from workers.recorder import Recorder
from workers.request import Builder, BuildRequest
from workers.restore import restore_release

__all__ = ["BuildRequest", "Builder", "Service", "run_build"]
log = logging.getLogger(__name__)


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
    elif not service.running:
        rest(service)


def rest(service: Service) -> None:
    """Let the builder use the pause. What goes wrong there is no build's."""
    try:
        service.builder.rest()
    except Exception:
        log.exception("getting ready for the next build failed")


class _Run:
    def __init__(self, service: Service, held: Claim) -> None:
        self.service, self.held = service, held
        self.project_dir = service.settings.project_dir(held.project.id)
        live = LiveFeed(lambda data: service.queue.live(held.project.id, held.build.id, data))
        self.recorder = Recorder(service.database, held, service.queue.wake, service.stopping, service.lease, live)
        self.delivery = Delivery(service.host, self.recorder, held.build.release)

    def run(self) -> None:
        with self.recorder:
            try:
                self._build()
                self.recorder.flush()
                outcome = Outcome(BuildStatus.SUCCEEDED)
            except Exception as error:  # whatever it was, the build ends with a reason
                cause = self.recorder.failure or error
                if isinstance(cause, CancelledError) and self.service.stopping.is_set() and not self.recorder.built:
                    self._keep_the_last()
                    put_back(self.service.database, self.held)
                    return
                outcome = outcome_of(cause, self.held.build.id)
        if self.recorder.built:  # whatever happened to the scoring, the person has the app
            outcome = Outcome(BuildStatus.SUCCEEDED)
        self._finish(outcome)

    def _keep_the_last(self) -> None:
        """The step that was just stored is told as well: the run that goes on won't tell it again."""
        try:
            self.recorder.flush()
        except SQLAlchemyError:
            log.exception("the last events of build %s are lost", self.held.build.id)

    def _finish(self, outcome: Outcome) -> None:
        events: list[Event] = self.recorder.unsaved()
        if outcome.status is BuildStatus.FAILED and self.delivery.served is not None:
            events.append(Noted(outcome.error or "", "warning"))  # the person has what was served on the way
            outcome = Outcome(BuildStatus.SUCCEEDED)
        ending = (outcome.status, outcome.error)
        try:
            finish(self.service.database, self.held, *ending, events, outcome.project_status)
        except SQLAlchemyError:
            log.exception("the last events of build %s are lost", self.held.build.id)
            finish(self.service.database, self.held, *ending, None, outcome.project_status)

    def _build(self) -> None:
        self.project_dir.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.project_dir).free < self.service.min_free_bytes:
            raise BuildFailedError(DISK_FULL)
        remove_strays(self.project_dir)
        try:
            request = self._request()
            self._drive(self._events(request))
            self.delivery.close()
            if self.delivery.served is None:
                raise BuildFailedError("The build ended without a release.")
            self.recorder.flush(_mark_built)
            self.recorder.built = True
            self._score(request, self.delivery.served)
        finally:
            self._live_copy.unlink(missing_ok=True)
            remove_tree(uploads_of(self._live_copy))

    def _request(self) -> BuildRequest:
        build, project = self.held.build, self.held.project
        kind, journal = BuildKind(build.kind), DatabaseJournal(self.service.database, self.held)
        if kind is BuildKind.PROMPT and not journal.steps():  # nothing of a run that was cut short counts
            self.recorder.flush(_forget_requirements)
        with self.service.database.read() as session:
            ledger, history = requirements_of(session, project.id), turns(session, project.id, build)
        return BuildRequest(
            project=self.project_dir,
            kind=kind,
            message=build.message,
            payload=build.payload,
            number=next_release(self.project_dir / "releases"),
            data=self._live_data() if kind is not BuildKind.RESTORE else None,
            cancelled=self.recorder.cancelled,
            build_id=build.id,
            prompt=project.prompt,
            spec=spec_of(project),
            ledger=ledger,
            history=history,
            journal=journal,
            live_data=self._newest_data,
        )

    @property
    def _live_copy(self) -> Path:
        return self.project_dir / f"live-{self.held.build.id}.sqlite"

    def _live_data(self) -> Path | None:
        served = self.delivery.served is not None or self.held.project.served_release is not None
        if served:
            self.service.host.wait(self.recorder.cancelled)
        fresh = self._live_copy.with_suffix(".new.sqlite")
        if not served or not self.service.host.fetch_data(self.held.project.id, fresh):
            return None
        remove_tree(uploads_of(self._live_copy))
        if uploads_of(fresh).exists():
            uploads_of(fresh).rename(uploads_of(self._live_copy))
        return fresh.rename(self._live_copy)  # whoever still reads the one before goes on reading it

    def _newest_data(self) -> Path | None:
        """A host that is away for a moment ends no build: the copy before will do until it is back."""
        try:
            return self._live_data()
        except HostUnavailableError as error:
            log.warning("build %s goes on with an older copy of the data: %s", self.held.build.id, error)
            return self._live_copy if self._live_copy.exists() else None

    def _events(self, request: BuildRequest) -> Iterator[Event]:
        if request.kind is BuildKind.RESTORE:
            return restore_release(request.workspace, request.releases, int(request.payload["n"]), request.number)
        return self.service.builder.build(request)

    def _drive(self, events: Iterator[Event]) -> None:
        """Take every event; however it ends, the builder has put its things away before the build does."""
        try:
            for event in events:
                self._take(event)
            self._check_cancelled()
        finally:
            if isinstance(events, Generator):
                events.close()

    def _take(self, event: Event) -> None:
        self._check_cancelled()
        self.recorder.record(event)
        self.delivery.take(event)

    def _score(self, request: BuildRequest, n: int) -> None:
        with self.service.database.read() as session:
            release = session.get(Release, (self.held.project.id, n))
            again = request.kind is BuildKind.RESTORE  # its score is known, but not what was asked for meanwhile
            if release is None or (release.score is not None and not again):  # a build with a model scores as it goes
                return
            project = session.get_one(Project, self.held.project.id)
            request = replace(request, ledger=requirements_of(session, project.id), spec=spec_of(project))
        self._take(PhaseChanged(Phase.SCORING))
        while not self.service.scoring.acquire(timeout=1):
            if self.recorder.cancelled() or runnable(self.service.database):
                return
        try:
            builder, folder = self.service.builder, request.releases / str(n)
            self._drive(builder.prove_again(request, folder) if again else builder.score(request, folder))
        finally:
            self.service.scoring.release()

    def _check_cancelled(self) -> None:
        if self.recorder.cancelled():
            raise CancelledError


def _mark_built(_: Session, build: Build, __: Project) -> None:
    build.built = True


def _forget_requirements(session: Session, _: Build, project: Project) -> None:
    session.execute(delete(StoredRequirement).where(StoredRequirement.project_id == project.id))


def remove_strays(project: Path) -> None:
    """What a killed worker left of an earlier run. One build of a project runs at a time, so it is nobody's now.

    A build that goes on needs none of it, only the workspace, its journal and the releases.
    """
    releases = project / "releases"
    live, labs = project.glob("live-*"), project.glob("lab-*")
    for stray in (*live, *labs, *releases.glob(".*.stage"), *releases.glob("score-*")):
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
