"""What the loop itself costs: a step's seconds without the model, the tools and the checks. Prints medians.

    python tests/bench/loop.py [STEPS]

Drives a scripted model over a rendered app with a journal in SQLite, so that git, rows and events are the real ones.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from builder.agent.assignment import Assignment, Budget, Means
from builder.agent.ledger import Requirement
from builder.agent.run import improve
from builder.drafter import BlueprintDrafter
from builder.events import Stepped
from builder.model.chat import Reply
from builder.path import Workshop
from builder.stack import render_stack
from builder.testing import ScriptedModel, calls
from builder.workspace import Workspace
from workers.testing import stored_journal

PROMPT = "A recipe book: recipes with title, ingredients, minutes and category; search and filter"


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory(prefix="pdx-loop-") as folder:
        for name, replies in {"reads": _reads(), "edits": _edits()}.items():
            own = _own_seconds(Path(folder) / name, replies, steps)
            median, most = statistics.median(own) * 1000, max(own) * 1000
            print(f"{name}: {median:.1f} ms a step (median of {len(own)}, max {most:.1f}; goal: 50 ms)")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _own_seconds(folder: Path, replies: Iterator[Reply], steps: int) -> list[float]:
    spec = BlueprintDrafter().draft(PROMPT).spec
    workspace = Workspace.open(folder / "workspace")
    workspace.render(render_stack(spec), "Render")
    (folder / "releases").mkdir()
    workshop = Workshop(workspace, folder / "releases", None, None)  # type: ignore[arg-type] - no check is run
    assignment = Assignment(PROMPT, spec, [Requirement(id="r1", text="It works.")])
    with stored_journal(folder) as journal:
        means = Means(ScriptedModel(replies), journal, lambda _: None, Budget(steps=steps))  # type: ignore[arg-type,return-value]
        own, began = [], time.perf_counter()
        try:
            for event in improve(assignment, means, workshop):
                if isinstance(event, Stepped):
                    own.append(time.perf_counter() - began - sum(call.seconds for call in event.calls))
                    began = time.perf_counter()
        except Exception:  # the last checkpoint has nothing to run on
            if len(own) != steps:
                raise
    return own


def _reads() -> Iterator[Reply]:
    for n in range(10_000):
        yield calls(("read_file", {"path": "backend/listing.py", "from_line": n + 1, "to_line": n + 40}))


def _edits() -> Iterator[Reply]:
    for n in range(10_000):
        yield calls(("write_file", {"path": f"frontend/src/lib/extra{n}.ts", "content": f"export const n{n} = {n};\n"}))


if __name__ == "__main__":
    main()
