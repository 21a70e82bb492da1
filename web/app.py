"""The web process: the JSON API, the studio's pages and their assets behind one guarded door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.staticfiles import StaticFiles

from builder.settings import Settings, read_settings
from web.api import builds, docs, files, health, projects, sse, steps, trajectories
from web.api.auth import Auth, auth_router
from web.api.errors import install_errors
from web.api.guard import Guard
from web.api.service import Service, WebService
from web.api.wakeups import Wakeups
from web.pages import pages_router
from workers.database import migrate, open_database
from workers.host_client import HostClient
from workers.queue import Queue

STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings | None = None) -> FastAPI:
    """`settings` are read from the environment when an ASGI server calls this as its factory."""
    settings = settings or read_settings()
    service = WebService(
        settings,
        open_database(settings.database),
        Queue(settings.broker),
        HostClient(settings.host_socket),
        Wakeups(settings.broker),
    )
    app = FastAPI(title="Protodex", lifespan=_lifespan, docs_url=None, redoc_url=None)
    app.state.service = service
    auth = Auth(settings.token.get_secret_value() if settings.token else None, settings.port)
    app.add_middleware(Guard, settings=settings, auth=auth)
    install_errors(app, settings)
    routers = (projects.router, builds.router, trajectories.router, steps.router, files.router, sse.router)
    for router in (*routers, health.router, docs.docs_router(settings)):
        app.include_router(router)
    app.include_router(auth_router(auth))
    app.include_router(pages_router(settings), dependencies=[Depends(_owns_project)])
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: WebService = app.state.service
    await asyncio.to_thread(migrate, service.database)
    listening = asyncio.create_task(service.wakeups.run())
    try:
        yield
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        service.host.close()
        service.queue.close()
        service.database.close()


def _owns_project(request: Request, service: Service) -> None:
    """A page of a project is for its owner: the pages themselves know no owners."""
    project_id = request.path_params.get("project_id")
    if project_id is not None:
        service.store.project(project_id)
