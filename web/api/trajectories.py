"""A build with a model as training data, downloaded as JSON Lines."""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from builder.agent.journal import Step
from builder.agent.redaction import Redaction
from builder.agent.tools import toolset
from builder.agent.trajectory import Form, Told, read_outcome, trajectory
from builder.spec import AppKind
from web.api.errors import ApiError
from web.api.service import Service, WebService
from web.words import sentence
from workers.models import Build, Project, StoredStep
from workers.store import Store

router = APIRouter(prefix="/api", tags=["builds"])
CHUNK = 500
NO_STEPS = sentence("error.no_steps")


@router.get("/builds/{build_id}/trajectory", response_class=StreamingResponse)
def download_trajectory(
    build_id: str,
    service: Service,
    form: Form = Form.RAW,
    redact: Annotated[bool, Query(description="also take out the person's own words")] = False,
) -> StreamingResponse:
    """Messages, tool calls and how they turned out, as lines of JSON; secrets are always taken out."""
    build = service.store.build(build_id)
    steps = service.store.steps(build_id)
    if not steps:
        raise ApiError(404, "no_steps", NO_STEPS)
    project = service.store.project(build.project_id)
    events = _events(service.store, build)
    known = {"build": build.id, "message": build.message, "status": str(build.status), "kind": _kind(project)}
    clean = _redaction(service, build, project, events, redact).cleaner()
    lines = trajectory(
        [_step(step) for step in steps], read_outcome(events, **known), _tools(project, steps), form, clean
    )
    named = {"Content-Disposition": f'attachment; filename="{project.slug}-{build.id[:8]}-{form}.jsonl"'}
    return StreamingResponse(_encoded(lines), media_type="application/x-ndjson", headers=named)


def _encoded(lines: Iterator[dict[str, Any]]) -> Iterator[str]:
    for line in lines:
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _events(store: Store, build: Build) -> list[Told]:
    """All that is stored of this build, read in pieces."""
    found: list[Told] = []
    after = 0
    while events := store.events(build.project_id, after, CHUNK):
        after = events[-1].id
        found += [(event.event, event.data) for event in events if event.build_id == build.id]
    return found


def _step(row: StoredStep) -> Step:
    return Step(row.n, row.messages, row.commit, row.state, row.compacted)


def _kind(project: Project) -> str:
    return str((project.spec or {}).get("kind") or project.kind or AppKind.FULLSTACK)


def _tools(project: Project, steps: Sequence[StoredStep]) -> list[dict[str, Any]]:
    """The tools that the model was offered: those of the web when the run had them, which its calls tell."""
    kind = AppKind(_kind(project))
    plain = [tool.schema() for tool in toolset(kind, research=False)]
    names = {schema["function"]["name"] for schema in plain}
    with_web = [tool.schema() for tool in toolset(kind, research=True)]
    extra = {schema["function"]["name"] for schema in with_web} - names
    called = {
        call["function"]["name"]
        for step in steps
        for message in step.messages
        for call in message.get("tool_calls") or ()
    }
    return with_web if extra & called else plain


def _redaction(service: WebService, build: Build, project: Project, events: list[Told], redact: bool) -> Redaction:
    settings = service.settings
    secrets = [secret.get_secret_value() for secret in (settings.token, settings.model_key) if secret]
    secrets += [
        url for url in (settings.database_url, settings.redis_url, settings.search_url, settings.model_url) if url
    ]
    roots = (settings.data, Path(__file__).parents[2], Path(sys.prefix), Path.home(), Path(tempfile.gettempdir()))
    if not redact:
        return Redaction(secrets, roots)
    words = [project.prompt, build.message, *(turn.message for turn in service.store.history(project.id))]
    return Redaction(secrets, roots, words, _quoted(events, build.message))


def _quoted(events: list[Told], message: str) -> list[str]:
    """What the AppSpec and the requirements quote of the message."""
    phrases: list[str] = []
    for kind, data in events:
        if kind == "spec":
            phrases += [str(pair[1]) for pair in data.get("understood") or () if len(pair) == 2]
            phrases += [str(words) for words in data.get("unused") or ()]
        elif kind == "requirement" and data.get("source"):
            begin, end = data["source"]
            phrases.append(message[begin:end])
    return phrases
