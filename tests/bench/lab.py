"""How fast the warm lab answers after an edit: `python tests/bench/lab.py [--times N]`.

Prints medians on a rendered app. Run it from the project's folder, on a machine that does nothing else.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from builder.agent.flow import FlowStep  # noqa: E402 - the project is found by its folder
from builder.agent.lab import Lab  # noqa: E402
from builder.agent.warm_lab import open_lab  # noqa: E402
from builder.sandbox import open_sandbox  # noqa: E402
from builder.stack import render_stack  # noqa: E402
from builder.toolchain import ensure_toolchain  # noqa: E402
from tests.samples import LIBRARY, spec  # noqa: E402

PAGE, API = "frontend/src/pages/ListPage.tsx", "backend/main.py"
OPEN = FlowStep(do="open", path="/")
FLOW = (OPEN, FlowStep(do="expect_control", role="link", name="Swordheart"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=7)
    times = arguments.parse_args().times
    files = render_stack(spec(LIBRARY), {})
    with tempfile.TemporaryDirectory(prefix="protodex-bench-") as folder:
        sandbox = open_sandbox("bubblewrap", Path(folder) / "sandbox")
        lab = open_lab(files, Path(folder) / "lab", ensure_toolchain(ROOT / ".cache"), sandbox)
        try:
            measure(lab, files, times)
        finally:
            lab.close()


def measure(lab: Lab, files: dict[str, bytes], times: int) -> None:
    show("first checks, from cold", 1, lambda _: lab.check(list(files)))
    show("checks after a front-end edit", times, lambda n: edited(lab, files, PAGE, f"\n// {n}\n"))
    show("checks after a back-end edit", times, lambda n: edited(lab, files, API, f"\n# {n}\n"))
    show("an API call", times, lambda _: lab.call_api("GET", "/api/books"))
    show("a query", times, lambda _: lab.query_db("select * from books"))
    show("a page opened", times, lambda _: lab.browse("/", ()))
    show("a flow", times, lambda _: lab.run_flow(FLOW))
    show("its own tests", 1, lambda _: lab.run_tests((), {}))


def edited(lab: Lab, files: dict[str, bytes], path: str, more: str) -> None:
    lab.update({path: files[path] + more.encode()})
    if failed := [check.name for check in lab.check([path]) if check.findings]:
        raise SystemExit(f"{path}: {', '.join(failed)} failed")


def show(name: str, times: int, action: Callable[[int], object]) -> None:
    taken = []
    for number in range(times):
        began = time.perf_counter()
        action(number)
        taken.append(time.perf_counter() - began)
    print(f"{name:32} {statistics.median(taken) * 1000:8.0f} ms (of {times}, best {min(taken) * 1000:.0f})")


if __name__ == "__main__":
    main()
