"""Carries out the tool calls of one reply: those that only read run beside each other, all others in their order.

What tools tell while they work is passed on as events at once.
"""

import json
import queue
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar

from builder.agent.stuck import Habits
from builder.agent.tools import execute
from builder.agent.tools.base import ToolContext, ToolResult, Tools
from builder.checks.probe import CancelledError
from builder.events import Called, Event
from builder.model.chat import Message, ToolCall

MOST_CALLS, TOGETHER, SHOWN = 24, 4, 1_200
TOO_MANY = f"Not done: a reply may hold at most {MOST_CALLS} calls. Make the rest of them in the next one."
JUDGED = frozenset({"run_checks", "run_tests", "update_requirement"})
T = TypeVar("T")


@dataclass
class Done:
    call: ToolCall
    result: ToolResult
    seconds: float = 0.0

    @property
    def message(self) -> Message:
        return {"role": "tool", "tool_call_id": self.call.id, "content": self.result.text}

    @property
    def told(self) -> Called:
        r = self.result
        shown = (self.call.id, self.call.name, r.summary, r.ok, r.path, r.text[:SHOWN])
        return Called(*shown, round(self.seconds, 3), r.added, r.removed)


@dataclass
class Hands:
    tools: Tools
    context: ToolContext
    habits: Habits
    events: "queue.SimpleQueue[Event]" = field(default_factory=queue.SimpleQueue)

    def carry_out(self, calls: Sequence[ToolCall]) -> Generator[Event, None, list[Done]]:
        reading = {tool.name for tool in self.tools if tool.reads}
        done: list[Done] = []
        with ThreadPoolExecutor(TOGETHER) as pool:
            for together, group in groupby(calls[:MOST_CALLS], lambda call: call.name in reading):
                batch = list(group)
                for part in [batch] if together else [[call] for call in batch]:
                    done += yield from self._wait([pool.submit(self._one, call) for call in part])
                    if self.context.cancelled():
                        raise CancelledError
        done += [Done(call, ToolResult(TOO_MANY, "Too many calls at once", ok=False)) for call in calls[MOST_CALLS:]]
        return [self._noted(each) for each in done]

    def during(self, work: Callable[[], T]) -> Generator[Event, None, T]:
        """The events of some work of the loop's own, and its result."""
        with ThreadPoolExecutor(1) as pool:
            return (yield from self._wait([pool.submit(work)]))[0]

    def _one(self, call: ToolCall) -> Done:
        started = time.monotonic()
        result = execute(self.tools, call.name, call.arguments, self.context)
        return Done(call, result, time.monotonic() - started)

    def _wait(self, work: "list[Future[T]]") -> Generator[Event, None, list[T]]:
        while not all(future.done() for future in work):
            yield from self._told(0.02)
        yield from self._told(0)
        return [future.result() for future in work]

    def _told(self, patience: float) -> Iterator[Event]:
        try:
            yield self.events.get(timeout=patience) if patience else self.events.get_nowait()
            while True:
                yield self.events.get_nowait()
        except queue.Empty:
            return

    def _noted(self, done: Done) -> Done:
        """Add to the result what the habits have to say of it."""
        call, result = done.call, done.result
        warning = None
        if call.name in JUDGED and not result.ok:
            warning = self.habits.failed(_judged(call), result.text)
        elif result.path is not None and result.ok and result.added + result.removed:
            warning = self.habits.edited(result.path, self._content(result.path))
        else:
            if call.name in JUDGED:
                self.habits.passed(_judged(call))
            arguments = "" if call.name == "finish" else call.arguments
            warning = self.habits.called(call.name, arguments, result.text)
        if warning:
            done.result = ToolResult(
                f"{result.text}\n\n{warning}", result.summary, result.ok, result.path, result.added, result.removed
            )
        return done

    def _content(self, path: str) -> bytes | None:
        try:
            return self.context.files.read(path)
        except KeyError:
            return None


def _judged(call: ToolCall) -> str:
    """What failed: each requirement by itself, as one cause may fail the proofs of several at once."""
    with suppress(ValueError, AttributeError):
        if call.name == "update_requirement" and (item := json.loads(call.arguments).get("id")):
            return f"{call.name} of {str(item)[:20]}"
    return call.name


def after(done: Sequence[Done], more: str) -> None:
    """Append a word of the loop to the last result: no message of its own, so the prompt stays one run."""
    last = done[-1].result
    done[-1].result = ToolResult(f"{last.text}\n\n{more}", last.summary, last.ok, last.path, last.added, last.removed)
