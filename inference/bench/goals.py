"""Which of the goals for a GPU are reached, by what was measured. A goal without a measurement is not reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.bench.steps import Step
from inference.bench.theirs_gpu import Their

ROOFLINE = {1: 0.5, 8: 0.6, 32: 0.6}  # by batch, without drafts
DRAFTS, SAID, FASTER = (8, 32), 1.8, 1.3
TIMES = 10.0  # as fast as transformers, for one request


@dataclass(frozen=True, slots=True)
class Goal:
    what: str
    wanted: str
    found: str = "not measured"
    reached: bool = False

    def line(self) -> tuple[str, ...]:
        return self.what, self.wanted, self.found, "yes" if self.reached else "**no**"


def judge(steps: Sequence[Step], theirs: Sequence[Their], cut: Sequence[Step], bandwidth: float) -> list[Goal]:
    """`cut` are our steps with as many layers as theirs have."""
    plain = [step for step in steps if not step.shape.drafts]
    return [
        *(roofline(step, ROOFLINE[step.shape.rows], bandwidth) for step in plain if step.shape.rows in ROOFLINE),
        *(by_drafts(steps, rows) for rows in DRAFTS),
        against(theirs, cut),
    ]


def roofline(step: Step, wanted: float, bandwidth: float) -> Goal:
    share = step.share(bandwidth)
    return Goal(f"of the roofline: {step.shape}", f"≥ {wanted:.0%}", f"{share:.1%}", share >= wanted)


def by_drafts(steps: Sequence[Step], rows: int) -> Goal:
    """The best count of drafts, all told to say as much in a step, at the first context."""
    what, wanted = f"drafts that say {SAID} tokens a step, batch {rows}, against none", f"≥ {FASTER} ×"
    known = [step for step in steps if step.shape.rows == rows and step.shape.layers == step.shape.of]
    context = min((step.shape.context for step in known), default=0)
    known = [step for step in known if step.shape.context == context]
    drafted = [step for step in known if step.shape.drafts and step.shape.said == SAID]
    plain = [step for step in known if not step.shape.drafts]
    if not drafted or not plain:
        return Goal(what, wanted)
    best = max(drafted, key=lambda step: step.speed)
    times = best.speed / plain[0].speed
    return Goal(f"{what} (with {best.shape.drafts})", wanted, f"{times:.2f} ×", times >= FASTER)


def against(theirs: Sequence[Their], cut: Sequence[Step]) -> Goal:
    what, wanted = "one request, no drafts, against transformers' fastest", f"≥ {TIMES:.0f} ×"
    known = [their for their in theirs if their.rows == 1 and their.seconds]
    ours = [step for step in cut if step.shape.rows == 1 and not step.shape.drafts]
    if not known or not ours:
        return Goal(what, wanted)
    best = min(known, key=lambda their: their.seconds or 0.0)
    times = (best.seconds or 0.0) / ours[0].seconds
    return Goal(f"{what} ({best.way}), both {best.layers} layers", wanted, f"{times:.1f} ×", times >= TIMES)
