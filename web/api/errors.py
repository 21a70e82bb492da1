"""Every error answers `{"error":{"code","message"}}`; the message is a sentence that says what to do."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from builder.refusal import Refusal
from builder.settings import Settings
from builder.workspace import WorkspaceError
from web.pages.shell import error_page
from workers.host_client import HostUnavailableError
from workers.queue import BrokerUnavailableError
from workers.store import MAX_QUEUED, BadCursorError, NotFoundError, QueueFullError

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 8_000_000
TOO_LARGE = ("too_large", f"A request may have at most {MAX_BODY_BYTES // 10**6} MB. Send less.")
_STATUS = {
    401: ("unauthorized", "Sign in first, or send the token as “Authorization: Bearer …”."),
    404: ("not_found", "There is nothing at this address. Check it, or start from the list of projects."),
    413: TOO_LARGE,
    405: ("method_not_allowed", "This address doesn't take that method. The API is described at /docs."),
}

_TITLES = {404: "Nothing here", 503: "Not available right now"}


class ApiError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def error_response(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def install_errors(app: FastAPI, settings: Settings) -> None:
    def show(request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
        """A page for a person who looks at pages, JSON for everybody else."""
        wants_page = "text/html" in request.headers.get("accept", "") and request.method == "GET"
        if wants_page and not request.url.path.startswith("/api/"):
            return error_page(settings, request, status, _TITLES.get(status, "That did not work"), message)
        return error_response(status, code, message, headers)

    @app.exception_handler(ApiError)
    def _own(request: Request, error: ApiError) -> Response:
        return show(request, error.status, error.code, error.message)

    @app.exception_handler(Refusal)
    def _refused(request: Request, error: Refusal) -> Response:
        return show(request, 422, str(error.code), error.message)

    @app.exception_handler(NotFoundError)
    def _missing(request: Request, error: NotFoundError) -> Response:
        return show(request, 404, "not_found", f"There is no such {error.what}. It may have been deleted.")

    @app.exception_handler(WorkspaceError)
    def _bad_path(request: Request, error: WorkspaceError) -> Response:
        return show(request, 422, "invalid", str(error))

    @app.exception_handler(BadCursorError)
    def _bad_cursor(request: Request, _error: BadCursorError) -> Response:
        return show(request, 422, "invalid", "This cursor can't be read. Start from the first page.")

    @app.exception_handler(QueueFullError)
    def _queue_full(request: Request, _error: QueueFullError) -> Response:
        message = f"There are {MAX_QUEUED} builds waiting already. Wait until some are done, or cancel some."
        return show(request, 429, "too_many_builds", message, {"Retry-After": "30"})

    @app.exception_handler(BrokerUnavailableError)
    def _no_broker(request: Request, error: BrokerUnavailableError) -> Response:
        log.warning("the broker doesn't answer: %s", error)
        message = "The queue isn't running, so nothing was started. Check that the broker is up and try again."
        return show(request, 503, "queue_unavailable", message, {"Retry-After": "5"})

    @app.exception_handler(HostUnavailableError)
    def _no_host(request: Request, error: HostUnavailableError) -> Response:
        log.warning("the host doesn't answer: %s", error)
        message = "The preview host doesn't answer. Check that it is running and try again."
        return show(request, 503, "host_unavailable", message, {"Retry-After": "5"})

    @app.exception_handler(SQLAlchemyError)
    def _no_database(request: Request, error: SQLAlchemyError) -> Response:
        log.error("the database failed", exc_info=error)
        message = "The database doesn't answer. Check the disk and the database server, then try again."
        return show(request, 503, "database_unavailable", message, {"Retry-After": "5"})

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        return show(request, 422, "invalid", _first_problem(error))

    @app.exception_handler(HTTPException)
    def _plain(request: Request, error: HTTPException) -> Response:
        code, message = _STATUS.get(error.status_code, ("error", f"{error.detail}."))
        return show(request, error.status_code, code, message, dict(error.headers or {}))

    @app.exception_handler(Exception)
    def _ours(request: Request, _error: Exception) -> Response:
        message = "Something broke inside Protodex. Try again; the log of the web process has the details."
        return show(request, 500, "internal", message)


def _first_problem(error: RequestValidationError) -> str:
    """The first thing that is wrong, with its place, as one sentence."""
    problem = error.errors()[0]
    if problem["type"] == "json_invalid":
        return "The body is not valid JSON. Send an object as described at /docs."
    place = ".".join(str(part) for part in problem["loc"][1:])
    reason = str(problem["msg"]).removeprefix("Value error, ").rstrip(".")
    where = f"“{place}” can't be used" if place else "The body can't be used"
    return f"{where}: {reason[:1].lower()}{reason[1:]}."
