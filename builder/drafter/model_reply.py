"""Read what a drafting model wrote: find the JSON in it, and say in short what is wrong with it.

Knows nothing of conversations. The text is untrusted: it may be anything, of any size.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError

from builder.drafter.model_schema import pruned, reply_schema

MAX_REPLY = 200_000
MAX_PROBLEMS = 12
MAX_PLACES = 20  # where the JSON may begin, in a text that talks before it
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_THOUGHT = re.compile(r"^.*</think>", re.DOTALL)


class UnfitReplyError(ValueError):
    """The reply can't be used; `problems` are short sentences that the model can act on."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _clipped(limit: int) -> BeforeValidator:
    return BeforeValidator(lambda value: value[:limit] if isinstance(value, str | list) else value)


Line = Annotated[str, _clipped(300), StringConstraints(strip_whitespace=True, min_length=1)]
Quote = Annotated[str, _clipped(600)]


class QuestionForm(BaseModel):
    text: Line
    choices: Annotated[tuple[Line, ...], _clipped(5)] = ()


class RequirementForm(BaseModel):
    """`words` are the exact words of the person that it was drawn from."""

    text: Line
    words: Quote = ""
    id: str | None = None


class Answer(BaseModel):
    """`app` is raw: it is merged with a draft before it becomes an AppSpec. `removed` are ids of requirements.

    `because` are the person's words that make the wish harmful.
    """

    answer: Literal["build", "ask", "harmful", "not_an_app"] = "build"
    because: Quote = ""
    questions: Annotated[tuple[QuestionForm, ...], _clipped(3)] = ()
    app: dict[str, Any] | None = None
    dropped: Annotated[tuple[str, ...], _clipped(200)] = ()
    requirements: Annotated[tuple[RequirementForm, ...], _clipped(40)] = Field(default=())
    removed: Annotated[tuple[str, ...], _clipped(100)] = ()


def read_answer(text: str) -> Answer:
    if len(text) > MAX_REPLY:
        raise UnfitReplyError(f"the reply is longer than {MAX_REPLY} characters; write one short JSON object")
    if not text.strip():
        raise UnfitReplyError("the reply is empty; write the JSON object")
    found = next(_objects(text), None)
    if found is None:
        raise UnfitReplyError("the reply holds no complete JSON object of the form asked for")
    if "entities" in found and "app" not in found:  # the AppSpec alone
        found = {"app": found}
    try:
        return Answer.model_validate(pruned(found, reply_schema()))
    except ValidationError as error:
        raise UnfitReplyError(*problems(error)) from error


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """JSON objects of the form asked for, whatever stands around them: thoughts, fences, words."""
    text = _THOUGHT.sub("", text, count=1)
    decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)
    end = 0
    for match in list(re.finditer(r"\{", text))[:MAX_PLACES]:
        if match.start() < end:
            continue
        try:
            value, end = decoder.raw_decode(text, match.start())
            value = _storable(value)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and value.keys() & {"answer", "app", "entities", "requirements"}:
            yield value


def _finite(text: str) -> float:
    """JSON has no Infinity; Python reads it, and 1e999 too."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is not a number")
    return number


def _storable(value: Any) -> Any:
    """Without the characters that no database and no page takes: NUL, and halves of a pair."""
    match value:
        case str():
            return _UNSTORABLE.sub("", value)
        case list():
            return [_storable(item) for item in value]
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case _:
            return value


def problems(error: ValidationError) -> list[str]:
    """One short line for each thing that is wrong: where, and what."""
    lines = []
    for detail in error.errors(include_url=False, include_input=False, include_context=False)[:MAX_PROBLEMS]:
        where = ".".join(str(part) for part in detail["loc"])
        what = detail["msg"].removeprefix("Value error, ")
        lines.append(f"{where}: {what}"[:240] if where else what[:240])
    more = error.error_count() - len(lines)
    return [*lines, f"and {more} more"] if more > 0 else lines
