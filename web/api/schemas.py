"""What goes in and out over HTTP, as types: they validate, and they are the documentation at /docs."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from builder.sound import check_sound
from builder.spec import AppKind, AppSpec
from workers.plain import plain

LARGEST_NUMBER = 2**31 - 1  # what every database can count to


def _text(value: str) -> str:
    """Control characters mean nothing in a prompt, and PostgreSQL refuses to store the first of them."""
    return "".join(c for c in value if c in "\t\n" or ord(c) >= 32).replace("\x7f", "")


def _plain_spec(spec: AppSpec) -> AppSpec:
    """Options and seed rows may be anything that JSON has a word for; this keeps out what no database can hold."""
    try:
        spec.model_dump_json()
        values = spec.model_dump(mode="python")
        held = plain(values)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is nested too deeply, or holds a character that can't be stored") from error
    if held != values:
        raise ValueError("it holds a number that is not finite, or a character that can't be stored")
    check_sound(spec)
    return spec


ChangedSpec = Annotated[AppSpec, AfterValidator(_plain_spec)]

# A prompt's length is judged by the screening, which says what to do; this bound only keeps megabytes out.
Words = Annotated[str, StringConstraints(max_length=1_000_000), AfterValidator(_text)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(lambda v: _text(v))
]


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewProject(Input):
    prompt: Words
    kind: AppKind | None = None
    name: Name | None = None


class NewMessage(Input):
    """`confirm` says that what the change would lose may be lost."""

    text: Words
    confirm: bool = False


class EffectOut(BaseModel):
    """What a change does to the rows that are there; `loses` that values are gone, `blocks` that it can't be made."""

    text: str
    entity: str
    field: str | None
    rows: int
    loses: bool
    blocks: bool


class EffectsOut(BaseModel):
    effects: list[EffectOut]


class NewRestore(Input):
    data: bool = False


class BuildOut(BaseModel):
    id: str
    project_id: str
    kind: str
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    position: int | None
    message: str
    usage: dict[str, Any]
    error: str | None
    release: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class BuildAccepted(BaseModel):
    build: BuildOut


class ReleaseOut(BaseModel):
    n: int
    created_at: datetime
    commit: str
    score: int | None


class ReleaseDetail(ReleaseOut):
    checks: list[dict[str, Any]]


class ProjectOut(BaseModel):
    """`url` is the studio's page, `preview_url` the running app, once there is one."""

    id: str
    name: str
    slug: str
    status: Literal["queued", "building", "ready", "failed", "rejected"]
    kind: str | None
    prompt: str
    url: str
    preview_url: str | None
    served_release: int | None
    error: str | None
    releases: list[ReleaseOut]
    build: BuildOut | None
    created_at: datetime
    updated_at: datetime


class ProjectPage(BaseModel):
    items: list[ProjectOut]
    next: str | None


class FileOut(BaseModel):
    path: str
    size: int


class FileList(BaseModel):
    files: list[FileOut]


class ProofOut(BaseModel):
    """`steps` in words, `finding` says what did not hold, `screenshot` is the address of a PNG."""

    steps: list[str]
    finding: str | None
    screenshot: str | None


class RequirementOut(BaseModel):
    """`source` is the span of the message it was drawn from; `reason` says why it stays unproven."""

    id: str
    text: str
    source: tuple[int, int] | None
    status: Literal["open", "proven", "failed"]
    proof: ProofOut | None
    reason: str | None


class StepOut(BaseModel):
    """A step of the model: `commit` is the app's state after it."""

    n: int
    commit: str
    at: datetime
