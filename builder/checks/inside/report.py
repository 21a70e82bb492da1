"""Report checks to the outside: one JSON line when a check begins, one when it ends."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPORT = Path("/out/report.jsonl")
_PLACE = re.compile(r'File "/app/([^"]+)", line (\d+)')
_ERROR = re.compile(r"[A-Za-z_][\w.]*(:|$)")


class Stop(Exception):  # noqa: N818 - not an error: it ends a check whose findings say why
    """What follows makes no sense any more."""


class Findings(list[dict[str, Any]]):
    def add_traceback(self, said: str, otherwise: str) -> None:
        """The cause, which stands below the last traceback, and the app's own line nearest to it."""
        places = _PLACE.findall(said)
        path, line = places[-1] if places else (None, 0)
        self.add(_cause(said) or otherwise, path, int(line) or None)

    def add(self, message: str, path: str | None = None, line: int | None = None) -> None:
        self.append({"message": message[:330], "path": path, "line": line})


def _cause(said: str) -> str:
    """An error may go on for some lines, and SQLAlchemy's ends with a link; what a server logs after it is no part."""
    lines = said.strip().splitlines()
    starts = [n for n in range(1, len(lines)) if lines[n - 1][:1] == " " and _ERROR.match(lines[n])]
    if not starts:
        return lines[-1].strip() if lines else ""
    told = "\n".join(lines[starts[-1] :]).split("\n\n")[0].split("\n(Background on this error")[0]
    return " ".join(told.split())


@contextmanager
def check(name: str) -> Iterator[Findings]:
    """The check passes when it leaves no finding. An exception of ours is a finding too, not a pass."""
    _write({"name": name, "status": "running"})
    started, findings = time.monotonic(), Findings()
    try:
        yield findings
    except Stop:
        raise
    except Exception as error:
        findings.add(f"The check itself broke: {type(error).__name__}: {error}")
    finally:
        status = "failed" if findings else "passed"
        _write({"name": name, "status": status, "findings": findings, "seconds": time.monotonic() - started})


def skipped(name: str, reason: str) -> None:
    _write({"name": name, "status": "skipped", "findings": [{"message": reason}]})


def _write(line: dict[str, Any]) -> None:
    with REPORT.open("a") as file:
        file.write(json.dumps(line) + "\n")
