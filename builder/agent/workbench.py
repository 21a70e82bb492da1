"""What a run works on: the files, the lab that runs them, and the checkpoints that they were good at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from builder.agent.checkpoint import Checkpoints, Verdict
from builder.agent.lab import Lab
from builder.agent.working_files import WorkingFiles
from builder.events import Event
from builder.path import Workshop
from builder.workspace import MAIN


@dataclass
class Workbench:
    """`base` is the commit that the run began from."""

    workshop: Workshop
    base: str
    checkpoints: Checkpoints
    open: Callable[[Mapping[str, bytes]], Lab]
    emit: Callable[[Event], None]
    files: WorkingFiles = field(init=False)
    _lab: Lab | None = None
    _in_lab: int = 0

    def __post_init__(self) -> None:
        self.files = WorkingFiles(self.workshop.workspace, self.base)

    def lab(self) -> Lab:
        """The lab, with the files as they are now. Opened when a tool first needs it."""
        if self._lab is None:
            self._lab = self.open(self.files.all())
        elif self._in_lab != self.files.version:
            self._lab.update(self.files.since(self._in_lab))
        self._in_lab = self.files.version
        return self._lab

    def close(self) -> None:
        if self._lab is not None:
            self._lab.close()

    @property
    def commit(self) -> str:
        return self.workshop.workspace.require(MAIN)

    @property
    def best_commit(self) -> str:
        return self.checkpoints.best.commit if self.checkpoints.best else self.base

    def best_files(self) -> Mapping[str, bytes]:
        """What is served, whose migrations went through people's data; nothing before the first release."""
        best = self.checkpoints.best
        return self.workshop.workspace.read_all(best.commit) if best else {}

    def checkpoint(self, *, only_better: bool = False) -> Verdict:
        """Commits first, since a release is made of a commit."""
        for event in self.files.commit("Take a checkpoint"):
            self.emit(event)
        return self.checkpoints.take(self.commit, only_better=only_better)

    def is_ahead(self) -> bool:
        """Whether the files are other ones than those of the best checkpoint."""
        return self.files.differ_from(self.best_commit)

    def diff(self) -> str:
        """What was changed since the best checkpoint, as far as it is committed."""
        return self.workshop.workspace.diff(self.best_commit, self.commit)

    def return_to_best(self, message: str) -> None:
        self.files.return_to(self.best_commit, message)
