"""The lab of a run: its files on disk, a bench that exercises them, and answers made into values.

The files are written here and only read inside. Nothing that comes back is trusted: values of another form are errors.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from builder.agent.flow import FlowStep
from builder.agent.lab import ApiAnswer, FlowResult, Lab, LabError, PageReport, Rows, TestReport
from builder.checks import catalog
from builder.checks.bench import Bench, BenchError, read_flow, read_picture, read_value
from builder.checks.gate import node_findings
from builder.checks.prove import as_dicts
from builder.events import Checked, CheckStatus, Finding
from builder.sandbox import Ending, Finished, Mount, Sandbox, remove_tree
from builder.toolchain import Toolchain
from builder.untrusted import read_untrusted
from builder.uploads import copy_uploads
from builder.workspace import WorkspaceError, rooted

CHECK_SECONDS, TEST_SECONDS, CALL_SECONDS, PAGE_SECONDS, FLOW_SECONDS = 150, 240, 60, 120, 240
READY_SECONDS = 60  # to build and start what a call needs
MAX_DATA = 500_000_000
DIST = "frontend/dist"
M = TypeVar("M", bound=BaseModel)


def open_lab(
    files: Mapping[str, bytes],
    folder: Path,
    toolchain: Toolchain,
    sandbox: Sandbox,
    *,
    data: Path | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    call_seconds: float = CALL_SECONDS,
) -> Lab:
    """A lab in `folder`, which is its own and is emptied. `data` is a copy of the live database.

    `call_seconds` is what a single call may take; what has to be built or started before it has its own time.
    """
    return WarmLab(files, folder, toolchain, sandbox, data, cancelled, call_seconds)


class WarmLab:
    def __init__(
        self,
        files: Mapping[str, bytes],
        folder: Path,
        toolchain: Toolchain,
        sandbox: Sandbox,
        data: Path | None,
        cancelled: Callable[[], bool],
        call_seconds: float,
    ) -> None:
        self._folder, self._toolchain, self._sandbox, self._cancelled = folder, toolchain, sandbox, cancelled
        self._call_seconds = call_seconds
        self._lock = threading.RLock()
        self._files: dict[str, bytes] = {}
        self._base: dict[str, bytes] = {}
        self._updated: set[str] = set()
        remove_tree(folder)
        for name in ("app", "data", "base", "dist"):
            (folder / name).mkdir(parents=True)
        if data is not None:
            (folder / "data" / "app.sqlite").write_bytes(read_untrusted(data, MAX_DATA))
            copy_uploads(data, folder / "data" / "app.sqlite")
        self._bench: Bench | None = None
        self._static = False
        self.update(files)

    def update(self, changes: Mapping[str, bytes | None]) -> None:
        with self._lock:
            try:
                _write(self._folder / "app", changes)
            except WorkspaceError as error:
                raise LabError(str(error)) from error
            self._files = {path: data for path, data in {**self._files, **changes}.items() if data is not None}
            self._updated |= set(changes)

    def check(self, changed: Collection[str]) -> list[Checked]:
        front = any(path.startswith("frontend/") for path in changed)
        back = any(path.startswith("backend/") for path in changed)
        if not changed or not (front or back or is_static(self._files)):
            return []
        value = self._call("check", {"front": front, "back": back}, CHECK_SECONDS)
        results = value.get("results")
        lines = [line for line in results if isinstance(line, dict)] if isinstance(results, list) else []
        return [checked for line in lines[:20] if (checked := _checked(line))]

    def run_tests(self, paths: Sequence[str], base: Mapping[str, bytes]) -> TestReport:
        with self._lock:
            wanted = [_test_path(path) for path in paths]
            for path in wanted:
                if path.partition("::")[0] not in self._files and not self._has_folder(path):
                    raise LabError(f"There is no {path[:100]}.")
            self._lay_base(base)
            request = {"paths": wanted, "base": bool(base)}
            told = self._ask(_Tests, "run_tests", request, TEST_SECONDS)
        return TestReport(tuple(told.passed), tuple(told.failed), tuple(told.vacuous), told.tail)

    def call_api(self, method: str, path: str, body: Any = None) -> ApiAnswer:
        request = {"method": method, "path": path, "body": body}
        told = self._ask(_Answer, "call_api", request, self._call_seconds)
        return ApiAnswer(told.status, told.body, told.headers, told.seconds)

    def query_db(self, sql: str, limit: int = 50) -> Rows:
        told = self._ask(_Rows, "query_db", {"sql": sql, "limit": limit}, self._call_seconds)
        return Rows(tuple(told.columns), tuple(tuple(map(_plain, row)) for row in told.rows[:limit]), told.more)

    def browse(self, path: str | None, steps: Sequence[FlowStep], *, screenshot: bool = False) -> PageReport:
        request = {"path": path, "steps": as_dicts(steps), "screenshot": screenshot}
        told = self._ask(_Page, "browse", request, PAGE_SECONDS)
        return PageReport(
            told.url,
            told.title,
            told.snapshot,
            told.changed,
            tuple(told.problems),
            told.failed_step,
            read_picture(told.screenshot),
        )

    def run_flow(self, steps: Sequence[FlowStep], *, patience: float = 1.0) -> FlowResult:
        value = self._call("run_flow", {"steps": as_dicts(steps), "patience": patience}, FLOW_SECONDS)
        try:
            return read_flow(value)
        except BenchError as error:
            raise LabError(str(error)) from error

    def read_logs(self, lines: int = 60) -> str:
        return str(self._call("read_logs", {"lines": max(1, min(lines, 500))}, self._call_seconds).get("text") or "")[
            :12_000
        ]

    def close(self) -> None:
        with self._lock:
            if self._bench:
                self._bench.stop()
            remove_tree(self._folder)

    def _call(self, do: str, arguments: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        with self._lock:
            bench = self._ready_bench()
            if not bench.runs:
                self._updated.clear()  # a new one takes the files as they are
            updated, self._updated = sorted(self._updated), set()
            if updated or not bench.runs:
                seconds += READY_SECONDS
            try:
                return bench.call(do, {**arguments, "updated": updated}, seconds)
            except BenchError as error:
                raise LabError(str(error)) from error

    def _ask(self, model: type[M], do: str, arguments: Mapping[str, Any], seconds: float) -> M:
        value = self._call(do, arguments, seconds)
        try:
            return read_value(model, value)
        except BenchError as error:
            raise LabError(str(error)) from error

    def _ready_bench(self) -> Bench:
        """Made again when the project has become of another kind."""
        static = is_static(self._files)
        if self._bench is None or static != self._static:
            if self._bench:
                self._bench.stop()
            mounts = [Mount(self._folder / "base", "/base")]
            if not static:
                (self._folder / "app" / DIST).mkdir(parents=True, exist_ok=True)
                mounts.append(Mount(self._folder / "dist", f"/app/{DIST}", writable=True))
            data, app = self._folder / "data", self._folder / "app"
            self._bench = Bench(app, data, self._toolchain, self._sandbox, self._cancelled, mounts=tuple(mounts))
            self._static = static
        return self._bench

    def _has_folder(self, path: str) -> bool:
        return any(name.startswith(path.rstrip("/") + "/") for name in self._files)

    def _lay_base(self, base: Mapping[str, bytes]) -> None:
        """The base's tree with the tests of now, and beside it the tests of then."""
        now = {path: data for path, data in self._files.items() if is_test(path)}
        then = {f"before/{path}": data for path, data in base.items() if is_test(path)}
        tree = {f"tree/{path}": data for path, data in {**base, **now}.items()}
        wanted = {**tree, **then} if base else {}
        gone = dict.fromkeys(path for path in self._base if path not in wanted)
        _write(self._folder / "base", {**gone, **{p: d for p, d in wanted.items() if self._base.get(p) != d}})
        self._base = wanted


def is_static(files: Collection[str]) -> bool:
    """Whether the project is plain files, without a back end and a build."""
    return not any(path.startswith(("backend/", "frontend/")) for path in files)


def is_test(path: str) -> bool:
    return path.startswith("tests/")


class _Tests(BaseModel):
    passed: list[str] = Field(max_length=400)
    failed: list[tuple[str, str]] = Field(max_length=40)
    vacuous: list[str] = Field(max_length=400)
    tail: str = Field(max_length=4000)


class _Answer(BaseModel):
    status: int = Field(ge=0, le=999)
    body: str = Field(max_length=70_000)
    headers: dict[str, str] = Field(max_length=20)
    seconds: float


class _Rows(BaseModel):
    columns: list[str] = Field(max_length=2000)
    rows: list[list[Any]] = Field(max_length=500)
    more: bool


class _Page(BaseModel):
    url: str = Field(max_length=4000)
    title: str = Field(max_length=200)
    snapshot: str = Field(max_length=13_000)
    changed: str = Field(max_length=5000)
    problems: list[str] = Field(max_length=20)
    failed_step: str | None = Field(default=None, max_length=4100)
    screenshot: str | None = None


def _checked(line: Mapping[str, Any]) -> Checked | None:
    """tsc and Vite are told by what they said; every other check by its findings."""
    if "output" not in line:
        return catalog.from_report(line)
    check = catalog.BY_NAME.get(str(line.get("name")))
    code, seconds = line.get("code"), line.get("seconds")
    if check is None or not isinstance(code, int) or not isinstance(seconds, (int, float)):
        return None
    finished = Finished(code, str(line["output"])[:60_000], "", Ending.EXITED, seconds)
    findings: list[Finding] = [] if finished.ok else node_findings(finished)
    return check.ended(CheckStatus.PASSED if finished.ok else CheckStatus.FAILED, seconds, findings)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float)) else str(value)[:400]


def _test_path(path: str) -> str:
    """A file or folder of tests, perhaps with `::` and a test's name; never an option of pytest."""
    try:
        rooted(path.partition("::")[0].rstrip("/"))
    except WorkspaceError as error:
        raise LabError(str(error)) from error
    return path


def _write(folder: Path, changes: Mapping[str, bytes | None]) -> None:
    """Each file whole or not at all: what reads it meanwhile sees the old one. `folder` holds no links."""
    for path in changes:
        rooted(path)
    for path in [path for path, data in changes.items() if data is None]:
        (folder / path).unlink(missing_ok=True)
    for path, data in changes.items():
        if data is not None:
            _put(folder, path, data)


def _put(folder: Path, path: str, data: bytes) -> None:
    target, fresh = folder / path, folder / ".writing"
    for parent in reversed(target.relative_to(folder).parents[:-1]):
        if (folder / parent).is_file():  # a file became a folder
            (folder / parent).unlink()
    if target.is_dir():
        remove_tree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh.write_bytes(data)
    fresh.rename(target)
