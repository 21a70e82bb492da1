"""Pairs of a token and an expert, grouped into tiles of one expert each; the host never learns how many there are.

A pair's number is token * K + place. The shared expert comes last, as expert E with pairs K * T + token. Tiles beyond
those in use have expert -1, places beyond an expert's pairs have pair -1.
"""

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

FEW = 1024  # pairs that one kernel groups; more are sorted by torch
CHUNK = 64


class Tiles(NamedTuple):
    experts: Tensor  # [tiles]
    pairs: Tensor  # [tiles, size]


def group(chosen: Tensor, count: int, size: int, shared: bool) -> Tiles:
    """chosen [T, K], of `count` experts. As many tiles as there can be at the most."""
    most = min(chosen.numel(), chosen.numel() // size + count)
    most += triton.cdiv(len(chosen), size) if shared else 0
    if chosen.numel() > FEW:
        return sort(chosen, count, size, shared, most)
    experts = torch.empty(most, dtype=torch.int32, device=chosen.device)
    pairs = torch.empty(most, size, dtype=torch.int32, device=chosen.device)
    _group[(count + 1,)](
        chosen.contiguous(),
        experts,
        pairs,
        chosen.numel(),
        len(chosen) if shared else 0,
        count,
        most,
        SIZE=size,
        CHUNK=CHUNK,
        EXPERTS=triton.next_power_of_2(count),
    )
    return Tiles(experts, pairs)


def sort(chosen: Tensor, count: int, size: int, shared: bool, most: int) -> Tiles:
    """The same by torch, for any number of pairs."""
    device, tokens = chosen.device, len(chosen)
    flat = chosen.flatten()
    if shared:
        flat = torch.cat((flat, flat.new_full((tokens,), count)))
    by_expert, order = flat.sort(stable=True)
    starts = torch.searchsorted(by_expert, torch.arange(count + 2, device=device))
    counts = starts[1:] - starts[:-1]
    ends = ((counts + size - 1) // size).cumsum(0)
    tile = torch.arange(most, device=device)
    expert = torch.searchsorted(ends, tile, right=True).clamp(max=count)
    within = (tile - (ends - (counts + size - 1) // size)[expert])[:, None] * size + torch.arange(size, device=device)
    there = (within < counts[expert][:, None]) & (tile < ends[-1])[:, None]
    pairs = order[(starts[expert][:, None] + within).clamp(max=len(order) - 1)]
    return Tiles(
        torch.where(tile < ends[-1], expert, -1).to(torch.int32), torch.where(there, pairs, -1).to(torch.int32)
    )


@triton.jit
def _group(chosen, experts, pairs, P, shared, E, most, SIZE: tl.constexpr, CHUNK: tl.constexpr, EXPERTS: tl.constexpr):
    expert = tl.program_id(0)
    ids = tl.arange(0, EXPERTS)
    counts = tl.zeros((EXPERTS,), tl.int32)
    for start in range(0, P, CHUNK):
        at = start + tl.arange(0, CHUNK)
        found = tl.load(chosen + at, mask=at < P, other=-1).to(tl.int32)
        counts += tl.sum((found[None, :] == ids[:, None]).to(tl.int32), 1)
    tiles = (counts + SIZE - 1) // SIZE
    first = tl.sum(tl.where(ids < expert, tiles, 0), 0)
    count = tl.sum(tl.where(ids == expert, counts, 0), 0)
    if expert == E:
        count += shared
    mine = (count + SIZE - 1) // SIZE
    places = pairs + first * SIZE
    for tile in range(mine):
        tl.store(experts + first + tile, expert)
    blank = count + tl.arange(0, SIZE)
    tl.store(places + blank, -1, mask=blank < mine * SIZE)
    if expert == E:
        for start in range(0, shared, CHUNK):
            at = start + tl.arange(0, CHUNK)
            tl.store(places + at, P + at, mask=at < shared)
        for tile in range(first + mine, most):
            tl.store(experts + tile, -1)
            tl.store(pairs + tile * SIZE + tl.arange(0, SIZE), -1)
    else:
        seen = 0
        for start in range(0, P, CHUNK):
            at = start + tl.arange(0, CHUNK)
            hit = (tl.load(chosen + at, mask=at < P, other=-1).to(tl.int32) == expert).to(tl.int32)
            tl.store(places + seen + tl.cumsum(hit, 0) - 1, at, mask=hit == 1)
            seen += tl.sum(hit, 0)
