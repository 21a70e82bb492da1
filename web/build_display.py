"""What `protodex build` says while it builds: lines for a person, or JSON for a program. Knows nothing of building."""

import json
import shlex
import sys
import time
from pathlib import Path
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape

from builder.events import (
    Checked,
    CheckStatus,
    Event,
    FileChanged,
    Noted,
    Phase,
    PhaseChanged,
    RequirementChanged,
    Scored,
    SpecDrafted,
    Stepped,
    StepStreamed,
    UsageTold,
)

MARKS = {
    CheckStatus.PASSED: "[green]✓[/green]",
    CheckStatus.FAILED: "[red]✗[/red]",
    CheckStatus.SKIPPED: "[yellow]–[/yellow]",
}
DONE = MARKS[CheckStatus.PASSED]
DOING = {
    Phase.DRAFTING: "Reading the request",
    Phase.RENDERING: "Writing the code",
    Phase.CHECKING: "Checking that it works",
    Phase.WORKING: "The model thinks",
}
COLUMN = 24
LONGEST = 160


class Display(Protocol):
    def event(self, event: Event) -> None: ...

    def failed(self, message: str, code: str, /) -> None: ...

    def done(self, out: Path) -> None: ...


class JsonLines:
    """One JSON object a line, at once: whoever reads may act on it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def event(self, event: Event) -> None:
        if isinstance(event, StepStreamed):
            return  # every 0.1 s the whole of it again: for eyes, not for programs
        self._print({"event": event.kind, **event.data()})

    def failed(self, message: str, code: str, /) -> None:
        self._print({"event": "error", "error": {"code": code, "message": message}})

    def done(self, out: Path) -> None:
        self._print({"event": "done", "out": str(out)})

    def _print(self, value: dict[str, object]) -> None:
        """In one piece: Ctrl-C between a line and its end would join two."""
        sys.stdout.write(json.dumps(value, default=str, ensure_ascii=False) + "\n")
        sys.stdout.flush()


class Progress:
    """The timeline in a terminal: one line for what is done, a moving one for what is being done."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._errors = Console(highlight=False, soft_wrap=True, stderr=True)
        self._now = self._console.status("Getting ready", spinner_style="blue")
        self._started = time.monotonic()
        self._files = 0
        self._runs = True
        self._usage: UsageTold | None = None

    def __enter__(self) -> Self:
        self._now.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._now.stop()

    def event(self, event: Event) -> None:
        match event:
            case PhaseChanged():
                self._phase(event.phase)
            case SpecDrafted():
                self._spec(event)
            case FileChanged():
                self._files += 1
            case Checked(status=CheckStatus.RUNNING):
                self._now.update(escape(event.label))
            case Checked():
                self._check(event)
            case Scored(score=score):
                self._console.print(f"{DONE} {'Score':<{COLUMN}}[dim]{score} of 100[/dim]")
            case StepStreamed():
                self._now.update(escape(f"Step {event.n}: {_writing(event)}"))
            case Stepped():
                self._step(event)
            case RequirementChanged(status="proven"):
                self._console.print(f"{DONE} {'Proven':<{COLUMN}}{escape(event.text)}")
            case UsageTold():
                self._usage = event
            case Noted(questions=questions) if questions:
                self._questions(event)
            case Noted():
                self._console.print(f"[{'yellow' if event.level == 'warning' else 'dim'}]{escape(event.text)}[/]")
            case _:
                pass

    def failed(self, message: str, _: str, /) -> None:
        self._now.stop()
        self._errors.print(f"{MARKS[CheckStatus.FAILED]} {escape(message)}")

    def done(self, out: Path) -> None:
        self._now.stop()
        seconds = time.monotonic() - self._started
        folder = escape(shlex.quote(str(out)))
        spent = f" The model took {_spent(self._usage)}." if self._usage else ""
        start = f"    cd {folder}\n    python3 start.py" if self._runs else f"    {folder}/index.html"
        use = "To use it:" if self._runs else "To use it, open in a browser:"
        self._console.print(f"\nBuilt in {seconds:.1f} s.{spent} {use}\n\n{start}\n")

    def _questions(self, asked: Noted) -> None:
        """Nobody answers them here."""
        self._console.print("The model would ask, and goes on with its best guess. Say it in the prompt to decide:")
        for question in asked.questions:
            choices = f" ({', '.join(question.get('choices') or ())})" if question.get("choices") else ""
            self._console.print(f"    [dim]{escape(str(question['text']) + choices)}[/dim]")

    def _phase(self, phase: Phase) -> None:
        if phase is Phase.CHECKING and self._files:
            self._console.print(f"{DONE} {'Code written':<{COLUMN}}[dim]{self._files} files[/dim]")
            self._files = 0
        self._now.update(DOING.get(phase, "Working"))

    def _spec(self, event: SpecDrafted) -> None:
        self._runs = event.spec["kind"] == "fullstack"
        entities = ", ".join(entity["label_plural"] for entity in event.spec["entities"])
        understood = f"{event.spec['name']}: {entities}" if entities else event.spec["name"]
        self._console.print(f"{DONE} {'Request understood':<{COLUMN}}{escape(understood)}")
        if event.unused:
            self._console.print(f"  [yellow]Not used: {escape(', '.join(event.unused))}[/yellow]")

    def _step(self, step: Stepped) -> None:
        """One line: what it did, the rest as a number."""
        mark = DONE if all(call.ok for call in step.calls) else MARKS[CheckStatus.SKIPPED]
        done = [call for call in step.calls if call.added or call.removed] or list(step.calls)
        said = done[0].summary if done else (step.text.strip().splitlines() or ["Thought about it"])[0]
        more = f" and {len(step.calls) - 1} more" if len(step.calls) > 1 else ""
        line = f"{said[:LONGEST]}{more}"
        self._console.print(f"{mark} {f'Step {step.n}':<{COLUMN}}{escape(line)} [dim]{step.seconds:.1f} s[/dim]")

    def _check(self, event: Checked) -> None:
        self._console.print(
            f"{MARKS[event.status]} {escape(f'{event.label:<{COLUMN}}')}[dim]{event.seconds:.1f} s[/dim]"
        )
        for finding in event.findings if event.status is not CheckStatus.PASSED else ():
            place = f"{finding.path}:{finding.line} " if finding.path else ""
            self._console.print(f"    [dim]{escape(place + finding.message)}[/dim]")


def _spent(usage: UsageTold) -> str:
    steps = "1 step" if usage.steps == 1 else f"{usage.steps} steps"
    return f"{steps}, {usage.prompt:,} tokens read and {usage.completion:,} written"


def _writing(step: StepStreamed) -> str:
    """What is being written right now, in a few words."""
    if not step.calls:
        return "thinking" if not step.text else "saying what comes next"
    call = step.calls[-1]
    name = str(call.get("name") or "").replace("_", " ")
    lines = f", {call['lines']} lines" if call.get("lines") else ""
    return f"{name} {call.get('path') or ''}".strip()[:LONGEST] + lines
