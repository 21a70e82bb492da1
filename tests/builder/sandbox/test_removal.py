"""Folders that were made so that nobody can remove them are removed."""

import os
from pathlib import Path

import pytest

from builder.sandbox import Mount, Sandbox, remove_tree

from .conftest import LIMITS, python_command

DIG = """
import os
for n in range(4000):
    os.mkdir("deep")
    os.chdir("deep")
open("treasure", "w").close()
"""
LOCK = """
import os
os.makedirs("locked/inner/more")
open("locked/inner/file", "w").close()
os.symlink("/etc", "locked/inner/link")
os.chmod("locked/inner", 0)
os.chmod("locked", 0)
"""


@pytest.mark.parametrize("program", [DIG, LOCK])
def test_what_a_program_left_goes(sandbox: Sandbox, app: Path, program: str) -> None:
    sandbox.run(python_command(program, Mount(app, "/app", writable=True), limits=LIMITS))
    assert list(app.iterdir())
    remove_tree(app)
    assert not app.exists()


def test_a_link_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    os.mkfifo(tmp_path / "folder" / "pipe")
    remove_tree(tmp_path / "folder")
    remove_tree(tmp_path / "link")
    remove_tree(tmp_path / "nothing")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept" / "file").exists()
