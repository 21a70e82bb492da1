"""A preview host for tests: keeps the control API's promises on a real unix socket, and runs no app."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route


@dataclass
class ScriptedHost:
    """`refuses` makes it answer as a host does whose app didn't boot."""

    socket: Path
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses: str | None = None

    def __enter__(self) -> "ScriptedHost":
        routes = [
            Route("/health", self._health),
            Route("/apps/{id}", self._app, methods=["GET", "PUT", "DELETE"]),
            Route("/apps/{id}/log", self._log),
            Route("/apps/{id}/data", self._data),
        ]
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        config = uvicorn.Config(Starlette(routes=routes), uds=str(self.socket), log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _app(self, request: Request) -> Response:
        project_id = request.path_params["id"]
        if request.method == "DELETE":
            self.apps.pop(project_id, None)
            return Response(status_code=204)
        if request.method == "PUT":
            if self.refuses:
                error = {"code": "not_healthy", "message": self.refuses, "log": "Traceback"}
                return JSONResponse({"error": error}, 422)
            self.apps[project_id] = await request.json()
            url = f"http://{self.apps[project_id]['slug']}.localhost:8001/"
            return JSONResponse({"release": self.apps[project_id]["release"], "url": url})
        if project_id not in self.apps:
            return JSONResponse({"error": {"code": "not_found", "message": "No such app."}}, 404)
        return JSONResponse({**self.apps[project_id], "state": "idle", "error": None})

    async def _log(self, request: Request) -> Response:
        return PlainTextResponse("Application startup complete.\n" if request.path_params["id"] in self.apps else "")

    async def _data(self, request: Request) -> Response:
        if request.path_params["id"] not in self.apps:
            return JSONResponse({"error": {"code": "not_found", "message": "No data yet."}}, 404)
        return Response(b"SQLite format 3\0", media_type="application/vnd.sqlite3")
