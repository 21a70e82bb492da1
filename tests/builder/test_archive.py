"""Releases to take along."""

import os
import zipfile
from pathlib import Path

from builder.archive import copy_app, write_archive


def an_app(folder: Path) -> Path:
    app = folder / "app"
    (app / "frontend" / "dist").mkdir(parents=True)
    (app / "frontend" / "dist" / "index.html").write_text("<title>Plants</title>")
    (app / "start.py").write_text("print('go')\n")
    (app / "start.py").chmod(0o755)
    for left_out in ("__pycache__", "node_modules", ".git"):
        (app / left_out).mkdir()
        (app / left_out / "x").write_text("x")
    (folder / "secret").write_text("secret")
    (app / "link").symlink_to(folder / "secret")
    (app / "linked").symlink_to(folder)
    os.mkfifo(app / "pipe")
    return app


def test_the_zip_holds_the_app_and_nothing_that_a_link_names(tmp_path: Path) -> None:
    write_archive(an_app(tmp_path), tmp_path / "a.zip", "plants")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["plants/frontend/dist/index.html", "plants/start.py"]
        assert archive.getinfo("plants/start.py").external_attr >> 16 & 0o777 == 0o755


def test_the_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    app = an_app(tmp_path)
    write_archive(app, tmp_path / "a.zip", "plants")
    os.utime(app / "start.py", (0, 0))
    write_archive(app, tmp_path / "b.zip", "plants")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_copy_holds_the_same_files(tmp_path: Path) -> None:
    copy_app(an_app(tmp_path), tmp_path / "out")
    files = sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert files == ["frontend/dist/index.html", "start.py"]
