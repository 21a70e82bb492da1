"""A project's releases as they lie on disk, read for people: one file's bytes, the newest thumbnail."""

from dataclasses import dataclass
from pathlib import Path

MAX_SHOWN = 400_000


class ReleaseFileError(ValueError):
    """The release has no such file."""


@dataclass(frozen=True)
class ReleaseFile:
    """`text` is None when the file is not text or too big to show; `size` is always the whole size."""

    size: int
    text: str | None


def read_release_file(project_dir: Path, release: int, path: str) -> ReleaseFile:
    root = project_dir / "releases" / str(release) / "app"
    target = root / path
    if not _lies_in(root, target):
        raise ReleaseFileError(f"release {release} has no file {path!r}")
    size = target.stat().st_size
    if size > MAX_SHOWN:
        return ReleaseFile(size, None)
    content = target.read_bytes()
    try:
        return ReleaseFile(size, None if b"\0" in content else content.decode())
    except UnicodeDecodeError:
        return ReleaseFile(size, None)


def thumbnail(project_dir: Path) -> Path | None:
    """The newest release's first screen; a release still without one leaves the last one in place."""
    folder = project_dir / "releases"
    if not folder.is_dir():
        return None
    numbers = sorted((int(p.name) for p in folder.iterdir() if p.name.isdecimal()), reverse=True)
    shots = (folder / str(n) / "thumbnail.png" for n in numbers)
    return next((shot for shot in shots if shot.is_file() and not shot.is_symlink()), None)


def _lies_in(root: Path, target: Path) -> bool:
    """Generated code may hold links and `..`: only a file that really lies in the tree is shown."""
    try:
        return "\0" not in str(target) and target.resolve().is_relative_to(root.resolve()) and target.is_file()
    except (OSError, ValueError):
        return False
