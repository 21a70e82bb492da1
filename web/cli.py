"""The command line: `protodex run` starts everything, the other commands are its parts. Knows no part's insides."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from builder.install import InstallError
from builder.sandbox import SandboxUnavailableError
from builder.settings import Settings, SettingsError, read_settings
from builder.toolchain import ToolchainError
from web.launcher import LaunchError, check_bind, launch
from web.logs import configure_logging
from web.machine import MachineError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
errors = Console(stderr=True, soft_wrap=True, highlight=False)
output = Console(soft_wrap=True, highlight=False)


def _show_version(asked: bool) -> None:
    if asked:
        print(version("protodex"))
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Protodex turns a sentence into a running full-stack web app."""


@app.command()
def run() -> None:
    """Start the studio on this machine: broker, host, worker and web. Ctrl-C stops them."""
    with _sentences_for_mistakes():
        settings = _start()
        launch(settings, _say)


@app.command()
def prepare() -> None:
    """Install what builds need, without starting anything: bubblewrap, Chromium, kit and Python environment."""
    from builder.toolchain import ensure_toolchain
    from web.machine import prepare_machine

    with _sentences_for_mistakes():
        settings = _start()
        prepare_machine(_say, sandboxed=settings.sandbox == "bubblewrap")
        ensure_toolchain(settings.data)


@app.command()
def web() -> None:
    """Serve the studio and its API."""
    import uvicorn

    with _sentences_for_mistakes():
        settings = _start()
        check_bind(settings)
        uvicorn.run(
            "web.app:create_app", factory=True, host=settings.bind, port=settings.port, log_config=None,
            access_log=False, server_header=False, timeout_graceful_shutdown=2,
        )  # fmt: skip


@app.command()
def worker() -> None:
    """Take builds from the queue and run them."""
    with _sentences_for_mistakes():
        settings = _start()
        from workers.worker import run_worker

        run_worker(settings)


@app.command()
def host() -> None:
    """Run the previews of built apps, each in a sandbox."""
    from workers.host import serve
    from workers.host.server import HostError

    with _sentences_for_mistakes(HostError):
        serve(_start())


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")] = False) -> None:
    """Say what was found on this machine, and what to do about what is missing."""
    from web.doctor import examine, is_well, show

    with _sentences_for_mistakes():
        findings = examine(_read())
    show(findings, output, as_json=as_json)
    raise typer.Exit(0 if is_well(findings) else 1)


@app.command()
def build(
    prompt: Annotated[str, typer.Argument(help="What to build, in a sentence or more.")],
    out: Annotated[Path, typer.Option("--out", help="The folder the finished app goes to.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON event a line, for programs.")] = False,
    score: Annotated[bool, typer.Option("--score", help="Run the scored checks too.")] = False,
) -> None:
    """Build an app in the foreground, without broker and database. Exit codes: 0 built, 1 failed, 2 refused."""
    from web.build_command import build as run_path

    with _sentences_for_mistakes():
        code = run_path(prompt, out, _start(logging.WARNING), as_json=as_json, score=score)
    raise typer.Exit(code)


@app.command()
def bench(
    file: Annotated[Path, typer.Argument(help="Prompts, one JSON object a line: id, prompt, expect.", exists=True)],
    only: Annotated[str, typer.Option("--only", help="Ids, separated by commas.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="A file for the table, in Markdown.")] = None,
) -> None:
    """Run a file of prompts through the whole service and print a table of what each app meets."""
    from web.bench import run_bench, table
    from web.bench.service import BenchServiceError

    with _sentences_for_mistakes(BenchServiceError, ValueError):
        results = run_bench(file, _start(logging.WARNING), _say, [name for name in only.split(",") if name])
    text = "\n".join(table(results))
    _say("\n" + text)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    raise typer.Exit(0 if all(result.whole for result in results) else 1)


def _start(level: int = logging.INFO) -> Settings:
    configure_logging(level)
    return _read()


def _read() -> Settings:
    return read_settings(os.environ)


def _say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def _sentences_for_mistakes(*more: type[Exception]) -> Iterator[None]:
    """A mistake that a person can mend is a sentence and exit code 1; anything else is ours and keeps its traceback."""
    known: tuple[type[Exception], ...] = (
        SettingsError,
        LaunchError,
        MachineError,
        ToolchainError,
        InstallError,
        SandboxUnavailableError,
        *more,
    )
    try:
        yield
    except known as error:
        errors.print(str(error), markup=False)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
