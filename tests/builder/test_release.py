from dataclasses import replace

import pytest

from builder.checks.catalog import BOOT
from builder.events import CheckStatus, Finding
from builder.release import discard, publish, read_release, stage_release, write_release
from builder.workspace import MAIN, Workspace


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.open(tmp_path / "workspace")
    workspace.render({"backend/main.py": b"app = 1\n", "frontend/index.html": b"<p>"}, "Render")
    return workspace


def test_a_stage_becomes_a_release_whole(workspace, tmp_path):
    commit = workspace.require(MAIN)
    stage = stage_release(workspace, commit, tmp_path / "releases", 1, data=None)
    (stage.dist / "index.html").write_text("<p>built")
    (stage.data / "app.sqlite").write_bytes(b"rows")
    (stage.out / "thumbnail.png").write_bytes(b"\x89PNG\r\n\x1a\n...")
    passed = BOOT.ended(CheckStatus.PASSED, 0.5)
    release = publish(stage, 1, commit, [passed])
    assert sorted(p.name for p in release.path.iterdir()) == ["app", "release.json", "snapshot.sqlite", "thumbnail.png"]
    assert (release.app / "frontend/dist/index.html").read_text() == "<p>built"
    assert release.snapshot.read_bytes() == b"rows"
    assert read_release(release.path).checks[0]["name"] == "boot"


def test_plain_files_are_staged_as_they_are_and_have_no_database(tmp_path):
    workspace = Workspace.open(tmp_path / "workspace")
    workspace.render({"index.html": b"<p>", "assets/a.svg": b"<svg/>"}, "Render")
    live = tmp_path / "live.sqlite"
    live.write_bytes(b"rows")
    stage = stage_release(workspace, MAIN, tmp_path / "releases", 1, data=live)
    release = publish(stage, 1, workspace.require(MAIN), [])
    assert sorted(p.name for p in release.app.iterdir()) == ["assets", "index.html"]
    assert not release.snapshot.exists()


def test_what_calls_itself_a_picture_and_is_none_is_left_out(workspace, tmp_path):
    stage = stage_release(workspace, MAIN, tmp_path / "releases", 1, data=None)
    (stage.out / "thumbnail.png").write_bytes(b"<html><script>")
    release = publish(stage, 1, workspace.require(MAIN), [])
    assert not (release.path / "thumbnail.png").exists()


def test_the_live_data_is_copied_and_never_touched(workspace, tmp_path):
    live = tmp_path / "live.sqlite"
    live.write_bytes(b"rows")
    stage = stage_release(workspace, MAIN, tmp_path / "releases", 2, data=live)
    (stage.data / "app.sqlite").write_bytes(b"other rows")
    assert live.read_bytes() == b"rows"


def test_a_discarded_stage_leaves_nothing(workspace, tmp_path):
    discard(stage_release(workspace, MAIN, tmp_path / "releases", 1, data=None))
    assert list((tmp_path / "releases").iterdir()) == []


def test_a_release_keeps_its_score(workspace, tmp_path):
    release = publish(stage_release(workspace, MAIN, tmp_path / "releases", 1, None), 1, workspace.require(MAIN), [])
    check = BOOT.ended(CheckStatus.FAILED, 1, [Finding("No", "a.py", 3)])
    write_release(replace(release, score=88, checks=(check.data(),)))
    assert read_release(release.path).score == 88
