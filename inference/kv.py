"""Keys and values of the tokens so far, and attention over them: paged for serving, contiguous for training.

Both do the same, which is what their tests say. Knows nothing of requests, and of the network only its sizes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from inference import kernels
from inference.config import Glm4MoeConfig

if TYPE_CHECKING:
    from inference.kernels.attention import Plan
    from inference.kernels.rotary import Place

FEW = 16  # up to so many positions of one sequence `attend` makes the heads that share a key rows of one product


class KVPool:
    """All blocks of all layers, the draft layer's included: `k` and `v` of a layer are [1, kv_heads, slots, D].

    Behind the `blocks` that sequences are given lies one more, where rows that fill up a batch keep what nobody reads.
    """

    def __init__(
        self,
        config: Glm4MoeConfig,
        blocks: int,
        block_size: int,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.blocks, self.block_size, self.device = blocks, block_size, torch.device(device)
        layers = config.num_hidden_layers + config.num_nextn_predict_layers
        shape = (1, config.num_key_value_heads, (blocks + 1) * block_size, config.head_dim)
        self.group = config.num_attention_heads // config.num_key_value_heads  # heads that share a key
        self.k = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(layers)]
        self.v = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(layers)]


class Row(Protocol):
    """One sequence's part of a step: what `inference.step.Work` is, and what a chained draft makes."""

    @property
    def tokens(self) -> Sequence[int]: ...
    @property
    def start(self) -> int: ...
    @property
    def blocks(self) -> Sequence[int]: ...


class PagedKV:
    """One step's view of the pool: where each token's key goes, and where those before it lie.

    All of it is made here, once for all layers: `ids` and `positions` [T], and `bounds`, of which row r's tokens are
    those from bounds[r] to bounds[r + 1]. With `asking`, keys are kept of all tokens, but only the last one of each of
    these rows attends: `last` [asking] says which tokens those are, and `attend` takes the q of no others.
    """

    def __init__(self, pool: KVPool, works: Sequence[Row], asking: Sequence[int] | None = None) -> None:
        self.pool = pool
        device, size = pool.device, pool.block_size
        ids: list[int] = []
        positions: list[int] = []
        slots: list[int] = []
        bounds = [0]
        for work in works:
            stop = work.start + len(work.tokens)
            ids.extend(work.tokens)
            positions.extend(range(work.start, stop))
            slots.extend(slots_between(work.blocks, size, work.start, stop))
            bounds.append(len(ids))
        self.bounds = bounds
        made = torch.tensor([ids, positions, slots], dtype=torch.long, device=device)
        self.ids, self.positions, self.slots = made.unbind()
        reading = works if asking is None else [works[row] for row in asking]
        self.counts = [len(work.tokens) if asking is None else 1 for work in reading]
        self.plan: Plan | None = None
        if kernels.serve(pool.k[0]):
            self.plan = plan_of(pool, reading, self.counts)
        else:
            self.contexts = [Context(pool, work, count) for work, count in zip(reading, self.counts, strict=True)]
        if asking is not None:
            self.last = torch.tensor([bounds[row + 1] - 1 for row in asking], device=device)

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        keys, values = self.pool.k[layer], self.pool.v[layer]
        keys.index_copy_(2, self.slots, heads_first(k))
        values.index_copy_(2, self.slots, heads_first(v))
        parts = torch.split(by_key(q, k.shape[1]), self.counts)
        rows = [context.attend(part, keys, values) for context, part in zip(self.contexts, parts, strict=True)]
        return (rows[0] if len(rows) == 1 else torch.cat(rows)).reshape(q.shape)

    def place(self, layer: int) -> "Place | None":
        if self.plan is None:
            return None
        from inference.kernels.rotary import Place

        return Place(self.pool.k[layer], self.pool.v[layer], self.slots, self.plan)


def plan_of(pool: KVPool, works: Sequence["Row"], counts: Sequence[int]) -> "Plan":
    from inference.kernels.attention import plan

    lengths = [work.start + len(work.tokens) for work in works]
    return plan([work.blocks for work in works], counts, lengths, pool.block_size, pool.device)


class Context:
    """All positions of one sequence up to a step's last. Blocks in a run are read where they lie, others gathered."""

    def __init__(self, pool: KVPool, work: Row, count: int) -> None:
        self.length, size = work.start + len(work.tokens), pool.block_size
        blocks = list(work.blocks[: -(-self.length // size)])
        self.first = blocks[0] * size
        self.slots = None
        if blocks != list(range(blocks[0], blocks[0] + len(blocks))):
            table = torch.tensor(blocks, device=pool.device)[:, None] * size
            self.slots = (table + torch.arange(size, device=pool.device)).flatten()[: self.length]
        self.mask = causal_mask(count, self.length, pool.group, pool.k[0])  # count: of the queries

    def attend(self, q: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        if self.slots is None:
            k, v = keys.narrow(2, self.first, self.length), values.narrow(2, self.first, self.length)
        else:
            k, v = keys.index_select(2, self.slots), values.index_select(2, self.slots)
        return attend(q, k, v, self.mask)


class ContiguousKV:
    """Whole sequences in plain tensors, through which gradients flow: for training, and the reference of `PagedKV`.

    `lengths` are those of the sequences that the step feeds; `extend` goes on with the same sequences.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = list(lengths)
        self.layers: dict[int, list[tuple[Tensor, Tensor]]] = {}

    def extend(self, lengths: Sequence[int]) -> "ContiguousKV":
        """The next step feeds so many more tokens of each."""
        self.lengths = list(lengths)
        return self

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        held = list(zip(torch.split(k, self.lengths), torch.split(v, self.lengths), strict=True))
        if before := self.layers.get(layer):
            held = [(torch.cat((k0, k)), torch.cat((v0, v))) for (k0, v0), (k, v) in zip(before, held, strict=True)]
        self.layers[layer] = held
        parts = torch.split(by_key(q, k.shape[1]), self.lengths)
        rows = [
            attend(part, heads_first(k), heads_first(v), causal_mask(len(part), len(k), part.shape[2], k))
            for part, (k, v) in zip(parts, held, strict=True)
        ]
        return torch.cat(rows).reshape(q.shape)

    def place(self, layer: int) -> None:
        """A gradient flows through what is kept, which no kernel knows."""


def slots_between(blocks: Sequence[int], size: int, start: int, stop: int) -> list[int]:
    """The slots of the positions from start to stop."""
    if stop > len(blocks) * size:
        raise ValueError(f"{len(blocks)} blocks of {size} have no room for position {stop - 1}.")
    slots: list[int] = []
    while start < stop:
        block, offset = divmod(start, size)
        count = min(size - offset, stop - start)
        first = blocks[block] * size + offset
        slots.extend(range(first, first + count))
        start += count
    return slots


def causal_mask(n: int, length: int, group: int, like: Tensor) -> Tensor | None:
    """What `attend` adds to the scores of the last n of `length` positions; None where it needs nothing."""
    if n == 1 or (n == length and n > FEW):
        return None
    mask = torch.full((n, length), float("-inf"), dtype=like.dtype, device=like.device).triu_(length - n + 1)
    return mask.repeat_interleave(group, 0) if n <= FEW else mask


def heads_first(x: Tensor) -> Tensor:
    """[L, kv_heads, D] as [1, kv_heads, L, D], without a copy."""
    return x.transpose(0, 1)[None]


def by_key(q: Tensor, kv_heads: int) -> Tensor:
    """[T, heads, D] as [T, kv_heads, heads that share one, D]."""
    return q.view(q.shape[0], kv_heads, -1, q.shape[2])


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Causal attention of the last n positions, q [n, kv_heads, group, D], over all L: k, v [1, kv_heads, L, D].

    Keys are read where they lie and never copied for the heads that share them. With few positions these heads are
    rows of one product, which reads each key once; with many they are a dimension that keys and values repeat along.
    """
    n, kv_heads, group, dim = q.shape
    if n == 1:
        return functional.scaled_dot_product_attention(q, k, v)
    if n <= FEW:
        rows = q.transpose(0, 1).reshape(1, kv_heads, n * group, dim)
        out = functional.scaled_dot_product_attention(rows, k, v, attn_mask=mask)
        return out.view(kv_heads, n, group, dim).transpose(0, 1)
    k, v = (x.transpose(0, 1).expand(-1, group, -1, -1) for x in (k, v))
    out = functional.scaled_dot_product_attention(q.permute(1, 2, 0, 3), k, v, attn_mask=mask, is_causal=mask is None)
    return out.permute(2, 0, 1, 3)
