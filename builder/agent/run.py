"""The loop: model reply, tool calls, commit, journal; again, until it is done, out of budget or stuck.

Yields what happens as events. Knows nothing of users, queues or tables; a run that was killed goes on from its journal.
"""

import json
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from builder.agent import guidance
from builder.agent.assignment import Assignment, Means
from builder.agent.checkpoint import Checkpoints
from builder.agent.conversation import kept
from builder.agent.hands import Done, Hands, after
from builder.agent.ladder import Ladder
from builder.agent.ledger import Ledger, changed
from builder.agent.live import LiveStep
from builder.agent.opening import opening
from builder.agent.postmortem import Ending, data_question, ending_note
from builder.agent.record import Record
from builder.agent.speed import Speed
from builder.agent.state import RunState
from builder.agent.tools import toolset
from builder.agent.tools.base import ToolContext
from builder.agent.workbench import Workbench
from builder.checks.probe import CancelledError
from builder.events import Event, Phase, PhaseChanged, Stepped, UsageTold
from builder.model.chat import ChatRequest, ContextTooLongError, Message, ModelError, Reply, Restarted
from builder.path import BuildFailedError, Workshop

MAX_SILENT, MAX_FRUITLESS, WARN_STEPS = 3, 6, 5
OPENING = 2  # messages: the system prompt and the assignment


def improve(assignment: Assignment, means: Means, workshop: Workshop) -> Iterator[Event]:
    """Never fails a build that has something served: it ends with a note. Raises CancelledError, and BuildFailedError
    when nothing could ever be served.
    """
    run = _Run(assignment, means, workshop)
    try:
        yield from run.run()
    finally:
        run.close()


@dataclass
class _Run:
    assignment: Assignment
    means: Means
    workshop: Workshop
    record: Record = field(init=False)
    ledger: Ledger = field(init=False)
    hands: Hands = field(init=False)
    bench: Workbench = field(init=False)
    ladder: Ladder = field(init=False)
    speed: Speed = field(init=False)

    def __post_init__(self) -> None:
        means, workshop = self.means, self.workshop
        self.speed, self.record = Speed(means.model), Record(means)
        self.record.resume(self.assignment, workshop)
        self.ledger = Ledger.of(self.state.requirements)
        checkpoints = Checkpoints(workshop, self.ledger, self._emit, self.state.best)
        self.bench = Workbench(workshop, self.state.base, checkpoints, means.open_lab, self._emit)
        self.ladder = Ladder(self.bench, self.ledger, self.state, self._emit)
        tools = toolset(self.assignment.spec.kind, research=means.research is not None)
        self.schemas = [tool.schema() for tool in tools]
        self.hands = Hands(tools, self._context(), self.state.habits)

    @property
    def state(self) -> RunState:
        return self.record.state

    def run(self) -> Iterator[Event]:
        talk = self.record.talk
        if not talk.messages:
            talk.add(*self._opening())
            self.record.keep(0, talk.messages, self.bench.commit)
        yield from map(changed, self.ledger.items.values())
        yield PhaseChanged(Phase.WORKING, self.state.stage)
        ending = yield from self._loop()
        yield from self._end(ending)

    def close(self) -> None:
        self.speed.close()
        self.bench.close()

    def _emit(self, event: Event) -> None:
        self.hands.events.put(event)

    def _opening(self) -> list[Message]:
        research = self.means.research is not None
        return opening(self.assignment, list(self.ledger.items.values()), self.bench.files.all(), research=research)

    def _context(self) -> ToolContext:
        return ToolContext(
            files=self.bench.files,
            lab=self.bench.lab,
            ledger=self.ledger,
            spec=self.assignment.spec,
            ladder=self.ladder.climb,
            emit=self._emit,
            cancelled=self.workshop.cancelled,
            research=self.means.research,
            allowed_by_person=self.assignment.may_lose_data,
            served=self.bench.best_files,
        )

    # The steps.

    def _loop(self) -> Generator[Event, None, Ending]:
        while not self.state.finished:
            if self.workshop.cancelled():
                raise CancelledError
            if why := self.record.over_budget():
                return Ending(why)
            full = False
            try:
                yield from self._step()
            except ContextTooLongError:
                full = True
                if len(self.record.talk.messages) <= OPENING:  # there is nothing left to fold
                    return Ending(self._too_small())
            except ModelError as error:
                return Ending(str(error))
            if self.state.habits.stuck:
                return Ending(self.state.habits.stuck)
            if (full or self._is_full()) and not self._fold():
                return Ending(self._too_small())
        return Ending(None, self.state.summary[-1] if self.state.summary else "")

    def _step(self) -> Iterator[Event]:
        n, stage, began, before = self.state.steps + 1, self.state.stage, time.monotonic(), dict(self.ledger.items)
        reply = yield from self._reply(n)
        done = (yield from self.hands.carry_out(reply.calls)) if reply.calls else []
        yield from self._settle(done)
        told = self.bench.files.commit(_message(n, done))
        yield from told
        messages = self._messages(reply, done)
        self.record.talk.add(*messages)
        self.record.talk.counted(reply)
        self.state.steps, self.state.best = n, self.bench.checkpoints.best
        self.state.requirements = list(self.ledger.items.values())
        commit = self.bench.commit
        self.record.keep(n, messages, commit)
        yield from (changed(item) for key, item in self.ledger.items.items() if before.get(key) != item)
        called, seconds = tuple(each.told for each in done), round(time.monotonic() - began, 2)
        yield Stepped(n, stage, reply.text, reply.reasoning, called, commit, bool(told), seconds)
        yield self._usage(reply)

    def _reply(self, n: int) -> Generator[Event, None, Reply]:
        request = ChatRequest(self.record.talk.messages, self.schemas)
        live = LiveStep(n, self.state.stage)
        for item in self.means.model.stream(request, self.workshop.cancelled):
            if isinstance(item, Reply):
                self.state.spend(item.usage, max(item.seconds - item.first_token_seconds, 0.0))
                return item
            if event := live.restart() if isinstance(item, Restarted) else live.take(item):
                yield event
        raise ModelError("the model's answer ended before it was complete")

    def _messages(self, reply: Reply, done: list[Done]) -> list[Message]:
        refused = frozenset(each.call.id for each in done if not each.result.ok)
        said = kept(reply, refused)
        if done:
            return [said, *(each.message for each in done)]
        nudge = guidance.CUT_OFF if reply.finish == "length" else guidance.NO_CALL
        return [said, {"role": "user", "content": nudge}]

    def _settle(self, done: list[Done]) -> Iterator[Event]:
        """What the loop has to say to this step: too silent, stuck, finished, or few steps left."""
        state = self.state
        state.silent = 0 if done else state.silent + 1
        state.fruitless = state.fruitless + 1 if done and not any(each.result.ok for each in done) else 0
        if state.silent >= MAX_SILENT:
            state.habits.stuck = f"it answered {MAX_SILENT} times without doing anything"
        elif state.fruitless >= MAX_FRUITLESS:
            state.habits.stuck = f"every call of its last {MAX_FRUITLESS} steps was refused"
        state.summary += [each.result.summary for each in done if each.call.name != "finish"]
        state.findings = [each.result.text for each in done if not each.result.ok][:3] or state.findings
        if state.habits.stuck and not state.second_try and done:
            yield from self._turn_back(state.habits.stuck, done)
        left = self.means.budget.steps - state.steps - 1
        if done and left == WARN_STEPS:
            after(done, guidance.FEW_LEFT.format(left=left))
        for each in done:
            if each.call.name == "finish" and self.ladder.settled:
                state.finished = True
                state.summary.append(_summary(each.call.arguments))

    def _turn_back(self, why: str, done: list[Done]) -> Iterator[Event]:
        """Once in a run: to the best checkpoint, which what is there now may turn out to be."""
        self.state.second_try, self.state.fruitless = True, 0
        yield from self._last_checkpoint()
        after(done, guidance.turned_back(why, self.bench.checkpoints.best, lost=self.bench.is_ahead()))
        self.bench.return_to_best("Return to the best checkpoint")
        self.state.habits.start_over()

    def _is_full(self) -> bool:
        return self.record.talk.is_full(self.means.model.context)

    def _too_small(self) -> str:
        return f"the model's window of {self.means.model.context:,} tokens is too small for this app"

    def _fold(self) -> bool:
        """Make room; False when even the opening leaves none."""
        request = ChatRequest(self.record.talk.messages, self.schemas)
        self.record.fold(self._opening(), request, self.bench.commit)
        return not self._is_full()

    # The end.

    def _last_checkpoint(self) -> Iterator[Event]:
        """What is worth keeping of the last edits is kept."""
        if self.bench.is_ahead():
            with suppress(BuildFailedError):
                yield from self.hands.during(lambda: self.bench.checkpoint(only_better=True))

    def _end(self, ending: Ending) -> Iterator[Event]:
        """Whatever came of it, `main` is what is served."""
        last_diff = self.bench.diff() if ending.why else ""
        if ending.why:
            yield from self._last_checkpoint()
        best = self.state.best = self.bench.checkpoints.best
        note = ending_note(ending, self.state, self.ledger, last_diff)
        if best is None:
            raise BuildFailedError(note.text)
        self.bench.return_to_best(f"Keep release {best.release}")
        yield note
        if self.hands.context.losses:
            yield data_question(self.hands.context.losses)

    def _usage(self, reply: Reply) -> UsageTold:
        state, spent = self.state, self.state.spent
        speed = self.speed.after(reply, spent)
        context = round(self.record.talk.tokens / self.means.model.context, 3)
        counted = (state.steps, spent.prompt, spent.completion, spent.cached, state.wasted)
        return UsageTold(*counted, speed.tokens_per_second, speed.acceptance, context)


def _message(n: int, done: list[Done]) -> str:
    edits = [each.result.summary for each in done if each.result.ok and each.result.path]
    return "\n".join([f"Step {n}: {edits[0] if edits else 'edit'}", "", *edits[1:]]).strip()


def _summary(arguments: str) -> str:
    try:
        return str(json.loads(arguments).get("summary") or "")
    except (ValueError, AttributeError):
        return ""
