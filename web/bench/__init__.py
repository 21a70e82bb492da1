"""`protodex bench FILE`: run a file of prompts through the whole service and hold each app against what it expects."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builder.sandbox.detect import open_sandbox
from builder.settings import Settings
from builder.toolchain import Toolchain, ensure_toolchain
from web.bench.probes import Made, Verdict, verdicts
from web.bench.service import Service, running_service


@dataclass
class Result:
    """How one prompt went. A line that has no probe, or whose probe does not hold, is `unmet`."""

    id: str
    status: str
    seconds: float
    verdicts: list[Verdict] = field(default_factory=list)
    proven: int = 0
    requirements: int = 0
    score: int | None = None
    findings: int = 0

    @property
    def unmet(self) -> list[Verdict]:
        return [v for v in self.verdicts if not v.holds]

    @property
    def whole(self) -> bool:
        return bool(self.verdicts) and not self.unmet


def run_bench(path: Path, settings: Settings, say: Callable[[str], None], only: Sequence[str] = ()) -> list[Result]:
    """Raises ValueError for a file that is not in the form of prompts."""
    asks = [ask for ask in read_asks(path) if not only or ask["id"] in only]
    toolchain = ensure_toolchain(settings.data)
    results = []
    with running_service(settings.data) as service:
        for ask in asks:
            results.append(run_one(ask, service, toolchain))
            say(line(results[-1]))
            for verdict in results[-1].unmet:
                say(f"    {verdict.part}: {verdict.what}" + (f" ({verdict.why})" if verdict.why else ""))
    return results


def read_asks(path: Path) -> list[dict[str, Any]]:
    asks = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if text.strip():
            ask = json.loads(text)
            if not isinstance(ask, dict) or not {"id", "prompt", "expect"} <= set(ask):
                raise ValueError(f"line {number} of {path.name} needs id, prompt and expect")
            asks.append(ask)
    return asks


def run_one(ask: dict[str, Any], service: Service, toolchain: Toolchain) -> Result:
    started = time.monotonic()
    project = service.build(ask["prompt"])
    result = Result(ask["id"], project["status"], time.monotonic() - started)
    made = None
    if project["status"] == "ready":
        result.seconds = project["seconds"]
        requirements = service.requirements(project["id"])
        result.requirements = len(requirements)
        result.proven = sum(item["status"] == "proven" for item in requirements)
        result.score, result.findings = service.score(project["id"])
        release = service.release_path(project)
        made = Made(
            release, service.spec(project["id"]), toolchain, open_sandbox("bubblewrap", service.folder / "bench")
        )
    result.verdicts = list(verdicts(ask["expect"], project, made))
    return result


def line(result: Result) -> str:
    held = sum(v.holds for v in result.verdicts)
    mark = "ok  " if result.whole else "    "
    score = f"score {result.score}" if result.score is not None else ""
    return (
        f"{mark}{result.id:10} {result.status:12} {result.seconds:5.1f} s  {held:3} of {len(result.verdicts):3} lines"
        f"  proven {result.proven} of {result.requirements}  {score}"
    )


def table(results: Sequence[Result]) -> Iterator[str]:
    """Markdown: a row for each prompt, then the sums by kind of line."""
    yield "| prompt | outcome | seconds | lines met | proven | score | not met |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | --- |"
    for r in results:
        held = sum(v.holds for v in r.verdicts)
        missing = "; ".join(f"{v.part} {v.what}" for v in r.unmet).replace("|", "/")[:300]
        proven = f"{r.proven} of {r.requirements}" if r.requirements else ""
        score = r.score if r.score is not None else ""
        lines = f"{held} of {len(r.verdicts)}"
        yield f"| {r.id} | {r.status} | {r.seconds:.1f} | {lines} | {proven} | {score} | {missing} |"
    yield ""
    yield "| kind of line | met |"
    yield "| --- | ---: |"
    parts: dict[str, list[bool]] = {}
    for verdict in (v for r in results for v in r.verdicts):
        parts.setdefault(verdict.part, []).append(verdict.holds)
    for part, held_all in sorted(parts.items()):
        yield f"| {part} | {sum(held_all)} of {len(held_all)} |"
    yield f"| whole prompts | {sum(r.whole for r in results)} of {len(results)} |"
