"""Prove the requirements on a release: take each one's steps in a browser, on a fresh copy of the release's data.

Trusts nothing that comes back: what has not the form of a proof leaves the requirement failed, with a finding.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from builder.agent.flow import FlowStep, check_flow
from builder.agent.lab import FlowResult
from builder.agent.ledger import Proof, Requirement, RequirementStatus
from builder.checks.bench import Bench, BenchError, read_flow
from builder.release import Release
from builder.sandbox import Sandbox
from builder.toolchain import Toolchain
from builder.untrusted import read_untrusted
from builder.uploads import copy_uploads

PROOFS = "proofs"
FLOW_SECONDS, MAX_DATA = 180, 500_000_000


def prove_release(
    release: Release,
    requirements: Sequence[Requirement],
    toolchain: Toolchain,
    sandbox: Sandbox,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    lived_in: bool = False,
    patience: float = 1.0,
) -> Iterator[Requirement]:
    """Each requirement that has steps, as it is proven or failed; one without steps is left as it was.

    `lived_in`: people have entered data since. Steps that look for sample rows can fail on it though all works, so
    what fails there is tried once more on the sample rows alone. `patience`: how many times as long as usual is waited
    for what does not come true.
    """
    with tempfile.TemporaryDirectory(prefix="prove-", dir=release.path.parent, ignore_cleanup_errors=True) as folder:
        benches = []
        for name, snapshot in (("data", release.snapshot), ("samples", None))[: 2 if lived_in else 1]:
            data = Path(folder) / name
            data.mkdir()
            if snapshot and snapshot.exists():
                (data / "app.sqlite").write_bytes(read_untrusted(snapshot, MAX_DATA))
                copy_uploads(snapshot, data / "app.sqlite")
            benches.append(Bench(release.app, data, toolchain, sandbox, cancelled, built=True))
        try:
            for requirement in requirements:
                yield _prove(requirement, release, benches, patience) if requirement.flow else requirement
        finally:
            for bench in benches:
                bench.stop()


def _prove(requirement: Requirement, release: Release, benches: Sequence[Bench], patience: float) -> Requirement:
    """Proven if one bench proves it; what is told of a failure is the first one's."""
    started = time.monotonic()
    picture, finding = None, check_flow(requirement.flow)
    if finding:
        finding = f"These steps can't prove it: {finding}."
    else:
        tries: list[FlowResult] = []
        for bench in benches:
            tries.append(_try(requirement.flow, bench, patience))
            if not tries[-1].finding:
                break
        told = tries[0] if tries[-1].finding else tries[-1]
        finding, picture = told.finding, told.screenshot
    proof = Proof(
        steps=tuple(step.told() for step in requirement.flow),
        finding=finding,
        screenshot=_save(picture, release, requirement.id),
        seconds=round(time.monotonic() - started, 3),
    )
    status = RequirementStatus.FAILED if finding else RequirementStatus.PROVEN
    return requirement.model_copy(update={"status": status, "proof": proof})


def _try(flow: Sequence[FlowStep], bench: Bench, patience: float) -> FlowResult:
    try:
        return read_flow(bench.call("run_flow", {"steps": as_dicts(flow), "patience": patience}, FLOW_SECONDS))
    except BenchError as error:
        return FlowResult(ok=False, finding=str(error), failed_at=None, snapshot="", seconds=0.0)


def _save(picture: bytes | None, release: Release, name: str) -> str | None:
    """The picture came over the bench's socket: no file of the sandbox is touched here."""
    if picture is None:
        return None
    folder = release.path / PROOFS
    folder.mkdir(exist_ok=True)
    fresh = folder / f".{name}.png"
    fresh.write_bytes(picture)
    fresh.rename(folder / f"{name}.png")
    return f"{name}.png"


def as_dicts(steps: Sequence[FlowStep]) -> list[dict[str, Any]]:
    return [step.model_dump(mode="json", exclude_none=True) for step in steps]
