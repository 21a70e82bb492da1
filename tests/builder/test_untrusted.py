import os

import pytest

from builder.untrusted import UnfitAppError, keep_only_plain_files, read_untrusted, take_untrusted


def test_a_link_in_place_of_a_report_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "report").symlink_to(tmp_path / "secret")
    assert read_untrusted(tmp_path / "report", 100) == b""


def test_a_pipe_does_not_make_the_reader_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert read_untrusted(tmp_path / "pipe", 100) == b""


def test_only_the_start_of_a_long_file_is_read(tmp_path):
    (tmp_path / "long").write_bytes(b"x" * 1000)
    assert read_untrusted(tmp_path / "long", 10) == b"x" * 10


def test_a_link_is_left_where_it_is(tmp_path):
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "data.sqlite").symlink_to(tmp_path / "secret")
    assert not take_untrusted(tmp_path / "data.sqlite", tmp_path / "snapshot.sqlite")
    assert not (tmp_path / "snapshot.sqlite").exists()


def test_links_and_pipes_are_removed_from_a_built_app(tmp_path):
    app = tmp_path / "app"
    (app / "dist").mkdir(parents=True)
    (app / "dist/index.html").write_text("<p>")
    (app / "dist/etc").symlink_to("/etc")
    os.mkfifo(app / "dist/pipe")
    keep_only_plain_files(app, 1000)
    assert sorted(p.name for p in app.rglob("*")) == ["dist", "index.html"]


def test_what_was_locked_away_is_opened_and_searched(tmp_path):
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked/link").symlink_to("/etc")
    (tmp_path / "locked").chmod(0)
    keep_only_plain_files(tmp_path, 1000)
    assert list((tmp_path / "locked").iterdir()) == []


def test_an_app_too_large_is_refused(tmp_path):
    (tmp_path / "big").write_bytes(b"x" * 100)
    with pytest.raises(UnfitAppError, match="larger than"):
        keep_only_plain_files(tmp_path, 99)
