"""A project's files and their history, in a bare git repository. Knows nothing of what the files mean.

No file of a project lies unpacked here: a path is only a name in a git tree, so neither `..` nor a link leads
anywhere, and a hook or a configuration that an app brings along is never run.
"""

import os
import re
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from builder.events import Change, FileChanged

SCAFFOLD, MAIN = "scaffold", "main"
MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, MAX_DIFF_BYTES = 2_000_000, 3_000, 60_000_000, 2_000_000
_COMMIT = re.compile(r"[0-9a-f]{40}|scaffold|main")
_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Protodex",
    "GIT_AUTHOR_EMAIL": "protodex@localhost",
    "GIT_COMMITTER_NAME": "Protodex",
    "GIT_COMMITTER_EMAIL": "protodex@localhost",
    "LC_ALL": "C.UTF-8",
}


class WorkspaceError(ValueError):
    """A path or a size that no project may have; the message is a sentence."""


class MergeConflictError(RuntimeError):
    """A new render and an edit changed the same lines; nothing was changed. `paths` names the files."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        super().__init__(f"The new render conflicts with edits in {', '.join(paths)}.")
        self.paths = paths


@dataclass(frozen=True)
class FileInfo:
    path: str
    size: int


@dataclass(frozen=True)
class Workspace:
    path: Path

    @classmethod
    def open(cls, path: Path) -> "Workspace":
        workspace = cls(path)
        if not (path / "HEAD").exists():
            path.mkdir(parents=True, exist_ok=True)
            workspace._git("init", "--quiet", "--bare", f"--initial-branch={MAIN}")
        return workspace

    def render(self, files: Mapping[str, bytes], message: str) -> tuple[FileChanged, ...]:
        """Commit `files` as the whole of `scaffold`, merge that into `main`, and tell what changed on `main`."""
        before = self.head(MAIN)
        scaffold = self._import(SCAFFOLD, files, message, replace=True)
        if before is None:
            self._git("update-ref", f"refs/heads/{MAIN}", scaffold)
        else:
            self._merge(scaffold, message)
        return self.changes(before, self.require(MAIN))

    def write(self, files: Mapping[str, bytes | None], message: str) -> tuple[FileChanged, ...]:
        """Commit edits to `main`; None deletes a file."""
        before = self.require(MAIN)
        return self.changes(before, self._import(MAIN, files, message, replace=False))

    def settle_conflict(self, message: str) -> None:
        """Take the newest render as merged with `main` as it is: whoever edits `main` next brings the change in."""
        parents = ("-p", self.require(MAIN), "-p", self.require(SCAFFOLD))
        commit = self._git("commit-tree", f"{MAIN}^{{tree}}", *parents, "-F", "-", stdin=message.encode())
        self._git("update-ref", f"refs/heads/{MAIN}", commit.decode().strip())

    def reset(self, commit: str) -> None:
        """Point `main` at a commit it was at before; what came after is left to the commits that hold it."""
        self._git("update-ref", f"refs/heads/{MAIN}", _checked(commit))

    def head(self, branch: str) -> str | None:
        found = self._run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
        return found.stdout.decode().strip() or None

    def tree(self, commit: str) -> str:
        """Git's name for the files of a commit: the same files have the same."""
        return self._git("rev-parse", f"{_checked(commit)}^{{tree}}").decode().strip()

    def require(self, branch: str) -> str:
        commit = self.head(branch)
        if commit is None:
            raise WorkspaceError("This project has no files yet.")
        return commit

    def files(self, commit: str) -> list[FileInfo]:
        listing = self._git("ls-tree", "-r", "-l", "-z", _checked(commit)).decode(errors="replace")
        rows = (entry.split("\t", 1) for entry in listing.split("\0") if entry)
        return [FileInfo(path, int(meta.split()[3])) for meta, path in rows]

    def read(self, commit: str, path: str) -> bytes:
        """The file's bytes; KeyError when there is no such file."""
        shown = self._run("cat-file", "blob", f"{_checked(commit)}:{rooted(path)}")
        if shown.returncode != 0:
            raise KeyError(path)
        return shown.stdout

    def read_all(self, commit: str) -> dict[str, bytes]:
        with tarfile.open(fileobj=BytesIO(self._git("archive", "--format=tar", _checked(commit)))) as archive:
            members = [(m.name, archive.extractfile(m)) for m in archive if m.isfile()]
            return {name: file.read() for name, file in members if file is not None}

    def diff(self, before: str, after: str) -> str:
        """Unified diff, cut at 2 MB."""
        text = self._git("diff", "--no-color", "--no-ext-diff", _checked(before), _checked(after))
        return text[:MAX_DIFF_BYTES].decode(errors="replace")

    def changes(self, before: str | None, after: str) -> tuple[FileChanged, ...]:
        if before is None:
            return tuple(
                FileChanged(path, Change.ADDED, data.count(b"\n"))
                for path, data in sorted(self.read_all(after).items())
            )
        raw = self._git("diff", "--numstat", "-z", "--no-renames", before, after).decode(errors="replace")
        states = dict(self._name_status(before, after))
        rows = (row.split("\t", 2) for row in raw.split("\0") if row)
        return tuple(FileChanged(path, states[path], int(added) if added != "-" else 0) for added, _, path in rows)

    def checkout(self, commit: str, folder: Path) -> None:
        """Write the files of `commit` into `folder`, which the workspace itself never looks at again.

        One by one, and no links: tarfile's own filters are missing from Debian 12's Python.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in self.read_all(commit).items():
            target = folder / rooted(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def _name_status(self, before: str, after: str) -> Iterator[tuple[str, Change]]:
        raw = self._git("diff", "--name-status", "-z", "--no-renames", before, after).decode(errors="replace")
        parts = raw.split("\0")
        letters = {"A": Change.ADDED, "D": Change.DELETED}
        for letter, path in zip(parts[0::2], parts[1::2], strict=False):
            yield path, letters.get(letter, Change.CHANGED)

    def _merge(self, scaffold: str, message: str) -> None:
        merged = self._run("merge-tree", "--write-tree", "--name-only", "-z", "--no-messages", MAIN, scaffold)
        tree, *conflicts = merged.stdout.decode().rstrip("\0").split("\0")
        if merged.returncode != 0:
            raise MergeConflictError(tuple(conflicts) or ("a file",))
        parents = ("-p", self.require(MAIN), "-p", scaffold)
        commit = self._git("commit-tree", tree, *parents, "-F", "-", stdin=message.encode()).decode().strip()
        self._git("update-ref", f"refs/heads/{MAIN}", commit)

    def _import(self, branch: str, files: Mapping[str, bytes | None], message: str, *, replace: bool) -> str:
        _check_sizes(files)
        parent = self.head(branch)
        stream = b"".join(_fast_import(branch, parent, files, message, replace))
        self._git("fast-import", "--quiet", "--date-format=now", "--force", stdin=stream)
        return self.require(branch)

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = self._run(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise RuntimeError(f"git {arguments[0]} failed: {done.stderr.decode(errors='replace')[-2000:]}")
        return done.stdout

    def _run(self, *arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        command = ["git", f"--git-dir={self.path}", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, env=_ENVIRONMENT, check=False, timeout=60)


def rooted(path: str) -> str:
    """`path` if it can only mean a file inside the project; WorkspaceError otherwise."""
    parts = PurePosixPath(path).parts
    unsafe = (
        not parts
        or path.startswith("/")
        or str(PurePosixPath(path)) != path
        or any(part in {"..", "."} or part.lower() == ".git" for part in parts)
        or len(path) > 240
        or any(ord(character) < 32 or character in '\\"\x7f' for character in path)
    )
    if unsafe:
        raise WorkspaceError(f"{path[:100]!r} is not a path inside the project.")
    return path


def _checked(commit: str) -> str:
    if not _COMMIT.fullmatch(commit):
        raise WorkspaceError(f"{commit[:60]!r} is not a commit.")
    return commit


def _check_sizes(files: Mapping[str, bytes | None]) -> None:
    sizes = {path: len(data or b"") for path, data in files.items()}
    if len(sizes) > MAX_FILES or sum(sizes.values()) > MAX_TOTAL_BYTES:
        raise WorkspaceError(f"A project holds at most {MAX_FILES} files and {MAX_TOTAL_BYTES // 10**6} MB.")
    if too_large := [path for path, size in sizes.items() if size > MAX_FILE_BYTES]:
        raise WorkspaceError(f"{too_large[0]} is larger than {MAX_FILE_BYTES // 10**6} MB.")


def _fast_import(
    branch: str, parent: str | None, files: Mapping[str, bytes | None], message: str, replace: bool
) -> Iterable[bytes]:
    """One commit in the stream format of git-fast-import(1)."""
    yield b"commit refs/heads/%s\ncommitter Protodex <protodex@localhost> now\n" % branch.encode()
    yield _data(message.encode())
    if parent:
        yield b"from %s\n" % parent.encode()
    if replace:
        yield b"deleteall\n"
    for path, content in sorted(files.items()):
        name = rooted(path).encode()
        if content is None:
            yield b'D "%s"\n' % name
        else:
            yield b'M 100644 inline "%s"\n' % name + _data(content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
