"""The app of a run in memory, a lab that answers from a script, and a web of two pages: for the tools alone."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from builder.agent.flow import FlowStep
from builder.agent.lab import ApiAnswer, FlowResult, LabError, PageReport, Rows, TestReport
from builder.agent.ledger import Ledger, Requirement
from builder.agent.tools import ToolContext, ToolResult, execute, toolset
from builder.events import Checked, CheckStatus, Event, Finding
from builder.spec import AppKind, AppSpec
from builder.workspace import WorkspaceError, rooted

APP = {
    "README.md": "# Recipes\n",
    "start.py": "print('start')\n",
    "requirements.txt": "fastapi>=0.120,<1\nsqlalchemy>=2.0.40,<3\nalembic>=1.16,<2\n",
    "backend/__init__.py": "",
    "backend/main.py": (
        "import fastapi\n\napp = fastapi.FastAPI()\n\n\n@app.get('/health')\ndef health():\n    return {}\n"
    ),
    "backend/migrations/versions/0001_initial.py": 'revision = "0001"\ndown_revision = None\n',
    "frontend/package.json": '{"name": "frontend", "scripts": {}, "dependencies": {"react": "19.3.1"}}\n',
    "frontend/src/App.tsx": (
        'import { useState } from "react";\n\n'
        "export function App() {\n  const [n] = useState(0);\n  return <p>{n}</p>;\n}\n"
    ),
    "frontend/src/style.css": "a {\n  color: red;\n}\n",
    "tests/test_app.py": "def test_health():\n    assert True\n",
}
PASSED = Checked("types", "Types hold", CheckStatus.PASSED, gate=True)
FAILED = Checked("boot", "App starts", CheckStatus.FAILED, True, 0.1, (Finding("no", "backend/main.py", 3),))


@dataclass
class MemoryFiles:
    now: dict[str, bytes]
    then: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "MemoryFiles":
        files = {path: text.encode() for path, text in texts.items()}
        return cls(dict(files), dict(files))

    def paths(self) -> list[str]:
        return sorted(self.now)

    def read(self, path: str) -> bytes:
        return self.now[path]

    def write(self, path: str, data: bytes | None) -> None:
        if data is None:
            self.now.pop(rooted(path), None)
        elif len(data) > 2_000_000:
            raise WorkspaceError(f"{path} is too large.")
        else:
            self.now[rooted(path)] = data

    def base(self) -> Mapping[str, bytes]:
        return self.then


@dataclass
class ScriptedLab:
    """Answers what it is given; without an answer it says that the app does not start."""

    checks: list[Checked] = field(default_factory=lambda: [PASSED])
    tests: TestReport | None = None
    api: ApiAnswer | None = None
    rows: Rows | None = None
    page: PageReport | None = None
    flow: FlowResult | None = None
    log: str = ""
    asked: list[Any] = field(default_factory=list)

    def update(self, changes: Mapping[str, bytes | None]) -> None:
        self.asked.append(("update", sorted(changes)))

    def check(self, changed: Collection[str]) -> list[Checked]:
        self.asked.append(("check", sorted(changed)))
        return self.checks

    def run_tests(self, paths: Sequence[str], base: Mapping[str, bytes]) -> TestReport:
        self.asked.append(("run_tests", list(paths)))
        return _or_down(self.tests)

    def call_api(self, method: str, path: str, body: Any = None) -> ApiAnswer:
        self.asked.append((method, path, body))
        return _or_down(self.api)

    def query_db(self, sql: str, limit: int = 50) -> Rows:
        self.asked.append(sql)
        return _or_down(self.rows)

    def browse(self, path: str | None, steps: Sequence[FlowStep], *, screenshot: bool = False) -> PageReport:
        self.asked.append((path, list(steps)))
        return _or_down(self.page)

    def run_flow(self, steps: Sequence[FlowStep], *, patience: float = 1.0) -> FlowResult:
        self.asked.append(list(steps))
        return _or_down(self.flow)

    def read_logs(self, lines: int = 60) -> str:
        return self.log

    def close(self) -> None:
        self.asked.append("close")


def _or_down(answer: Any) -> Any:
    if answer is None:
        raise LabError("The app doesn't start: ImportError in backend/main.py.")
    return answer


@dataclass
class SmallWeb:
    pictures: dict[str, bytes] = field(default_factory=dict)
    license: str = "CC BY 4.0"
    page: str = "Harbours\n\nShips land here."

    def search(self, query: str, *, images: bool = False) -> list[dict[str, str]]:
        if not images:
            return [{"title": "Harbours", "url": "https://example.org/", "snippet": "Ships land here."}]
        about = {"url": "https://example.org/work", "license": self.license, "author": "Ann <b>", "title": "A [ship]"}
        return [{"image": image, **about} for image in self.pictures]

    def read_page(self, url: str) -> str:
        return self.page

    def fetch_image(self, url: str) -> bytes:
        return self.pictures[url]


@dataclass
class Desk:
    """The tools of one kind of app, on files and a lab of one's own."""

    kind: AppKind = AppKind.FULLSTACK
    files: MemoryFiles = field(default_factory=lambda: MemoryFiles.of(APP))
    lab: ScriptedLab = field(default_factory=ScriptedLab)
    ledger: Ledger = field(default_factory=lambda: Ledger.of([Requirement(id="r1", text="Recipes can be added.")]))
    web: SmallWeb | None = None
    events: list[Event] = field(default_factory=list)
    ladders: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = ToolContext(
            files=self.files,
            lab=lambda: self.lab,
            ledger=self.ledger,
            spec=AppSpec(name="Recipes", kind=self.kind),
            ladder=self._ladder,
            emit=self.events.append,
            cancelled=lambda: False,
            research=self.web,
        )
        self.tools = toolset(self.kind, research=self.web is not None)

    def _ladder(self) -> str:
        self.ladders.append("climbed")
        return "Release 2 is served."

    def call(self, tool: str, **arguments: Any) -> ToolResult:
        return execute(self.tools, tool, json.dumps(arguments), self.context)

    def text(self, path: str) -> str:
        return self.files.read(path).decode()
