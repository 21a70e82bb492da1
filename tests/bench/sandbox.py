"""Print what the sandbox adds to the start of a program: medians of many starts, beside the same without one."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from builder.sandbox import APP, Command, Mount, Sandbox, open_sandbox

STARTS = 30


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        app = Path(name) / "app"
        app.mkdir()
        for number in range(200):
            (app / f"{number}.py").write_text("x = 1\n")
        sandboxes = [open_sandbox("bubblewrap", Path(name)), open_sandbox("unsafe", Path(name))]
        runtimes = tuple(Mount(Path(p), p) for p in {sys.prefix, sys.base_prefix} if not p.startswith("/usr"))
        commands = {
            "true": Command(("true",), cwd="/"),
            "true, 200 files writable": Command(("true",), (Mount(app, APP, True),)),
            "python -c pass": Command((sys.executable, "-c", "pass"), runtimes, cwd="/"),
        }
        for label, command in commands.items():
            times = [f"{median_ms(run_in(sandbox, command)):7.1f} ms {sandbox.level}" for sandbox in sandboxes]
            bare = median_ms(lambda argv=command.argv: subprocess.run(argv, check=True))  # type: ignore[misc]
            print(f"{label:26}", *times, f"{bare:7.1f} ms bare")


def run_in(sandbox: Sandbox, command: Command) -> Callable[[], None]:
    def run() -> None:
        finished = sandbox.run(command)
        if not finished.ok:
            raise SystemExit(finished.stderr)

    return run


def median_ms(action: Callable[[], object]) -> float:
    times = []
    for _ in range(STARTS):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
