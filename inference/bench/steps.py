"""Whole decoding steps as graphs, at batches and contexts, with drafts told to stand; cut to fewer layers where the
keys of all would not fit.

Random weights say nothing, so how many guesses stand is told; what is measured is the time of a step.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from inference.bench.agree import BLOCK
from inference.bench.air import cut, step_bytes
from inference.bench.device import STEPS, Busy, timed, watched
from inference.config import Glm4MoeConfig
from inference.fixed import recorded
from inference.kv import KVPool
from inference.loop import Loop
from inference.network.glm4_moe import Glm4Moe

BATCHES, CONTEXTS = (1, 8, 32), (4096, 32768)
DRAFTS = (
    (0, 1.0),
    (1, 1.8),
    (3, 1.8),
    (3, 2.5),
)  # how many, and how many tokens a step says then: one draft, 2 at most
RUN = 2 * STEPS  # steps that a loop takes at most, all measurements together
PATTERN = 20  # steps after which the told lengths begin again; fractions of a tenth come out even


@dataclass(frozen=True, slots=True)
class Shape:
    rows: int
    context: int
    drafts: int
    said: float  # tokens a step, of each row
    layers: int
    of: int  # layers of the whole network

    def __str__(self) -> str:
        drafts = f"{self.drafts} drafts at {self.said}" if self.drafts else "no drafts"
        short = "" if self.layers == self.of else f", cut to {self.layers} layers"
        return f"batch {self.rows}, {self.context} of context, {drafts}{short}"


@dataclass(frozen=True, slots=True)
class Step:
    shape: Shape
    seconds: float
    launched: float  # seconds, launched kernel by kernel
    count: float  # bytes
    of_whole: float  # bytes, with all layers
    busy: Busy | None = None

    @property
    def speed(self) -> float:
        return self.shape.rows * self.shape.said / self.seconds

    def share(self, bandwidth: float) -> float:
        return self.count / self.seconds / bandwidth

    def line(self, bandwidth: float) -> tuple[str, ...]:
        more = f"launched one by one {1e3 * self.launched:.2f} ms"
        if self.busy:
            more += f", gaps {self.busy.gaps:.1%}"
        speed = f"{self.speed:.0f} tokens/s ({self.speed / self.shape.rows:.0f} each); {more}"
        if self.shape.layers != self.shape.of:
            all_layers = self.speed * self.count / self.of_whole
            speed += f"; all layers at that bandwidth {all_layers:.0f} tokens/s"
        return str(self.shape), f"{1e3 * self.seconds:.3f} ms", speed, f"{100 * self.share(bandwidth):.0f} %"


def shapes(config: Glm4MoeConfig, memory: int) -> Iterator[Shape]:
    """All that is asked for; `memory` bytes are there for keys and values."""
    whole = config.num_hidden_layers
    for context in CONTEXTS:
        for rows in BATCHES:
            for drafts, said in DRAFTS:
                yield Shape(rows, context, drafts, said, fitting(config, memory, rows * room(context, drafts)), whole)


def room(context: int, drafts: int) -> int:
    """Blocks of a sequence."""
    return -(-(context + RUN * (1 + drafts)) // BLOCK)


def fitting(config: Glm4MoeConfig, memory: int, blocks: int) -> int:
    """How many layers' keys fit, the draft layer's beside them."""
    layer = (blocks + 1) * layer_block(config)  # a pool has one more
    return min(config.num_hidden_layers, memory // layer - config.num_nextn_predict_layers)


def layer_block(config: Glm4MoeConfig, width: int = torch.bfloat16.itemsize) -> int:
    """Bytes of a block's keys and values in one layer."""
    return 2 * BLOCK * config.num_key_value_heads * config.head_dim * width


def carve(memory: Tensor, config: Glm4MoeConfig, blocks: int) -> KVPool:
    """A pool that lies in memory which other pools use at other times."""
    pool = KVPool(config, blocks, BLOCK, "meta", memory.dtype)
    shape = (2, len(pool.k), *pool.k[0].shape)
    count = torch.Size(shape).numel()
    keys, values = memory[:count].view(shape)
    pool.k, pool.v, pool.device = list(keys), list(values), memory.device
    return pool


def time_step(network: Glm4Moe, memory: Tensor, shape: Shape, watching: bool = False) -> Step:
    whole = step_bytes(network, shape.rows, shape.context, shape.drafts)
    network = network if shape.layers == network.config.num_hidden_layers else cut(network, shape.layers)
    pool = carve(memory, network.config, shape.rows * room(shape.context, shape.drafts))
    loop = looped(network, pool, shape)
    launched = timed(loop.step, pool.device, steps=3, record=False)
    again = recorded(loop.step, pool.device)
    seconds = timed(again, pool.device, record=False)
    seen = watched(again, pool.device) if watching else None
    seen = seen if seen and seen.whole else None  # a machine may not let itself be watched
    return Step(shape, seconds, launched, step_bytes(network, shape.rows, shape.context, shape.drafts), whole, seen)


def looped(network: Glm4Moe, pool: KVPool, shape: Shape) -> Loop:
    blocks = torch.arange(pool.blocks).view(shape.rows, -1).tolist()
    told = told_to_stand(shape.said, shape.drafts, shape.rows).to(pool.device) if shape.drafts else None
    newest = [7 + row for row in range(shape.rows)]
    return Loop(network, pool, blocks, [shape.context] * shape.rows, newest, shape.drafts, told)


def told_to_stand(said: float, drafts: int, rows: int) -> Tensor:
    """[steps, rows]: said - 1 guesses of each row on average, whole ones and now and then one more."""
    tenths = round(10 * (said - 1))
    if not 0 <= tenths <= 10 * drafts:
        raise ValueError(f"With {drafts} drafts a step can't say {said} tokens.")
    step = torch.arange(PATTERN)[:, None] + torch.arange(rows)
    return (step + 1) * tenths // 10 - step * tenths // 10
