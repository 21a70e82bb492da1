"""Python programs of the app, started by one process that has their libraries loaded: the zygote."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

RAN = Path("/tmp/ran.log")  # noqa: S108 - the sandbox's own tmpfs


class KilledError(Exception):
    """The zygote was killed while it was asked for something."""


class Programs:
    """The zygote starts with the first program, or with `warm`, and again when something has killed it."""

    def __init__(self) -> None:
        self._zygote: subprocess.Popen[bytes] | None = None
        self._started: set[int] = set()

    def warm(self) -> None:
        """Have the libraries loaded while something else is done."""
        if self._zygote is None or self._zygote.poll() is not None:
            self._started.clear()
            pipe = subprocess.PIPE
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "inside.zygote"], stdin=pipe, stdout=pipe, cwd="/checks"
            )

    def start(self, module: str, argv: Iterable[str], env: Mapping[str, str], log: Path) -> int:
        """Start a module in /app, as `python -m` would, and tell its process id."""
        pid = int(self._ask(_order(module, argv, env, log))["pid"])
        self._started.add(pid)
        return pid

    def run(self, module: str, argv: Iterable[str], env: Mapping[str, str], seconds: float) -> int | None:
        """Run a module in /app to its end, None when it took too long; `ran()` is what it said."""
        code: int | None = self._ask({**_order(module, argv, env, RAN), "seconds": seconds})["code"]
        return code

    def runs(self, pid: int) -> bool:
        self.warm()
        return pid in self._started and self._ask({"poll": pid})["code"] is None

    def end(self, pid: int) -> None:
        self.warm()
        if pid in self._started:
            self._ask({"end": pid})
            self._started.discard(pid)

    def close(self) -> None:
        """End all that was started."""
        if self._zygote and self._zygote.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._zygote.stdin.close()
            self._zygote.wait()

    def _ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        self.warm()
        assert self._zygote is not None
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._zygote.stdin.write(json.dumps(command).encode() + b"\n")
            self._zygote.stdin.flush()
        if not (line := self._zygote.stdout.readline()):
            raise KilledError(
                "The process that starts the app was killed. Does the app kill processes it did not start?"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer


def _order(module: str, argv: Iterable[str], env: Mapping[str, str], log: Path) -> dict[str, Any]:
    return {"module": module, "argv": list(argv), "env": dict(env), "cwd": "/app", "log": str(log)}


def ran() -> str:
    with contextlib.suppress(OSError):
        return RAN.read_text(errors="replace")[-20_000:]
    return ""
