"""Run a probe inside the sandbox and yield what it reports while it runs. Trusts no byte of it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from builder.checks.catalog import from_report
from builder.events import Checked
from builder.sandbox import Ending, Finished, Process
from builder.untrusted import read_untrusted

MAX_REPORT_BYTES = 1_000_000
POLL_SECONDS = 0.02


class CancelledError(Exception):
    """The person stopped the build."""


@dataclass
class Report:
    """The lines a probe appends to a file it may write and we only read; a link in its place is not followed."""

    path: Path
    _offset: int = 0
    _rest: bytes = field(default=b"")

    def new(self) -> Iterator[Checked]:
        *lines, self._rest = (self._rest + self._read()).split(b"\n")
        for line in lines:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict) and (event := from_report(value)):
                yield event

    def _read(self) -> bytes:
        data = read_untrusted(self.path, MAX_REPORT_BYTES)
        fresh, self._offset = data[self._offset :], max(self._offset, len(data))  # cut short, it is not told twice
        return fresh


def follow(process: Process, report: Report, cancelled: Callable[[], bool], deadline: float) -> Iterator[Checked]:
    """What the probe reports until it ends. A probe that dies is for the caller to see: `process.poll()` tells."""
    while process.poll() is None and time.monotonic() < deadline:
        if cancelled():
            raise CancelledError
        yield from report.new()
        time.sleep(POLL_SECONDS)
    yield from report.new()


def run_probe(
    process: Process, report: Path, cancelled: Callable[[], bool], seconds: float
) -> Iterator[Checked | Finished]:
    """What the probe reports, and how it ended: by the clock, when it hasn't after `seconds`."""
    try:
        yield from follow(process, Report(report), cancelled, time.monotonic() + seconds)
        late = process.poll() is None
    finally:
        finished = process.stop()
    yield replace(finished, ending=Ending.WALL_CLOCK) if late else finished
