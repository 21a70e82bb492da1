"""A release to take along, as a zip or a folder. The same release gives the same bytes; links are never followed."""

import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = frozenset({"__pycache__", "node_modules", ".git", ".venv"})
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can hold


def write_archive(app: Path, target: Path, folder: str) -> None:
    """Pack the tree of `app` under `folder/`, so that unpacking never spills into the current directory."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(_files(app)):
            executable = bool(path.stat().st_mode & stat.S_IXUSR)
            entry = zipfile.ZipInfo(f"{folder}/{path.relative_to(app).as_posix()}", _EPOCH)
            entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())


def copy_app(app: Path, target: Path) -> None:
    """The same files, laid out in a folder."""
    for path in _files(app):
        copy = target / path.relative_to(app)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in LEFT_OUT:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
