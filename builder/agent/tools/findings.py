"""Checks and proofs as the model reads them: cause first, located, bounded, and marked as data, for apps say them."""

from builder.agent.ledger import Requirement, RequirementStatus
from builder.agent.tools.base import as_data, clip
from builder.events import Checked, Finding

MAX_CHECK = 4_000


def describe(check: Checked) -> str:
    """A failed check with its findings, at most 4,000 characters."""
    lines = "\n".join(f"- {_place(finding)}{finding.message}" for finding in check.findings)
    findings = as_data(f"check {check.name}", clip(lines, MAX_CHECK - 200)) if lines else "(no finding)"
    return f"FAILED {check.label}\n{findings}"


def describe_proof(item: Requirement) -> str:
    if item.status is RequirementStatus.PROVEN:
        return f"{item.id} proven: {item.text}"
    if item.reason:
        return f"{item.id} given up ({item.reason}): {item.text}"
    if not item.flow:
        return f"{item.id} not proven: {item.text}\nIt has no steps yet; give them with update_requirement."
    why = item.proof.finding if item.proof and item.proof.finding else "its steps did not hold"
    return f"{item.id} not proven: {item.text}\n{as_data(f'the proof of {item.id}', clip(why, MAX_CHECK - 200))}"


def _place(finding: Finding) -> str:
    if finding.path is None:
        return ""
    return f"{finding.path}:{finding.line}: " if finding.line else f"{finding.path}: "
