"""Greedy decoding of a batch that stays on the device: what a step draws, and where it goes on, is never asked for.

A step is the target over each sequence's newest token and guesses, the count of those that stand, the draft layer over
what stands, and its chain. Its shapes are fixed, so that a GPU replays it as one graph. The host waits for nothing but
one copy of what was drawn. Penalties, grammars and temperatures are the runner's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from inference.fixed import View, guess
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
            self.tokens[:, 1:] = guess(
                self.network, self.pool, self.table, self.lengths, drawn, stood, hidden, self.drafts
            )
        self.lengths += stood + 1
        self.drawn.copy_(drawn)
        self.stood.copy_(stood)
        self.count += 1

    def _standing(self, drawn: Tensor) -> Tensor:
        if self.forced is not None:
            return self.forced.index_select(0, (self.count % len(self.forced))[None])[0]
        return (self.tokens[:, 1:] == drawn[:, :-1]).long().cumprod(1).sum(1)
