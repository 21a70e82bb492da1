"""The app's files as a run has them: the last commit, with what the step at work has changed on top."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from builder.events import FileChanged
from builder.workspace import MAIN, MAX_FILE_BYTES, Workspace, WorkspaceError, rooted


@dataclass
class WorkingFiles:
    """`base_commit` is where the run began. Nothing is on disk before `commit`."""

    workspace: Workspace
    base_commit: str
    _committed: dict[str, bytes] = field(default_factory=dict)
    _changes: dict[str, bytes | None] = field(default_factory=dict)
    _written: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._committed = self.workspace.read_all(MAIN)

    def paths(self) -> list[str]:
        present = {path for path in self._committed if self._changes.get(path, b"") is not None}
        return sorted(present | {path for path, data in self._changes.items() if data is not None})

    def read(self, path: str) -> bytes:
        data = self._changes[path] if path in self._changes else self._committed[path]
        if data is None:
            raise KeyError(path)
        return data

    def write(self, path: str, data: bytes | None) -> None:
        if data is not None and len(data) > MAX_FILE_BYTES:
            raise WorkspaceError(f"{path} is larger than {MAX_FILE_BYTES // 10**6} MB.")
        if data == self._committed.get(rooted(path)):
            self._changes.pop(path, None)
        else:
            self._changes[path] = data
        self._written.append(path)

    @property
    def version(self) -> int:
        return len(self._written)

    def since(self, version: int) -> dict[str, bytes | None]:
        """What was written after `version`, as it is now."""
        return {path: self._now(path) for path in dict.fromkeys(self._written[version:])}

    def _now(self, path: str) -> bytes | None:
        try:
            return self.read(path)
        except KeyError:
            return None

    def base(self) -> Mapping[str, bytes]:
        return self._base

    @cached_property
    def _base(self) -> dict[str, bytes]:
        return self.workspace.read_all(self.base_commit)

    def differ_from(self, commit: str) -> bool:
        return self.all() != self.workspace.read_all(commit)

    def all(self) -> dict[str, bytes]:
        return {path: self.read(path) for path in self.paths()}

    def commit(self, message: str) -> tuple[FileChanged, ...]:
        """Commit what changed to `main`, if anything did."""
        if not self._changes:
            return ()
        told = self.workspace.write(self._changes, message)
        for path, data in self._changes.items():
            if data is None:
                self._committed.pop(path, None)
            else:
                self._committed[path] = data
        self._changes.clear()
        return told

    def return_to(self, commit: str, message: str) -> None:
        """Make `main` what it was at `commit`, as a new commit."""
        self._changes.clear()
        then = self.workspace.read_all(commit)
        changes: dict[str, bytes | None] = {
            path: data for path, data in then.items() if self._committed.get(path) != data
        }
        changes.update({path: None for path in self._committed if path not in then})
        if changes:
            self.workspace.write(changes, message)
        self._committed = then
        self._written += changes
