"""The studio's pages: HTML shells that small modules in `web/static/js` fill from the JSON API.

Knows nothing of the database: what a project is comes from the API, what a release holds from its folder.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from builder.answers import LANGUAGES
from builder.settings import Settings
from web.pages.code import highlight_file
from web.pages.releases import ReleaseFileError, read_release_file, thumbnail
from web.pages.shell import EXAMPLES, Shell
from web.words import module_of

ProjectId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Language = Annotated[str, Query(pattern=f"^({'|'.join(LANGUAGES)})$")]
Release = Annotated[int, Query(ge=1, le=2**31 - 1)]


def pages_router(settings: Settings) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    shell = Shell(settings)

    @router.get("/")
    def start(request: Request) -> Response:
        return shell.page(request, "start.html", examples=EXAMPLES)

    @router.get("/signin")
    def signin(request: Request) -> Response:
        return shell.page(request, "signin.html")

    @router.get("/projects/{project_id}")
    def project(request: Request, project_id: ProjectId) -> Response:
        return shell.page(request, "project.html", project_id=project_id)

    @router.get("/projects/{project_id}/thumbnail")
    def project_thumbnail(project_id: ProjectId) -> Response:
        path = thumbnail(settings.project_dir(project_id))
        if path is None:
            return Response(
                status_code=204
            )  # not 404: a missing picture is ordinary, and browsers log a 404 as an error
        return FileResponse(path, media_type="image/png", headers={"Cache-Control": "private, max-age=30"})

    @router.get("/projects/{project_id}/code/{path:path}")
    def code(request: Request, project_id: ProjectId, path: str, release: Release) -> Response:
        try:
            file = read_release_file(settings.project_dir(project_id), release, path)
        except ReleaseFileError:
            return shell.fragment(request, "code_notice.html", status=404, release=release)
        return shell.fragment(request, "code.html", code=highlight_file(path, file))

    @router.get("/static/words.js")
    def words(language: Language, version: str = "") -> Response:
        current, text = module_of(language)
        caching = "public, max-age=31536000, immutable" if version == current else "no-cache"
        return Response(text, media_type="text/javascript", headers={"Cache-Control": caching})

    return router


__all__ = ["pages_router"]
