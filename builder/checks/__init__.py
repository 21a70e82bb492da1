"""Verify a staged or released app inside the sandbox. Decides nothing: it yields what each check found."""

from builder.checks.gate import gate
from builder.checks.score import score_release

__all__ = ["gate", "score_release"]
