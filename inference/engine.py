"""The loop in which draft count, scheduler and runner take turns. Knows requests and replies, no tensor and no text.

Any thread may submit and abort. Only the engine's lane touches the runner; the scheduler is touched under the lock,
which nobody holds while a step runs.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from typing import Protocol

from inference.errors import EngineError, RequestError, StoppedError
from inference.lane import Lane
from inference.meter import EngineStats, Meter
from inference.request import Finish, Reply, Request
from inference.scheduler import Scheduler
from inference.step import Outcome, Step
from inference.stream import Stream

__all__ = ["Engine", "EngineStats", "Stream"]

log = logging.getLogger(__name__)
STOPPED = "The engine was stopped before the reply was complete. Ask again when it runs again."
STUCK = "The engine found no way to go on with this reply. Its log says more."


class StepRunner(Protocol):
    def open(self, key: int, request: Request) -> None: ...
    def close(self, key: int) -> None: ...
    def run(self, step: Step) -> list[Outcome]: ...


class Drafts(Protocol):
    def choose(self, batch: int) -> int: ...
    def record(self, batch: int, drafts: int, accepted: Sequence[int], seconds: float) -> None: ...


@dataclass(slots=True, eq=False)
class _Open:
    """A request that has no last reply yet."""

    key: int
    request: Request
    stream: Stream
    submitted: float
    newest: float | None = None  # when its last token came


class Engine:
    """Takes the whole of `lane` until it is closed."""

    def __init__(
        self,
        runner: StepRunner,
        scheduler: Scheduler,
        draft_count: Drafts,
        lane: Lane,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner, self._scheduler, self._draft_count, self._clock = runner, scheduler, draft_count, clock
        self._changed = threading.Condition()
        self._open: dict[int, _Open] = {}
        self._key_of: dict[str, int] = {}
        self._known: set[int] = set()  # to the runner
        self._closed = False
        self._began: float | None = None
        self._meter = Meter()
        self._over = lane.start(self._work)

    def submit(self, request: Request) -> Stream:
        """Raises RequestError, OverloadedError, or StoppedError."""
        with self._changed:
            if self._closed:
                raise StoppedError(STOPPED)
            if request.id in self._key_of:
                raise RequestError(f"A request with the id {request.id!r} is being answered already.")
            key = self._scheduler.add(request)
            stream = Stream(request.id, lambda: self.abort(request.id))
            self._open[key] = _Open(key, request, stream, self._clock())
            self._key_of[request.id] = key
            self._meter.requests += 1
            self._changed.notify()
        return stream

    def abort(self, id: str) -> None:
        """Its blocks are free at once, its stream ends; the runner forgets it after the step that runs."""
        with self._changed:
            key = self._key_of.get(id)
            if key is not None:
                self._end([key], Finish.ABORTED, "")
                self._changed.notify()

    def stats(self) -> EngineStats:
        with self._changed:
            now = self._clock()
            busy = 0.0 if self._began is None else now - self._began
            alive = not self._over.done() and not self._closed
            return self._meter.stats(self._scheduler.stats(), alive, busy, now)

    def close(self, seconds: float = 30.0) -> None:
        """Ends every stream with a sentence at once, and leaves its lane after the step that runs."""
        with self._changed:
            self._closed = True
            self._end(list(self._open), Finish.FAILED, STOPPED)
            self._changed.notify()
        wait([self._over], seconds)

    def _work(self) -> None:
        try:
            while self._wait():
                self._turn()
        except BaseException:
            log.exception("The engine ended.")
            raise
        finally:
            with self._changed:
                self._closed = True
                self._end(list(self._open), Finish.FAILED, STOPPED)

    def _wait(self) -> bool:
        """Until there is something to do; False when there never will be."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._open or self._known)
            return not self._closed

    def _turn(self) -> None:
        step = self._introduce(self._plan())
        if step is None:
            return
        self._began = began = self._clock()
        try:
            outcomes = self._runner.run(step)
            ended, self._began = self._clock(), None
            self._commit(step, outcomes, began, ended)
        except Exception as error:
            self._began = None
            self._fail([work.key for work in step.works], error)

    def _plan(self) -> Step | None:
        with self._changed:
            if not self._open:
                return None
            try:
                step = self._scheduler.plan(self._draft_count.choose(self._scheduler.running))
            except Exception as error:
                self._fail(list(self._open), error)
                return None
            if step is None:
                log.error("The scheduler plans nothing, and %d requests are open.", len(self._open))
                self._end(list(self._open), Finish.FAILED, STUCK)
            return step

    def _introduce(self, step: Step | None) -> Step | None:
        """Tells the runner who is gone and who is new in this step; the step without those that can't take part."""
        works = step.works if step else ()
        with self._changed:
            gone = self._known - self._open.keys()
            new = [self._open[key] for work in works if (key := work.key) in self._open and key not in self._known]
        for key in gone:
            self._known.discard(key)
            try:
                self._runner.close(key)
            except Exception:
                log.exception("The runner could not close a sequence.")
        for one in new:
            try:
                self._runner.open(one.key, one.request)
                self._known.add(one.key)
            except Exception as error:
                self._fail([one.key], error)
        works = [work for work in works if work.key in self._known]
        return replace(step, works=works) if step and works else None

    def _commit(self, step: Step, outcomes: list[Outcome], began: float, ended: float) -> None:
        with self._changed:
            replies = self._scheduler.commit(step, outcomes)
            self._measure(step, outcomes, began, ended)
            for key, reply in replies:
                self._reply(key, reply, ended)

    def _measure(self, step: Step, outcomes: Iterable[Outcome], began: float, ended: float) -> None:
        pairs = [(work, outcome) for work, outcome in zip(step.works, outcomes, strict=True) if outcome.tokens]
        self._meter.step(began, ended, sum(len(outcome.tokens) for _, outcome in pairs))
        accepted = [len(outcome.tokens) - 1 for work, outcome in pairs if work.drafts]
        for work, outcome in pairs:
            if work.drafts:
                self._meter.verified(work.drafts, len(outcome.tokens) - 1)
        if all(len(work.tokens) == work.drafts + 1 for work in step.works):  # no prompt among them
            drafts = max(work.drafts for work in step.works)
            self._draft_count.record(len(step.works), drafts, accepted, ended - began)

    def _reply(self, key: int, reply: Reply, now: float) -> None:
        one = self._open.get(key)
        if one is None:
            return
        if reply.tokens:
            count = len(reply.tokens)
            if one.newest is None:
                self._meter.first_token.add(now - one.submitted)
            else:
                self._meter.between_tokens.add((now - one.newest) / count, count)
            one.newest = now
        if reply.finish == Finish.FAILED:
            log.error("A reply failed: %s", reply.error)
        if reply.finish:
            self._drop(one, reply)
        one.stream.put(reply)

    def _drop(self, one: _Open, last: Reply) -> None:
        del self._open[one.key], self._key_of[one.request.id]
        finish = str(last.finish)
        self._meter.finished[finish] = self._meter.finished.get(finish, 0) + 1
        self._meter.prompt_tokens += last.usage.prompt
        self._meter.cached_tokens += last.usage.cached

    def _fail(self, keys: Iterable[int], error: Exception) -> None:
        log.error("A step failed.", exc_info=error)
        said = str(error) if isinstance(error, EngineError) else f"The engine failed ({type(error).__name__})."
        with self._changed:
            self._meter.failed_steps += 1
            self._end(keys, Finish.FAILED, f"{said} The reply is not complete; the engine goes on.")

    def _end(self, keys: Iterable[int], finish: Finish, error: str) -> None:
        """Under the lock. Whatever state the scheduler is in, the streams end."""
        for key in keys:
            one = self._open.get(key)
            if one is None:
                continue
            try:
                last = self._scheduler.abort(key)
            except Exception:
                log.exception("The scheduler could not drop a request.")
                last = None
            reply = (last or Reply())._replace(tokens=(), logprobs=(), finish=finish, error=error)
            self._drop(one, reply)
            one.stream.put(reply)
