"""The project as a build finds it: its requirements, its AppSpec, and what became of the earlier messages."""

import logging
from collections.abc import Iterable

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from builder.agent.assignment import Turn
from builder.agent.ledger import Requirement
from builder.events import Noted, RequirementChanged
from builder.spec import AppSpec
from workers.models import Build, BuildKind, BuildStatus, Project, StoredEvent, StoredRequirement
from workers.plain import plain

MAX_TURNS, MAX_SENTENCE = 20, 600
log = logging.getLogger(__name__)


def put_requirement(session: Session, project_id: str, event: RequirementChanged) -> None:
    """Insert it as the last one, change it where it stands, or take it away."""
    row = session.get(StoredRequirement, (project_id, event.id))
    if event.status == "removed":
        if row is not None:
            session.delete(row)
            session.flush()
        return
    if row is None:
        last = select(func.max(StoredRequirement.position)).where(StoredRequirement.project_id == project_id)
        position = session.scalar(last)
        row = StoredRequirement(project_id=project_id, id=event.id, position=0 if position is None else position + 1)
        session.add(row)
    row.text, row.status, row.reason = plain(event.text), event.status, plain(event.reason)
    row.source = list(event.source) if event.source else None
    row.flow, row.proof, row.about = plain(list(event.flow)), plain(event.proof), plain(list(event.about))
    session.flush()


def requirements_of(session: Session, project_id: str) -> tuple[Requirement, ...]:
    query = select(StoredRequirement).where(StoredRequirement.project_id == project_id)
    rows = session.scalars(query.order_by(StoredRequirement.position)).all()
    return tuple(filter(None, map(_requirement, rows)))


def spec_of(project: Project) -> AppSpec | None:
    """None when nothing was drafted yet, or by a version whose specs this one can't read."""
    if project.spec is None:
        return None
    try:
        return AppSpec.model_validate(project.spec)
    except ValidationError as error:
        log.warning("the AppSpec of %s can't be read any more: %s", project.id, error)
        return None


def turns(session: Session, project_id: str, before: Build | None = None) -> tuple[Turn, ...]:
    """The messages whose builds are over, oldest first, each with what became of it; only those before a build."""
    query = select(Build).where(Build.project_id == project_id, Build.finished_at.is_not(None))
    if before is not None:
        query = query.where(Build.created_at <= before.created_at, Build.id != before.id)
    query = query.order_by(Build.created_at.desc(), Build.id.desc()).limit(MAX_TURNS)
    builds = session.scalars(query).all()[::-1]
    notes = _notes(session, [build.id for build in builds])
    return tuple(Turn(build.message, _outcome(build, notes.get(build.id, []))) for build in builds)


def _requirement(row: StoredRequirement) -> Requirement | None:
    names = ("id", "text", "source", "flow", "status", "proof", "reason")
    values = {name: getattr(row, name) for name in names} | {"about": row.about or ()}
    try:
        return Requirement.model_validate(values)
    except ValidationError as error:
        log.warning("requirement %s of %s can't be read any more: %s", row.id, row.project_id, error)
        return None


def _notes(session: Session, build_ids: Iterable[str]) -> dict[str, list[StoredEvent]]:
    query = select(StoredEvent).where(StoredEvent.build_id.in_(build_ids), StoredEvent.event == Noted.kind)
    found: dict[str, list[StoredEvent]] = {}
    for note in session.scalars(query.order_by(StoredEvent.id)):
        found.setdefault(note.build_id, []).append(note)
    return found


def _outcome(build: Build, notes: list[StoredEvent]) -> str:
    """How it ended, what the person was asked meanwhile, and the last thing they were told."""
    asked = [str(question.get("text", "")) for note in notes for question in note.data.get("questions") or ()]
    told = [str(note.data["text"]) for note in notes if not note.data.get("questions")]
    sentences = [_ending(build), *(f"The person was asked: {question}" for question in asked), *told[-1:]]
    text = " ".join(sentence for sentence in sentences if sentence)
    return text if len(text) <= MAX_SENTENCE else text[: MAX_SENTENCE - 1] + "…"


def _ending(build: Build) -> str:
    served = f"Release {build.release} is what it left." if build.release is not None else "Nothing of it was served."
    match BuildStatus(build.status):
        case BuildStatus.SUCCEEDED:
            return "Done." if build.kind == BuildKind.RESTORE or build.release is None else f"Done. {served}"
        case BuildStatus.CANCELLED:
            return f"The person stopped it. {served}"
        case _:
            return f"It failed: {build.error} {served}"
