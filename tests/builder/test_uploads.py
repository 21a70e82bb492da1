"""Uploaded files travel with the database they belong to, and nothing else does."""

import os

from builder.uploads import copy_uploads, packed_uploads, unpack_uploads, uploads_of

ONE, TWO = "0" * 32 + ".png", "f" * 32 + ".pdf"


def test_only_stored_files_go_along(tmp_path):
    live, copy = tmp_path / "live" / "app.sqlite", tmp_path / "snapshot.sqlite"
    folder = live.with_name("uploads")
    folder.mkdir(parents=True)
    (folder / ONE).write_bytes(b"one")
    (folder / TWO).write_bytes(b"two")
    (folder / "page.html").write_text("<script>")
    (folder / ("1" * 32 + ".txt")).symlink_to("/etc/passwd")
    os.mkfifo(folder / ("2" * 32 + ".txt"))
    (folder / ("3" * 32 + ".txt")).mkdir()
    copy_uploads(live, copy)
    assert {path.name: path.read_bytes() for path in uploads_of(copy).iterdir()} == {ONE: b"one", TWO: b"two"}
    (folder / TWO).unlink()
    copy_uploads(live, copy)
    assert [path.name for path in uploads_of(copy).iterdir()] == [ONE]


def test_a_link_in_place_of_the_folder_leads_nowhere(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / ONE).write_bytes(b"secret")
    live = tmp_path / "live" / "app.sqlite"
    live.parent.mkdir()
    live.with_name("uploads").symlink_to(tmp_path / "secret")
    copy_uploads(live, tmp_path / "copy.sqlite")
    assert not uploads_of(tmp_path / "copy.sqlite").exists()


def test_packed_ones_come_out_as_they_were(tmp_path):
    live, packed, copy = tmp_path / "a" / "app.sqlite", tmp_path / "uploads.tar", tmp_path / "copy.sqlite"
    live.with_name("uploads").mkdir(parents=True)
    (live.with_name("uploads") / ONE).write_bytes(b"x" * 3_000_001)
    (live.with_name("uploads") / TWO).write_bytes(b"")
    packed.write_bytes(b"".join(packed_uploads(live)))
    unpack_uploads(packed, copy)
    assert {path.name: path.stat().st_size for path in uploads_of(copy).iterdir()} == {ONE: 3_000_001, TWO: 0}
