"""Who runs a build: taken by compare-and-set, held by a lease that is renewed, taken back when the holder is gone.

A worker that was killed, paused or cut off loses its claim, and whatever it does later changes nothing here.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from builder.events import Event, Noted, Phase, PhaseChanged
from workers.database import Database
from workers.models import Build, BuildStatus, Project, ProjectStatus, StoredStep, new_id, now
from workers.store import append_events, settle

LEASE = timedelta(seconds=15)
MAX_ATTEMPTS = 2
LOST_WORKER = (
    "The worker stopped in the middle of this build, twice. Send the message again; the worker's log says why it ended."
)
log = logging.getLogger(__name__)


class ClaimLostError(RuntimeError):
    """Another run holds this build now, or the build is gone; whoever gets this stops."""


@dataclass(frozen=True)
class Claim:
    build: Build
    project: Project
    token: str


def claim(database: Database, build_id: str, worker: str, lease: timedelta = LEASE) -> Claim | None:
    """Take the build if it waits, is its project's oldest waiting one, and nothing else of the project runs."""
    token = new_id(20)
    try:
        with database.write() as session:
            taken = session.scalar(
                update(Build)
                .where(Build.id == build_id, Build.status == BuildStatus.QUEUED, ~_blocked())
                .values(
                    status=BuildStatus.RUNNING,
                    claim=token,
                    worker=worker,
                    lease_until=now() + lease,
                    attempts=Build.attempts + 1,
                    started_at=func.coalesce(Build.started_at, now()),
                )
                .returning(Build.id)
            )
            if taken is None:
                return None
            build = session.get_one(Build, build_id)
            project = session.get_one(Project, build.project_id)
            if project.served_release is None:
                project.status, project.error = ProjectStatus.BUILDING, None
            return Claim(build, project, token)
    except IntegrityError:  # two builds of one project were taken at the same moment: the other one runs
        return None


def renew(database: Database, held: Claim, lease: timedelta = LEASE) -> bool:
    """Keep the claim for another while; False when it is no longer ours."""
    with database.write() as session:
        longer = update(Build).where(*_mine(held)).values(lease_until=now() + lease).returning(Build.id)
        return session.scalar(longer) is not None


def wants_cancel(database: Database, held: Claim) -> bool:
    """Whether the person asked to stop, or the claim is gone."""
    with database.read() as session:
        asked = session.scalar(select(Build.cancel_requested).where(*_mine(held)))
        return asked is None or asked


def locked(session: Session, held: Claim) -> tuple[Build, Project]:
    """The rows of a claim that is still ours, for a change in this transaction."""
    build = session.scalars(select(Build).where(*_mine(held)).with_for_update()).one_or_none()
    if build is None:
        raise ClaimLostError(held.build.id)
    return build, session.get_one(Project, build.project_id)


def finish(
    database: Database,
    held: Claim,
    status: BuildStatus,
    error: str | None,
    events: Sequence[Event] | None = (),
    project_status: ProjectStatus = ProjectStatus.FAILED,
) -> None:
    """End the build. With `events` None nothing is told, only the rows change: they fit even on a full disk."""
    with database.write() as session:
        build, project = locked(session, held)
        _end(session, build, project, status, error, events, project_status)


def put_back(database: Database, held: Claim) -> None:
    """A worker that is shut down leaves its build waiting, and the attempt doesn't count."""
    with database.write() as session:
        build, project = locked(session, held)
        if build.cancel_requested:
            _end(session, build, project, BuildStatus.CANCELLED, None, (), ProjectStatus.FAILED)
            return
        build.attempts -= 1
        _requeue(session, build, project)


def next_build(database: Database, project_id: str) -> str | None:
    waiting = select(Build.id).where(Build.project_id == project_id, Build.status == BuildStatus.QUEUED)
    with database.read() as session:
        return session.scalar(waiting.order_by(Build.created_at, Build.id).limit(1))


def take_back(database: Database) -> list[str]:
    """End or requeue the builds whose lease ran out, because their worker died; the ids of those that wait again."""
    waiting = []
    with database.write() as session:
        lapsed = select(Build).where(Build.status == BuildStatus.RUNNING, Build.lease_until < now())
        for build in session.scalars(lapsed.with_for_update(skip_locked=True)).all():
            project = session.get_one(Project, build.project_id)
            log.warning("build %s lost its worker %s on attempt %d", build.id, build.worker, build.attempts)
            if build.built:  # it is served; only the scoring is missing
                _end(session, build, project, BuildStatus.SUCCEEDED, None, (), ProjectStatus.READY)
            elif build.cancel_requested:
                _end(session, build, project, BuildStatus.CANCELLED, None, (), ProjectStatus.FAILED)
            elif build.attempts >= MAX_ATTEMPTS and build.release is not None:  # the person has what it served
                told = [Noted(LOST_WORKER, "warning")]
                _end(session, build, project, BuildStatus.SUCCEEDED, None, told, ProjectStatus.READY)
            elif build.attempts >= MAX_ATTEMPTS:
                _end(session, build, project, BuildStatus.FAILED, LOST_WORKER, (), ProjectStatus.FAILED)
            else:
                _requeue(session, build, project)
                waiting.append(build.id)
    return waiting


def runnable(database: Database) -> list[str]:
    """The builds that could start right now, oldest first."""
    query = select(Build.id).where(Build.status == BuildStatus.QUEUED, ~_blocked())
    with database.read() as session:
        return list(session.scalars(query.order_by(Build.created_at, Build.id)))


def _blocked() -> ColumnElement[bool]:
    """Whether another build of the project runs, or waits for longer."""
    other = aliased(Build)
    older = (other.created_at < Build.created_at) | ((other.created_at == Build.created_at) & (other.id < Build.id))
    in_front = (other.status == BuildStatus.RUNNING) | ((other.status == BuildStatus.QUEUED) & older)
    return exists().where(other.project_id == Build.project_id, other.id != Build.id, in_front).correlate(Build)


def _mine(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return Build.id == held.build.id, Build.claim == held.token, Build.status == BuildStatus.RUNNING


def _requeue(session: Session, build: Build, project: Project) -> None:
    build.status, build.claim, build.worker, build.lease_until = BuildStatus.QUEUED, None, None, None
    if project.served_release is None:
        project.status = ProjectStatus.QUEUED
    has_steps = session.scalar(select(exists().where(StoredStep.build_id == build.id)))
    goes_on = "The build goes on where it stood." if has_steps else "The build starts again."
    append_events(session, build, [PhaseChanged(Phase.QUEUED, f"The worker stopped. {goes_on}")])


def _end(
    session: Session,
    build: Build,
    project: Project,
    status: BuildStatus,
    error: str | None,
    events: Sequence[Event] | None,
    project_status: ProjectStatus,
) -> None:
    build.status, build.error, build.finished_at = status, error, now()
    build.claim, build.lease_until = None, None
    if events is not None:
        append_events(session, build, [*events, PhaseChanged(Phase(status.value), error or "")])
    settle(session, project, error or "The build was cancelled.", project_status)
