"""The checks by name: what each is called, and whether it decides that a release may be served."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from builder.events import Checked, CheckStatus, Finding

MAX_FINDINGS, MAX_MESSAGE = 12, 330


@dataclass(frozen=True)
class Check:
    """`weight` is the check's part of the score; a gate check has none, since all of them must pass."""

    name: str
    label: str
    weight: int = 0

    @property
    def gate(self) -> bool:
        return self.weight == 0

    def running(self) -> Checked:
        return Checked(self.name, self.label, CheckStatus.RUNNING, self.gate)

    def ended(self, status: CheckStatus, seconds: float, findings: Iterable[Finding] = ()) -> Checked:
        unique = dict.fromkeys(Finding(f.message[:MAX_MESSAGE], f.path, f.line) for f in findings)
        return Checked(self.name, self.label, status, self.gate, round(seconds, 3), tuple(unique)[:MAX_FINDINGS])


SYNTAX = Check("syntax", "Python parses")
TYPES = Check("types", "Types hold")
FRONTEND = Check("frontend", "Front end builds")
MIGRATIONS = Check("migrations", "Migrations apply")
BOOT = Check("boot", "App starts")
CONTRACT = Check("contract", "API answers")
FIRST_PAINT = Check("first_paint", "First screen shows")
DOCUMENT = Check("document", "The page parses")
SELF_CONTAINED = Check("self_contained", "No outside request")
TESTS = Check("tests", "Its own tests pass", weight=30)
ACCESSIBILITY = Check("accessibility", "Accessible to everyone", weight=20)
PHONE = Check("phone", "Fits a phone", weight=15)
PAGES = Check("pages", "Every page works", weight=15)
CONTROLS = Check("controls", "Every button does something", weight=10)
SECURITY = Check("security", "Hostile text stays text", weight=15)
SPEED = Check("speed", "Loads quickly", weight=5)
REQUIREMENTS = Check("requirements", "Requirements proven", weight=60)

GATE = (SYNTAX, TYPES, FRONTEND, MIGRATIONS, BOOT, CONTRACT, FIRST_PAINT)
STATIC_GATE = (DOCUMENT, FIRST_PAINT, SELF_CONTAINED)
SCORED = (TESTS, ACCESSIBILITY, PHONE, PAGES, CONTROLS, SECURITY, SPEED)
BY_NAME: Mapping[str, Check] = {check.name: check for check in (*GATE, *STATIC_GATE, *SCORED)}


def from_report(line: Mapping[str, Any]) -> Checked | None:
    """A line that a probe wrote in the sandbox; None when it is not in its form, since anyone there can write."""
    check = BY_NAME.get(str(line.get("name")))
    try:
        status = CheckStatus(line.get("status", ""))
        found = [_finding(f) for f in line.get("findings") or ()]
        return check.ended(status, float(line.get("seconds") or 0), found) if check else None
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
        return None


def score(ended: Iterable[Checked], proven: int = 0, required: int = 0) -> int:
    """0 to 100: passed weights over the weights of all that ran. The requirements count by the share that is proven."""
    results = {event.name: event.status for event in ended if event.status is not CheckStatus.RUNNING}
    ran = [check for check in SCORED if results.get(check.name) in {CheckStatus.PASSED, CheckStatus.FAILED}]
    shares = [(REQUIREMENTS.weight, min(proven, required) / required)] if required else []
    shares += [(check.weight, float(results[check.name] is CheckStatus.PASSED)) for check in ran]
    total = sum(weight for weight, _ in shares)
    return round(100 * sum(weight * share for weight, share in shares) / total) if total else 0


def _finding(value: Mapping[str, Any]) -> Finding:
    path, line = value.get("path"), value.get("line")
    return Finding(str(value["message"]), str(path)[:200] if path else None, int(line) if line else None)
