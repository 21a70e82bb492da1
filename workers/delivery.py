"""Have the releases of one build served, one after the other, and keep their rows.

What is served stays served until the host has a better one healthy: a release that it refuses takes nothing down.
"""

import logging
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from builder.events import Event, Noted, Phase, PhaseChanged, Released, Scored, Served
from workers.evidence import Evidence
from workers.host_client import HostClient, HostUnavailableError, NotServedError
from workers.models import Build, BuildKind, Project, ProjectStatus, Release
from workers.recorder import Recorder

NOT_STARTED = "Release {n} did not start, so what was served before stays. {why}"
NO_HOST = "The preview host doesn't answer, so release {n} is not shown yet. The build goes on."
log = logging.getLogger(__name__)


@dataclass
class Delivery:
    """`served` is the newest release that this build had served, also in a run that was interrupted."""

    host: HostClient
    recorder: Recorder
    served: int | None
    refusal: Exception | None = None
    evidence: Evidence = field(default_factory=Evidence)
    _current: int | None = field(init=False)
    _later: Released | None = None

    def __post_init__(self) -> None:
        self._current = self.served

    def take(self, event: Event) -> None:
        """Serve what is released, and keep what is found out about it, also afterwards."""
        self.evidence.take(event)
        match event:
            case PhaseChanged(phase=Phase.CHECKING):  # the checks that follow are of a release to come
                self._current = None
            case Released():
                self._deliver(event)
            case Scored() if event.release == self._current:
                self._keep_checks(event.release)

    def close(self) -> None:
        """Nothing more is released. Raises why nothing of this build is served."""
        if self._later is not None:
            self._serve(self._later)
        if self.served is None and self.refusal is not None:
            raise self.refusal

    def _deliver(self, released: Released) -> None:
        self._current = self._later = None
        try:
            self._serve(released)
        except (NotServedError, HostUnavailableError) as error:
            if self.recorder.project().served_release is None or self.recorder.claim.build.kind == BuildKind.RESTORE:
                raise
            self.refusal = error
            self._later = released if isinstance(error, HostUnavailableError) else None
            log.warning("release %d of %s is not served: %s", released.release, self.recorder.claim.project.id, error)
            sentence = NO_HOST if self._later else NOT_STARTED
            self.recorder.record(Noted(sentence.format(n=released.release, why=error), "warning"))

    def _serve(self, released: Released) -> None:
        self.recorder.record(PhaseChanged(Phase.SERVING))
        self.recorder.flush()
        project, build = self.recorder.project(), self.recorder.claim.build
        self.host.wait(self.recorder.cancelled)
        data = "snapshot" if build.kind == BuildKind.RESTORE and build.payload.get("data") else "live"
        served = self.host.serve(project.id, project.slug, released.release, released.path, data=data)
        self.recorder.record(Served(served.release, served.url))
        self.recorder.flush(lambda *rows: self._keep(released, *rows))
        self.served = self._current = released.release

    def _keep(self, released: Released, session: Session, build: Build, project: Project) -> None:
        release = session.get(Release, (project.id, released.release))
        if release is None:
            release = Release(project_id=project.id, n=released.release)
            session.add(release)
        release.commit, release.checks = released.commit, list(self.evidence.checks)
        release.score = self.evidence.scores.get(released.release, release.score)
        if build.kind == BuildKind.RESTORE:  # it is the old one again, and so is what is known of it
            old = session.get(Release, (project.id, build.payload["n"]))
            if old is not None:
                release.checks, release.score = old.checks, old.score
                project.spec = old.spec or project.spec
        release.spec = project.spec
        build.release = project.served_release = released.release
        project.status, project.error = ProjectStatus.READY, None

    def _keep_checks(self, n: int) -> None:
        """What was found out since is known of the release too."""
        found = {check["name"]: check for check in self.evidence.checks}

        def keep(session: Session, _: Build, project: Project) -> None:
            release = session.get_one(Release, (project.id, n))
            release.checks = list(({check["name"]: check for check in release.checks} | found).values())

        self.recorder.flush(keep)
