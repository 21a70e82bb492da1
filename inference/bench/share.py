"""Which share of a step is not the network's: scheduling, tables, sampling. Measured on a large random network."""

import time
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from inference.config import Glm4MoeConfig
from inference.kv import KVPool
from inference.network.attention import KV
from inference.network.glm4_moe import Glm4Moe
from inference.request import Request, Sampling
from inference.runner import Runner
from inference.scheduler import Scheduler
from inference.server.load import BLOCK_SIZE

PROMPT = 64
SAMPLED = Sampling(temperature=0.6, top_p=0.95)


def large_config(like: Glm4MoeConfig) -> Glm4MoeConfig:
    """About 100 million parameters."""
    return replace(
        like,
        vocab_size=32_768,
        hidden_size=512,
        intermediate_size=1536,
        num_hidden_layers=9,
        num_attention_heads=12,
        moe_intermediate_size=256,
        n_routed_experts=16,
        num_experts_per_tok=4,
        num_nextn_predict_layers=0,
    )


class Timed(Glm4Moe):
    """Tells how long it was busy. On a CPU a call is over when it returns."""

    seconds = 0.0

    def forward(self, ids: Tensor, positions: Tensor, kv: KV) -> Tensor:
        began = time.perf_counter()
        hidden = super().forward(ids, positions, kv)
        self.seconds += time.perf_counter() - began
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        began = time.perf_counter()
        logits = super().logits(hidden)
        self.seconds += time.perf_counter() - began
        return logits


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of a step."""

    own: float
    whole: float

    @property
    def share(self) -> float:
        return self.own / self.whole


def shares(network: Timed, sampling: Sampling, batch: int, steps: int) -> list[Spent]:
    """Of each step in which all of the batch draw a token."""
    blocks = batch * -(-(PROMPT + steps + 2) // BLOCK_SIZE)
    runner = Runner(network, KVPool(network.config, blocks, BLOCK_SIZE))
    scheduler = Scheduler(blocks, BLOCK_SIZE, batch, batch * PROMPT, PROMPT + steps + 2, batch)
    random = torch.Generator().manual_seed(0)
    for number in range(batch):
        prompt = torch.randint(network.config.vocab_size, (PROMPT,), generator=random).tolist()
        request = Request(str(number), tuple(prompt), replace(sampling, seed=number), steps + 1, frozenset())
        runner.open(scheduler.add(request), request)
    found: list[Spent] = []
    while True:
        began, busy = time.perf_counter(), network.seconds
        step = scheduler.plan(0)
        if step is None:
            return found
        scheduler.commit(step, runner.run(step))
        seconds, busy = time.perf_counter() - began, network.seconds - busy
        if all(len(work.tokens) == 1 for work in step.works):
            found.append(Spent(seconds - busy, seconds))
