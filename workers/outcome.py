"""Why a build ended, as a status and a sentence. Knows whose mistake each kind of error is."""

import errno
import logging
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from builder.path import BuildFailedError, CancelledError
from builder.refusal import Refusal
from builder.sandbox import SandboxUnavailableError
from builder.workspace import MergeConflictError, WorkspaceError
from workers.claims import ClaimLostError
from workers.disk import DISK_FULL
from workers.host_client import HostUnavailableError, NotServedError
from workers.models import BuildStatus, ProjectStatus
from workers.restore import RestoreError

NOT_STORED = "The build could not be stored: the database or the disk refuses to write. What was served still is."
HOST_GONE = "The preview host doesn't answer, so the app can't be shown. Start it again and send the message again."
OURS = "Something broke inside Protodex ({name}). The worker's log has the details; what was served still is."
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a build ended; `project_status` is for a project that has nothing served."""

    status: BuildStatus
    error: str | None = None
    project_status: ProjectStatus = ProjectStatus.FAILED


def outcome_of(cause: Exception, build_id: str) -> Outcome:
    """A person's or the app's trouble is a sentence; ours is one too, and its traceback goes to the log."""
    match cause:
        case ClaimLostError():
            raise cause
        case CancelledError():
            return Outcome(BuildStatus.CANCELLED)
        case Refusal():
            return Outcome(BuildStatus.FAILED, cause.message, ProjectStatus.REJECTED)
        case BuildFailedError() | NotServedError() | RestoreError() | SandboxUnavailableError():
            return Outcome(BuildStatus.FAILED, str(cause))
        case WorkspaceError() | MergeConflictError():  # too large a project, or an edit in the way
            return Outcome(BuildStatus.FAILED, str(cause))
        case HostUnavailableError():
            return Outcome(BuildStatus.FAILED, HOST_GONE)
    log.error("build %s broke", build_id, exc_info=cause)
    if isinstance(cause, (SQLAlchemyError, OSError)):
        return Outcome(BuildStatus.FAILED, _disk_sentence(cause))
    return Outcome(BuildStatus.FAILED, OURS.format(name=type(cause).__name__))


def _disk_sentence(error: Exception) -> str:
    full = "full" in str(error).lower() or getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT}
    return DISK_FULL if full else NOT_STORED
