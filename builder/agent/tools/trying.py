"""Tools that try the app in its sandbox: checks, tests, API, database, browser, log. What comes back is data."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from builder.agent.flow import MAX_FLOW_STEPS, FlowStep
from builder.agent.tools.base import MAX_RESULT, Arguments, Tool, ToolContext, ToolError, ToolResult, as_data, clip
from builder.agent.tools.findings import MAX_CHECK, describe
from builder.events import Checked, CheckStatus

MAX_BODY, MAX_CELL = 6_000, 200


class RunChecks(Arguments):
    scope: Literal["touched", "all"] = Field(
        default="touched", description="touched: what your edits can break, seconds; all: everything, a checkpoint"
    )


class RunTests(Arguments):
    paths: list[str] = Field(default_factory=list, max_length=20, description="test files; all when left out")


class CallApi(Arguments):
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = Field(
        min_length=1, max_length=1000, pattern="^/", description="with its query, such as /api/recipes?size=3"
    )
    body: Any = Field(default=None, description="JSON body")


class QueryDb(Arguments):
    sql: str = Field(min_length=1, max_length=4000, description="one SELECT")


class Browse(Arguments):
    path: str | None = Field(default=None, max_length=400, description="left out: stay on the page of the last call")
    steps: list[FlowStep] = Field(default_factory=list, max_length=MAX_FLOW_STEPS)


class ReadLogs(Arguments):
    lines: int = Field(default=60, ge=1, le=400)


class Finish(Arguments):
    summary: str = Field(
        min_length=1, max_length=2000, description="for the person: what the app does now, in their language"
    )


def run_checks(arguments: RunChecks, ctx: ToolContext) -> ToolResult:
    if arguments.scope == "all":
        said = ctx.ladder()
        ctx.touched.clear()
        return ToolResult(said, "Ran all checks")
    changed = sorted(ctx.touched or _since_the_beginning(ctx))
    if not changed:
        return ToolResult("No file has changed, so there is nothing to check.", "Nothing to check")
    ended = [check for check in ctx.lab().check(changed) if check.status is not CheckStatus.RUNNING]
    failed = [check for check in ended if check.status is CheckStatus.FAILED]
    if not failed:
        ctx.touched.clear()
        names = ", ".join(check.label for check in ended if check.status is CheckStatus.PASSED)
        return ToolResult(f"Passed: {names or 'nothing that these files could break'}.", "Checks passed")
    return ToolResult(told(ended), f"{failed[0].label}: failed", ok=False)


def told(ended: Sequence[Checked]) -> str:
    """The failed checks, each with its findings, cause first; the rest by name."""
    parts = [describe(check) for check in ended if check.status is CheckStatus.FAILED]
    for status in (CheckStatus.PASSED, CheckStatus.SKIPPED):
        if names := [check.label for check in ended if check.status is status]:
            parts.append(f"{status.value.capitalize()}: {', '.join(names)}.")
    return "\n".join(parts)


def run_tests(arguments: RunTests, ctx: ToolContext) -> ToolResult:
    missing = [path for path in arguments.paths if path.split("::")[0] not in ctx.files.paths()]
    if missing:
        there = ", ".join(path for path in ctx.files.paths() if path.startswith("tests/test_"))
        raise ToolError(f"There is no {missing[0][:100]}. Test files: {there or 'none yet'}.")
    report = ctx.lab().run_tests(arguments.paths, ctx.files.base())
    lines = [f"{len(report.passed)} passed, {len(report.failed)} failed."]
    lines += [f"FAILED {name}\n{clip(why, 1_500)}" for name, why in report.failed[:6]]
    if report.vacuous:
        lines.append(
            f"These pass without your change too, so they prove nothing: {', '.join(report.vacuous[:12])}. "
            "Make them ask for what is new."
        )
    if not report.passed and not report.failed:
        lines.append(clip(report.tail, MAX_CHECK))
    ok = bool(report.passed) and not report.failed
    return ToolResult(as_data("tests", clip("\n".join(lines), MAX_RESULT - 200)), lines[0], ok)


def call_api(arguments: CallApi, ctx: ToolContext) -> ToolResult:
    answer = ctx.lab().call_api(arguments.method, arguments.path, arguments.body)
    kind = next((value for key, value in answer.headers.items() if key.lower() == "content-type"), "")
    body = clip(_pretty(answer.body), MAX_BODY, "Ask for less, with `size` and filters")
    asked = f"{arguments.method} {arguments.path}"
    text = f"{answer.status} {kind} in {answer.seconds:.2f} s\n{body}"
    return ToolResult(as_data(f"{arguments.method} {arguments.path[:200]}", text), f"{asked[:100]}: {answer.status}")


def query_db(arguments: QueryDb, ctx: ToolContext) -> ToolResult:
    rows = ctx.lab().query_db(arguments.sql)
    lines = [" | ".join(rows.columns), *(" | ".join(_cell(value) for value in row) for row in rows.rows)]
    more = ["There are more rows: narrow the query."] if rows.more else []
    count = f"{len(rows.rows)}{' or more' if rows.more else ''} row{'' if len(rows.rows) == 1 else 's'}"
    text = clip("\n".join(lines + more), MAX_RESULT - 400, "Select fewer columns")
    return ToolResult(f"{count}\n{as_data('database', text)}", f"Queried the database: {count}")


def browse(arguments: Browse, ctx: ToolContext) -> ToolResult:
    report = ctx.lab().browse(arguments.path, arguments.steps)
    parts = [f"{report.title} at {report.url}"]
    if report.failed_step:
        parts.append(f"This step failed, and those after it were not done: {report.failed_step}")
    if report.problems:
        parts.append("Problems:\n" + "\n".join(f"- {clip(problem, 600)}" for problem in report.problems[:12]))
    if arguments.steps:
        parts.append(f"What the steps changed:\n{clip(report.changed, 3_000) or 'nothing at all'}")
    parts.append(f"The page:\n{clip(report.snapshot, 6_500, 'Look at a smaller page, or search it with expect_text')}")
    text = as_data(f"page {report.url[:200]}", clip("\n\n".join(parts), MAX_RESULT - 400))
    did = f"Opened {arguments.path or 'the page'}" + (f", {len(arguments.steps)} steps" if arguments.steps else "")
    return ToolResult(text, did, ok=report.failed_step is None)


def read_logs(arguments: ReadLogs, ctx: ToolContext) -> ToolResult:
    log = ctx.lab().read_logs(arguments.lines)
    return ToolResult(as_data("the app's log", clip(log, MAX_RESULT - 400) or "(empty)"), "Read the app's log")


def finish(arguments: Finish, ctx: ToolContext) -> ToolResult:
    said = ctx.ladder()
    ctx.touched.clear()
    return ToolResult(said, arguments.summary.split("\n")[0])


def _since_the_beginning(ctx: ToolContext) -> set[str]:
    base, paths = ctx.files.base(), ctx.files.paths()
    return {path for path in paths if base.get(path) != ctx.files.read(path)} | (set(base) - set(paths))


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def _cell(value: Any) -> str:
    text = "NULL" if value is None else " ".join(str(value).split())
    return text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}…"


_STEPS = (
    "Steps go by role and accessible name, as the snapshot shows them: "
    '{"do": "click", "role": "button", "name": "Add"}, {"do": "fill", "name": "Title", "value": "Soup"}, '
    '{"do": "expect_text", "text": "Soup"}.'
)
TOOLS = (
    Tool(
        "run_checks",
        "Check the app. `touched` (seconds) runs what your edits can break: call it after a group of edits. "
        "`all` takes a checkpoint: every check, then the requirements' proofs; what is good is served at "
        "once.",
        RunChecks,
        run_checks,
    ),
    Tool(
        "run_tests",
        "Run the app's tests on a throw-away database. A new test counts only if it fails without your "
        'change. Example: {"paths": ["tests/test_recipe.py"]}',
        RunTests,
        run_tests,
    ),
    Tool(
        "call_api",
        'Call the running app\'s API. Example: {"method": "POST", "path": "/api/recipes", "body": {"title": "Soup"}}',
        CallApi,
        call_api,
        reads=True,
    ),
    Tool(
        "query_db",
        "Read the running app's SQLite database with one SELECT (50 rows at most). Tables: SELECT name, sql "
        "FROM sqlite_master.",
        QueryDb,
        query_db,
        reads=True,
    ),
    Tool(
        "browse",
        "Open a page of the running app in a browser, act on it, and see it as an accessibility tree, with "
        f"console errors, failed requests and what the steps changed. {_STEPS}",
        Browse,
        browse,
    ),
    Tool(
        "read_logs",
        "The newest output of the running app: tracebacks of failed requests are here.",
        ReadLogs,
        read_logs,
        reads=True,
    ),
)
FINISH = Tool(
    "finish",
    "Call this when every requirement is proven (or given up with a reason): it runs everything, and "
    "either ends the work or says what is still open.",
    Finish,
    finish,
)
