"""The studio in a real browser: the web process, its database, and builds that are told event by event."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from builder.events import (
    Change,
    Checked,
    CheckStatus,
    Event,
    FileChanged,
    Finding,
    Phase,
    PhaseChanged,
    Scored,
    Served,
    SpecDrafted,
)
from builder.settings import Settings
from builder.workspace import MAIN, Workspace
from tests.conftest import Broker
from tests.web.api.conftest import serving
from workers.database import Database, migrate, open_database
from workers.models import Build, BuildStatus, Project, ProjectStatus, Release
from workers.store import Store, append_events
from workers.testing import ScriptedHost

ROOT = Path(__file__).parents[3]
AXE = (ROOT / "builder" / "checks" / "axe" / "axe.min.js").read_text(encoding="utf-8")
SPEC: dict[str, Any] = {
    "name": "Plant diary",
    "tagline": "What grows, and when it was watered",
    "kind": "fullstack",
    "locale": "en",
    "theme": {"background": "#fff8dc", "component": "#2f6b3a", "mode": "system", "style": "warm"},
    "entities": [
        {
            "name": "plant",
            "plural": "plants",
            "label": "Plant",
            "label_plural": "Plants",
            "fields": [{"name": "name", "type": "string", "label": "Name"}],
            "seed": [{"name": "Fern"}],
        }
    ],
    "features": [{"name": "search"}, {"name": "create"}],
}
MARKUP = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@dataclass
class Teller:
    """Puts a build's events and rows where a worker would, without the work."""

    database: Database
    settings: Settings
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.database)

    def project(self, prompt: str = "A plant diary", name: str | None = None) -> tuple[Project, Build]:
        return self.store.create_project(prompt, None, name)

    def tell(self, build: Build, *events: Event) -> None:
        with self.database.write() as session:
            append_events(session, build, events)

    def start(self, build: Build) -> None:
        self._update(build, BuildStatus.RUNNING, ProjectStatus.BUILDING)
        self.tell(
            build, PhaseChanged(Phase.DRAFTING), SpecDrafted(SPEC, (("feature search", "searchable"),), ("moonlight",))
        )
        self.tell(build, PhaseChanged(Phase.RENDERING), FileChanged("backend/main.py", Change.ADDED, 40))
        self.tell(build, PhaseChanged(Phase.CHECKING), check("boot", "The app boots", CheckStatus.RUNNING))

    def succeed(self, build: Build, n: int = 1) -> None:
        self.start(build)
        files = {
            "README.md": f"# Plant diary\n{MARKUP}\n",
            "backend/main.py": f"x = {n}\n",
            "backend/rows.py": "y = 1\n",
        }
        self.write(build.project_id, n, files)
        phone = check(
            "phone", "It fits a phone", CheckStatus.FAILED, gate=False, finding=f"Too wide by 24 px. {MARKUP}"
        )
        self.tell(build, check("boot", "The app boots", CheckStatus.PASSED), PhaseChanged(Phase.SERVING))
        self.tell(build, Served(n, "http://plant.localhost:8001/"), PhaseChanged(Phase.SCORING), phone, Scored(n, 91))
        self.tell(build, PhaseChanged(Phase.SUCCEEDED))
        self._update(build, BuildStatus.SUCCEEDED, ProjectStatus.READY, n)

    def fail(self, build: Build, cause: str) -> None:
        self.start(build)
        failed = check("boot", "The app boots", CheckStatus.FAILED, finding="Port 80 is taken.")
        self.tell(build, failed, PhaseChanged(Phase.FAILED, cause))
        self._update(build, BuildStatus.FAILED, ProjectStatus.FAILED, error=cause)

    def write(self, project_id: str, n: int, files: dict[str, str]) -> Path:
        app = self.settings.project_dir(project_id) / "releases" / str(n) / "app"
        for path, text in files.items():
            (app / path).parent.mkdir(parents=True, exist_ok=True)
            (app / path).write_text(text, encoding="utf-8")
        return app

    def _update(
        self, build: Build, status: BuildStatus, to: ProjectStatus, n: int | None = None, error: str | None = None
    ) -> None:
        with self.database.write() as session:
            row, project = session.get_one(Build, build.id), session.get_one(Project, build.project_id)
            row.status, row.error, row.release = status, error, n
            project.status, project.error = to, error
            if n is not None:
                project.served_release, project.spec = n, SPEC
                session.add(
                    Release(project_id=project.id, n=n, commit=self._commit(project.id, n), score=91, checks=[])
                )

    def _commit(self, project_id: str, n: int) -> str:
        project = self.settings.project_dir(project_id)
        app = project / "releases" / str(n) / "app"
        workspace = Workspace.open(project / "workspace")
        workspace.render({str(p.relative_to(app)): p.read_bytes() for p in app.rglob("*.*")}, f"Release {n}")
        return workspace.require(MAIN)


def check(name: str, label: str, status: CheckStatus, *, gate: bool = True, finding: str = "") -> Checked:
    findings = (Finding(finding, "backend/main.py", 1),) if finding else ()
    return Checked(name, label, status, gate, 0.2, findings)


@dataclass
class Studio:
    """The pages as a person sees them. `problems` are the console's errors, which no visit may leave."""

    url: str
    teller: Any  # a Teller, where the test tells of builds
    browser: Browser
    host: ScriptedHost | None = None

    @contextmanager
    def visit(self, path: str = "/", *, phone: bool = False, dark: bool = False) -> Iterator[Page]:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = self.browser.new_context(viewport=size, color_scheme="dark" if dark else "light", bypass_csp=False)
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" and _ours(m.text) else None)
        page.goto(self.url + path)
        yield page
        context.close()
        assert problems == []


def _ours(text: str) -> bool:
    """A refusal and a cut line are logged by the browser itself, and no app is served here."""
    return not re.search("status of 4(01|09|22)", text) and not re.search(
        "ERR_(CONNECTION_REFUSED|FAILED|INTERNET_DISCONNECTED)", text
    )


@pytest.fixture
def teller(settings: Settings) -> Iterator[Teller]:
    database = open_database(settings.database)
    migrate(database)
    yield Teller(database, settings)
    database.close()


@pytest.fixture
def studio(settings: Settings, broker: Broker, browser: Browser, teller: Teller) -> Iterator[Studio]:
    with ScriptedHost(settings.host_socket) as host, serving(settings) as client:
        yield Studio(str(client.base_url), teller, browser, host)


def axe_findings(page: Page) -> list[str]:
    """Serious and critical problems, each with its first place. Other origins' frames are not looked into."""
    page.evaluate(AXE)  # evaluated, not added as a script: the page's policy allows no foreign one
    found = page.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:200]}"
        for v in found["violations"]
        if v["impact"] in {"serious", "critical"}
    ]
