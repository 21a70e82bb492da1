"""Our engine as it is served, lane and scheduler included. Every run begins with an empty prefix cache."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from inference.bench.timing import Run
from inference.drafting.count import DraftCount
from inference.drafting.drafter import Drafter
from inference.engine import Engine
from inference.errors import EngineError
from inference.kv import KVPool
from inference.lane import Lane
from inference.network.glm4_moe import Glm4Moe
from inference.request import Finish, Reply, Request, Sampling
from inference.runner import Runner
from inference.scheduler import Scheduler
from inference.server.load import BATCH, BLOCK_SIZE, MAX_WAITING, MOST_DRAFTS, STEP_TOKENS

GREEDY = Sampling(temperature=0.0)


class Ours:
    """One way to draft, on one network; how many drafts pay is learned over all its runs."""

    def __init__(
        self,
        network: Glm4Moe,
        pool: KVPool,
        lane: Lane,
        drafter: Callable[[], Drafter] | None = None,
        drafts: int | None = None,
    ) -> None:
        self.network, self.pool, self.lane, self.drafter = network, pool, lane, drafter
        self.count = DraftCount(MOST_DRAFTS, drafts if drafter else 0)

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        blocks, size = self.pool.blocks, BLOCK_SIZE
        context = min(blocks * size, self.network.config.max_position_embeddings)
        scheduler = Scheduler(blocks, size, BATCH["cpu"], STEP_TOKENS["cpu"], context, MAX_WAITING)
        runner = Runner(self.network, self.pool, self.lane.run(self.drafter) if self.drafter else None)
        engine = Engine(runner, scheduler, self.count, self.lane)
        try:
            yield engine
        finally:
            engine.close()

    def generate(self, prompts: Sequence[Sequence[int]], tokens: int) -> Run:
        with self.engine() as engine:
            return answer(engine, prompts, tokens)


def answer(engine: Engine, prompts: Sequence[Sequence[int]], tokens: int) -> Run:
    """All at once, each reply as long as asked for: nothing ends it earlier."""
    requests = [Request(str(n), tuple(prompt), GREEDY, tokens, frozenset()) for n, prompt in enumerate(prompts)]
    began = time.perf_counter()
    streams = [engine.submit(request) for request in requests]
    first = 0.0
    replies: list[list[Reply]] = []
    for stream in streams:
        replies.append([])
        for reply in stream:
            first = first or time.perf_counter() - began
            replies[-1].append(reply)
    seconds = time.perf_counter() - began
    ends = [parts[-1] for parts in replies]
    for end in ends:
        if end.finish != Finish.LENGTH:
            raise EngineError(f"A reply of the bench ended before its length: {end.error or end.finish}.")
    said = tuple(tuple(token for part in parts for token in part.tokens) for parts in replies)
    return Run(
        seconds,
        sum(map(len, said)),
        said,
        sum(end.usage.drafted for end in ends),
        sum(end.usage.accepted for end in ends),
        first,
    )
