"""The host's control API, on a socket that only this account may open. Trusts its callers, checks their words."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, Field, StringConstraints
from starlette.background import BackgroundTask

from builder.sandbox import remove_tree
from builder.uploads import packed_uploads
from workers.host.app import App
from workers.host.data import DATABASE, DatabaseError, copy_live, has_database, open_regular, take_census
from workers.host.host import Host
from workers.host.served import PROJECT_ID, SLUG, Release
from workers.host.swap import ServeError


class Order(BaseModel):
    """What to serve. With `data` "snapshot" the release starts on its own data instead of the live one."""

    slug: Annotated[str, StringConstraints(pattern=f"^{SLUG.pattern}$")]
    release: Annotated[int, Field(ge=0)]
    path: Path
    data: Annotated[str, StringConstraints(pattern="^(live|snapshot)$")] = "live"


class NoAppError(Exception):
    """No app has this id."""


def control_app(host: Host, preview_url: Callable[[str], str]) -> FastAPI:
    api = FastAPI(openapi_url=None)

    @api.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @api.put("/apps/{project_id}")
    async def serve(project_id: str, order: Order) -> dict[str, object]:
        if not PROJECT_ID.fullmatch(project_id):
            raise ServeError("no_release", "This is no project's id.")
        release = Release(order.slug, order.release, order.path)
        await host.serve(project_id, release, keep_data=order.data == "live")
        return {"release": order.release, "url": preview_url(order.slug)}

    @api.get("/apps/{project_id}")
    async def state(project_id: str) -> dict[str, object]:
        return await _state(_app(host, project_id))

    @api.get("/apps/{project_id}/log")
    async def log(project_id: str) -> PlainTextResponse:
        return PlainTextResponse(_app(host, project_id).log())

    @api.get("/apps/{project_id}/data")
    async def data(project_id: str) -> Response:
        return await _data(host, _app(host, project_id))

    @api.get("/apps/{project_id}/census")
    async def census(project_id: str) -> Any:
        return await _census(host, _app(host, project_id))

    @api.get("/apps/{project_id}/uploads")
    async def uploads(project_id: str) -> Response:
        app = _app(host, project_id)
        return StreamingResponse(packed_uploads(app.data / DATABASE), media_type="application/x-tar")

    @api.delete("/apps/{project_id}", status_code=204)
    async def delete(project_id: str) -> None:
        await host.delete(project_id)

    @api.exception_handler(NoAppError)
    async def no_app(_: Request, __: NoAppError) -> JSONResponse:
        return _error(404, "not_found", "No app has this id. Serve a release first.")

    @api.exception_handler(ServeError)
    async def not_served(_: Request, error: ServeError) -> JSONResponse:
        return _error(422, error.code, str(error), error.log)

    @api.exception_handler(DatabaseError)
    async def unreadable(_: Request, error: DatabaseError) -> JSONResponse:
        return _error(422, "database_unreadable", str(error))

    @api.exception_handler(Exception)
    async def failed(_: Request, __: Exception) -> JSONResponse:
        return _error(500, "host_failed", "The preview host failed at this. Its log says why; try again.")

    @api.exception_handler(RequestValidationError)
    async def misunderstood(_: Request, error: RequestValidationError) -> JSONResponse:
        reasons = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return _error(422, "invalid", f"The request can't be read. {reasons}")

    return api


def _app(host: Host, project_id: str) -> App:
    app = host.find(project_id)
    if not app:
        raise NoAppError
    return app


async def _state(app: App) -> dict[str, object]:
    state, instance = app.state, app.instance
    return {
        "slug": app.served.release.slug,
        "release": app.served.release.n,
        "state": state,
        "error": app.crash.message if app.crash and not instance else None,
        "memory_mb": round(await instance.memory_mb(), 1) if instance else 0.0,
        "last_request_at": app.last_request_at.isoformat() if app.last_request_at else None,
    }


async def _data(host: Host, app: App) -> Response:
    if not has_database(app.data):
        return _error(404, "no_data", "The app has no database yet.")
    folder = Path(tempfile.mkdtemp(prefix="copy-", dir=app.folder))
    try:
        await copy_live(host.machine, app.data, folder)
        with open_regular(folder / DATABASE):
            pass
    except BaseException:
        remove_tree(folder)
        raise
    return FileResponse(
        folder / DATABASE,
        media_type="application/vnd.sqlite3",
        background=BackgroundTask(remove_tree, folder),
    )


async def _census(host: Host, app: App) -> Any:
    if not has_database(app.data):
        return {}
    folder = Path(tempfile.mkdtemp(prefix="copy-", dir=app.folder))
    try:
        await copy_live(host.machine, app.data, folder)
        return await take_census(host.machine, folder / DATABASE)
    finally:
        remove_tree(folder)


def _error(status: int, code: str, message: str, log: str | None = None) -> JSONResponse:
    error = {"code": code, "message": message} | ({"log": log} if log is not None else {})
    return JSONResponse({"error": error}, status)
