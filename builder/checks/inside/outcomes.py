"""A pytest plugin that writes how each test ended, by its id, where OUTCOMES says."""

import json
import os
from pathlib import Path
from typing import Any

_outcomes: dict[str, str | None] = {}


def pytest_runtest_logreport(report: Any) -> None:
    if report.failed:
        _outcomes[report.nodeid] = str(report.longreprtext)[-4000:]
    elif report.when == "call" and report.passed:
        _outcomes.setdefault(report.nodeid, None)


def pytest_collectreport(report: Any) -> None:
    if report.failed:
        _outcomes[report.nodeid or "the tests"] = str(report.longreprtext)[-4000:]


def pytest_sessionfinish() -> None:
    Path(os.environ["OUTCOMES"]).write_text(json.dumps(list(_outcomes.items())))
