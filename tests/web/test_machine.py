"""What generated apps need of the machine: found, installed where that is allowed, else one command to type."""

import os
from pathlib import Path

import pytest

from web.machine import MachineError, command, install_packages, missing_packages, prepare_machine


@pytest.fixture
def programs(tmp_path, monkeypatch) -> Path:
    """A machine that has the programs in this folder and no others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def add(folder: Path, name: str, script: str = "exit 0") -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_nothing_is_missing_where_both_are_there(programs):
    add(programs, "bwrap")
    add(programs, "chromium")
    said: list[str] = []
    prepare_machine(said.append)
    assert said == []


def test_without_bubblewrap_it_stops_and_names_one_command(programs):
    with pytest.raises(MachineError, match=r"bubblewrap is needed .* bubblewrap chromium with your system's package"):
        prepare_machine(lambda _: None)
    add(programs, "dnf")
    assert command(["bubblewrap"]) == "sudo dnf install -y bubblewrap"
    add(programs, "apt-get")
    assert command(["bubblewrap"]) == "sudo apt-get install -y bubblewrap"


def test_without_a_browser_it_goes_on_and_says_so(programs):
    add(programs, "bwrap")
    said: list[str] = []
    prepare_machine(said.append)
    assert len(said) == 1
    assert said[0].startswith("No browser found")


def test_an_unsafe_sandbox_needs_neither(programs):
    prepare_machine(lambda _: None, sandboxed=False)
    assert missing_packages() == ["bubblewrap", "chromium"]


def test_fresh_lists_are_fetched_when_a_package_is_not_found(programs):
    """Like a new container's apt-get, which knows no package before its first update."""
    log = programs.parent / "log"
    add(programs, "apt-get", f'echo "$1" >> {log}; [ "$1" = update ] && : > {log}.fresh; [ -e {log}.fresh ]')
    said: list[str] = []
    install_packages(["bubblewrap"], said.append)
    assert log.read_text().split() == ["install", "update", "install"]
    assert said == ["Installing bubblewrap by apt-get; this happens once."]


def test_a_failed_installation_tells_its_reason(programs):
    add(programs, "apt-get", 'echo "E: no network" >&2; exit 100')
    with pytest.raises(MachineError, match="E: no network"):
        install_packages(["bubblewrap"], lambda _: None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may install")
def test_root_without_a_network_still_starts_when_only_the_browser_is_missing(programs):
    add(programs, "bwrap")
    add(programs, "apt-get", 'echo "E: no network" >&2; exit 100')
    said: list[str] = []
    prepare_machine(said.append)
    assert any("E: no network" in text for text in said)
    assert said[-1].startswith("No browser found")
