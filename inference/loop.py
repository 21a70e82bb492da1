"""Greedy decoding of a batch that stays on the device: what a step draws, and where it goes on, is never asked for.

A step is the target over each sequence's newest token and guesses, the count of those that stand, the draft layer over
what stands, and its chain. Its shapes are fixed, so that a GPU replays it as one graph. The host waits for nothing but
one copy of what was drawn. Penalties, grammars and temperatures are the runner's.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from inference.kernels.attention import Part, Plan
from inference.kernels.rotary import Place
from inference.kv import KVPool
from inference.network import Glm4Moe


class Loop:
    """`forced` [steps, B]: how many guesses count as standing in each step, over and over; None: those that do."""

    def __init__(
        self,
        network: Glm4Moe,
        pool: KVPool,
        blocks: Sequence[Sequence[int]],  # of each sequence, as many as all that it will say needs
        lengths: Sequence[int],  # positions whose keys are kept, of target and draft layer
        newest: Sequence[int],
        drafts: int = 0,
        forced: Tensor | None = None,
    ) -> None:
        self.network, self.pool, self.drafts, self.forced = network, pool, drafts, forced
        device, rows = pool.device, len(newest)
        width = max(map(len, blocks))
        padded = [[*own, *[0] * (width - len(own))] for own in blocks]
        self.table = torch.tensor(padded, dtype=torch.int32, device=device)
        self.lengths = torch.tensor(lengths, device=device)
        self.tokens = torch.zeros(rows, 1 + drafts, dtype=torch.long, device=device)
        self.tokens[:, 0] = torch.tensor(newest, device=device)
        self.row = torch.arange(rows, device=device)
        self.ahead = torch.arange(1 + drafts, device=device)
        self.drawn = torch.zeros_like(self.tokens)
        self.stood = torch.zeros(rows, dtype=torch.long, device=device)
        self.count = torch.zeros((), dtype=torch.long, device=device)

    def step(self) -> None:
        """`drawn` [B, 1 + drafts] and `stood` [B] tell what came of it: of each row the first stood + 1 are said."""
        rows, width = self.tokens.shape
        positions = self.lengths[:, None] + self.ahead
        kv = View(self.pool, self.table, positions, self.lengths + width)
        hidden = self.network(self.tokens.flatten(), positions.flatten(), kv)
        drawn = self.network.logits(hidden).argmax(-1).view(rows, width)
        stood = self._standing(drawn)
        self.tokens[:, 0] = drawn.gather(1, stood[:, None])[:, 0]
        if self.drafts:
            self._guess(drawn, hidden, positions, stood)
        self.lengths += stood + 1
        self.drawn.copy_(drawn)
        self.stood.copy_(stood)
        self.count += 1

    def _standing(self, drawn: Tensor) -> Tensor:
        if self.forced is not None:
            return self.forced.index_select(0, (self.count % len(self.forced))[None])[0]
        return (self.tokens[:, 1:] == drawn[:, :-1]).long().cumprod(1).sum(1)

    def _guess(self, drawn: Tensor, hidden: Tensor, positions: Tensor, stood: Tensor) -> None:
        ends = self.lengths + stood + 1
        kv = View(self.pool, self.table, positions, ends, queries=1)
        asking = self.row * (1 + self.drafts) + stood
        last = self.network.draft(drawn.flatten(), hidden, positions.flatten(), kv, asking)
        for ahead in range(1, self.drafts + 1):
            guess = self.network.logits(last).argmax(-1)
            self.tokens[:, ahead] = guess
            if ahead < self.drafts:
                kv = View(self.pool, self.table, ends[:, None], ends + 1)
                last = self.network.draft(guess, last, ends, kv)
                ends = ends + 1


class View:
    """A step's place in the pool, made on the device. Read by kernels only.

    Each row's tokens lie at `positions` [B, W]; the last `queries` of its `lengths` [B] attend, all W if none are told.
    """

    def __init__(
        self, pool: KVPool, table: Tensor, positions: Tensor, lengths: Tensor, queries: int | None = None
    ) -> None:
        self.pool, size = pool, pool.block_size
        queries = queries or positions.shape[1]
        block = table.gather(1, positions // size).long()
        self.slots = (block * size + positions % size).flatten()
        row = torch.arange(len(table), device=table.device)
        known = torch.stack((row * queries, torch.full_like(row, queries), lengths), 1).to(torch.int32)
        tiles = torch.stack((row, torch.zeros_like(row)), 1).to(torch.int32)
        self.plan = Plan(table, known, Part(tiles, queries), Part(tiles[:0], 0), size)

    def place(self, layer: int) -> Place:
        return Place(self.pool.k[layer], self.pool.v[layer], self.slots, self.plan)

    def attend(self, *_: object) -> Tensor:
        raise RuntimeError("This step was laid out for the kernels, which don't serve it.")


def recorded(step: Callable[[], object], device: torch.device) -> Callable[[], object]:
    """The step as one graph of the GPU, to be replayed over the same memory; on a CPU the step itself.

    It runs three times before it is recorded: kernels are compiled then.
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
    with torch.cuda.graph(graph):
        step()
    return graph.replay
