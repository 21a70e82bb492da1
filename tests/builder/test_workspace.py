from pathlib import Path

import pytest

from builder.events import Change
from builder.workspace import MAIN, SCAFFOLD, MergeConflictError, Workspace, WorkspaceError, rooted


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "workspace")


def test_a_first_render_is_what_main_holds(workspace):
    changes = workspace.render({"app.py": b"x = 1\n", "web/index.html": b"<p>\n"}, "Render")
    assert {(c.path, c.change, c.lines) for c in changes} == {
        ("app.py", Change.ADDED, 1),
        ("web/index.html", Change.ADDED, 1),
    }
    assert workspace.head(MAIN) == workspace.head(SCAFFOLD)
    assert workspace.read(MAIN, "app.py") == b"x = 1\n"


def test_an_edit_survives_the_next_render(workspace):
    workspace.render({"app.py": b"a = 1\n\n\n\nb = 2\n", "old.py": b""}, "Render")
    workspace.write({"app.py": b"a = 1  # mine\n\n\n\nb = 2\n"}, "Edit")
    changes = workspace.render({"app.py": b"a = 1\n\n\n\nb = 3\n"}, "Render again")
    assert workspace.read(MAIN, "app.py") == b"a = 1  # mine\n\n\n\nb = 3\n"
    assert {(c.path, c.change) for c in changes} == {("app.py", Change.CHANGED), ("old.py", Change.DELETED)}
    assert workspace.read(SCAFFOLD, "app.py") == b"a = 1\n\n\n\nb = 3\n"


def test_a_conflict_changes_nothing_and_names_the_file(workspace):
    workspace.render({"app.py": b"a = 1\n"}, "Render")
    workspace.write({"app.py": b"a = 2\n"}, "Edit")
    before = workspace.head(MAIN)
    with pytest.raises(MergeConflictError) as caught:
        workspace.render({"app.py": b"a = 3\n"}, "Render again")
    assert caught.value.paths == ("app.py",)
    assert workspace.head(MAIN) == before


def test_rendering_the_same_again_changes_nothing(workspace):
    workspace.render({"app.py": b"a = 1\n"}, "Render")
    assert workspace.render({"app.py": b"a = 1\n"}, "Render again") == ()


def test_a_checkout_writes_the_files_of_its_commit(workspace, tmp_path):
    workspace.render({"a/b.txt": "ä €".encode()}, "Render")
    workspace.checkout(MAIN, tmp_path / "out")
    assert (tmp_path / "out/a/b.txt").read_text() == "ä €"
    assert [(f.path, f.size) for f in workspace.files(MAIN)] == [("a/b.txt", 6)]


def test_the_diff_between_two_commits_is_unified(workspace):
    workspace.render({"a.txt": b"1\n"}, "Render")
    first = workspace.require(MAIN)
    workspace.write({"a.txt": b"2\n"}, "Edit")
    assert "-1\n+2\n" in workspace.diff(first, workspace.require(MAIN))


def test_a_message_is_only_text(workspace):
    workspace.render({"a.txt": b"1\n"}, 'Build "$(touch x)"\nfrom refs/heads/other\n')
    assert workspace.read(MAIN, "a.txt") == b"1\n"


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "a/../../x",
        ".git/config",
        "a/.GIT/hooks/x",
        "a\nb",
        'a"b',
        "a\\b",
        "",
        ".",
        "a//b",
        "x" * 300,
    ],
)
def test_no_path_leads_out(workspace, path):
    workspace.render({"a.txt": b""}, "Render")
    with pytest.raises(WorkspaceError):
        rooted(path)
    with pytest.raises(WorkspaceError):
        workspace.write({path: b"x"}, "Edit")


def test_a_file_too_large_is_refused(workspace):
    with pytest.raises(WorkspaceError, match="larger than"):
        workspace.render({"a.bin": b"0" * 2_000_001}, "Render")


@pytest.mark.parametrize("commit", ["--output=x", "HEAD", "main; ls", "", "refs/heads/main"])
def test_only_a_commit_or_a_branch_names_a_state(workspace, commit):
    workspace.render({"a.txt": b""}, "Render")
    with pytest.raises(WorkspaceError):
        workspace.files(commit)
