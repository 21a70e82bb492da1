"""Probabilities cut by top-k and top-p, and the draw, each row by one program and without a sort.

What is kept is all that is as likely as a floor, the highest that leaves enough. It is found bit by bit: floats from 0
to 1 are in the order of their bits. Then the id is the one at which the running sum passes its share.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor


def pick(p: Tensor, top_k: Tensor | None, top_p: Tensor, u: Tensor) -> Tensor:
    """p [N, V] float32, top_k [N] (of the vocabulary's size: none), top_p and u [N] float64 → ids [N]."""
    p, top_p, u = p.contiguous(), top_p.contiguous(), u.contiguous()
    top_k = None if top_k is None else top_k.contiguous()
    rows, vocab = p.shape
    picked = torch.empty(rows, dtype=torch.long, device=p.device)
    block = min(4096, triton.next_power_of_2(vocab))
    _pick[(rows,)](
        p, p if top_k is None else top_k, top_p, u, picked, vocab, HAS_K=top_k is not None, BLOCK=block, num_warps=8
    )
    return picked


@triton.jit
def _mass(p, floor, V, BLOCK: tl.constexpr):
    """What is at least as likely as `floor`, together, in float64."""
    total = tl.zeros((BLOCK,), tl.float64)
    for start in range(0, V, BLOCK):
        at = start + tl.arange(0, BLOCK)
        part = tl.load(p + at, mask=at < V, other=0.0)
        total += tl.where(part >= floor, part, 0.0).to(tl.float64)
    return tl.sum(total, 0)


@triton.jit
def _pick(p, top_k, top_p, u, picked, V, HAS_K: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    p += row.to(tl.int64) * V
    least = 0.0
    if HAS_K:
        wanted = tl.load(top_k + row)
        if wanted < V:
            bits = 0
            for place in range(30):
                tried = bits | (1 << (29 - place))
                floor = tried.to(tl.float32, bitcast=True)  # type: ignore[attr-defined]
                count = tl.zeros((BLOCK,), tl.int32)
                for start in range(0, V, BLOCK):
                    at = start + tl.arange(0, BLOCK)
                    count += (tl.load(p + at, mask=at < V, other=-1.0) >= floor).to(tl.int32)
                bits = tl.where(tl.sum(count, 0) >= wanted, tried, bits)
            least = bits.to(tl.float32, bitcast=True)  # type: ignore[attr-defined]
    share = tl.load(top_p + row)
    mass = _mass(p, least, V, BLOCK)
    if share < 1.0:
        enough = share * mass
        bits = 0
        for place in range(30):
            tried = bits | (1 << (29 - place))
            floor = tl.maximum(tried.to(tl.float32, bitcast=True), least)  # type: ignore[attr-defined]
            bits = tl.where(_mass(p, floor, V, BLOCK) >= enough, tried, bits)
        least = tl.maximum(bits.to(tl.float32, bitcast=True), least)  # type: ignore[attr-defined]
        mass = _mass(p, least, V, BLOCK)
    aim = tl.load(u + row) * mass
    before = mass * 0.0
    found, last = -1, 0
    for start in range(0, V, BLOCK):
        at = start + tl.arange(0, BLOCK)
        part = tl.load(p + at, mask=at < V, other=0.0)
        part = tl.where(part >= least, part, 0.0)
        sums = tl.cumsum(part.to(tl.float64), 0) + before
        place = tl.sum((sums <= aim).to(tl.int32), 0)
        found = tl.where((found < 0) & (place < BLOCK), start + place, found)
        last = tl.maximum(last, tl.max(tl.where(part > 0.0, at, 0), 0))
        before = tl.max(sums, 0)
    tl.store(picked + row, tl.minimum(tl.where(found < 0, last, found), last).to(tl.int64))
