"""The scored checks of a release, run after it is served. They rank it; none takes it down."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from builder.checks import catalog
from builder.checks.gate import INSIDE
from builder.checks.probe import run_probe
from builder.events import Checked, CheckStatus, Event, Finding, Scored
from builder.release import Release, write_release
from builder.sandbox import BROWSER_LIMITS, DATA, Command, Finished, Mount, Sandbox
from builder.spec import AppKind
from builder.stack.static import kind_of_tree
from builder.toolchain import Toolchain
from builder.uploads import copy_uploads

AXE = Path(__file__).parent / "axe"
SECONDS = 240
LIMITS = replace(BROWSER_LIMITS, wall_seconds=SECONDS, cpu_seconds=SECONDS)


def score_release(
    release: Release, toolchain: Toolchain, sandbox: Sandbox, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Event]:
    """Yield each scored check, write them and the score into the release's record, end with the score."""
    ended: list[Checked] = []
    for event in _checks(release, toolchain, sandbox, cancelled):
        ended += [event] if event.status is not CheckStatus.RUNNING else []
        yield event
    score = catalog.score(ended)
    write_release(replace(release, checks=(*release.checks, *(event.data() for event in ended)), score=score))
    yield Scored(release.n, score)


def _checks(
    release: Release, toolchain: Toolchain, sandbox: Sandbox, cancelled: Callable[[], bool]
) -> Iterator[Checked]:
    with tempfile.TemporaryDirectory(prefix="score-", dir=release.path.parent, ignore_cleanup_errors=True) as folder:
        out, data = Path(folder) / "out", Path(folder) / "data"
        out.mkdir()
        data.mkdir()
        if release.snapshot.exists():
            shutil.copyfile(release.snapshot, data / "app.sqlite")
            copy_uploads(release.snapshot, data / "app.sqlite")
        running: str | None = None
        process = sandbox.start(_command(release, toolchain, out, data))
        for event in run_probe(process, out / "report.jsonl", cancelled, SECONDS):
            if isinstance(event, Finished):
                if running:
                    said = event.stderr.strip().splitlines()[-3:] or [f"It ended as {event.ending}."]
                    yield catalog.BY_NAME[running].ended(CheckStatus.FAILED, 0, [Finding("\n".join(said))])
            else:
                running = event.name if event.status is CheckStatus.RUNNING else None
                yield event


def _command(release: Release, toolchain: Toolchain, out: Path, data: Path) -> Command:
    full = kind_of_tree(release.app) is AppKind.FULLSTACK
    return Command(
        argv=(str(toolchain.python), "-m", "inside.score" if full else "inside.walk"),
        mounts=(
            Mount(release.app, "/app"),
            Mount(data, DATA),
            Mount(out, "/out", writable=True),
            Mount(INSIDE, "/checks/inside"),
            Mount(AXE, "/checks/axe"),
            *toolchain.mounts,
        ),
        env={"PYTHONPATH": "/checks", "CHROMIUM": str(toolchain.chromium or "")},
        limits=LIMITS,
    )
