"""What a change would do, seen before it is made: whether it can be rendered, and what the rows that are there lose."""

import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from builder.answers import ENGLISH, Say
from builder.spec import AppSpec
from builder.stack import render_stack
from builder.stack.effects import Effect, effects
from web.api.errors import ApiError
from web.api.service import WebService
from workers.host_client import HostUnavailableError
from workers.models import Project

log = logging.getLogger(__name__)
MOST_TOLD = 4  # sentences of one answer


class LiveCensus(Mapping[str, Any]):
    """The census of the live data, taken when it is first asked: most changes need none."""

    def __init__(self, service: WebService, project: Project) -> None:
        self._service, self._project = service, project

    @cached_property
    def _counted(self) -> dict[str, Any]:
        """Nothing is counted while no app is served."""
        if self._project.served_release is None:
            return {}
        try:
            return self._service.host.census(self._project.id)
        except HostUnavailableError as error:
            log.warning("the data of %s can't be counted: %s", self._project.id, error)
            return {}

    def __getitem__(self, table: str) -> Any:
        return self._counted[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counted)

    def __len__(self) -> int:
        return len(self._counted)


def effects_of(
    service: WebService, project: Project, spec: AppSpec, *, additions: bool = True, say: Say = ENGLISH
) -> list[Effect]:
    """What the changed AppSpec does to the live data."""
    if project.spec is None:
        return []
    census = LiveCensus(service, project)
    return effects(AppSpec.model_validate(project.spec), spec, census, additions=additions, say=say)


def ensure_kept(service: WebService, project: Project, spec: AppSpec, *, confirm: bool, say: Say = ENGLISH) -> None:
    """Raises ApiError 409 for what the data doesn't allow, and for what it would lose unless that is confirmed."""
    found = effects_of(service, project, spec, additions=False, say=say)
    if blocking := [effect.text for effect in found if effect.blocks]:
        raise ApiError(409, "data_in_the_way", " ".join(blocking[:MOST_TOLD]))
    losing = [effect.text for effect in found if effect.loses]
    if losing and not confirm:
        told = losing[:MOST_TOLD]
        told += [say("effect.more", n=len(losing) - MOST_TOLD)] if len(losing) > MOST_TOLD else []
        told += [say("effect.copy", n=project.served_release)] if project.served_release else []
        raise ApiError(409, "would_lose_data", " ".join(told))


def ensure_renders(spec: AppSpec, say: Say = ENGLISH) -> None:
    """An AppSpec may hold together and still ask a feature for something that isn't there: better known now."""
    try:
        render_stack(spec)
    except Exception as error:  # whatever the templates trip over, the AppSpec is what asked for it
        log.info("an AppSpec that can't be rendered: %r", error)
        reason = str(error).strip("'\"") or type(error).__name__
        raise ApiError(422, "cannot_render", say("message.cannot_render", reason=reason[:300])) from error
