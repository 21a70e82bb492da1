"""What a project consists of: its files, one file's text, what changed between releases, all of it as a zip."""

import tempfile
import time
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse
from starlette.background import BackgroundTask

from builder.archive import write_archive
from builder.workspace import MAIN, Workspace
from web.api.errors import ApiError
from web.api.schemas import LARGEST_NUMBER, FileList, FileOut
from web.api.service import Service, WebService
from web.words import sentence
from workers.host.tickets import make_ticket, preview_secret
from workers.models import Project

router = APIRouter(prefix="/api/projects/{project_id}", tags=["files"])
ReleaseNumber = Annotated[int | None, Query(alias="release", ge=1, le=LARGEST_NUMBER)]
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git's name for no files at all


@router.get("/files")
def list_files(project_id: str, service: Service, n: ReleaseNumber = None) -> FileList:
    """The files of a release; without `release`, of the one that is served."""
    project = service.store.project(project_id)
    workspace = open_workspace(service, project.id)
    if workspace is None:
        return FileList(files=[])
    files = workspace.files(_commit(service, project, n))
    return FileList(files=[FileOut(path=file.path, size=file.size) for file in files])


@router.get("/files/{path:path}", response_class=PlainTextResponse)
def read_file(project_id: str, path: str, service: Service, n: ReleaseNumber = None) -> PlainTextResponse:
    """The text of one file."""
    project = service.store.project(project_id)
    workspace = open_workspace(service, project.id)
    missing = ApiError(404, "not_found", sentence("error.no_such_file"))
    if workspace is None:
        raise missing
    try:
        content = workspace.read(_commit(service, project, n), path)
    except KeyError:
        raise missing from None
    if b"\0" in content:
        raise ApiError(415, "not_text", sentence("error.not_text"))
    return PlainTextResponse(content.decode(errors="replace"), headers={"Content-Security-Policy": "sandbox"})


@router.get("/diff", response_class=PlainTextResponse)
def diff_releases(
    project_id: str,
    service: Service,
    before: Annotated[int, Query(alias="from", ge=0, le=LARGEST_NUMBER)],
    after: Annotated[int, Query(alias="to", ge=1, le=LARGEST_NUMBER)],
) -> PlainTextResponse:
    """Unified diff; `from=0` compares with nothing."""
    project = service.store.project(project_id)
    commits = [EMPTY_TREE if n == 0 else service.store.release(project_id, n).commit for n in (before, after)]
    workspace = open_workspace(service, project.id)
    if workspace is None:
        raise ApiError(404, "not_found", sentence("error.no_files"))
    return PlainTextResponse(workspace.diff(*commits), headers={"Content-Security-Policy": "sandbox"})


@router.get("/archive", response_class=FileResponse)
def download_archive(project_id: str, service: Service, n: ReleaseNumber = None) -> FileResponse:
    """The app as a zip that runs by itself; without `release`, the one that is served."""
    project = service.store.project(project_id)
    number = n or project.served_release
    if number is None:
        raise ApiError(404, "no_release_yet", sentence("error.no_release"))
    service.store.release(project_id, number)
    app = service.settings.project_dir(project_id) / "releases" / str(number) / "app"
    if not app.is_dir():
        raise ApiError(404, "not_found", sentence("error.files_gone", n=number))
    with tempfile.NamedTemporaryFile(prefix="protodex-", suffix=".zip", delete=False) as file:
        packed = Path(file.name)
    try:
        write_archive(app, packed, project.slug)
    except BaseException:
        packed.unlink()
        raise
    return FileResponse(
        packed, media_type="application/zip", filename=f"{project.slug}.zip", background=BackgroundTask(packed.unlink)
    )


@router.get("/log", response_class=PlainTextResponse)
def read_log(project_id: str, service: Service) -> PlainTextResponse:
    """The running app's newest output."""
    service.store.project(project_id)
    return PlainTextResponse(service.host.log(project_id) or "", headers={"Content-Security-Policy": "sandbox"})


@router.get("/preview", status_code=303, response_class=RedirectResponse)
def open_preview(project_id: str, service: Service) -> RedirectResponse:
    """Go to the running app. With a token set, the address carries a ticket that is good for two minutes."""
    project = service.store.project(project_id)
    url = service.settings.preview_url(project.slug)
    if service.settings.token is not None:
        secret = preview_secret(service.settings.token.get_secret_value())
        url += f"__protodex/enter?ticket={quote(make_ticket(secret, project.slug, time.time()))}"
    return RedirectResponse(url, 303)


def open_workspace(service: WebService, project_id: str) -> Workspace | None:
    path = service.settings.project_dir(project_id) / "workspace"
    return Workspace(path) if (path / "HEAD").exists() else None


def _commit(service: WebService, project: Project, n: int | None) -> str:
    """The commit of release `n`, else of what is served, else the newest state."""
    number = n or project.served_release
    return MAIN if number is None else service.store.release(project.id, number).commit
