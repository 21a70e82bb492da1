"""Errors as clients read them: `{"error": {"code", "message", "fields"}}`, whatever went wrong."""

import logging

import fastapi
import pydantic
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backend import words

logger = logging.getLogger(__name__)

CODES = {403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
MESSAGES = {404: words.ERROR_NOTHING_HERE, 405: words.ERROR_METHOD}


class Problem(Exception):
    """Something a client did that can't be done; the message says what to do instead."""

    def __init__(self, status: int, code: str, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields


def not_found() -> Problem:
    return Problem(404, "not_found", words.ERROR_GONE)


def invalid(field: str, message: str) -> Problem:
    return Problem(422, "invalid", _of_field(field, message), {field: message})


def conflict(message: str, fields: dict[str, str] | None = None) -> Problem:
    return Problem(409, "conflict", message, fields)


def unfit(error: pydantic.ValidationError) -> Problem:
    """What is wrong with values that didn't come as the body of a request, like those of a file."""
    fields = {str(found["loc"][0]): sentence(found) for found in reversed(error.errors()) if found["loc"]}
    name, message = next(reversed(fields.items()), ("", words.ERROR_UNFIT))
    return Problem(422, "invalid", _of_field(name, message) if name else message, fields)


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
        return error_response(500, "internal", words.ERROR_SERVER)


def _invalid_request(error: RequestValidationError) -> JSONResponse:
    fields: dict[str, str] = {}
    for found in error.errors():
        where = found["loc"]
        if where[0] == "path":  # an id that is no number names nothing
            return error_response(404, "not_found", not_found().message)
        if where[0] == "body" and len(where) > 1 and isinstance(where[1], str):
            fields.setdefault(where[1], sentence(found))
    if not fields:
        return error_response(422, "invalid", words.ERROR_BODY)
    name, message = next(iter(fields.items()))
    return error_response(422, "invalid", _of_field(name, message), fields)


def sentence(found: dict) -> str:
    kind, limits = found["type"], {name: _short(limit) for name, limit in found.get("ctx", {}).items()}
    if kind == "missing" or found["input"] is None:
        return words.ERROR_NEEDED
    if kind in _LIMITED:
        sentence, limit, place = _LIMITED[kind]
        return sentence.format(**{place: limits[limit]})
    if kind == "value_error":
        return str(limits["error"])
    return _SENTENCES.get(kind, words.ERROR_VALUE)


def _short(limit: object) -> object:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


_SENTENCES = {
    "extra_forbidden": words.ERROR_NO_FIELD,
    "string_type": words.ERROR_TEXT,
    "string_unicode": words.ERROR_CHARACTERS,
    "int_type": words.ERROR_WHOLE,
    "int_from_float": words.ERROR_WHOLE,
    "int_parsing": words.ERROR_WHOLE,
    "int_parsing_size": words.ERROR_HUGE,
    "float_type": words.ERROR_NUMBER,
    "float_parsing": words.ERROR_NUMBER,
    "decimal_type": words.ERROR_NUMBER,
    "decimal_parsing": words.ERROR_NUMBER,
    "decimal_max_digits": words.ERROR_HUGE,
    "decimal_whole_digits": words.ERROR_HUGE,
    "finite_number": words.ERROR_NUMBER,
    "bool_type": words.ERROR_YES_NO,
    "literal_error": words.ERROR_CHOICE,
    "list_type": words.ERROR_IDS,
}
_LIMITED = {  # with the limit as pydantic calls it, and as the sentence does
    "string_too_long": (words.ERROR_LONG, "max_length", "max"),
    "string_too_short": (words.ERROR_SHORT, "min_length", "min"),
    "decimal_max_places": (words.ERROR_DECIMALS, "decimal_places", "max"),
    "greater_than_equal": (words.ERROR_LEAST, "ge", "min"),
    "less_than_equal": (words.ERROR_MOST, "le", "max"),
    "too_long": (words.ERROR_MANY, "max_length", "max"),
}


def _of_field(field: str, message: str) -> str:
    label = words.called(field)
    return words.ERROR_FIELD.format(field=label[:1].upper() + label[1:], message=message)
