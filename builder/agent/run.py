"""The loop: model reply, tool calls, commit, journal; again, until it is done, out of budget or stuck.

Yields what happens as events. Knows nothing of users, queues or tables; a run that was killed goes on from its journal.
"""

import json
import logging
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from builder.agent import guidance
from builder.agent.assignment import Assignment, Means
from builder.agent.checkpoint import Checkpoints, Verdict, changed, release_of
from builder.agent.conversation import Conversation, kept
from builder.agent.hands import Done, Hands, after
from builder.agent.journal import Step
from builder.agent.lab import Lab
from builder.agent.ledger import Ledger, Requirement
from builder.agent.live import LiveStep
from builder.agent.opening import opening
from builder.agent.postmortem import Ending, data_question, ending_note
from builder.agent.speed import Speed
from builder.agent.state import Best, RunState, tokens_of
from builder.agent.tools import toolset
from builder.agent.tools.base import ToolContext
from builder.agent.working_files import WorkingFiles
from builder.checks.probe import CancelledError
from builder.events import Event, Phase, PhaseChanged, Stepped, UsageTold
from builder.model.chat import ChatRequest, ContextTooLongError, Message, ModelError, Reply, Restarted
from builder.path import BuildFailedError, Workshop
from builder.workspace import MAIN

log = logging.getLogger(__name__)
MAX_SILENT, MAX_FRUITLESS, MAX_REQUIREMENT, WARN_STEPS = 3, 6, 300, 5


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
    state: RunState = field(default_factory=RunState)
    talk: Conversation = field(default_factory=Conversation)
    speed: Speed = field(init=False)
    settled: bool = False
    lab: Lab | None = None

    def __post_init__(self) -> None:
        self.speed = Speed(self.means.model)

    def run(self) -> Iterator[Event]:
        self._resume()
        self.files = WorkingFiles(self.workshop.workspace, self.state.base)
        self.ledger = Ledger.of(self.state.requirements)
        self.tools = toolset(self.assignment.spec.kind, research=self.means.research is not None)
        self.schemas = [tool.schema() for tool in self.tools]
        self.hands = Hands(self.tools, self._context(), self.state.habits)
        self.checkpoints = Checkpoints(self.workshop, self.ledger, self.hands.events.put, self.state.best)
        self.began = time.monotonic() - self.state.seconds
        if not self.talk.messages:
            self.talk.add(*self._opening())
            self._keep(0, self.talk.messages)
        yield from map(changed, self.ledger.items.values())
        yield PhaseChanged(Phase.WORKING, self.state.stage)
        ending = yield from self._loop()
        yield from self._end(ending)

    def close(self) -> None:
        self.speed.close()
        if self.lab is not None:
            self.lab.close()

    def _resume(self) -> None:
        steps = self.means.journal.steps()
        workspace = self.workshop.workspace
        if not steps:
            base = self.state.base = workspace.require(MAIN)
            self.state.requirements = list(self.assignment.requirements) or [_whole(self.assignment.message)]
            if (release := release_of(self.workshop.releases, base)) is not None:
                self.state.best = Best(release=release, commit=base)
            return
        for step in steps:
            if step.compacted:
                self.talk.messages = []
            self.talk.add(*step.messages)
        self.state = RunState.model_validate(steps[-1].state)
        workspace.reset(steps[-1].commit)  # an edit whose step was never stored did not happen
        log.info("going on after step %d", self.state.steps)

    def _opening(self) -> list[Message]:
        research = self.means.research is not None
        return opening(self.assignment, list(self.ledger.items.values()), self.files.all(), research=research)

    def _context(self) -> ToolContext:
        return ToolContext(
            files=self.files,
            lab=self._open_lab,
            ledger=self.ledger,
            spec=self.assignment.spec,
            ladder=self._ladder,
            emit=lambda event: self.hands.events.put(event),
            cancelled=self.workshop.cancelled,
            research=self.means.research,
            allowed_by_person=self.assignment.may_lose_data,
            served=self._served_files,
        )

    def _served_files(self) -> Mapping[str, bytes]:
        best = self.checkpoints.best
        return self.workshop.workspace.read_all(best.commit) if best else {}

    def _open_lab(self) -> Lab:
        """The lab, with the files as they are now. Opened when a tool first needs it."""
        if self.lab is None:
            self.lab = self.means.open_lab(self.files.all())
            self.in_lab = self.files.version
        elif self.in_lab != self.files.version:
            self.lab.update(self.files.since(self.in_lab))
            self.in_lab = self.files.version
        return self.lab

    # The steps.

    def _loop(self) -> Generator[Event, None, Ending]:
        while not self.state.finished:
            if self.workshop.cancelled():
                raise CancelledError
            if why := self._over_budget():
                return Ending(why)
            try:
                yield from self._step()
            except ContextTooLongError as error:
                if len(self.talk.messages) <= 2:
                    return Ending(str(error))
                self._fold()
            except ModelError as error:
                return Ending(str(error))
            if self.state.habits.stuck:
                return Ending(self.state.habits.stuck)
            if self.talk.is_full(self.means.model.context):
                self._fold()
        return Ending(None, self.state.summary[-1] if self.state.summary else "")

    def _step(self) -> Iterator[Event]:
        n, stage, began, before = self.state.steps + 1, self.state.stage, time.monotonic(), dict(self.ledger.items)
        reply = yield from self._reply(n)
        done = (yield from self.hands.carry_out(reply.calls)) if reply.calls else []
        self._settle(done)
        told = self.files.commit(_message(n, done))
        yield from told
        refused = frozenset(each.call.id for each in done if not each.result.ok)
        messages = [kept(reply, refused), *(each.message for each in done)]
        if not done:
            messages.append(self._nudge(reply))
        self.talk.add(*messages)
        self.talk.counted(reply)
        self.state.steps = n
        self._keep(n, messages)
        yield from (changed(item) for key, item in self.ledger.items.items() if before.get(key) != item)
        called = tuple(each.told for each in done)
        commit = self.workshop.workspace.require(MAIN)
        seconds = round(time.monotonic() - began, 2)
        yield Stepped(n, stage, reply.text, reply.reasoning, called, commit, bool(told), seconds)
        yield self._usage(reply)

    def _reply(self, n: int) -> Generator[Event, None, Reply]:
        request = ChatRequest(self.talk.messages, self.schemas)
        live = LiveStep(n, self.state.stage)
        for item in self.means.model.stream(request, self.workshop.cancelled):
            if isinstance(item, Reply):
                self.state.spend(item.usage, max(item.seconds - item.first_token_seconds, 0.0))
                return item
            if event := live.restart() if isinstance(item, Restarted) else live.take(item):
                yield event
        raise ModelError("the model's answer ended before it was complete")

    def _settle(self, done: list[Done]) -> None:
        """What the loop has to say to this step: too silent, stuck, or few steps left."""
        state = self.state
        state.silent = 0 if done else state.silent + 1
        if state.silent >= MAX_SILENT:
            state.habits.stuck = f"it answered {MAX_SILENT} times without doing anything"
        state.fruitless = state.fruitless + 1 if done and not any(each.result.ok for each in done) else 0
        if state.fruitless >= MAX_FRUITLESS:
            state.habits.stuck = f"every call of its last {MAX_FRUITLESS} steps was refused"
            state.fruitless = 0
        state.summary += [each.result.summary for each in done if each.call.name != "finish"]
        state.findings = [each.result.text for each in done if not each.result.ok][:3] or state.findings
        if state.habits.stuck and not state.second_try and done:
            state.second_try = True
            after(done, guidance.turned_back(state.habits.stuck, self.checkpoints.best))
            self._return_to_best("Return to the best checkpoint")
            state.habits.start_over()
        left = self.means.budget.steps - state.steps - 1
        if done and left == WARN_STEPS:
            after(done, guidance.FEW_LEFT.format(left=left))
        for each in done:
            if each.call.name == "finish" and self.settled:
                state.finished = True
                state.summary.append(_summary(each.call.arguments))

    def _nudge(self, reply: Reply) -> Message:
        return {"role": "user", "content": guidance.CUT_OFF if reply.finish == "length" else guidance.NO_CALL}

    def _over_budget(self) -> str | None:
        budget, state = self.means.budget, self.state
        state.seconds = time.monotonic() - self.began
        if state.steps >= budget.steps:
            return f"its {budget.steps} steps are used up"
        if tokens_of(state.spent) >= budget.tokens:
            return f"its {budget.tokens:,} tokens are used up"
        if state.seconds >= budget.seconds:
            return f"its {budget.seconds / 60:.0f} minutes are used up"
        return None

    # Checkpoints.

    def _ladder(self) -> str:
        """Runs in a tool's thread; commits first, since a release is made of a commit."""
        emit = self.hands.events.put
        for event in self.files.commit("Take a checkpoint"):
            emit(event)
        verdict = self.checkpoints.take(self.workshop.workspace.require(MAIN))
        unsettled = self.ledger.unsettled
        polish = self.state.polish_left > 0 and bool(verdict.findings)
        self.settled = verdict.gate and not unsettled and not polish
        if verdict.gate and not unsettled and polish:
            self.state.polish_left -= 1
        self.state.stage = guidance.stage_after(verdict, unsettled, self.state.stage)
        emit(PhaseChanged(Phase.WORKING, self.state.stage))
        words = guidance.after_checkpoint(verdict, unsettled, polish=polish)
        return "\n\n".join(filter(None, (verdict.said, words, self._repeated(verdict))))

    def _repeated(self, verdict: Verdict) -> str | None:
        habits = self.state.habits
        self.state.findings = list(verdict.findings) or [i.text for i in self.ledger.unsettled][:3]
        if not verdict.gate:
            return habits.failed("the checkpoint", verdict.said)
        habits.passed("the checkpoint")
        return None

    def _return_to_best(self, message: str) -> None:
        best = self.checkpoints.best
        self.files.return_to(best.commit if best else self.state.base, message)

    def _end(self, ending: Ending) -> Iterator[Event]:
        """What is worth keeping of the last edits is kept; then `main` is what is served."""
        best = self.checkpoints.best
        last_diff = self._last_diff() if ending.why else ""
        if ending.why and self.files.differ_from(best.commit if best else self.state.base):
            yield from self._last_checkpoint()
        best = self.checkpoints.best
        if best is None:
            note = ending_note(ending, self.state, self.ledger, last_diff)
            raise BuildFailedError(note.text)
        self._return_to_best(f"Keep release {best.release}")
        self.state.best = best
        yield ending_note(ending, self.state, self.ledger, last_diff)
        if self.hands.context.losses:
            yield data_question(self.hands.context.losses)

    def _last_checkpoint(self) -> Iterator[Event]:
        with suppress(BuildFailedError):
            yield from self.hands.during(lambda: self.checkpoints.take(self.workshop.workspace.require(MAIN)))

    def _last_diff(self) -> str:
        best = self.checkpoints.best
        workspace = self.workshop.workspace
        return workspace.diff(best.commit if best else self.state.base, workspace.require(MAIN))

    # What is kept.

    def _keep(self, n: int, messages: list[Message], *, compacted: bool = False) -> None:
        self.state.best = self.checkpoints.best if n else self.state.best
        self.state.requirements = list(self.ledger.items.values())
        self.state.seconds = time.monotonic() - self.began
        commit = self.workshop.workspace.require(MAIN)
        step = Step(n, list(messages), commit, self.state.model_dump(mode="json"), compacted)
        self.means.journal.append(step)

    def _fold(self) -> None:
        request = ChatRequest(self.talk.messages, self.schemas)
        reply = self.talk.fold(self._opening(), self.means.model, request, self.state.summary)
        self.state.spend(reply.usage, reply.seconds)
        self.state.steps += 1
        self._keep(self.state.steps, self.talk.messages, compacted=True)

    def _usage(self, reply: Reply) -> UsageTold:
        state, spent = self.state, self.state.spent
        speed = self.speed.after(reply, spent)
        context = round(self.talk.tokens / self.means.model.context, 3)
        counted = (state.steps, spent.prompt, spent.completion, spent.cached, state.wasted)
        return UsageTold(*counted, speed.tokens_per_second, speed.acceptance, context)


def _whole(message: str) -> Requirement:
    text = " ".join(message.split())[:MAX_REQUIREMENT]
    return Requirement(id="r1", text=text or "The app works.", source=(0, min(len(message), MAX_REQUIREMENT)))


def _message(n: int, done: list[Done]) -> str:
    edits = [each.result.summary for each in done if each.result.ok and each.result.path]
    return "\n".join([f"Step {n}: {edits[0] if edits else 'edit'}", "", *edits[1:]]).strip()


def _summary(arguments: str) -> str:
    try:
        return str(json.loads(arguments).get("summary") or "")
    except (ValueError, AttributeError):
        return ""
