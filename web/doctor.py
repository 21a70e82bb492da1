"""Say what the machine offers and what to do about what is missing. Looks only: installs and changes nothing."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from rich.console import Console
from rich.table import Table
from rich.text import Text

from builder.model.chat import ModelError
from builder.model.discover import PORTS, Found, find_servers
from builder.model.endpoint import Endpoint
from builder.model.http import open_model
from builder.model.trial import Trial, try_model
from builder.sandbox import Level
from builder.settings import Settings
from builder.toolchain import OLDEST_NODE, find_chromium, find_node
from web.launcher import is_healthy, port_problem
from web.machine import browser_command, command

OLDEST_GIT = (2, 38)  # merges without a work tree
LEAST_DISK_GB = 2
GOOD_DISK_GB = 10
SMALL_WINDOW = 32_000
MOST_SHOWN = 5


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """`advice` is what to do, empty when there is nothing to do."""

    subject: str
    state: State
    found: str
    advice: str = ""


MARKS = {State.OK: ("✓", "green"), State.WARN: ("!", "yellow"), State.FAIL: ("✗", "red")}

Examination = Callable[[Settings], Finding]


def examine(settings: Settings) -> list[Finding]:
    examinations: tuple[Examination, ...] = (
        sandbox, browser, node, git, broker, database, model, disk, studio_port, preview_port,
    )  # fmt: skip
    return [examination(settings) for examination in examinations]


def is_well(findings: Sequence[Finding]) -> bool:
    return all(finding.state is not State.FAIL for finding in findings)


def show(findings: Sequence[Finding], console: Console, *, as_json: bool) -> None:
    if as_json:
        answer = {"ok": is_well(findings), "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for finding in findings:
        text = Text(finding.found)  # not markup: it may quote anything
        if finding.advice:
            text.append(f"\n{finding.advice}", style="dim")
        table.add_row(Text(*MARKS[finding.state]), finding.subject, text)
    console.print(table)
    console.print(f"\n{_summary(findings)}", markup=False)


def _summary(findings: Sequence[Finding]) -> str:
    broken = [finding.subject for finding in findings if finding.state is State.FAIL]
    if broken:
        return f"To mend first: {', '.join(broken)}."
    return "All that is needed is there. `make run` starts the studio."


def sandbox(settings: Settings) -> Finding:
    from builder.sandbox.detect import detect

    if settings.sandbox == "unsafe":
        advice = "Only for prompts that you wrote yourself. Unset PROTODEX_SANDBOX to go back."
        return Finding("sandbox", State.WARN, "level unsafe: apps run without a sandbox", advice)
    found = detect()
    state = State.FAIL if found.level is Level.NONE else State.OK
    return Finding("sandbox", state, f"level {found.level}. {' '.join(found.reasons)}", found.remedy or "")


def browser(_: Settings) -> Finding:
    found = find_chromium()
    if found:
        return Finding("browser", State.OK, str(found))
    return Finding("browser", State.WARN, "none: apps are not looked at before they are shown", browser_command())


def node(_: Settings) -> Finding:
    found = find_node()
    if found:
        return Finding("node", State.OK, str(found))
    return Finding("node", State.OK, f"none of version {OLDEST_NODE} or newer: one from PyPI is used")


def git(_: Settings) -> Finding:
    found = shutil.which("git")
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout if found else ""
    version = tuple(int(part) for part in re.findall(r"\d+", answer)[:2])
    if version >= OLDEST_GIT:
        return Finding("git", State.OK, answer.strip())
    needed = ".".join(map(str, OLDEST_GIT))
    advice = f"Install version {needed} or newer: {command(['git'])}"
    return Finding("git", State.FAIL, answer.strip() or "none: projects are kept in git repositories", advice)


def broker(settings: Settings) -> Finding:
    from workers.queue import BrokerUnavailableError, Queue

    socket_path = settings.run_dir / "valkey.sock"
    if not settings.redis_url and not socket_path.exists():
        return Finding("broker", State.OK, "embedded Valkey, starts with the studio")
    where = "REDIS_URL" if settings.redis_url else "embedded Valkey"
    queue = Queue(settings.broker)
    try:
        queue.ping()
        return Finding("broker", State.OK, f"{where} answers")
    except BrokerUnavailableError as error:
        advice = "Check that it runs and that REDIS_URL is right." if settings.redis_url else "Start the studio again."
        return Finding("broker", State.FAIL, f"{where} does not answer: {error}", advice)
    finally:
        queue.close()


def database(settings: Settings) -> Finding:
    from sqlalchemy.exc import SQLAlchemyError

    from workers.database import is_current, open_database

    path = settings.data / "protodex.sqlite"
    if not settings.database_url and not path.exists():
        return Finding("database", State.OK, f"SQLite, made at the first start: {path}")
    name = "DATABASE_URL" if settings.database_url else str(path)
    try:
        opened = open_database(settings.database)
    except (SQLAlchemyError, ImportError) as error:
        return Finding("database", State.FAIL, f"{name} can't be used: {error}", "Correct DATABASE_URL.")
    try:
        return _database_finding(name, current=is_current(opened))
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        return Finding(
            "database", State.FAIL, f"{name} does not answer: {reason}", "Check that it runs and is reachable."
        )
    finally:
        opened.close()


def model(settings: Settings, ports: Sequence[int] = PORTS) -> Finding:
    """Connected: what it is and how it answers a tiny question. Not connected: what could be, and how."""
    if not settings.model_url:
        return _none_connected(find_servers(ports))
    try:
        opened = open_model(settings.model_url, settings.model_name, _key(settings))
        endpoint = opened.endpoint()
        if settings.model_name and endpoint.models and settings.model_name not in endpoint.models:
            listed = ", ".join(endpoint.models[:MOST_SHOWN])
            advice = "Set PROTODEX_MODEL_NAME to one of them."
            return Finding("model", State.FAIL, f"{opened.address.shown} lists {listed}", advice)
        trial = try_model(opened)
    except ModelError as error:
        return Finding("model", State.FAIL, str(error), "Builds fall back to blueprints until it answers.")
    return _connected(opened.address.shown, endpoint, opened.context, trial)


def _none_connected(servers: Sequence[Found]) -> Finding:
    if not servers:
        advice = "Apps come from blueprints. Set PROTODEX_MODEL_URL to an OpenAI-compatible endpoint for more."
        return Finding("model", State.OK, "none connected", advice)
    found = "; ".join(f"{server.kind} at {server.url} ({_models(server.models)})" for server in servers)
    advice = "\n".join(
        ["To connect it:" if len(servers) == 1 else "To connect one of them:", *(s.line for s in servers)]
    )
    return Finding("model", State.OK, f"none connected, but found {found}", advice)


def _connected(where: str, endpoint: Endpoint, context: int, trial: Trial) -> Finding:
    window = f"{context:,} tokens" if endpoint.told else f"taken to be {context:,} tokens, since it does not say"
    calls = "arrive while they are written" if trial.streams else "arrive whole" if trial.called else "did not arrive"
    speed = f", {trial.tokens_per_second:.0f} tokens/s" if trial.tokens_per_second else ""
    found = (
        f"{endpoint.name} on {endpoint.dialect.label} at {where}. Window: {window}. Tool calls {calls}. "
        f"First token after {trial.first_token_seconds:.1f} s{speed}."
    )
    if not trial.called:
        advice = "Builds need tool calls: start the server with the tool-call parser of its model."
        return Finding("model", State.WARN, found, advice)
    if context < SMALL_WINDOW:
        return Finding(
            "model", State.WARN, found, f"Builds go better with a window of {SMALL_WINDOW:,} tokens or more."
        )
    return Finding("model", State.OK, found)


def _models(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_SHOWN]) or "no model loaded"
    return f"{shown} and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else shown


def _key(settings: Settings) -> str | None:
    return settings.model_key.get_secret_value() if settings.model_key else None


def disk(settings: Settings) -> Finding:
    folder = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    free = shutil.disk_usage(folder).free / 1e9
    if not os.access(folder, os.W_OK):
        return Finding("disk", State.FAIL, f"{folder} is not writable", "Set PROTODEX_DATA to a folder that is yours.")
    found = f"{free:.0f} GB free at {folder}"
    if free < LEAST_DISK_GB:
        return Finding("disk", State.FAIL, found, f"Free at least {LEAST_DISK_GB} GB, or set PROTODEX_DATA elsewhere.")
    return Finding("disk", State.OK if free >= GOOD_DISK_GB else State.WARN, found)


def studio_port(settings: Settings) -> Finding:
    return _port_finding("studio port", "PROTODEX_PORT", settings, settings.port)


def preview_port(settings: Settings) -> Finding:
    return _port_finding("preview port", "PROTODEX_PREVIEW_PORT", settings, settings.preview_port)


def _port_finding(subject: str, name: str, settings: Settings, port: int) -> Finding:
    problem = port_problem(settings.bind, port)
    if not problem:
        return Finding(subject, State.OK, f"{port} is free")
    if (settings.run_dir / "protodex.pid").exists() and is_healthy(settings):
        return Finding(subject, State.OK, f"{port}: the studio runs")
    return Finding(subject, State.FAIL, problem, f"Set {name} to another one, or stop what uses it.")


def _database_finding(name: str, *, current: bool) -> Finding:
    if current:
        return Finding("database", State.OK, f"{name}, up to date")
    return Finding("database", State.WARN, f"{name} is of another version", "The next start of the studio updates it.")
