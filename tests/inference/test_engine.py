"""The engine's thread: who submits from anywhere gets what the runner draws, whatever happens to the others."""

import asyncio
import threading
from dataclasses import replace
from itertools import islice

import pytest

from inference.engine import Engine
from inference.errors import OverloadedError, RequestError, StoppedError
from inference.lane import Lane
from inference.request import Finish, Request, Sampling
from inference.scheduler import Scheduler
from inference.step import Outcome, Step
from inference.testing import CountingRunner

BLOCKS, SIZE = 64, 4


class FixedCount:
    def __init__(self, drafts: int = 2) -> None:
        self.drafts, self.recorded = drafts, []

    def choose(self, batch: int) -> int:
        return self.drafts

    def record(self, *measured: object) -> None:
        self.recorded.append(measured)


class HeldRunner(CountingRunner):
    """Runs a step only when it is let go, and says when one has begun."""

    def __init__(self) -> None:
        super().__init__(BLOCKS, SIZE)
        self.go, self.began = threading.Semaphore(0), threading.Semaphore(0)

    def run(self, step: Step) -> list[Outcome]:
        self.began.release()
        self.go.acquire()
        return super().run(step)


class BrokenRunner(CountingRunner):
    """Raises for a step that feeds the token 13, and refuses to open a prompt that begins with 7."""

    def __init__(self) -> None:
        super().__init__(BLOCKS, SIZE)

    def open(self, key: int, request: Request) -> None:
        if request.prompt[0] == 7:
            raise ValueError("seven")
        super().open(key, request)

    def run(self, step: Step) -> list[Outcome]:
        if any(13 in work.tokens and work.start == 0 for work in step.works):
            raise MemoryError("no room")
        return super().run(step)


def request(name: str, *prompt: int, max_tokens: int = 20, **more: object) -> Request:
    return replace(Request(name, prompt or (1, 2, 3), Sampling(), max_tokens, frozenset()), **more)


def scheduler(**changes: int) -> Scheduler:
    sizes = {"max_batch": 8, "max_tokens": 64, "max_context": 128, "max_waiting": 100}
    return Scheduler(blocks=BLOCKS, block_size=SIZE, **{**sizes, **changes})


@pytest.fixture
def start():
    engines = []

    def start(runner: CountingRunner, count: FixedCount | None = None, **changes: int) -> Engine:
        engines.append(Engine(runner, scheduler(**changes), count or FixedCount(), Lane()))
        return engines[-1]

    yield start
    for engine in engines:
        runner = engine._runner
        if isinstance(runner, HeldRunner):
            runner.go.release(1000)
        engine.close()


def drawn(stream) -> list[int]:
    return [token for reply in stream for token in reply.tokens]


def test_threads_and_tasks_read_what_the_runner_draws(start):
    runner = CountingRunner(BLOCKS, SIZE)
    engine = start(runner)
    requests = [request(f"r{i}", 1, 2, i) for i in range(12)]

    async def read(one: Request) -> list[int]:
        return [token async for reply in engine.submit(one) for token in reply.tokens]

    async def read_all() -> list[list[int]]:
        return await asyncio.gather(*map(read, requests[:6]))

    streams = [engine.submit(one) for one in requests[6:]]
    got = asyncio.run(read_all()) + [drawn(stream) for stream in streams]
    assert got == [list(islice(runner.reply(one), 20)) for one in requests]


def test_the_last_reply_tells_how_it_ended_and_what_it_took(start):
    count = FixedCount()
    engine = start(CountingRunner(BLOCKS, SIZE, right=1.0), count)
    *_, last = engine.submit(request("a"))
    assert (last.finish, last.usage.prompt, last.usage.completion) == (Finish.LENGTH, 3, 20)
    assert last.usage.accepted == last.usage.drafted > 0
    stats = engine.stats()
    assert stats.finished == {"length": 1}
    assert stats.accepted_at == stats.drafted_at
    assert sum(stats.first_token.counts) == 1
    assert any(accepted == [2] for _, _, accepted, _ in count.recorded)


def test_an_exception_fails_its_step_and_the_engine_goes_on(start, caplog):
    runner = BrokenRunner()
    engine = start(runner)
    last = list(engine.submit(request("bad", 13)))[-1]
    assert last.finish == Finish.FAILED
    assert "MemoryError" in last.error
    assert "no room" in caplog.text  # with its traceback, for whoever runs the engine
    assert len(drawn(engine.submit(request("good")))) == 20
    stats = engine.stats()
    assert stats.failed_steps == 1
    assert stats.scheduler.blocks_used == 0


def test_a_sequence_the_runner_cannot_open_fails_alone(start):
    engine = start(BrokenRunner())
    streams = [engine.submit(request("odd", 7)), engine.submit(request("even", 8))]
    lasts = [list(stream)[-1] for stream in streams]
    assert [last.finish for last in lasts] == [Finish.FAILED, Finish.LENGTH]


def test_an_abort_frees_its_blocks_while_the_step_still_runs(start):
    runner = HeldRunner()
    engine = start(runner)
    stream = engine.submit(request("a", *range(40)))
    runner.began.acquire()
    assert engine.stats().scheduler.blocks_used > 0
    stream.abort()
    assert [reply.finish for reply in stream] == [Finish.ABORTED]
    assert engine.stats().scheduler.blocks_used == 0
    other = engine.submit(request("b", max_tokens=1))
    runner.go.release(100)
    assert len(drawn(other)) == 1
    assert list(runner.open_keys) != [1]  # the runner has forgotten it too
    stream.abort()  # once more changes nothing
    engine.abort("never heard of")


def test_a_request_aborted_before_its_first_step_is_never_opened(start):
    runner = HeldRunner()
    engine = start(runner)
    engine.submit(request("a", max_tokens=1))
    runner.began.acquire()
    engine.submit(request("b")).abort()
    last = engine.submit(request("c", max_tokens=1))
    runner.go.release(100)
    assert len(drawn(last)) == 1
    assert runner.steps == 2


def test_a_stop_ends_every_stream_with_a_sentence_at_once(start):
    runner = HeldRunner()
    engine = start(runner)
    streams = [engine.submit(request(name)) for name in "abc"]
    runner.began.acquire()
    closing = threading.Thread(target=engine.close)
    closing.start()  # the step still runs
    lasts = [list(stream)[-1] for stream in streams]
    assert {(last.finish, "stopped" in last.error) for last in lasts} == {(Finish.FAILED, True)}
    runner.go.release(100)
    closing.join()
    assert not engine.stats().alive
    with pytest.raises(StoppedError):
        engine.submit(request("d"))


def test_what_can_not_be_served_is_refused_at_once(start):
    runner = HeldRunner()
    engine = start(runner, max_waiting=1, max_batch=1)
    engine.submit(request("a"))
    with pytest.raises(RequestError, match="id"):
        engine.submit(request("a"))
    with pytest.raises(RequestError) as refused:
        engine.submit(request("long", *[1] * 200))
    assert refused.value.code == "context_length_exceeded"
    runner.began.acquire()
    engine.submit(request("waits"))
    with pytest.raises(OverloadedError):
        engine.submit(request("one too many"))


def test_a_thousand_requests_are_answered_in_the_end(start):
    runner = CountingRunner(BLOCKS, SIZE)
    engine = start(runner, max_waiting=1000)
    streams = [engine.submit(request(f"r{i}", 1, i % 60, caller=str(i % 7), max_tokens=3)) for i in range(1000)]
    assert all(len(drawn(stream)) == 3 for stream in streams)
    engine.close()
    assert engine.stats().finished == {"length": 1000}


def test_a_scheduler_that_breaks_fails_what_is_open_and_no_more(start, caplog):
    class Broken(FixedCount):
        def choose(self, batch: int) -> int:
            raise ZeroDivisionError

    count = Broken()
    engine = start(CountingRunner(BLOCKS, SIZE), count)
    assert list(engine.submit(request("a")))[-1].finish == Finish.FAILED
    assert "ZeroDivisionError" in caplog.text
    count.choose = lambda batch: 1  # type: ignore[method-assign]
    assert len(drawn(engine.submit(request("b")))) == 20


def test_a_stream_whose_loop_is_closed_harms_nobody(start):
    runner = HeldRunner()
    engine = start(runner)
    stream = engine.submit(request("a"))

    async def look() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await anext(aiter(stream))

    asyncio.run(look())
    runner.go.release(100)
    assert len(drawn(engine.submit(request("b")))) == 20
