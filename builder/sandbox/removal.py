"""Remove a folder that a program could write to: however deep it is, and whatever it is locked with.

`shutil.rmtree` goes down one call and one descriptor per level, and stops at a folder without permissions. What an app
hides that way would stay on the disk for ever, and its project with it.
"""

import itertools
import logging
import os
import secrets
from pathlib import Path

log = logging.getLogger(__name__)

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(folder: Path) -> None:
    """Links are removed, never followed; what isn't there is fine. Nothing may run in the folder any more."""
    try:
        if folder.is_symlink() or not folder.is_dir():
            folder.unlink(missing_ok=True)
            return
        folder.chmod(0o700)
        top = os.open(folder, _FOLDER)
        try:
            _empty(top)
        finally:
            os.close(top)
        folder.rmdir()
    except FileNotFoundError:  # somebody else removes it as well
        return
    except OSError as error:
        log.warning("%s can't be removed: %s", folder, error)


def _empty(top: int) -> None:
    """Each folder inside is lifted up to the first level before it is looked into, so that none is ever deep."""
    prefix, numbers = secrets.token_hex(8), itertools.count()
    todo = _remove_files(top)
    while todo:
        name = todo.pop()
        os.chmod(name, 0o700, dir_fd=top)  # a folder, not a link: `_remove_files` has seen it, and nobody writes here
        descriptor = os.open(name, _FOLDER, dir_fd=top)
        try:
            for inner in _remove_files(descriptor):
                os.chmod(inner, 0o700, dir_fd=descriptor)  # its entry for the folder above changes
                lifted = f"{prefix}-{next(numbers)}"
                os.rename(inner, lifted, src_dir_fd=descriptor, dst_dir_fd=top)
                todo.append(lifted)
        finally:
            os.close(descriptor)
        os.rmdir(name, dir_fd=top)


def _remove_files(folder: int) -> list[str]:
    """Remove everything but folders; their names."""
    with os.scandir(folder) as found:
        entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    for name, is_folder in entries:
        if not is_folder:
            os.unlink(name, dir_fd=folder)
    return [name for name, is_folder in entries if is_folder]
