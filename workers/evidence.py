"""Which checks speak of which release. Knows nothing of tables.

The checks between the beginning of a gate and the next work belong to the release that comes of it; what a model
checks while it works belongs to none.
"""

from dataclasses import dataclass, field
from typing import Any

from builder.events import Checked, CheckStatus, Event, Phase, PhaseChanged, Scored
from workers.plain import plain


@dataclass
class Evidence:
    """`checks` of the release that is being made or was made last; `scores` by release number."""

    checks: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[int, int] = field(default_factory=dict)
    _collecting: bool = True

    def take(self, event: Event) -> None:
        match event:
            case PhaseChanged(phase=Phase.CHECKING):
                self.checks, self._collecting = [], True
            case PhaseChanged(phase=Phase.SCORING):
                self._collecting = True
            case PhaseChanged(phase=Phase.WORKING):
                self._collecting = False
            case Checked() if self._collecting and event.status is not CheckStatus.RUNNING:
                self.checks.append(plain(event.data()))
            case Scored():
                self.scores[event.release] = event.score
