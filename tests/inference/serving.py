"""Scheduler and runner taking turns until all is said, and drafters that are always right, always wrong or both."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from inference.drafting.drafter import Drafter, Fed
from inference.graphs import Graphs
from inference.kv import KVPool
from inference.network import Glm4Moe
from inference.request import Logprob, Reply, Request, Sampling
from inference.runner import Runner
from inference.scheduler import Scheduler

GREEDY = Sampling(temperature=0.0)


def ask(prompt: Iterable[int], sampling: Sampling = GREEDY, max_tokens: int = 24, **more) -> Request:
    return Request("test", tuple(prompt), sampling, max_tokens, more.pop("stop_ids", frozenset()), **more)


@dataclass
class Served:
    replies: list[list[int]]
    ends: list[Reply]
    logprobs: list[list[Logprob]]
    guesses: dict[int, dict[int, tuple[int, ...]]] = field(default_factory=dict)  # reply → its length → guesses then
    preemptions: int = 0
    steps: int = 0
    replayed: int = 0  # of them

    @property
    def drafted(self) -> int:
        return sum(end.usage.drafted for end in self.ends)

    @property
    def accepted(self) -> int:
        return sum(end.usage.accepted for end in self.ends)


def serve(
    network: Glm4Moe,
    requests: Sequence[Request],
    drafter: Drafter | None = None,
    drafts: int | Callable[[int], int] = 0,  # for all steps, or by the step's number
    *,
    blocks: int = 256,
    block_size: int = 4,
    max_batch: int = 8,
    max_tokens: int = 64,
    recorded: bool = False,
) -> Served:
    pool = KVPool(network.config, blocks, block_size)
    graphs = Graphs(network, pool, max_batch) if recorded else None
    runner = Runner(network, pool, drafter, graphs)
    scheduler = Scheduler(blocks, block_size, max_batch, max_tokens, network.config.max_position_embeddings, 10_000)
    keys = [scheduler.add(request) for request in requests]
    for key, request in zip(keys, requests, strict=True):
        runner.open(key, request)
    place = {key: index for index, key in enumerate(keys)}
    served = Served([[] for _ in keys], [Reply() for _ in keys], [[] for _ in keys])
    while step := scheduler.plan(drafts(served.steps) if callable(drafts) else drafts):
        served.steps += 1
        outcomes = runner.run(step)
        for key, reply in scheduler.commit(step, outcomes):
            served.replies[place[key]] += reply.tokens
            served.logprobs[place[key]] += reply.logprobs
            if reply.finish:
                served.ends[place[key]] = reply
                runner.close(key)
        for outcome in outcomes:
            if outcome.drafts:
                index = place[outcome.key]
                served.guesses.setdefault(index, {})[len(served.replies[index])] = outcome.drafts
    served.replayed = graphs.replayed if graphs else 0
    served.preemptions = scheduler.stats().preemptions
    return served


class Knowing:
    """Guesses what a plain run said; `right` says of each position in the reply whether it lets itself be right."""

    def __init__(self, requests: Sequence[Request], replies: Sequence[Sequence[int]], vocab: int, right=lambda _: True):
        self.whole = [(*request.prompt, *reply) for request, reply in zip(requests, replies, strict=True)]
        self.prompts = [len(request.prompt) for request in requests]
        self.vocab, self.right = vocab, right

    def draft(self, fed: Sequence[Fed], _hidden, _pool, count: int) -> list[tuple[int, ...]]:
        return [self.guess(one, count) if one.guess else () for one in fed]

    def guess(self, one: Fed, count: int) -> tuple[int, ...]:
        whole, prompt = self.whole[one.key - 1], self.prompts[one.key - 1]  # the scheduler counts keys from 1
        end = one.start + one.count + 1
        places = range(end, min(end + count, len(whole)))
        return tuple(whole[at] if self.right(at - prompt) else (whole[at] + 1) % self.vocab for at in places)

    def forget(self, key: int) -> None:
        pass
