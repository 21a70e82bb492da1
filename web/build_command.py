"""`protodex build`: the path in the foreground, with no broker and no database."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from builder.archive import copy_app
from builder.checks import score_release
from builder.drafter import BlueprintDrafter
from builder.events import Checked, CheckStatus, Event, FileChanged, Phase, PhaseChanged, Released, Scored, SpecDrafted
from builder.path import BuildFailedError, Workshop, build_app
from builder.refusal import Refusal
from builder.release import read_release
from builder.sandbox import SandboxUnavailableError, open_sandbox
from builder.settings import Settings
from builder.toolchain import ToolchainError, ensure_toolchain
from builder.workspace import Workspace

BUILT, FAILED, REFUSED = 0, 1, 2


def build(prompt: str, out: Path, settings: Settings, *, as_json: bool, score: bool = False) -> int:
    """Build `prompt` into the folder `out`; the answer is the exit code: 0 built, 1 failed, 2 refused."""
    show = JsonLines() if as_json else Progress(Console())
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        return show.failed(f"{out} is not an empty folder. Name one that is new or empty.", "out_not_empty")
    try:
        for event in _run(prompt, out, settings, score):
            show.event(event)
    except Refusal as refusal:
        show.failed(refusal.message, refusal.code)
        return REFUSED
    except (BuildFailedError, SandboxUnavailableError, ToolchainError) as error:
        return show.failed(str(error), "failed")
    show.done(out)
    return BUILT


def _run(prompt: str, out: Path, settings: Settings, score: bool) -> Iterator[Event]:
    drafter = BlueprintDrafter()
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
        for event in build_app(prompt, drafter, workshop):
            yield event
            if isinstance(event, Released):
                if score:
                    yield from score_release(read_release(event.path), workshop.toolchain, sandbox)
                shutil.rmtree(out, ignore_errors=True)
                copy_app(event.path / "app", out)


class JsonLines:
    """One JSON object a line, for machines."""

    def event(self, event: Event) -> None:
        self._print({"event": event.kind, **event.data()})

    def failed(self, message: str, code: str) -> int:
        self._print({"event": "error", "error": {"code": code, "message": message}})
        return FAILED

    def done(self, out: Path) -> None:
        self._print({"event": "done", "out": str(out)})

    def _print(self, value: dict[str, object]) -> None:
        print(json.dumps(value, default=str, ensure_ascii=False), flush=True)


class Progress:
    """The timeline in a terminal: one line an event, quiet when done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._files = 0

    def event(self, event: Event) -> None:
        match event:
            case PhaseChanged(phase=Phase.CHECKING):
                self._line("green", "✓", f"{self._files} files written")
            case SpecDrafted(spec=spec):
                entities = ", ".join(entity["label_plural"] for entity in spec["entities"])
                self._line("green", "✓", f"{spec['name']}: {entities}")
            case FileChanged():
                self._files += 1
            case Checked(status=CheckStatus.PASSED):
                self._line("green", "✓", f"{event.label} [dim]{event.seconds:.1f} s[/dim]", markup=True)
            case Checked(status=CheckStatus.FAILED | CheckStatus.SKIPPED):
                self._line("red" if event.status is CheckStatus.FAILED else "yellow", "✗", event.label)
                for finding in event.findings:
                    place = f"{finding.path}:{finding.line} " if finding.path else ""
                    self._console.print(f"    {escape(place + finding.message)}", style="dim")
            case Scored(score=score):
                self._line("green", "✓", f"Score {score} of 100")
            case _:
                pass

    def failed(self, message: str, code: str) -> int:
        self._console.print(f"[red]✗[/red] {escape(message)} [dim]({escape(code)})[/dim]")
        return FAILED

    def done(self, out: Path) -> None:
        seconds = time.monotonic() - self._started
        self._console.print(
            f"\nBuilt in {seconds:.1f} s. To use it:\n\n    cd {escape(str(out))}\n    python3 start.py\n"
        )

    def _line(self, colour: str, mark: str, text: str, *, markup: bool = False) -> None:
        self._console.print(f"[{colour}]{mark}[/{colour}] {text if markup else escape(text)}")
