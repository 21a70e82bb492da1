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
from web.words import Sentence, sentence, words_for
from workers.host_client import HostUnavailableError
from workers.queue import BrokerUnavailableError
from workers.store import MAX_QUEUED, BadCursorError, NotFoundError, QueueFullError

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 8_000_000
TOO_LARGE = ("too_large", sentence("error.too_large", n=MAX_BODY_BYTES // 10**6))
_STATUS = {
    401: ("unauthorized", sentence("error.unauthorized")),
    404: ("not_found", sentence("error.not_found")),
    413: TOO_LARGE,
    405: ("method_not_allowed", sentence("error.method_not_allowed")),
}

_NO_SUCH = {what: sentence(f"error.no_such.{what}") for what in ("project", "build", "release")}
_TITLES = {404: "page.nothing_here", 503: "page.not_now"}


class ApiError(Exception):
    """A `Sentence` is said in the language of who asks; a text stays as it is."""

    def __init__(self, status: int, code: str, message: str | Sentence) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def error_response(
    request: Request, status: int, code: str, message: str | Sentence, headers: dict[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": said(request, message)}}, status, headers)


def said(request: Request, message: str | Sentence) -> str:
    return message if isinstance(message, str) else message.said(words_for(request))


def install_errors(app: FastAPI, settings: Settings) -> None:
    def show(
        request: Request, status: int, code: str, message: str | Sentence, headers: dict[str, str] | None = None
    ) -> Response:
        """A page for a person who looks at pages, JSON for everybody else."""
        wants_page = "text/html" in request.headers.get("accept", "") and request.method == "GET"
        if wants_page and not request.url.path.startswith("/api/"):
            title = words_for(request)(_TITLES.get(status, "page.did_not_work"))
            return error_page(settings, request, status, title, said(request, message))
        return error_response(request, status, code, message, headers)

    @app.exception_handler(ApiError)
    def _own(request: Request, error: ApiError) -> Response:
        return show(request, error.status, error.code, error.message)

    @app.exception_handler(Refusal)
    def _refused(request: Request, error: Refusal) -> Response:
        return show(request, 422, str(error.code), error.message)

    @app.exception_handler(NotFoundError)
    def _missing(request: Request, error: NotFoundError) -> Response:
        return show(request, 404, "not_found", _NO_SUCH.get(error.what, sentence("error.no_such")))

    @app.exception_handler(WorkspaceError)
    def _bad_path(request: Request, error: WorkspaceError) -> Response:
        return show(request, 422, "invalid", str(error))

    @app.exception_handler(BadCursorError)
    def _bad_cursor(request: Request, _error: BadCursorError) -> Response:
        return show(request, 422, "invalid", sentence("error.bad_cursor"))

    @app.exception_handler(QueueFullError)
    def _queue_full(request: Request, _error: QueueFullError) -> Response:
        message = sentence("error.queue_full", n=MAX_QUEUED)
        return show(request, 429, "too_many_builds", message, {"Retry-After": "30"})

    @app.exception_handler(BrokerUnavailableError)
    def _no_broker(request: Request, error: BrokerUnavailableError) -> Response:
        log.warning("the broker doesn't answer: %s", error)
        message = sentence("error.no_queue")
        return show(request, 503, "queue_unavailable", message, {"Retry-After": "5"})

    @app.exception_handler(HostUnavailableError)
    def _no_host(request: Request, error: HostUnavailableError) -> Response:
        log.warning("the host doesn't answer: %s", error)
        message = sentence("error.no_host")
        return show(request, 503, "host_unavailable", message, {"Retry-After": "5"})

    @app.exception_handler(SQLAlchemyError)
    def _no_database(request: Request, error: SQLAlchemyError) -> Response:
        log.error("the database failed", exc_info=error)
        message = sentence("error.no_database")
        return show(request, 503, "database_unavailable", message, {"Retry-After": "5"})

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        return show(request, 422, "invalid", _first_problem(error))

    @app.exception_handler(HTTPException)
    def _plain(request: Request, error: HTTPException) -> Response:
        code, message = _STATUS.get(error.status_code) or ("error", f"{error.detail}.")
        return show(request, error.status_code, code, message, dict(error.headers or {}))

    @app.exception_handler(Exception)
    def _ours(request: Request, _error: Exception) -> Response:
        message = sentence("error.internal")
        return show(request, 500, "internal", message)


def _first_problem(error: RequestValidationError) -> Sentence:
    """The first thing that is wrong, with its place, as one sentence."""
    problem = error.errors()[0]
    if problem["type"] == "json_invalid":
        return sentence("error.not_json")
    place = ".".join(str(part) for part in problem["loc"][1:])
    reason = str(problem["msg"]).removeprefix("Value error, ").rstrip(".")
    reason = f"{reason[:1].lower()}{reason[1:]}"
    return sentence("error.invalid", place=place, reason=reason) if place else sentence("error.body", reason=reason)
