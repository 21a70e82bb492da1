"""The toolchain: installed once, whole or not at all, and seen by every account."""

import multiprocessing
import os
import stat
import subprocess
from pathlib import Path

import pytest

from builder.install import DONE, InstallError, fingerprint, install_once
from builder.sandbox import Mount
from builder.toolchain import Toolchain, ToolchainError, _install, find_chromium, find_node, node_major


def slow_fill(folder: Path) -> None:
    (folder / "started").touch()
    with (folder.parent / "fills").open("a") as log:
        log.write("x")


def install_in(folder: Path) -> None:
    install_once(folder, slow_fill)


def test_several_processes_install_once(tmp_path):
    target = tmp_path / "kit" / "abc"
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=install_in, args=(target,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert (target.parent / "fills").read_text() == "x"
    assert (target / DONE).exists()


def test_what_a_killed_install_left_is_made_anew(tmp_path):
    target = tmp_path / "abc"
    target.mkdir()
    (target / "half").write_text("half a file")
    install_once(target, slow_fill)
    assert sorted(path.name for path in target.iterdir()) == [DONE, "started"]


def test_a_failed_install_is_not_taken_for_a_whole_one(tmp_path):
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise InstallError("npm ended with 1.")

    with pytest.raises(ToolchainError, match=r"The kit could not be installed.*npm ended with 1"):
        _install(tmp_path / "abc", fail, "The kit")
    assert not (tmp_path / "abc" / DONE).exists()
    assert install_once(tmp_path / "abc", slow_fill) == tmp_path / "abc"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "kit").write_text("in the way")
    with pytest.raises(ToolchainError, match=r"The kit could not be installed in .*kit/abc: "):
        _install(tmp_path / "kit" / "abc", slow_fill, "The kit")


def test_other_accounts_may_read_it_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        folder = install_once(tmp_path / "kit" / "abc", slow_fill)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o755


def test_other_inputs_give_another_name():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("ab", "c") == fingerprint("ab", b"c")


def test_the_system_has_a_node_or_one_is_installed():
    node = find_node()
    assert node is None or node_major(node) >= 20
    assert node_major(Path("/nowhere/node")) == 0


def test_a_snap_is_not_a_browser(tmp_path, monkeypatch):
    fake = tmp_path / "chromium-browser"
    fake.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_chromium() is None
    fake.write_text("#!/bin/sh\nexit 0\n")
    assert find_chromium() == fake


def test_a_sandbox_gets_to_see_what_is_not_the_systems(tmp_path):
    toolchain = Toolchain(Path("/usr/bin/node"), tmp_path / "node_modules", tmp_path / "rt", Path("/opt/chrome/chrome"))
    assert toolchain.mounts == (
        Mount(tmp_path / "node_modules", "/node_modules"),
        Mount(tmp_path / "rt", str(tmp_path / "rt")),
        Mount(Path("/opt/chrome"), "/opt/chrome"),
    )


def test_the_runtime_runs_what_generated_apps_import(toolchain):
    imports = "import fastapi, uvicorn, sqlalchemy, pydantic, multipart, httpx, pytest, playwright"
    subprocess.run([toolchain.python, "-I", "-c", imports], check=True)
    assert (toolchain.node_modules / "vite" / "bin" / "vite.js").exists()
    compiled = list(toolchain.runtime.glob("lib/python3.*/site-packages/fastapi/__pycache__/*.pyc"))
    assert compiled, "an app that compiles its imports takes a second longer to wake"
