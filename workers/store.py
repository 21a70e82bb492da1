"""What one owner may see and ask for: projects, builds, events, releases. Every query is held to the owner.

Rows that were read are values: nothing is loaded behind their back, and changing one changes nothing.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from anyascii import anyascii
from sqlalchemy import Select, func, select, tuple_, update
from sqlalchemy.orm import Session, undefer

from builder.agent.assignment import Turn
from builder.drafter.revise.undo import spec_before
from builder.events import Event, Phase, PhaseChanged
from workers.database import Database
from workers.ledger import turns
from workers.models import (
    IMPLICIT_OWNER,
    Build,
    BuildKind,
    BuildStatus,
    Project,
    ProjectStatus,
    Release,
    StoredEvent,
    StoredRequirement,
    StoredStep,
    new_id,
    now,
)
from workers.plain import plain

MAX_QUEUED = 20
Row = TypeVar("Row", Project, Build, Release)


class NotFoundError(LookupError):
    """This owner has no such thing; `what` says what was looked for."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class QueueFullError(RuntimeError):
    """This owner has as many builds waiting as one may have."""


class BadCursorError(ValueError):
    """The cursor of a list is none that was given out."""


@dataclass(frozen=True)
class Store:
    database: Database
    owner_id: str = IMPLICIT_OWNER

    def create_project(self, prompt: str, kind: str | None, name: str | None) -> tuple[Project, Build]:
        with self.database.write() as session:
            self._check_queue(session)
            title = name or _title(prompt)
            project = Project(id=new_id(), owner_id=self.owner_id, name=title, prompt=prompt, kind=kind)
            project.slug = free_slug(session, title)
            session.add(project)
            session.flush()
            build = self._add_build(session, project, BuildKind.PROMPT, prompt, {"name": name, "kind": kind})
            return project, build

    def create_build(self, project_id: str, kind: BuildKind, message: str, payload: dict[str, Any]) -> Build:
        with self.database.write() as session:
            self._check_queue(session)
            project = self._project(session, project_id)
            if project.served_release is None:
                project.status, project.error = ProjectStatus.QUEUED, None
            return self._add_build(session, project, kind, message, payload)

    def projects(self, cursor: str | None, limit: int) -> tuple[Sequence[Project], str | None]:
        """Newest first, with the cursor of the next page, if there is one."""
        query = select(Project).where(Project.owner_id == self.owner_id)
        if cursor is not None:
            query = query.where(tuple_(Project.created_at, Project.id) < _read_cursor(cursor))
        query = query.order_by(Project.created_at.desc(), Project.id.desc()).limit(limit + 1)
        with self.database.read() as session:
            rows = session.scalars(query).all()
        more = len(rows) > limit
        return rows[:limit], _cursor(rows[limit - 1]) if more else None

    def project(self, project_id: str) -> Project:
        with self.database.read() as session:
            return self._project(session, project_id)

    def build(self, build_id: str) -> Build:
        with self.database.read() as session:
            return self._one(session, self._builds().where(Build.id == build_id), Build)

    def states(self, project_ids: Sequence[str]) -> list[tuple[Project, list[Release], Build | None]]:
        """Each project with its releases and its build that matters most, all of one moment."""
        owned = select(Project).where(Project.owner_id == self.owner_id, Project.id.in_(project_ids))
        with self.database.read() as session:
            found = {project.id: project for project in session.scalars(owned)}
            releases, builds = self._releases(session, project_ids), self._latest_builds(session, project_ids)
        return [(found[key], releases[key], builds.get(key)) for key in project_ids if key in found]

    def latest_builds(self, project_ids: Sequence[str]) -> dict[str, Build]:
        """The build that matters most of each project: the running one, else the newest."""
        with self.database.read() as session:
            return self._latest_builds(session, project_ids)

    def _latest_builds(self, session: Session, project_ids: Sequence[str]) -> dict[str, Build]:
        running_first = (Build.status == BuildStatus.RUNNING).asc()
        query = self._builds().where(Build.project_id.in_(project_ids))
        query = query.order_by(running_first, Build.created_at, Build.id)
        return {build.project_id: build for build in session.scalars(query)}

    def position(self, build: Build) -> int | None:
        """How many builds start before this one, of all owners; None unless it waits."""
        if build.status != BuildStatus.QUEUED:
            return None
        earlier = tuple_(Build.created_at, Build.id) < (build.created_at, build.id)
        query = select(func.count()).where(Build.status == BuildStatus.QUEUED, earlier)
        with self.database.read() as session:
            return session.scalar(query) or 0

    def releases(self, project_ids: Sequence[str]) -> dict[str, list[Release]]:
        with self.database.read() as session:
            return self._releases(session, project_ids)

    def _releases(self, session: Session, project_ids: Sequence[str]) -> dict[str, list[Release]]:
        query = self._of_mine(select(Release), Release.project_id).where(Release.project_id.in_(project_ids))
        found: dict[str, list[Release]] = {project_id: [] for project_id in project_ids}
        for release in session.scalars(query.order_by(Release.n)):
            found[release.project_id].append(release)
        return found

    def spec_before(self, project_id: str) -> dict[str, Any] | None:
        """The AppSpec before the last change of it; None where it is the first."""
        with self.database.read() as session:
            query = self._of_mine(select(Release), Release.project_id).where(Release.project_id == project_id)
            releases = session.scalars(query.options(undefer(Release.spec)).order_by(Release.n))
            return spec_before([r.spec for r in releases if r.spec is not None])

    def release(self, project_id: str, n: int) -> Release:
        query = self._of_mine(select(Release), Release.project_id).where(Release.project_id == project_id)
        with self.database.read() as session:
            return self._one(session, query.where(Release.n == n), Release)

    def events(self, project_id: str, after: int, limit: int = 500) -> Sequence[StoredEvent]:
        query = self._of_mine(select(StoredEvent), StoredEvent.project_id)
        query = query.where(StoredEvent.project_id == project_id, StoredEvent.id > after)
        with self.database.read() as session:
            return session.scalars(query.order_by(StoredEvent.id).limit(limit)).all()

    def requirements(self, project_id: str) -> Sequence[StoredRequirement]:
        """The ledger as it stands, in the order in which it was told."""
        query = self._of_mine(select(StoredRequirement), StoredRequirement.project_id)
        query = query.where(StoredRequirement.project_id == project_id).order_by(StoredRequirement.position)
        with self.database.read() as session:
            return session.scalars(query).all()

    def steps(self, build_id: str) -> Sequence[StoredStep]:
        query = self._of_mine(select(StoredStep).join(Build, Build.id == StoredStep.build_id), Build.project_id)
        with self.database.read() as session:
            return session.scalars(query.where(StoredStep.build_id == build_id).order_by(StoredStep.n)).all()

    def history(self, project_id: str) -> Sequence[Turn]:
        """The newest messages whose builds are over, oldest first, each with what became of it."""
        with self.database.read() as session:
            return turns(session, self._project(session, project_id).id)

    def cancel(self, build_id: str) -> Build:
        """A waiting build is over at once; a running one is asked to stop. One that is over stays as it is."""
        with self.database.write() as session:
            build = self._one(session, self._builds().where(Build.id == build_id).with_for_update(), Build)
            if build.status == BuildStatus.QUEUED:
                build.status, build.finished_at, build.cancel_requested = BuildStatus.CANCELLED, now(), True
                settle(session, self._project(session, build.project_id), "The build was cancelled before it began.")
                append_events(session, build, [PhaseChanged(Phase.CANCELLED)])
            elif build.status == BuildStatus.RUNNING:
                build.cancel_requested = True
            return build

    def cancel_all(self, project_id: str) -> None:
        with self.database.write() as session:
            self._project(session, project_id)
            mine = Build.project_id == project_id
            waiting = update(Build).where(mine, Build.status == BuildStatus.QUEUED)
            session.execute(waiting.values(status=BuildStatus.CANCELLED, finished_at=now()))
            session.execute(update(Build).where(mine).values(cancel_requested=True))

    def delete_project(self, project_id: str) -> None:
        with self.database.write() as session:
            project = self._project(session, project_id)
            session.execute(select(Build.id).where(Build.project_id == project_id).with_for_update())
            session.delete(project)  # builds are locked before their project everywhere, so nobody waits in a circle

    def _check_queue(self, session: Session) -> None:
        waiting = select(func.count()).select_from(self._builds().where(Build.status == BuildStatus.QUEUED).subquery())
        if (session.scalar(waiting) or 0) >= MAX_QUEUED:
            raise QueueFullError

    def _add_build(
        self, session: Session, project: Project, kind: BuildKind, message: str, payload: dict[str, Any]
    ) -> Build:
        build = Build(id=new_id(), project_id=project.id, kind=kind, message=message, payload=payload)
        session.add(build)
        session.flush()
        append_events(session, build, [PhaseChanged(Phase.QUEUED)])
        return build

    def _project(self, session: Session, project_id: str) -> Project:
        query = select(Project).where(Project.owner_id == self.owner_id, Project.id == project_id)
        return self._one(session, query, Project)

    def _builds(self) -> Select[Any]:
        return self._of_mine(select(Build), Build.project_id)

    def _of_mine(self, query: Select[Any], project_id: Any) -> Select[Any]:
        return query.join(Project, Project.id == project_id).where(Project.owner_id == self.owner_id)

    @staticmethod
    def _one(session: Session, query: Select[Any], model: type[Row]) -> Row:
        row: Row | None = session.scalars(query).one_or_none()
        if row is None:
            raise NotFoundError(model.__name__.lower())
        return row


def append_events(session: Session, build: Build, events: Sequence[Event]) -> None:
    """Store what happened. Holding the project's row makes ids grow in the order in which they become visible."""
    session.execute(select(Project.id).where(Project.id == build.project_id).with_for_update())
    session.add_all(
        StoredEvent(
            project_id=build.project_id, build_id=build.id, at=now(), event=event.kind, data=plain(event.data())
        )
        for event in events
    )


def settle(session: Session, project: Project, error: str | None, status: ProjectStatus = ProjectStatus.FAILED) -> None:
    """The project's status when none of its builds runs: served is ready, waiting is queued, else `status`."""
    session.flush()
    waiting = select(Build.id).where(Build.project_id == project.id, Build.status == BuildStatus.QUEUED).limit(1)
    if project.served_release is not None:
        project.status, project.error = ProjectStatus.READY, None
    elif session.scalar(waiting) is not None:
        project.status, project.error = ProjectStatus.QUEUED, None
    else:
        project.status, project.error = status, error


def free_slug(session: Session, title: str) -> str:
    """A DNS label that says what the app is; the random end keeps two apps of one name apart."""
    words = re.findall(r"[a-z0-9]+", anyascii(title).lower())
    stem = "-".join(words)[:40].strip("-") or "app"
    while True:
        slug = f"{stem}-{new_id(4)}"
        if session.scalar(select(Project.id).where(Project.slug == slug)) is None:
            return slug


def _title(prompt: str) -> str:
    """The prompt's first words, until the drafter finds a name."""
    first = " ".join(prompt.split())
    return first if len(first) <= 60 else first[:60].rsplit(" ", 1)[0] + "…"


def _cursor(project: Project) -> str:
    return base64.urlsafe_b64encode(f"{project.created_at.isoformat()} {project.id}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, project_id = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or "\0" in project_id:
            raise ValueError("not one of ours")
        return moment.astimezone(UTC), project_id
    except (binascii.Error, ValueError, OverflowError) as error:
        raise BadCursorError(cursor) from error
