"""What the machine can do is found by trying, and a machine that can't is told what to type."""

import os
from pathlib import Path

import pytest

from builder.sandbox import Command, Level, Mount, SandboxUnavailableError, detect, open_sandbox


def test_this_machine_has_a_sandbox():
    found = detect()
    assert found.level is (Level.ROOT if os.getuid() == 0 else Level.USER)
    assert found.namespaces
    assert found.seccomp
    assert found.remedy is None
    assert found.bubblewrap is not None
    assert found.bubblewrap[0].isdigit()
    assert all(reason.endswith(".") for reason in found.reasons)


def test_the_level_of_the_sandbox_is_the_one_detected(tmp_path: Path):
    assert open_sandbox("bubblewrap", tmp_path).level is detect().level
    assert list(tmp_path.iterdir()) == []


def test_without_bubblewrap_nothing_runs_and_one_command_mends_it(tmp_path: Path):
    with_nothing = str(tmp_path)
    found = detect(with_nothing)
    assert (found.level, found.remedy) == (Level.NONE, "sudo apt-get install bubblewrap libseccomp2 util-linux")
    with pytest.raises(SandboxUnavailableError, match=r"Not installed: bwrap.* Type: sudo apt-get install bubblewrap"):
        open_sandbox("bubblewrap", tmp_path, with_nothing)


def test_a_bubblewrap_that_does_not_work_is_as_good_as_none(tmp_path: Path):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho bubblewrap 0.9.0\necho No permissions >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(SandboxUnavailableError, match="No permissions"):
        open_sandbox("bubblewrap", tmp_path, f"{tmp_path}:/usr/bin:/bin")


def test_who_asks_for_it_gets_none_at_all(tmp_path: Path):
    assert open_sandbox("unsafe", tmp_path, str(tmp_path)).level is Level.UNSAFE


def test_under_a_closed_umask_apps_can_still_read_what_is_theirs(tmp_path: Path):
    before = os.umask(0o077)
    try:
        sandbox = open_sandbox("bubblewrap", tmp_path)
        app = tmp_path / "app"
        app.mkdir()
        (app / "hello.txt").write_text("hello")
        finished = sandbox.run(Command(("cat", "hello.txt"), (Mount(app, "/app"),)))
    finally:
        os.umask(before)
    assert (finished.code, finished.stdout) == (0, "hello"), finished.stderr
