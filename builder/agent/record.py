"""What is kept of a run: state, conversation and journal, so that it goes on where it stood when it was killed."""

import logging
import time
from dataclasses import dataclass, field

from builder.agent.assignment import Assignment, Means
from builder.agent.checkpoint import release_of
from builder.agent.conversation import Conversation
from builder.agent.journal import Step
from builder.agent.ledger import Requirement
from builder.agent.state import Best, RunState, tokens_of
from builder.model.chat import ChatRequest, Message
from builder.path import Workshop
from builder.workspace import MAIN

MAX_REQUIREMENT, MAX_SUMMARY = 300, 100
log = logging.getLogger(__name__)


@dataclass
class Record:
    means: Means
    state: RunState = field(default_factory=RunState)
    talk: Conversation = field(default_factory=Conversation)
    _began: float = 0.0

    def resume(self, assignment: Assignment, workshop: Workshop) -> None:
        """Begin, or go on after the last step that was stored."""
        steps, workspace = self.means.journal.steps(), workshop.workspace
        if steps:
            for step in steps:
                if step.compacted:
                    self.talk.messages = []
                self.talk.add(*step.messages)
            self.state = RunState.model_validate(steps[-1].state)
            workspace.reset(steps[-1].commit)  # an edit whose step was never stored did not happen
            log.info("going on after step %d", self.state.steps)
        else:
            base = self.state.base = workspace.require(MAIN)
            self.state.requirements = list(assignment.requirements) or [_whole(assignment.message)]
            if (release := release_of(workshop.releases, base)) is not None:
                self.state.best = Best(release=release, commit=base)
        self._began = time.monotonic() - self.state.seconds

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def over_budget(self) -> str | None:
        """Which part of the budget is used up, if one is."""
        budget, state = self.means.budget, self.state
        if state.steps >= budget.steps:
            return f"its {budget.steps} steps are used up"
        if tokens_of(state.spent) >= budget.tokens:
            return f"its {budget.tokens:,} tokens are used up"
        if self.seconds >= budget.seconds:
            return f"its {budget.seconds / 60:.0f} minutes are used up"
        return None

    def keep(self, n: int, messages: list[Message], commit: str, *, compacted: bool = False) -> None:
        """Returns when the step is stored for good."""
        self.state.seconds = self.seconds
        del self.state.summary[:-MAX_SUMMARY]
        state = self.state.model_dump(mode="json")
        self.means.journal.append(Step(n, list(messages), commit, state, compacted))

    def fold(self, opening: list[Message], request: ChatRequest, commit: str) -> None:
        """Fold the conversation into `opening` and a summary; that is a step of its own."""
        reply = self.talk.fold(opening, self.means.model, request, self.state.summary)
        self.state.spend(reply.usage, reply.seconds)
        self.state.steps += 1
        self.keep(self.state.steps, self.talk.messages, commit, compacted=True)


def _whole(message: str) -> Requirement:
    """Where no requirement was drawn, the message itself is one."""
    text = " ".join(message.split())[:MAX_REQUIREMENT]
    return Requirement(id="r1", text=text or "The app works.", source=(0, min(len(message), MAX_REQUIREMENT)))
