"""A checkpoint: the whole ladder on one commit. Gate, scored checks, proofs; what is at least as good as the best is
released, what is not stays on the workbench. Knows nothing of the model.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from builder.agent.ledger import Ledger, Requirement, changed
from builder.agent.state import Best
from builder.agent.tools.findings import describe, describe_proof
from builder.checks import catalog, score_release
from builder.checks.prove import prove_release
from builder.events import (
    Checked,
    CheckStatus,
    Event,
    Phase,
    PhaseChanged,
    Released,
    Scored,
)
from builder.path import BuildFailedError, Workshop, release_commit
from builder.release import Release, next_release, read_release, write_release
from builder.sandbox import remove_tree

LEDGER_FILE = "REQUIREMENTS.md"


@dataclass(frozen=True)
class Verdict:
    """`gate` passed or not; `served` says whether it became the newest best. `said` is for the model."""

    gate: bool
    served: bool
    said: str
    findings: tuple[str, ...] = ()


@dataclass
class Checkpoints:
    """`best` is where the run may return to; it only ever gets better."""

    workshop: Workshop
    ledger: Ledger
    emit: Callable[[Event], None]
    best: Best | None = None
    _checks: list[Checked] = field(default_factory=list)
    _seen: tuple[str, str] = ("", "")
    _verdict: Verdict | None = None
    _only_better: bool = False

    def take(self, commit: str, *, only_better: bool = False) -> Verdict:
        """The same files with the same proofs get the same verdict, without being run again.

        What a model left behind when it stopped early is released `only_better`, not when it is merely as good.
        """
        seen = (self.workshop.workspace.tree(commit), _flows(self.ledger))
        if self._verdict is None or seen != self._seen:
            self._only_better = only_better
            self._verdict, self._seen = self._take(commit), seen
        return self._verdict

    def _take(self, commit: str) -> Verdict:
        self._checks = []
        best, tree = self.best, self.workshop.workspace.tree
        if best is not None and best.new and tree(best.commit) == tree(commit):
            return self._prove_again(best)
        try:
            release = self._gate(commit)
        except BuildFailedError as error:
            return self._refused(error)
        try:
            return self._judge(release)
        except BaseException:
            remove_tree(release.path)
            raise

    def _gate(self, commit: str) -> Release:
        number = next_release(self.workshop.releases)
        path: Path | None = None
        data = self.workshop.live_data() if self.workshop.live_data else self.workshop.data
        for event in release_commit(commit, replace(self.workshop, number=number, data=data)):
            if isinstance(event, Released):
                path = event.path
            else:
                self._tell(event)
        if path is None:
            raise BuildFailedError("The checks ended without a release.")
        return read_release(path)

    def _judge(self, release: Release) -> Verdict:
        score, quality = self._measure(release)
        findings = self._scored_findings()
        now = (self.ledger.proven, quality)
        best = self._best_by_the_same_proofs(now)
        if best is not None and (now < best.standing or (self._only_better and now == best.standing)):
            remove_tree(release.path)
            worse = (
                f"This is no better than release {best.release}, which stays served: {now[0]} proven and {now[1]} "
                f"points against {best.proven} and {best.quality}."
            )
            return Verdict(True, False, f"{self._report(score)}\n{worse}", findings)
        self._announce(release, score)
        proven, flows = self.ledger.proven, _flows(self.ledger)
        n, commit = release.n, release.commit
        self.best = Best(release=n, commit=commit, proven=proven, quality=quality, flows=flows, new=True)
        return Verdict(True, True, f"{self._report(score)}\nIt is served now, as release {release.n}.", findings)

    def _announce(self, release: Release, score: int) -> None:
        self._write_ledger(release)
        self.emit(Released(release.n, release.commit, release.path))
        self.emit(Scored(release.n, score))

    def _write_ledger(self, release: Release) -> None:
        if self.ledger.items:
            (release.app / LEDGER_FILE).write_text(self.ledger.markdown())

    def _prove_again(self, best: Best) -> Verdict:
        """The files are those of the best release, so only the proofs can be new."""
        release = read_release(self.workshop.releases / str(best.release))
        self._tell(PhaseChanged(Phase.SCORING))
        self._prove(release)
        self._checks = [known for known in map(_known, release.checks) if known is not None]
        score = catalog.score(self._checks, self.ledger.proven, len(self.ledger.items))
        write_release(replace(release, score=score))
        self._write_ledger(release)
        self.emit(Scored(release.n, score))
        self.best = best.model_copy(update={"proven": self.ledger.proven, "flows": _flows(self.ledger)})
        said = f"{self._report(score)}\nThe files are those of release {release.n}, which is served."
        return Verdict(True, True, said, self._scored_findings())

    def _best_by_the_same_proofs(self, now: tuple[int, int]) -> Best | None:
        """The best so far; when it was never measured, or wins by other proofs than today's, it is measured again.

        What a run began from need not be measured when every proof holds now: it can't hold more of them.
        """
        best, flows = self.best, _flows(self.ledger)
        if best is not None and best.quality is None and 0 < now[0] == sum(bool(i.flow) for i in self._items):
            return None
        if best is None or (best.quality is not None and (best.flows == flows or now >= best.standing)):
            return best
        kept, checks, emit = dict(self.ledger.items), self._checks, self.emit
        self.emit = lambda _: None
        try:
            _, quality = self._measure(read_release(self.workshop.releases / str(best.release)))
            self.best = best.model_copy(update={"quality": quality, "proven": self.ledger.proven, "flows": flows})
        finally:
            self.ledger.items, self._checks, self.emit = kept, checks, emit
        return self.best

    def _measure(self, release: Release) -> tuple[int, int]:
        """The score that people see, and that of the scored checks alone. Proofs run beside the checks."""
        self._tell(PhaseChanged(Phase.SCORING))
        workshop, scored = self.workshop, list[Checked]()
        with ThreadPoolExecutor(1) as pool:
            proofs = pool.submit(self._prove, release)
            for event in score_release(release, workshop.toolchain, workshop.sandbox, workshop.cancelled):
                if isinstance(event, Checked):
                    self._tell(event)
                    scored += [event] if event.status is not CheckStatus.RUNNING else []
            proofs.result()
        score = catalog.score(scored, self.ledger.proven, len(self.ledger.items))
        write_release(replace(read_release(release.path), score=score))
        return score, catalog.score(scored)

    def _prove(self, release: Release) -> None:
        with_flow = [item for item in self.ledger.items.values() if item.flow]
        workshop = self.workshop
        tools = workshop.toolchain, workshop.sandbox, workshop.cancelled
        for item in prove_release(release, with_flow, *tools, lived_in=workshop.data is not None):
            self.ledger.put(item)
            self._tell(changed(item))

    @property
    def _items(self) -> Sequence[Requirement]:
        return list(self.ledger.items.values())

    def _tell(self, event: Event) -> None:
        if isinstance(event, Checked) and event.status is not CheckStatus.RUNNING:
            self._checks.append(event)
        self.emit(event)

    def _refused(self, error: BuildFailedError) -> Verdict:
        failed = [check for check in self._checks if check.status is CheckStatus.FAILED]
        lines = [describe(check) for check in failed] or [str(error)]
        said = "The checks failed, so nothing of this is served.\n" + "\n".join(lines)
        return Verdict(False, False, said, tuple(lines))

    def _scored_findings(self) -> tuple[str, ...]:
        return tuple(describe(c) for c in self._checks if c.status is CheckStatus.FAILED)

    def _report(self, score: int) -> str:
        lines = [f"Every check of the gate passed. Score {score} of 100."]
        lines += self._scored_findings()
        lines += [describe_proof(item) for item in self._items]
        return "\n".join(lines)


def _known(check: dict[str, Any]) -> Checked | None:
    """A scored check as a release's record has it."""
    found = catalog.from_report(check)
    return found if found is not None and not found.gate else None


def _flows(ledger: Ledger) -> str:
    steps = [
        (item.id, [step.model_dump(exclude_defaults=True) for step in item.flow]) for item in ledger.items.values()
    ]
    return hashlib.sha256(json.dumps(steps, sort_keys=True).encode()).hexdigest()[:16]


def release_of(releases: Path, commit: str) -> int | None:
    """The newest release on disk that was made of this commit."""
    numbers = sorted((int(entry.name) for entry in releases.glob("*") if entry.name.isdigit()), reverse=True)
    return next((n for n in numbers if read_release(releases / str(n)).commit == commit), None)
