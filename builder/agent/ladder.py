"""What a checkpoint means for the run: the stage it is in now, what the model is told, whether it may finish.

Knows nothing of steps and replies.
"""

from collections.abc import Callable
from dataclasses import dataclass

from builder.agent import guidance
from builder.agent.checkpoint import Verdict
from builder.agent.ledger import Ledger
from builder.agent.state import RunState
from builder.agent.workbench import Workbench
from builder.events import Event, Phase, PhaseChanged


@dataclass
class Ladder:
    """`settled` says whether nothing was left to do at the last checkpoint."""

    bench: Workbench
    ledger: Ledger
    state: RunState
    emit: Callable[[Event], None]
    settled: bool = False

    def climb(self) -> str:
        """Take a checkpoint. Runs in a tool's thread."""
        verdict, state = self.bench.checkpoint(), self.state
        unsettled = self.ledger.unsettled
        polish = state.polish_left > 0 and bool(verdict.findings)
        self.settled = verdict.gate and not unsettled and not polish
        if verdict.gate and not unsettled and polish:
            state.polish_left -= 1
        state.stage = guidance.stage_after(verdict, unsettled, state.stage)
        self.emit(PhaseChanged(Phase.WORKING, state.stage))
        words = guidance.after_checkpoint(verdict, unsettled, polish=polish)
        return "\n\n".join(filter(None, (verdict.said, words, self._repeated(verdict))))

    def _repeated(self, verdict: Verdict) -> str | None:
        habits = self.state.habits
        self.state.findings = list(verdict.findings) or [i.text for i in self.ledger.unsettled][:3]
        if not verdict.gate:
            return habits.failed("the checkpoint", verdict.said)
        habits.passed("the checkpoint")
        return None
