"""The command line as a person meets it: what it offers, and sentences for mistakes."""

import os
import subprocess
import sys
from importlib.metadata import version

import pytest


def protodex(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PROTODEX_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "web.cli", *arguments],
        env={**inherited, **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_help_lists_the_commands():
    answer = protodex("--help")
    assert answer.returncode == 0
    assert all(name in answer.stdout for name in ("run", "build", "doctor", "prepare", "web", "worker", "host"))


def test_the_version_is_the_packages():
    assert protodex("--version").stdout.strip() == version("protodex")


@pytest.mark.parametrize("command", ["run", "web", "worker", "host", "doctor", "prepare"])
def test_an_unknown_setting_stops_the_start(command, tmp_path):
    answer = protodex(command, PROTODEX_DATA=str(tmp_path), PROTODEX_PROT="8000")
    assert answer.returncode == 1
    assert answer.stderr.startswith("Unknown setting PROTODEX_PROT. The known ones are ")
    assert "Traceback" not in answer.stderr


def test_an_unreadable_setting_is_named(tmp_path):
    answer = protodex("run", PROTODEX_DATA=str(tmp_path), PROTODEX_PORT="eighty")
    assert answer.returncode == 1
    assert "PROTODEX_PORT" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("command", ["run", "web"])
def test_an_open_bind_without_a_token_is_refused(command, tmp_path):
    answer = protodex(command, PROTODEX_DATA=str(tmp_path), PROTODEX_BIND="0.0.0.0")
    assert answer.returncode == 1
    assert "Set PROTODEX_TOKEN to a long secret" in answer.stderr
