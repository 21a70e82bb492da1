"""Projects: asked for, listed, changed, deleted."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from builder.answers import Say
from builder.drafter.page import refuse_without_model
from builder.drafter.revise import answering, is_undo, revise
from builder.drafter.revise.undo import back_to
from builder.refusal import LONGEST_PROMPT, Refusal, RefusalCode, is_harmful, screen
from builder.sandbox import remove_tree
from builder.spec import AppSpec
from web.api.errors import ApiError
from web.api.foresight import effects_of, ensure_kept, ensure_renders
from web.api.schemas import (
    BuildAccepted,
    ChangedSpec,
    EffectOut,
    EffectsOut,
    NewMessage,
    NewProject,
    ProjectOut,
    ProjectPage,
)
from web.api.service import Service, WebService
from web.words import sentence, words_for
from workers.models import BuildKind, Project

router = APIRouter(prefix="/api/projects", tags=["projects"])
Limit = Annotated[int, Query(ge=1, le=100)]


@router.post("", status_code=201)
def create_project(body: NewProject, service: Service) -> ProjectOut:
    """Store the prompt and queue its first build. A prompt that won't be built leaves nothing behind."""
    screen(body.prompt)
    if service.settings.model_url is None:
        refuse_without_model(body.prompt, body.kind)
    service.ensure_can_build()
    project, build = service.store.create_project(body.prompt, body.kind, body.name)
    service.start(build)
    return service.show_project(project.id)


@router.get("")
def list_projects(service: Service, cursor: str | None = None, limit: Limit = 24) -> ProjectPage:
    """A page of the projects, newest first."""
    projects, following = service.store.projects(cursor, limit)
    return ProjectPage(items=service.show_projects(list(projects)), next=following)


@router.get("/{project_id}")
def get_project(project_id: str, service: Service) -> ProjectOut:
    """One project with its releases and the build that matters now."""
    return service.show_project(project_id)


@router.get("/{project_id}/spec")
def get_spec(project_id: str, service: Service) -> AppSpec:
    """The AppSpec that the app was rendered from."""
    project = service.store.project(project_id)
    if project.spec is None:
        raise ApiError(404, "no_spec_yet", sentence("error.no_spec"))
    return AppSpec.model_validate(project.spec)


@router.put("/{project_id}/spec", status_code=202)
def change_spec(
    request: Request, project_id: str, spec: ChangedSpec, service: Service, confirm: bool = False
) -> BuildAccepted:
    """Render the changed AppSpec; edits that were made to the files since are kept.

    Where the rows that are there would lose something, it answers 409 `would_lose_data` until `confirm` is true.
    """
    project = service.store.project(project_id)
    say = words_for(request).answers
    ensure_renders(spec, say)
    ensure_kept(service, project, spec, confirm=confirm, say=say)
    service.ensure_can_build()
    payload = {"spec": spec.model_dump(mode="json")}
    build = service.store.create_build(project_id, BuildKind.SPEC, "The app's description was changed.", payload)
    return BuildAccepted(build=service.start(build))


@router.post("/{project_id}/spec/effects")
def foresee_change(request: Request, project_id: str, spec: ChangedSpec, service: Service) -> EffectsOut:
    """What the changed AppSpec would do to the rows that are there. Nothing is changed."""
    found = effects_of(service, service.store.project(project_id), spec, say=words_for(request).answers)
    return EffectsOut(effects=[EffectOut.model_validate(one, from_attributes=True) for one in found])


@router.post("/{project_id}/messages", status_code=202)
def send_message(project_id: str, body: NewMessage, service: Service) -> BuildAccepted:
    """Ask for a change in words; while another build runs, it waits its turn."""
    project = service.store.project(project_id)
    say = answering(body.text, str((project.spec or {}).get("locale", "en")))
    _screen_message(body.text, say)
    kind, payload = BuildKind.MESSAGE, {}  # type: tuple[BuildKind, dict[str, Any]]
    if service.settings.model_url is None:
        kind, payload = _without_model(service, project, body.text, say, confirm=body.confirm)
    service.ensure_can_build()
    build = service.store.create_build(project_id, kind, body.text, payload)
    return BuildAccepted(build=service.start(build))


def _without_model(
    service: WebService, project: Project, text: str, say: Say, *, confirm: bool
) -> tuple[BuildKind, dict[str, Any]]:
    """What a sentence asks for is known at once: it is refused before anything is stored, asked about, or taken."""
    if project.spec is None:
        raise ApiError(409, "no_spec_yet", say("message.no_app_yet"))
    spec = AppSpec.model_validate(project.spec)
    if is_undo(text, spec.locale):
        before = service.store.spec_before(project.id)
        if before is None:
            raise ApiError(409, "nothing_to_undo", say("message.nothing_to_undo"))
        undone = back_to(before, project.spec)
        ensure_kept(service, project, undone, confirm=confirm, say=say)
        return BuildKind.SPEC, {"spec": undone.model_dump(mode="json")}
    revision = revise(spec, text, date.today())
    ensure_renders(revision.spec, say)
    ensure_kept(service, project, revision.spec, confirm=confirm, say=say)
    return BuildKind.MESSAGE, {}


@router.delete("/{project_id}", status_code=204)
def delete_project(project_id: str, service: Service) -> None:
    """Stop its builds, then take away the running app with its data, the files and the rows, in this order."""
    service.store.cancel_all(project_id)
    service.host.delete(project_id)
    remove_tree(service.settings.project_dir(project_id))
    service.store.delete_project(project_id)
    service.queue.wake(project_id)


def _screen_message(text: str, say: Say) -> None:
    """A follow-up may be as short as “Bigger”, or a question: only emptiness, length and harm are refused."""
    if not text.strip():
        raise Refusal(RefusalCode.EMPTY_PROMPT, say("message.empty_prompt"))
    if len(text) > LONGEST_PROMPT:
        raise Refusal(RefusalCode.TOO_LONG, say("message.too_long"))
    if is_harmful(text):
        raise Refusal(RefusalCode.HARMFUL, say("message.harmful"))
