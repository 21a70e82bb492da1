"""What the routes work with: the settings, the owner's store, the queue and the host. Made once per process."""

import shutil
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel

from builder.settings import Settings
from web.api.errors import ApiError
from web.api.schemas import BuildOut, ProjectOut, ReleaseOut
from web.api.wakeups import Wakeups
from web.words import sentence
from workers.database import Database
from workers.disk import MIN_FREE_BYTES
from workers.host_client import HostClient
from workers.models import Build, Project, Release
from workers.queue import Queue
from workers.store import NotFoundError, Store


@dataclass
class WebService:
    settings: Settings
    database: Database
    queue: Queue
    host: HostClient
    wakeups: Wakeups
    min_free_bytes: int = MIN_FREE_BYTES
    base_url: str = "/"

    @property
    def store(self) -> Store:
        """The implicit owner's; with accounts, this is where the session's owner comes in."""
        return Store(self.database)

    def ensure_can_build(self) -> None:
        """Refuse before anything is stored, when a build could not run anyway."""
        self.queue.ping()
        self.settings.data.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.settings.data).free < self.min_free_bytes:
            raise ApiError(507, "disk_full", sentence("error.disk_full"))

    def start(self, build: Build) -> BuildOut:
        self.queue.send(build.id)
        self.queue.wake(build.project_id)
        return self.show_build(build)

    def show_build(self, build: Build) -> BuildOut:
        return BuildOut.model_validate({**_columns(build, BuildOut), "position": self.store.position(build)})

    def show_project(self, project_id: str) -> ProjectOut:
        for shown in self.show_projects([self.store.project(project_id)]):
            return shown
        raise NotFoundError("project")  # deleted a moment ago

    def show_projects(self, projects: "list[Project]") -> list[ProjectOut]:
        return [self._show(*state) for state in self.store.states([project.id for project in projects])]

    def _show(self, project: Project, releases: list[Release], build: Build | None) -> ProjectOut:
        served = project.served_release is not None
        return ProjectOut.model_validate(
            {
                **_columns(project, ProjectOut),
                "url": f"{self.base_url}projects/{project.id}",
                "preview_url": self._preview(project) if served else None,
                "releases": [ReleaseOut.model_validate(release, from_attributes=True) for release in releases],
                "build": self.show_build(build) if build else None,
            }
        )

    def _preview(self, project: Project) -> str:
        """Where a person's browser finds the app; with a token set, by way of the studio, which lets it in."""
        if self.settings.token is None:
            return self.settings.preview_url(project.slug)
        return f"{self.base_url}api/projects/{project.id}/preview"


def _columns(row: Build | Project, shown: type[BaseModel]) -> dict[str, object]:
    """What is shown of a row, and no more: large columns are read only where they are asked for."""
    keys = [column.key for column in row.__table__.columns]
    return {key: getattr(row, key) for key in keys if key in shown.model_fields}


def _service(request: Request) -> WebService:
    service: WebService = request.app.state.service
    return replace(service, base_url=str(request.base_url))


Service = Annotated[WebService, Depends(_service)]
