"""The files of a run are the last commit with this step's changes on top."""

from pathlib import Path

import pytest

from builder.agent.working_files import WorkingFiles
from builder.workspace import MAIN, Workspace, WorkspaceError


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.open(tmp_path / "workspace")
    workspace.render({"a.txt": b"one\n", "b.txt": b"two\n"}, "Render")
    return workspace


def test_a_change_is_seen_at_once_and_committed_once(workspace: Workspace) -> None:
    files = WorkingFiles(workspace, workspace.require(MAIN))
    files.write("c.txt", b"three\n")
    files.write("a.txt", None)
    assert files.paths() == ["b.txt", "c.txt"]
    with pytest.raises(KeyError):
        files.read("a.txt")
    assert workspace.read(MAIN, "a.txt") == b"one\n"
    told = files.commit("Step 1")
    assert {(event.path, event.change.value) for event in told} == {("a.txt", "deleted"), ("c.txt", "added")}
    assert files.commit("Step 2") == ()
    assert files.base()["a.txt"] == b"one\n"


def test_a_change_that_is_taken_back_is_none(workspace: Workspace) -> None:
    files = WorkingFiles(workspace, workspace.require(MAIN))
    files.write("a.txt", b"other\n")
    files.write("a.txt", b"one\n")
    assert files.commit("Nothing") == ()


def test_returning_is_a_commit_of_its_own(workspace: Workspace) -> None:
    first = workspace.require(MAIN)
    files = WorkingFiles(workspace, first)
    files.write("a.txt", b"worse\n")
    files.write("junk.txt", b"x")
    files.commit("Step 1")
    seen = files.version
    files.return_to(first, "Return")
    assert files.all() == workspace.read_all(first) == workspace.read_all(MAIN)
    assert not files.differ_from(first)
    assert files.since(seen) == {"a.txt": b"one\n", "junk.txt": None}


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", ".git/config", "a/../../x", ""])
def test_a_path_outside_is_refused(workspace: Workspace, path: str) -> None:
    with pytest.raises(WorkspaceError):
        WorkingFiles(workspace, workspace.require(MAIN)).write(path, b"x")
