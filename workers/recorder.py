"""Keep what happens during one build: events are stored in small batches, the lease is renewed, a stop is noticed.

One thread per build does it beside the build. When it can't store or may no longer, the build is told to stop. What a
model is writing right now is shown and never stored.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from builder.events import Checked, Event, RequirementChanged, Scored, SpecDrafted, Stepped, StepStreamed, UsageTold
from builder.path import BuildFailedError
from workers.claims import LEASE, Claim, ClaimLostError, locked, next_build, renew, wants_cancel
from workers.database import Database
from workers.ledger import put_requirement
from workers.live import LiveFeed
from workers.models import Build, Project, Release
from workers.plain import plain
from workers.store import append_events, free_slug

FLUSH_SECONDS, CANCEL_SECONDS = 0.1, 0.3
MAX_CHECKS = 5_000  # more than the largest budget of steps can ask for
FLOODED = "The app reported more than any app has to report, so the build was stopped."
log = logging.getLogger(__name__)


@dataclass
class Recorder:
    database: Database
    claim: Claim
    wake: Callable[[str], None]
    stopping: threading.Event
    lease: timedelta = LEASE
    live: LiveFeed = field(default_factory=LiveFeed)
    failure: Exception | None = None
    built: bool = False
    _waiting: list[Event] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _checks: int = 0
    _cancelled: bool = False

    def __enter__(self) -> "Recorder":
        self._thread = threading.Thread(target=self._pulse, name=f"build-{self.claim.build.id}", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self.live.clear()

    def record(self, event: Event) -> None:
        """Store the event soon; raises what kept an earlier one from being stored."""
        if self.failure is not None:
            raise self.failure
        if isinstance(event, StepStreamed):
            self.live.put(event)
            return
        self._checks += isinstance(event, Checked)
        if self._checks > MAX_CHECKS:  # whoever probes an app runs beside it: it can write reports as well
            raise BuildFailedError(FLOODED)
        with self._lock:
            self._waiting.append(event)
        if isinstance(event, Stepped):  # stored before the next one is shown: no page sees two being written
            self.live.clear()
            self.flush()

    def flush(self, change: Callable[[Session, Build, Project], None] = lambda *_: None) -> None:
        """Store everything that waits, together with a change of the rows, all or nothing."""
        with self._lock:
            if self.failure is not None:
                raise self.failure
            batch = list(self._waiting)
            with self.database.write() as session:
                build, project = locked(session, self.claim)
                for event in batch:
                    _apply(session, build, project, event)
                change(session, build, project)
                append_events(session, build, batch)
            self._waiting.clear()
        self.wake(self.claim.project.id)

    def project(self) -> Project:
        """The project as it is now: drafting may have given it a name and a slug."""
        with self.database.read() as session:
            return locked(session, self.claim)[1]

    def unsaved(self) -> list[Event]:
        """What no batch could store yet; the end of the build tries once more."""
        with self._lock:
            return list(self._waiting)

    def cancelled(self) -> bool:
        """Whether the build should stop. Costs nothing, from any thread: the row is read beside, every 0.3 s."""
        return self._cancelled or self.stopping.is_set() or self.failure is not None

    def _pulse(self) -> None:
        renewed, asked = time.monotonic(), 0.0
        while not self._ended.wait(FLUSH_SECONDS):
            try:
                self.live.pulse()
                if self._waiting:
                    self.flush()
                if time.monotonic() - asked > CANCEL_SECONDS:
                    asked = time.monotonic()
                    self._cancelled = self._cancelled or self._should_stop()
                if time.monotonic() - renewed > self.lease.total_seconds() / 7:
                    renewed = time.monotonic()
                    if not renew(self.database, self.claim, self.lease):
                        raise ClaimLostError(self.claim.build.id)
            except Exception as error:  # whatever it was: a build that nobody watches any more must stop
                log.warning("build %s stops: %s", self.claim.build.id, error)
                self.failure = error
                return

    def _should_stop(self) -> bool:
        """The person's word, always. Once built, what is left is scoring, and a follow-up that waits matters more."""
        if wants_cancel(self.database, self.claim):
            return True
        return self.built and next_build(self.database, self.claim.project.id) is not None


def _apply(session: Session, build: Build, project: Project, event: Event) -> None:
    """What an event means for the rows beside being stored."""
    if isinstance(event, SpecDrafted):
        spec = project.spec = plain(event.spec)
        project.kind = spec.get("kind", project.kind)
        drafted = str(spec.get("name") or "")[:120]
        if drafted and not build.payload.get("name") and drafted != project.name:
            project.name = drafted
            if project.served_release is None:
                project.slug = free_slug(session, drafted)
    elif isinstance(event, Scored):
        release = session.get(Release, (project.id, event.release))
        if release is not None:
            release.score = event.score
    elif isinstance(event, RequirementChanged):
        put_requirement(session, project.id, event)
    elif isinstance(event, UsageTold):
        build.usage = {name: value for name, value in plain(event.data()).items() if value is not None}
