"""The gate: what must hold before a release may be served. Its lanes run side by side, each in its own sandbox."""

import os
import queue
import re
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from builder.checks import catalog
from builder.checks.catalog import Check
from builder.checks.probe import CancelledError, run_probe
from builder.events import Checked, CheckStatus, Finding
from builder.release import Stage
from builder.sandbox import (
    BROWSER_LIMITS,
    DATA,
    NODE_LIMITS,
    NODE_MODULES,
    Command,
    Ending,
    Finished,
    Limits,
    Mount,
    Process,
    Sandbox,
)  # fmt: skip
from builder.spec import AppKind
from builder.stack.static import kind_of_tree
from builder.toolchain import Toolchain

INSIDE = Path(__file__).parent / "inside"
PROBE_SECONDS = 60  # of its own, however long it stood by
_REMEMBERED, _INFO = "/remembered", "types.json"
# A page is waited for, and its types are not: they come last where there is not enough for all.
_TYPES_LIMITS = replace(NODE_LIMITS, disk_mb=64, weight=0.1)
_VITE_OPENING = re.compile(r"^(✗ )?Build failed (in|with) |^error during build:$")
_VITE_NOISE = re.compile(r"\x1b\[[0-9;]*m")
_TSC_LINE = re.compile(r"^(?P<path>[^()\s][^()]*)\((?P<line>\d+),\d+\): error (?P<message>.*)$", re.MULTILINE)


def gate(stage: Stage, toolchain: Toolchain, sandbox: Sandbox, cancelled: Callable[[], bool]) -> Iterator[Checked]:
    """Run every gate check that applies; one that could not run because another failed is `skipped`."""
    events: queue.SimpleQueue[Checked | None] = queue.SimpleQueue()
    static = kind_of_tree(stage.app) is not AppKind.FULLSTACK
    lanes, checks = ((_static,), catalog.STATIC_GATE) if static else ((_frontend, check_types, _backend), catalog.GATE)
    ended: set[str] = set()
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = [pool.submit(_drain, lane(stage, toolchain, sandbox, cancelled), events) for lane in lanes]
        for _ in lanes:
            while (event := events.get()) is not None:
                ended |= {event.name} if event.status is not CheckStatus.RUNNING else set()
                yield event
    for lane_result in running:
        lane_result.result()
    yield from (check.ended(CheckStatus.SKIPPED, 0) for check in checks if check.name not in ended)


def _drain(lane: Iterator[Checked], events: "queue.SimpleQueue[Checked | None]") -> None:
    try:
        for event in lane:
            events.put(event)
    finally:
        events.put(None)


def _frontend(stage: Stage, toolchain: Toolchain, sandbox: Sandbox, cancelled: Callable[[], bool]) -> Iterator[Checked]:
    vite = ("vite/bin/vite.js", "build", "--configLoader", "runner", "--logLevel", "warn")
    command = _node(vite, Mount(stage.dist, "/app/frontend/dist", writable=True), NODE_LIMITS, stage, toolchain)
    finished = yield from _told(catalog.FRONTEND, lambda: sandbox.run(command, cancelled=cancelled), cancelled)
    stage.signal("built" if finished.ok else "failed")


def check_types(
    stage: Stage, toolchain: Toolchain, sandbox: Sandbox, cancelled: Callable[[], bool]
) -> Iterator[Checked]:
    """What tsc found at the build before is remembered for each file, by its content, and kept with the project."""
    remembered = ("--incremental", "--tsBuildInfoFile", f"{_REMEMBERED}/{_INFO}")
    stage.types.mkdir(exist_ok=True)
    tsc = ("typescript/bin/tsc", "--noEmit", "--pretty", "false", *remembered)
    command = _node(tsc, Mount(stage.types, _REMEMBERED, writable=True), _TYPES_LIMITS, stage, toolchain)

    def run() -> Finished:
        remembers = os.path.lexists(stage.types / _INFO)
        finished = sandbox.run(command, cancelled=cancelled)
        if finished.ok or not remembers or _TSC_LINE.search(finished.stdout):
            return finished
        (stage.types / _INFO).unlink(missing_ok=True)  # not the app's fault, perhaps
        return sandbox.run(command, cancelled=cancelled)

    yield from _told(catalog.TYPES, run, cancelled)


def _node(program: tuple[str, ...], mount: Mount, limits: Limits, stage: Stage, toolchain: Toolchain) -> Command:
    script, *arguments = program
    return Command(
        argv=(str(toolchain.node), f"{NODE_MODULES}/{script}", *arguments),
        mounts=(Mount(stage.app, "/app"), mount, *toolchain.mounts),
        env={"NODE_ENV": "production", "NODE_OPTIONS": "--max-old-space-size=1024"},
        cwd="/app/frontend",
        limits=limits,
    )


def _told(
    check: Check, run: Callable[[], Finished], cancelled: Callable[[], bool]
) -> Generator[Checked, None, Finished]:
    yield check.running()
    started = time.monotonic()
    finished = run()
    if cancelled():
        raise CancelledError
    status = CheckStatus.PASSED if finished.ok else CheckStatus.FAILED
    yield check.ended(status, time.monotonic() - started, () if finished.ok else node_findings(finished))
    return finished


def node_findings(finished: Finished) -> list[Finding]:
    """tsc's errors with their places, else the first lines of what the program said."""
    text = _VITE_NOISE.sub("", finished.stdout + finished.stderr)
    located = [Finding(m["message"], f"frontend/{m['path']}", int(m["line"])) for m in _TSC_LINE.finditer(text)]
    if located:
        return located
    said = [line for line in text.strip().splitlines() if line.strip() and not _VITE_OPENING.search(line)]
    return [Finding(_cause(finished) or "\n".join(said[:6]) or f"It ended with {finished.code}.")]


def _backend(stage: Stage, toolchain: Toolchain, sandbox: Sandbox, cancelled: Callable[[], bool]) -> Iterator[Checked]:
    """Python, database, start, API and first screen: one probe, since each needs what the one before made."""
    process = _begun(stage, AppKind.FULLSTACK) or sandbox.start(probe_command("inside.gate", stage, toolchain))
    yield from _probe(process, catalog.SYNTAX, stage, cancelled)


def _begun(stage: Stage, kind: AppKind) -> Process | None:
    return stage.probe.begin(kind) if stage.probe else None


def probe_command(module: str, stage: Stage, toolchain: Toolchain, limits: Limits = BROWSER_LIMITS) -> Command:
    """A probe of an app that has a back end, which `stage` has a folder for."""
    return Command(
        argv=(str(toolchain.python), "-m", module),
        mounts=(
            Mount(stage.app, "/app"),
            Mount(stage.backend, "/app/backend", writable=True),
            Mount(stage.data, DATA, writable=True),
            Mount(stage.out, "/out", writable=True),
            Mount(stage.signals, "/signals"),
            Mount(INSIDE, "/checks/inside"),
            *toolchain.mounts,
        ),
        env={
            "PYTHONPATH": "/checks",
            "DATABASE_URL": f"sqlite:///{DATA}/app.sqlite",
            "CHROMIUM": str(toolchain.chromium or ""),
        },
        limits=limits,
    )


def _static(stage: Stage, toolchain: Toolchain, sandbox: Sandbox, cancelled: Callable[[], bool]) -> Iterator[Checked]:
    """Plain files: the page is read, then opened."""
    command = Command(
        argv=(str(toolchain.python), "-m", "inside.static"),
        mounts=(
            Mount(stage.app, "/app"),
            Mount(stage.out, "/out", writable=True),
            Mount(INSIDE, "/checks/inside"),
            *toolchain.mounts,
        ),
        env={"PYTHONPATH": "/checks", "CHROMIUM": str(toolchain.chromium or "")},
        limits=BROWSER_LIMITS,
    )
    process = _begun(stage, AppKind.ARTIFACT) or sandbox.start(command)
    yield from _probe(process, catalog.DOCUMENT, stage, cancelled)


def _probe(process: Process, first: Check, stage: Stage, cancelled: Callable[[], bool]) -> Iterator[Checked]:
    """What a probe reports; when it ends badly, what it was at has failed, `first` when it was at nothing yet."""
    running: set[str] = set()
    for event in run_probe(process, stage.out / "report.jsonl", cancelled, PROBE_SECONDS):
        if isinstance(event, Finished):
            broken = running or ({first.name} if not event.ok else set())
            cause = Finding(_cause(event) or _tail(event))
            yield from (catalog.BY_NAME[name].ended(CheckStatus.FAILED, event.seconds, [cause]) for name in broken)
        else:
            (running.add if event.status is CheckStatus.RUNNING else running.discard)(event.name)
            yield event


def _cause(finished: Finished) -> str | None:
    return {
        Ending.MEMORY: "It used more memory than the sandbox gives it.",
        Ending.DISK: "It wrote more than the sandbox's disk limit.",
        Ending.WALL_CLOCK: "It took longer than it may and was stopped.",
    }.get(finished.ending)


def _tail(finished: Finished) -> str:
    lines = (finished.stderr or finished.stdout).strip().splitlines()
    return "\n".join(lines[-4:]) or f"The probe ended with {finished.code} and said nothing."
