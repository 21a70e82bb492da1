"""Errors as clients read them: `{"error": {"code", "message", "fields"}}`, whatever went wrong."""

import logging

import fastapi
import pydantic
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)

CODES = {403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
MESSAGES = {
    404: "There is nothing here.",
    405: "This address doesn't answer that method.",
}


class Problem(Exception):
    """Something a client did that can't be done; the message says what to do instead."""

    def __init__(self, status: int, code: str, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields


def not_found() -> Problem:
    return Problem(404, "not_found", "It doesn't exist, or not any more.")


def invalid(field: str, message: str) -> Problem:
    return Problem(422, "invalid", f"{_title(field)}: {message}", {field: message})


def conflict(message: str, fields: dict[str, str] | None = None) -> Problem:
    return Problem(409, "conflict", message, fields)


def unfit(error: pydantic.ValidationError) -> Problem:
    """What is wrong with values that didn't come as the body of a request, like those of a file."""
    fields = {str(found["loc"][0]): sentence(found) for found in reversed(error.errors()) if found["loc"]}
    name, message = next(reversed(fields.items()), ("", "This doesn't fit here."))
    return Problem(422, "invalid", f"{_title(name)}: {message}" if name else message, fields)


def error_response(status: int, code: str, message: str, fields: dict[str, str] | None = None) -> JSONResponse:
    error = {"code": code, "message": message} | ({"fields": fields} if fields else {})
    return JSONResponse({"error": error}, status)


def install(app: fastapi.FastAPI) -> None:
    @app.exception_handler(Problem)
    def problem(_request: fastapi.Request, error: Problem) -> JSONResponse:
        return error_response(error.status, error.code, error.message, error.fields)

    @app.exception_handler(HTTPException)
    def http_error(_request: fastapi.Request, error: HTTPException) -> JSONResponse:
        message = MESSAGES.get(error.status_code, str(error.detail))
        response = error_response(error.status_code, CODES.get(error.status_code, "invalid"), message)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def invalid_request(_request: fastapi.Request, error: RequestValidationError) -> JSONResponse:
        return _invalid_request(error)

    @app.exception_handler(Exception)
    def failure(_request: fastapi.Request, _error: Exception) -> JSONResponse:
        return error_response(500, "internal", "Something went wrong on the server. Try again in a moment.")


def _invalid_request(error: RequestValidationError) -> JSONResponse:
    fields: dict[str, str] = {}
    for found in error.errors():
        where = found["loc"]
        if where[0] == "path":  # an id that is no number names nothing
            return error_response(404, "not_found", not_found().message)
        if where[0] == "body" and len(where) > 1 and isinstance(where[1], str):
            fields.setdefault(where[1], sentence(found))
    if not fields:
        return error_response(422, "invalid", "The body has to be a JSON object with the fields.")
    name, message = next(iter(fields.items()))
    return error_response(422, "invalid", f"{_title(name)}: {message}", fields)


def sentence(found: dict) -> str:
    kind, limits = found["type"], {name: _short(limit) for name, limit in found.get("ctx", {}).items()}
    if kind == "missing" or found["input"] is None:
        return "This field is required."
    if kind in _SENTENCES:
        return _SENTENCES[kind].format(**limits)
    if kind == "value_error":
        return str(limits["error"])
    return "This value doesn't fit here."


def _short(limit: object) -> object:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


_SENTENCES = {
    "extra_forbidden": "There is no such field.",
    "string_type": "Enter a text.",
    "string_too_long": "Use at most {max_length} characters.",
    "string_too_short": "Use at least {min_length} characters.",
    "string_unicode": "Use only characters that can be written.",
    "int_type": "Enter a whole number.",
    "int_from_float": "Enter a whole number.",
    "int_parsing": "Enter a whole number.",
    "int_parsing_size": "This number is too large.",
    "float_type": "Enter a number.",
    "float_parsing": "Enter a number.",
    "decimal_type": "Enter a number.",
    "decimal_parsing": "Enter a number.",
    "decimal_max_places": "Use at most {decimal_places} decimal places.",
    "decimal_max_digits": "This number is too large.",
    "decimal_whole_digits": "This number is too large.",
    "finite_number": "Enter a number.",
    "bool_type": "Say yes or no.",
    "greater_than_equal": "Use {ge} or more.",
    "less_than_equal": "Use {le} or less.",
    "literal_error": "Choose one of the listed values.",
    "list_type": "Give a list of ids.",
    "too_long": "Give at most {max_length} of them.",
}


def _title(field: str) -> str:
    return field.replace("_", " ").capitalize()
