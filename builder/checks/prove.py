"""Prove the requirements on a release: take each one's steps in a browser, on a fresh copy of the release's data.

Trusts nothing that comes back: what has not the form of a proof leaves the requirement failed, with a finding.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from builder.agent.flow import FlowStep, check_flow
from builder.agent.ledger import Proof, Requirement, RequirementStatus
from builder.checks.bench import Bench, BenchError, read_flow
from builder.release import Release
from builder.sandbox import Sandbox
from builder.toolchain import Toolchain
from builder.untrusted import read_untrusted

PROOFS = "proofs"
FLOW_SECONDS, MAX_DATA = 180, 500_000_000


def prove_release(
    release: Release,
    requirements: Sequence[Requirement],
    toolchain: Toolchain,
    sandbox: Sandbox,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Requirement]:
    """Each requirement that has steps, as it is proven or failed; one without steps is left as it was."""
    with tempfile.TemporaryDirectory(prefix="prove-", dir=release.path.parent, ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if release.snapshot.exists():
            (data / "app.sqlite").write_bytes(read_untrusted(release.snapshot, MAX_DATA))
        bench = Bench(release.app, data, toolchain, sandbox, cancelled, built=True)
        try:
            for requirement in requirements:
                yield _prove(requirement, release, bench) if requirement.flow else requirement
        finally:
            bench.stop()


def _prove(requirement: Requirement, release: Release, bench: Bench) -> Requirement:
    started = time.monotonic()
    screenshot, finding = None, check_flow(requirement.flow)
    if finding:
        finding = f"These steps can't prove it: {finding}."
    else:
        try:
            ended = read_flow(bench.call("run_flow", {"steps": as_dicts(requirement.flow)}, FLOW_SECONDS))
            finding, screenshot = ended.finding, _save(ended.screenshot, release, requirement.id)
        except BenchError as error:
            finding = str(error)
    proof = Proof(
        steps=tuple(step.told() for step in requirement.flow),
        finding=finding,
        screenshot=screenshot,
        seconds=round(time.monotonic() - started, 3),
    )
    status = RequirementStatus.FAILED if finding else RequirementStatus.PROVEN
    return requirement.model_copy(update={"status": status, "proof": proof})


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
