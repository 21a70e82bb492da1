"""What a model did to a project: its requirements with their proof, and the steps of a build with what each changed."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.responses import FileResponse, PlainTextResponse

from web.api.errors import ApiError
from web.api.files import EMPTY_TREE, open_workspace
from web.api.schemas import LARGEST_NUMBER, ProofOut, RequirementOut, StepOut
from web.api.service import Service, WebService
from web.words import sentence

router = APIRouter(prefix="/api", tags=["model"])
MAX_DIFF = 2_000_000
MAX_SCREENSHOT_BYTES = 8_000_000
PNG = b"\x89PNG\r\n\x1a\n"
StepNumber = Annotated[int, InPath(ge=0, le=LARGEST_NUMBER)]
RequirementId = Annotated[str, InPath(pattern=r"^r[0-9]{1,3}$")]


@router.get("/projects/{project_id}/requirements")
def list_requirements(project_id: str, service: Service) -> list[RequirementOut]:
    """The sentences drawn from the prompt, with their proof; none are drawn without a model."""
    service.store.project(project_id)
    return [_requirement(project_id, row) for row in service.store.requirements(project_id)]


@router.get("/projects/{project_id}/requirements/{requirement_id}/screenshot", response_class=FileResponse)
def requirement_screenshot(project_id: str, requirement_id: RequirementId, service: Service) -> FileResponse:
    """The page at the moment that proved the requirement, or that didn't: PNG."""
    service.store.project(project_id)
    for row in service.store.requirements(project_id):
        name = _proof(row.proof).get("screenshot") if row.id == requirement_id else None
        if name and (found := _screenshot(service, project_id, str(name))):
            return FileResponse(found, media_type="image/png", headers={"Cache-Control": "no-cache"})
    raise ApiError(404, "not_found", sentence("error.no_screenshot"))


@router.get("/builds/{build_id}/steps")
def list_steps(build_id: str, service: Service) -> list[StepOut]:
    """The steps of a build with a model, each with the commit it led to."""
    service.store.build(build_id)
    return [StepOut.model_validate(step, from_attributes=True) for step in service.store.steps(build_id)]


@router.get("/builds/{build_id}/steps/{n}/diff", response_class=PlainTextResponse)
def diff_step(build_id: str, n: StepNumber, service: Service) -> PlainTextResponse:
    """What one step changed, as a unified diff against the step before."""
    build = service.store.build(build_id)
    steps = sorted(service.store.steps(build_id), key=lambda step: step.n)
    at = next((at for at, step in enumerate(steps) if step.n == n), None)
    workspace = open_workspace(service, build.project_id)
    if at is None or workspace is None:
        raise ApiError(404, "not_found", sentence("error.no_step"))
    before, after = steps[at - 1].commit if at else "", steps[at].commit
    text = "" if not after or before == after else workspace.diff(before or EMPTY_TREE, after)
    return PlainTextResponse(_cut(text), headers={"Content-Security-Policy": "sandbox"})


def _requirement(project_id: str, row: Any) -> RequirementOut:
    proof = _proof(row.proof)
    shot = f"/api/projects/{project_id}/requirements/{row.id}/screenshot" if proof.get("screenshot") else None
    return RequirementOut(
        id=row.id,
        text=row.text,
        source=row.source,
        status=row.status,
        proof=ProofOut(steps=list(proof.get("steps") or ()), finding=proof.get("finding"), screenshot=shot)
        if proof
        else None,
        reason=row.reason,
    )


def _proof(proof: Any) -> dict[str, Any]:
    """A proof is a value or the JSON of one, as the table keeps it."""
    return dict(proof if isinstance(proof, dict) else proof.model_dump()) if proof else {}


def _screenshot(service: WebService, project_id: str, name: str) -> Path | None:
    """The file of that name in the served release, else in the newest that has one."""
    project = service.store.project(project_id)
    numbers = sorted((release.n for release in service.store.releases([project_id])[project_id]), reverse=True)
    releases = service.settings.project_dir(project_id) / "releases"
    for n in [project.served_release, *numbers] if project.served_release else numbers:
        folder = releases / str(n) / "proofs"
        if (path := folder / Path(name).name).parent == folder and _is_picture(path):
            return path
    return None


def _is_picture(path: Path) -> bool:
    """Probes run beside an app that nobody trusts: what they left must be what it is called."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_SCREENSHOT_BYTES:
            return False
        with path.open("rb") as file:
            return file.read(len(PNG)) == PNG
    except (OSError, ValueError):
        return False


def _cut(diff: str) -> str:
    """Whole lines, as many as a person could ever read."""
    return diff if len(diff) <= MAX_DIFF else diff[: diff.rfind("\n", 0, MAX_DIFF)] + "\n\\ The rest is left out.\n"
