"""`protodex build`: the path in the foreground, with no broker and no database."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

from builder.archive import copy_app
from builder.checks import score_release
from builder.drafter import BlueprintDrafter
from builder.events import Event, Released
from builder.path import BuildFailedError, Workshop, build_app
from builder.refusal import Refusal
from builder.release import read_release
from builder.sandbox import SandboxUnavailableError, open_sandbox
from builder.settings import Settings
from builder.toolchain import ToolchainError, ensure_toolchain
from builder.workspace import Workspace
from web.build_display import Display, JsonLines, Progress

BUILT, FAILED, REFUSED, STOPPED = 0, 1, 2, 130


def build(prompt: str, out: Path, settings: Settings, *, as_json: bool, score: bool = False) -> int:
    """Build `prompt` into the folder `out`; the answer is the exit code: 0 built, 1 failed, 2 refused, 130 stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to end, it cleans up as after Ctrl-C
    with JsonLines() if as_json else Progress() as display:
        return _build(prompt, out, settings, display, score)


def _build(prompt: str, out: Path, settings: Settings, display: Display, score: bool) -> int:
    try:
        if problem := _out_problem(out):
            display.failed(problem, "out_unusable")
            return FAILED
        for event in _run(prompt, out, settings, score):
            display.event(event)
    except Refusal as refusal:
        display.failed(refusal.message, refusal.code)
        return REFUSED
    except (BuildFailedError, SandboxUnavailableError, ToolchainError) as error:
        display.failed(str(error), "failed")
        return FAILED
    except KeyboardInterrupt:
        display.failed("Stopped. Nothing was kept.", "stopped")
        return STOPPED
    display.done(out)
    return BUILT


def _out_problem(out: Path) -> str | None:
    """Asked before anything is built: an app that is ready and can't be handed over helps nobody."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        return f"{out} is not an empty folder. Name one that is new or empty."
    nearest = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        return f"{out} can't be written. Name a folder that is yours."
    return None


def _run(prompt: str, out: Path, settings: Settings, score: bool) -> Iterator[Event]:
    sandbox = open_sandbox(settings.sandbox, settings.run_dir)
    scratch = settings.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=scratch) as folder:
        workshop = Workshop(
            workspace=Workspace.open(Path(folder) / "workspace"),
            releases=Path(folder) / "releases",
            sandbox=sandbox,
            toolchain=ensure_toolchain(settings.data),
        )
        for event in build_app(prompt, BlueprintDrafter(), workshop):
            yield event
            if isinstance(event, Released):
                if score:
                    yield from score_release(read_release(event.path), workshop.toolchain, sandbox)
                _hand_over(event.path / "app", out)


def _hand_over(app: Path, out: Path) -> None:
    """All of the app or nothing; a folder that was there stays the same one, it may be somebody's current one."""
    made = not out.exists()
    try:
        copy_app(app, out)
    except BaseException:
        for path in out.iterdir() if out.exists() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if made and out.exists():
            out.rmdir()
        raise
