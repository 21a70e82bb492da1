"""Steps of a fixed shape, which a GPU replays as one graph: where their tokens lie is told by tensors, not by lists.

The host may change what the tensors hold between two replays, and nothing else. On a CPU, and wherever no kernel
serves, the same is done in plain torch.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from inference import kernels
from inference.kv import KVPool, heads_first
from inference.network import Glm4Moe
from inference.sampling import argmax

if TYPE_CHECKING:
    from inference.kernels.attention import Plan
    from inference.kernels.rotary import Place


class View:
    """A step's place in the pool. Each row's tokens lie at `positions` [B, W] of the blocks in `table` [B, blocks].

    The last `queries` of its `lengths` [B] positions attend; all W of them, if none are told.
    """

    def __init__(
        self, pool: KVPool, table: Tensor, positions: Tensor, lengths: Tensor, queries: int | None = None
    ) -> None:
        self.pool, self.table, self.lengths = pool, table, lengths
        self.queries = queries or positions.shape[1]
        size = pool.block_size
        block = table.gather(1, positions // size).long()
        self.slots = (block * size + positions % size).flatten()
        self.plan = self._plan() if kernels.serve(pool.k[0]) else None

    def _plan(self) -> "Plan":
        from inference.kernels.attention import Part, Plan

        row = torch.arange(len(self.table), device=self.table.device)
        known = torch.stack((row * self.queries, torch.full_like(row, self.queries), self.lengths), 1)
        tiles = torch.stack((row, torch.zeros_like(row)), 1).to(torch.int32)
        none = Part(tiles[:0], 0)
        return Plan(self.table, known.to(torch.int32), Part(tiles, self.queries), none, self.pool.block_size)

    def place(self, layer: int) -> "Place | None":
        if self.plan is None:
            return None
        from inference.kernels.rotary import Place

        return Place(self.pool.k[layer], self.pool.v[layer], self.slots, self.plan)

    @cached_property
    def read(self) -> Tensor:
        """The slots of all positions that a row may have [B, L]."""
        size = self.pool.block_size
        within = torch.arange(size, device=self.table.device)
        return (self.table.long()[..., None] * size + within).flatten(1)

    @cached_property
    def seen(self) -> Tensor:
        """Which of them each query sees [B, queries, L]."""
        last = self.lengths[:, None] - self.queries + torch.arange(self.queries, device=self.table.device)
        return torch.arange(self.read.shape[1], device=self.table.device) <= last[..., None]

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        keys, values = self.pool.k[layer], self.pool.v[layer]
        keys.index_copy_(2, self.slots, heads_first(k))
        values.index_copy_(2, self.slots, heads_first(v))
        (rows, length), (kv_heads, dim) = self.read.shape, k.shape[1:]
        there = self.seen[:, -1][None, :, :, None]  # what a row doesn't have yet may be anything, NaN too
        flat = self.read.flatten()
        shape = (kv_heads, rows, length, dim)
        k, v = (held[0].index_select(1, flat).view(shape).where(there, 0.0).transpose(0, 1) for held in (keys, values))
        group = q.shape[1] // kv_heads
        by_key = q.view(rows, self.queries, kv_heads, group, dim).transpose(1, 2).reshape(rows, kv_heads, -1, dim)
        mask = self.seen[:, None, :, None].expand(-1, -1, -1, group, -1).flatten(2, 3)
        out = functional.scaled_dot_product_attention(by_key, k, v, attn_mask=mask)
        return out.view(rows, kv_heads, self.queries, group, dim).transpose(1, 2).reshape(q.shape)


def guess(
    network: Glm4Moe,
    pool: KVPool,
    table: Tensor,
    start: Tensor,
    drawn: Tensor,
    stood: Tensor,
    hidden: Tensor,
    count: int,
) -> Tensor:
    """The draft layer over what stands of a step, and its chain: [B, count] guesses at what follows.

    The step fed W tokens of each row from `start` [B] on, whose states are `hidden`, and drew `drawn` [B, W] after
    them; the first `stood` [B] + 1 of these are said.
    """
    rows, width = drawn.shape
    positions = start[:, None] + torch.arange(width, device=start.device)
    ends = start + stood + 1
    asking = torch.arange(rows, device=start.device) * width + stood
    view = View(pool, table, positions, ends, queries=1)
    last = network.draft(drawn.flatten(), hidden, positions.flatten(), view, asking)
    guesses = [argmax(network.logits(last))]
    for _ in range(count - 1):
        view = View(pool, table, ends[:, None], ends + 1)
        last = network.draft(guesses[-1], last, ends, view)
        guesses.append(argmax(network.logits(last)))
        ends = ends + 1
    return torch.stack(guesses, 1)


def recorded(step: Callable[[], object], device: torch.device, pool: Any = None) -> Callable[[], object]:
    """The step as one graph of the GPU, to be replayed over the same memory; on a CPU the step itself.

    It runs three times before it is recorded: kernels are compiled then. Graphs with one `pool` share what they compute
    with, so that what one leaves there is gone after the next.
    """
    if device.type != "cuda":
        return step
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream(device).wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
        step()
    return graph.replay
