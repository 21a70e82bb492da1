"""Serve the built front end: its files as they are, its index page for every other path."""

from pathlib import Path

import fastapi
from fastapi.responses import FileResponse, PlainTextResponse, Response

from backend import errors

DIST = Path(__file__).resolve().parents[1] / "frontend" / "dist"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # assets carry a hash of their content in the name
ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
NOT_BUILT = "The front end isn't built yet. Run: cd frontend && npm install && npm run build"
ASK_AGAIN = {"Cache-Control": "no-cache"}


def install(app: fastapi.FastAPI) -> None:
    @app.api_route("/api/{path:path}", methods=ALL, include_in_schema=False)
    def unknown_api(path: str) -> Response:
        return errors.error_response(404, "not_found", "There is nothing here.")

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def frontend(path: str) -> Response:
        found = _file(path)
        if found is not None:
            return FileResponse(found, headers=FOREVER if path.startswith("assets/") else ASK_AGAIN)
        if path.startswith("assets/"):
            return errors.error_response(404, "not_found", "There is nothing here.")
        if not (DIST / "index.html").is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(DIST / "index.html", headers=ASK_AGAIN)


def _file(path: str) -> Path | None:
    if "\0" in path:
        return None
    found = (DIST / path).resolve()
    return found if found.is_relative_to(DIST) and found.is_file() else None
