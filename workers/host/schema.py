"""Whether a release has anything to migrate, told by its files. Opens no database."""

from builder.toolchain import TEMPLATES
from workers.host.served import Release

PROGRAM, MIGRATIONS = "backend/migrate.py", "backend/migrations"
# Of this program it is known that on data which it has brought up to date before, it does nothing but migrate.
KNOWN = (TEMPLATES / "fullstack" / "base" / PROGRAM).read_bytes()


def same_schema(one: Release, other: Release) -> bool:
    """Whether data that `one` was served on needs no migration for `other`; where it can't be told, it may need one."""
    try:
        return _program(one) == _program(other) == KNOWN and _migrations(one) == _migrations(other)
    except OSError:  # a release that is gone, say
        return False


def _program(release: Release) -> bytes:
    return (release.code / PROGRAM).read_bytes()


def _migrations(release: Release) -> dict[str, bytes]:
    folder = release.code / MIGRATIONS
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
