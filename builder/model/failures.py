"""What went wrong with a request, as a sentence, and whether asking again can help."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import openai

from builder.model.address import Address
from builder.model.chat import ContextTooLongError, ModelError, ModelRequestError, ModelUnavailableError
from builder.model.dialects import OPTIONAL

RETRIED = (408, 409, 425, 429)
SPENT = ("insufficient_quota", "billing", "insufficient balance", "credit balance")
TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|maximum context|max_model_len|prompt (?:is )?too long|prompt exceeds max|"
    r"longer than the model|exceed_context|too many tokens|input (?:is )?too long|requested token count exceeds",
    re.IGNORECASE,
)
LIMIT = re.compile(
    r"(?:maximum context length(?: is| of)?|context length(?: is| of)?(?: only)?|context (?:size|window)[^\d]{0,20}|"
    r"max_model_len[^\d]{0,4}|model's context length \()[^\d]{0,6}(\d[\d,]{2,8})",
    re.IGNORECASE,
)
MAX_QUOTE = 300


@dataclass(frozen=True)
class Patience:
    """Seconds. A first token may be slow on a long prompt, later ones may not; `whole` bounds one answer."""

    connect: float = 10
    first: float = 600
    between: float = 120
    whole: float = 3600
    tries: int = 5
    back_off: float = 1
    longest_wait: float = 60


class FailureError(Exception):
    """One try failed. `again` says that another may succeed, `after` how long the endpoint asked to wait,
    `without` which optional field it does not know."""

    def __init__(
        self, error: ModelError, *, again: bool, after: float | None = None, without: str | None = None
    ) -> None:
        super().__init__(str(error))
        self.error, self.again, self.after, self.without = error, again, after, without


def unavailable(message: str) -> FailureError:
    return FailureError(ModelUnavailableError(message), again=True)


def failure_of(error: Exception, address: Address) -> FailureError:
    """Of what the client raised."""
    if isinstance(error, openai.APIStatusError):
        return of_status(error.status_code, error.body, address, error.response.headers.get("retry-after"))
    if isinstance(error, openai.APITimeoutError):
        return unavailable(f"The model at {address.shown} does not answer in time.")
    if isinstance(error, openai.APIConnectionError):
        return unavailable(f"No model answers at {address.shown}. Check that it runs.")
    return unavailable(f"The connection to the model at {address.shown} broke.")


def of_status(status: int, body: Any, address: Address, retry_after: str | None = None) -> FailureError:
    said = address.clean(_message(body))
    if too_long := context_error(status, said, body):
        return FailureError(too_long, again=False)
    quoted = f": {said[:MAX_QUOTE]}" if said else "."
    if status in RETRIED or status >= 500:
        if any(word in f"{said} {_code(body)}".lower() for word in SPENT):
            return FailureError(
                ModelRequestError(f"The model's account has nothing left ({status}){quoted}"), again=False
            )
        reason = "has too much to do" if status == 429 else "has a problem"
        message = f"The model at {address.shown} {reason} ({status}){quoted}"
        return FailureError(ModelUnavailableError(message), again=True, after=_seconds(retry_after))
    if status in {401, 403}:
        message = f"The model at {address.shown} refuses the key ({status}). Check PROTODEX_MODEL_KEY."
        return FailureError(ModelRequestError(message), again=False)
    if status == 404:
        message = f"{address.shown} knows no such model or path (404){quoted} Check PROTODEX_MODEL_URL and _NAME."
        return FailureError(ModelRequestError(message), again=False)
    message = f"The model at {address.shown} does not take the request ({status}){quoted}"
    return FailureError(ModelRequestError(message), again=False, without=_named(said, OPTIONAL))


def context_error(status: int, said: str, body: Any) -> ContextTooLongError | None:
    if status != 413 and not (status in {400, 422, 500} and TOO_LONG.search(f"{said} {_code(body)}")):
        return None
    if "max_tokens" in said and "too large" in said and not LIMIT.search(said):
        return None
    limit = _limit(said, body)
    window = f" Its window is {limit:,} tokens." if limit else ""
    return ContextTooLongError(f"The conversation is too long for the model.{window}", limit)


def back_off(tries: int, after: float | None, patience: Patience) -> float:
    """Doubling, with jitter so that builds which failed together don't come back together."""
    grown: float = patience.back_off * 2 ** (tries - 1) * random.uniform(0.5, 1)  # noqa: S311  no secret
    return min(max(grown, after or 0), patience.longest_wait)


def _error(body: Any) -> Any:
    """The error's object: the client hands it over bare or wrapped, servers nest it or not."""
    return body.get("error", body) if isinstance(body, dict) else body


def _message(body: Any) -> str:
    error = _error(body)
    said = (error.get("message") or error.get("detail") or "") if isinstance(error, dict) else error
    text = " ".join(str(said or "").split())
    return "" if text.startswith("<") else text  # a proxy's page says nothing to a person


def _code(body: Any) -> str:
    error = _error(body)
    return f"{error.get('code', '')} {error.get('type', '')}" if isinstance(error, dict) else ""


def _limit(said: str, body: Any) -> int | None:
    error = _error(body)
    if isinstance(error, dict) and isinstance(error.get("n_ctx"), int):
        return int(error["n_ctx"])
    found = LIMIT.search(said)
    return int(found[1].replace(",", "")) if found else None


def _seconds(retry_after: str | None) -> float | None:
    try:
        return max(0.0, float(retry_after)) if retry_after else None
    except ValueError:
        return None  # a date: our own back-off will do


def _named(said: str, fields: Iterable[str]) -> str | None:
    return next((field for field in fields if field in said), None)
