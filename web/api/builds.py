"""Builds: looked at, cancelled, and the one that goes back to an older release."""

import time
from typing import Annotated

from fastapi import APIRouter, Path

from web.api.errors import ApiError
from web.api.schemas import LARGEST_NUMBER, BuildAccepted, BuildOut, NewRestore, ReleaseDetail
from web.api.service import Service, WebService
from web.words import sentence
from workers.models import Build, BuildKind, BuildStatus

router = APIRouter(prefix="/api", tags=["builds"])
RESTORE_SECONDS = 120
Number = Annotated[int, Path(ge=0, le=LARGEST_NUMBER)]


@router.get("/builds/{build_id}")
def get_build(build_id: str, service: Service) -> BuildOut:
    """One build; `position` counts the builds that start before it."""
    return service.show_build(service.store.build(build_id))


@router.post("/builds/{build_id}/cancel", status_code=202)
def cancel_build(build_id: str, service: Service) -> BuildAccepted:
    """A waiting build is cancelled at once, a running one stops at its next step."""
    build = service.store.cancel(build_id)
    service.queue.wake(build.project_id)
    return BuildAccepted(build=service.show_build(build))


@router.get("/projects/{project_id}/releases/{n}")
def get_release(project_id: str, n: Number, service: Service) -> ReleaseDetail:
    """One release with its checks and their findings."""
    return ReleaseDetail.model_validate(service.store.release(project_id, n), from_attributes=True)


@router.post("/projects/{project_id}/releases/{n}/restore", status_code=201)
def restore_release(project_id: str, n: Number, service: Service, body: NewRestore | None = None) -> ReleaseDetail:
    """Serve a new release equal to `n`; with `data` it also gets the data that `n` had when it was last served."""
    service.store.release(project_id, n)
    running = service.store.latest_builds([project_id]).get(project_id)
    if running is not None and not BuildStatus(running.status).is_over:
        raise ApiError(409, "build_running", sentence("error.build_running"))
    service.ensure_can_build()
    payload = {"n": n, "data": body.data if body else False}
    build = service.store.create_build(project_id, BuildKind.RESTORE, f"Back to release {n}.", payload)
    service.start(build)
    done = _wait(service, build)
    if done.status != BuildStatus.SUCCEEDED or done.release is None:
        raise ApiError(409, "not_restored", done.error or sentence("error.not_restored"))
    return get_release(project_id, done.release, service)


def _wait(service: WebService, build: Build) -> Build:
    """A restore takes about a second: no model, no checks, only the host's start of the app."""
    until = time.monotonic() + RESTORE_SECONDS
    while time.monotonic() < until:
        build = service.store.build(build.id)
        if BuildStatus(build.status).is_over:
            return build
        time.sleep(0.1)
    raise ApiError(504, "still_waiting", sentence("error.still_waiting", id=build.id))
