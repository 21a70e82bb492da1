"""Causal attention over paged keys and values, as `inference.kv` lays them: of a few queries a sequence, and of many.

A few (decoding, or verifying drafts): all heads that share a key are rows of one product, all of a sequence's queries
beside them, and several programs share the context, each some of it; a second kernel puts together what they found. Of
many (a prompt's piece): one head and many queries a program, which goes through the context by itself.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import triton
import triton.language as tl
from torch import Tensor

from inference.kernels.types import product_type

FEW = 8  # queries of a sequence
MANY = 128  # queries that one program takes of a prompt's piece
PROGRAMS = 264  # two for each of an H200's processors
MOST_SPLITS = 32


class Part(NamedTuple):
    """The sequences that are worked on in one way: one tile each, or several."""

    tiles: Tensor  # [tiles, 2]: the sequence, and the tile's first query within it
    queries: int  # of a sequence at the most


class Plan(NamedTuple):
    """One step's tables, on the device; made once for all layers."""

    table: Tensor  # [rows, blocks] int32: the blocks of each sequence
    rows: Tensor  # [rows, 3] int32: the first of its queries, how many, and how many positions it has with them
    few: Part
    many: Part
    size: int  # positions of a block


def plan(
    blocks: Sequence[Sequence[int]], counts: Sequence[int], lengths: Sequence[int], size: int, device: torch.device
) -> Plan:
    """Of sequences with `counts` queries at the end of `lengths` positions. One copy to the device."""
    firsts = np.concatenate(([0], np.cumsum(counts)))[:-1]
    few = [(row, 0) for row, count in enumerate(counts) if count <= FEW]
    many = [(row, first) for row, count in enumerate(counts) if count > FEW for first in range(0, count, MANY)]
    width = max(-(-length // size) for length in lengths)
    table = np.zeros((len(blocks), width), np.int32)
    for row, (own, length) in enumerate(zip(blocks, lengths, strict=True)):
        used = -(-length // size)
        table[row, :used] = own[:used]
    rows = np.stack((firsts, counts, lengths), 1).astype(np.int32)
    parts = [table, rows, *(np.array(pairs, np.int32).reshape(-1, 2) for pairs in (few, many))]
    made = torch.from_numpy(np.concatenate([part.ravel() for part in parts])).to(device, non_blocking=True)
    flat = torch.split(made, [part.size for part in parts])
    on_device = [one.view(part.shape) for one, part in zip(flat, parts, strict=True)]
    most = max((count for count in counts if count <= FEW), default=0)
    return Plan(on_device[0], on_device[1], Part(on_device[2], most), Part(on_device[3], MANY), size)


def attend(q: Tensor, keys: Tensor, values: Tensor, plan: Plan) -> Tensor:
    """q [T, heads, D] over keys and values [1, kv_heads, slots, D] → [T, heads, D]."""
    out = torch.empty(q.shape, dtype=q.dtype, device=q.device)
    q = q if q.stride(2) == 1 else q.contiguous()
    kv_heads = keys.shape[1]
    group = q.shape[1] // kv_heads
    if len(plan.few.tiles):
        programs = len(plan.few.tiles) * kv_heads
        splits = max(1, min(MOST_SPLITS, 1 << max(0, (PROGRAMS // programs).bit_length() - 1)))
        _run(q, keys, values, out, plan, plan.few, group, plan.few.queries, splits)
    if len(plan.many.tiles):
        _run(q, keys, values, out, plan, plan.many, 1, MANY, 1)
    return out


def _run(q, keys, values, out, plan: Plan, part: Part, heads: int, queries: int, splits: int) -> None:
    tokens, all_heads, dim = q.shape
    kv_heads, tiles = keys.shape[1], len(part.tiles)
    partial, stats = out, out
    if splits > 1:
        partial = torch.empty(tokens, all_heads, splits, dim, device=q.device)
        stats = torch.empty(tokens, all_heads, splits, 2, device=q.device)
    shape = {"QUERIES": queries, "SPLITS": splits, "D": dim, "DIM": triton.next_power_of_2(dim)}
    block_m = max(16, triton.next_power_of_2(heads * queries))
    block_n = 64
    _attend[(tiles, all_heads // heads, splits)](
        q,
        keys,
        values,
        out,
        partial,
        stats,
        plan.table,
        plan.rows,
        part.tiles,
        dim**-0.5,
        all_heads,
        all_heads // kv_heads,
        plan.table.stride(0),
        q.stride(0),
        q.stride(1),
        keys.stride(1),
        SIZE=plan.size,
        HEADS=heads,
        BLOCK_M=block_m,
        BLOCK_N=block_n,
        TYPE=product_type(q, keys),
        **shape,
        num_warps=8 if block_m >= 128 else 4,
        num_stages=3,
    )
    if splits > 1:
        _combine[(tiles * queries, all_heads)](
            out, partial, stats, plan.rows, part.tiles, all_heads, BLOCK_N=block_n, **shape, num_warps=4
        )


@triton.jit
def _attend(
    q,
    keys,
    values,
    out,
    partial,
    stats,
    table,
    rows,
    tiles,
    scale,
    all_heads,
    group,
    stride_table,
    stride_q,
    stride_head,
    stride_kv,
    SIZE: tl.constexpr,
    HEADS: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    TYPE: tl.constexpr,
    QUERIES: tl.constexpr,
    SPLITS: tl.constexpr,
    D: tl.constexpr,
    DIM: tl.constexpr,
):
    row = tl.load(tiles + tl.program_id(0) * 2)
    tile = tl.load(tiles + tl.program_id(0) * 2 + 1)
    first = tl.load(rows + row * 3)
    count = tl.load(rows + row * 3 + 1)
    length = tl.load(rows + row * 3 + 2)
    split = tl.program_id(2)
    chunk = ((length + SPLITS - 1) // SPLITS + BLOCK_N - 1) // BLOCK_N * BLOCK_N
    begin = split * chunk
    if begin >= length:
        return
    stop = tl.minimum(tl.minimum(begin + chunk, length), length - count + tile + QUERIES)

    m = tl.arange(0, BLOCK_M)
    query = tile + m // HEADS
    head = tl.program_id(1) * HEADS + m % HEADS
    there = (m < QUERIES * HEADS) & (query < count)
    position = length - count + query
    d = tl.arange(0, DIM)
    token = (first + query).to(tl.int64)
    at = token[:, None] * stride_q + head[:, None] * stride_head + d[None, :]
    rows_q = tl.load(q + at, mask=there[:, None] & (d < D)[None, :], other=0.0).to(TYPE)
    base = (tl.program_id(1) * HEADS // group).to(tl.int64) * stride_kv

    best = tl.full((BLOCK_M,), float("-inf"), tl.float32)
    total = tl.zeros((BLOCK_M,), tl.float32)
    acc = tl.zeros((BLOCK_M, DIM), tl.float32)
    for start in range(begin, stop, BLOCK_N):
        p = start + tl.arange(0, BLOCK_N)
        inside = p < stop
        block = tl.load(table + row * stride_table + p // SIZE, mask=inside, other=0)
        slot = base + (block.to(tl.int64) * SIZE + p % SIZE) * D
        k = tl.load(keys + slot[None, :] + d[:, None], mask=inside[None, :] & (d < D)[:, None], other=0.0)
        scores = tl.dot(rows_q, k.to(TYPE), input_precision="ieee") * scale
        scores = tl.where(inside[None, :] & (p[None, :] <= position[:, None]), scores, float("-inf"))
        higher = tl.maximum(best, tl.max(scores, 1))
        finite = tl.where(higher == float("-inf"), 0.0, higher)  # a row that sees nothing of this block
        weights = tl.exp(scores - finite[:, None])
        faded = tl.exp(best - finite)
        total = total * faded + tl.sum(weights, 1)
        v = tl.load(values + slot[:, None] + d[None, :], mask=inside[:, None] & (d < D)[None, :], other=0.0)
        acc = tl.dot(weights.to(TYPE), v.to(TYPE), acc * faded[:, None], input_precision="ieee")
        best = higher

    kept = there[:, None] & (d < D)[None, :]
    place = token * all_heads + head
    if SPLITS == 1:
        acc = acc / total[:, None]
        tl.store(out + place[:, None] * D + d[None, :], acc.to(out.dtype.element_ty), mask=kept)
    else:
        place = place * SPLITS + split
        tl.store(partial + place[:, None] * D + d[None, :], acc, mask=kept)
        tl.store(stats + place * 2, best, mask=there)
        tl.store(stats + place * 2 + 1, total, mask=there)


@triton.jit
def _combine(
    out,
    partial,
    stats,
    rows,
    tiles,
    all_heads,
    BLOCK_N: tl.constexpr,
    QUERIES: tl.constexpr,
    SPLITS: tl.constexpr,
    D: tl.constexpr,
    DIM: tl.constexpr,
):
    """One query and head: what each split found, weighted by how much of the whole it is."""
    row = tl.load(tiles + tl.program_id(0) // QUERIES * 2)
    query = tl.program_id(0) % QUERIES
    if query >= tl.load(rows + row * 3 + 1):
        return
    length = tl.load(rows + row * 3 + 2)
    chunk = ((length + SPLITS - 1) // SPLITS + BLOCK_N - 1) // BLOCK_N * BLOCK_N
    token = (tl.load(rows + row * 3) + query).to(tl.int64)
    place = token * all_heads + tl.program_id(1)
    s, d = tl.arange(0, SPLITS), tl.arange(0, DIM)
    used = s * chunk < length
    best = tl.load(stats + (place * SPLITS + s) * 2, mask=used, other=float("-inf"))
    total = tl.load(stats + (place * SPLITS + s) * 2 + 1, mask=used, other=0.0)
    weight = tl.exp(best - tl.max(best, 0))
    at = (place * SPLITS + s)[:, None] * D + d[None, :]
    found = tl.load(partial + at, mask=used[:, None] & (d < D)[None, :], other=0.0)
    whole = tl.sum(found * weight[:, None], 0) / tl.sum(total * weight, 0)
    tl.store(out + place * D + d, whole.to(out.dtype.element_ty), mask=d < D)
