"""Every route is held to the owner: what another owner has answers as if it weren't there."""

import re
from typing import Any

from builder.settings import Settings
from builder.testing import FILES, SPEC, commit_files, publish_files
from tests.conftest import Broker
from tests.web.api.conftest import error_of, serving
from web.app import create_app
from web.pages import pages_router
from workers.database import migrate, open_database
from workers.models import Build, Owner, Project, Release
from workers.store import Store
from workers.testing import ScriptedHost

BODIES: dict[tuple[str, str], Any] = {
    ("PUT", "/api/projects/{project_id}/spec"): SPEC,
    ("POST", "/api/projects/{project_id}/spec/effects"): SPEC,
    ("POST", "/api/projects/{project_id}/messages"): {"text": "A list of plants, in blue"},
    ("POST", "/api/projects/{project_id}/releases/{n}/restore"): {"data": True},
}
QUERIES = {"/api/projects/{project_id}/diff": "?from=0&to=1", "/projects/{project_id}/code/{path}": "?release=1"}


def test_no_route_shows_or_changes_what_another_owner_has(
    settings: Settings, broker: Broker, host: ScriptedHost
) -> None:
    project, build = strangers_project(settings)
    host.apps[project.id] = {"slug": project.slug, "release": 1}
    values = {"project_id": project.id, "build_id": build.id, "n": "1", "path": "README.md", "requirement_id": "r1"}
    with serving(settings) as client:
        walked = 0
        for method, template in routes(settings):
            path = re.sub(r"{(\w+)(:\w+)?}", lambda m: values[m.group(1)], template)
            query = QUERIES.get(template.replace(":path", ""), "")
            answer = client.request(method, path + query, json=BODIES.get((method, template)))
            assert error_of(answer) == (404, "not_found"), f"{method} {template}"
            walked += 1
        assert walked >= 17
        assert client.get("/api/projects").json()["items"] == []
    other = Store(open_database(settings.database), "stranger")
    assert other.project(project.id).status == "ready"
    assert other.build(build.id).cancel_requested is False
    assert project.id in host.apps
    assert (settings.project_dir(project.id) / "releases" / "1").is_dir()
    other.database.close()


def routes(settings: Settings) -> list[tuple[str, str]]:
    """Everything with an id in its address, of the API and of the pages."""
    app = create_app(settings)
    found = [(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods]
    for route in pages_router(settings).routes:
        found += [(method, route.path) for method in route.methods]  # type: ignore[attr-defined]
    app.state.service.host.close()
    app.state.service.queue.close()
    app.state.service.database.close()
    return [(method, path) for method, path in found if "{" in path]


def strangers_project(settings: Settings) -> tuple[Project, Build]:
    database = open_database(settings.database)
    migrate(database)
    with database.write() as session:
        session.add(Owner(id="stranger", name="Somebody else"))
    project, build = Store(database, "stranger").create_project("A secret diary", None, None)
    folder = settings.project_dir(project.id)
    commit = commit_files(folder / "workspace", FILES)
    publish_files(folder / "releases", 1, commit, FILES)
    with database.write() as session:
        kept = session.get_one(Project, project.id)
        kept.status, kept.served_release, kept.spec = "ready", 1, SPEC
        session.add(Release(project_id=project.id, n=1, commit=commit, checks=[]))
    database.close()
    return project, build
