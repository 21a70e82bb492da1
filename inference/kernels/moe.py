"""The experts' feed-forward in three kernels: up with SwiGLU, down with the router's weights, and the sum.

Each expert's weights are read once for all of its tokens that fit a tile, the shared expert's among them. As in
`linear`, the weight is the left operand.
"""

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from inference.kernels.tiles import Tiles, group
from inference.kernels.types import product_type


class Weights(NamedTuple):
    """Of all experts ([E, out, in], scales [E, out, 1]), or of the shared one, without the first dimension."""

    gate_up: Tensor
    gate_up_scale: Tensor | None
    down: Tensor
    down_scale: Tensor | None


def experts(x: Tensor, chosen: Tensor, weights: Tensor, routed: Weights, shared: Weights | None = None) -> Tensor:
    """x [T, H], chosen and weights [T, K] → [T, H]: the weighted sum of each token's experts, and the shared one's."""
    x = x if x.stride(1) == 1 else x.contiguous()
    count, hidden, width = routed.down.shape
    tiles = group(chosen, count, tile_size(chosen.numel(), count), shared is not None)
    pairs = chosen.numel() + (len(x) if shared else 0)
    h = torch.empty(pairs, width, dtype=x.dtype, device=x.device)
    _launch(_up, x, h, tiles, chosen, weights, routed.gate_up, routed.gate_up_scale, shared and shared[:2], width)
    y = torch.empty(pairs, hidden, dtype=torch.float32, device=x.device)
    _launch(_down, h, y, tiles, chosen, weights, routed.down, routed.down_scale, shared and shared[2:], hidden)
    out = torch.empty_like(x)
    block = min(1024, triton.next_power_of_2(hidden))
    _sum[(len(x), triton.cdiv(hidden, block))](
        y, out, chosen.numel(), hidden, K=chosen.shape[1], SHARED=shared is not None, BLOCK=block
    )
    return out


def tile_size(pairs: int, count: int) -> int:
    """As many pairs as an expert has on average, so that few weights are read twice and few places are blank."""
    return int(max(16, min(128, triton.next_power_of_2(triton.cdiv(pairs, count)))))


def _launch(kernel, x, out, tiles: Tiles, chosen, weights, weight, scale, shared, width: int) -> None:
    other, other_scale = shared or (weight[0], None if scale is None else scale[0])
    assert other.stride() == weight[0].stride()
    size = tiles.pairs.shape[1]
    block_n = 128 if size == 128 and kernel is _down else 64
    kernel[(len(tiles.experts), triton.cdiv(width, block_n))](
        x,
        out,
        tiles.experts,
        tiles.pairs,
        weights,
        weight,
        other,
        x if scale is None else scale,
        x if other_scale is None else other_scale,
        len(weight),
        chosen.numel(),
        chosen.shape[1],
        width,
        x.shape[1],
        weight.stride(0),
        weight.stride(1),
        weight.stride(2),
        SIZE=size,
        BLOCK_N=block_n,
        BLOCK_K=128 if weight.element_size() == 1 and size < 64 else 64,
        HAS_SCALE=scale is not None,
        TYPE=product_type(x, weight),
        num_warps=8 if size == 128 else 4,
        num_stages=4,
    )


@triton.jit
def _up(
    x,
    h,
    experts,
    pairs,
    weights,
    weight,
    shared,
    scale,
    shared_scale,
    E,
    P,
    K_CHOSEN,
    I,
    H,
    stride_e,
    stride_n,
    stride_k,
    SIZE: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
    HAS_SCALE: tl.constexpr,
    TYPE: tl.constexpr,
):
    """silu(gate x) * up x, for a tile of pairs and some of the expert's channels."""
    expert = tl.load(experts + tl.program_id(0)).to(tl.int64)
    if expert < 0:
        return
    pair = tl.load(pairs + tl.program_id(0) * SIZE + tl.arange(0, SIZE))
    token = tl.where(pair < P, pair // K_CHOSEN, pair - P)
    n = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    base, scales = weight + expert * stride_e, scale + expert * (2 * I)
    if expert == E:
        base, scales = shared, shared_scale
    gate = tl.zeros((BLOCK_N, SIZE), tl.float32)
    up = tl.zeros((BLOCK_N, SIZE), tl.float32)
    for start in range(0, H, BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        b = tl.load(x + token[None, :] * H + k[:, None], mask=(pair >= 0)[None, :] & (k < H)[:, None], other=0.0)
        inside = (n < I)[:, None] & (k < H)[None, :]
        rows = base + n[:, None] * stride_n + k[None, :] * stride_k
        gate = tl.dot(tl.load(rows, mask=inside, other=0.0).to(TYPE), b.to(TYPE), gate, input_precision="ieee")
        rows += I * stride_n
        up = tl.dot(tl.load(rows, mask=inside, other=0.0).to(TYPE), b.to(TYPE), up, input_precision="ieee")
    if HAS_SCALE:
        gate *= tl.load(scales + n, mask=n < I, other=0.0)[:, None]
        up *= tl.load(scales + I + n, mask=n < I, other=0.0)[:, None]
    made = gate / (1.0 + tl.exp(-gate)) * up
    there = (pair >= 0)[None, :] & (n < I)[:, None]
    tl.store(h + pair[None, :].to(tl.int64) * I + n[:, None], made.to(h.dtype.element_ty), mask=there)


@triton.jit
def _down(
    h,
    y,
    experts,
    pairs,
    weights,
    weight,
    shared,
    scale,
    shared_scale,
    E,
    P,
    K_CHOSEN,
    H,
    I,
    stride_e,
    stride_n,
    stride_k,
    SIZE: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
    HAS_SCALE: tl.constexpr,
    TYPE: tl.constexpr,
):
    """Back to the hidden size, weighted by the router; the shared expert weighs one."""
    expert = tl.load(experts + tl.program_id(0)).to(tl.int64)
    if expert < 0:
        return
    pair = tl.load(pairs + tl.program_id(0) * SIZE + tl.arange(0, SIZE)).to(tl.int64)
    n = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    base, scales = weight + expert * stride_e, scale + expert * H
    if expert == E:
        base, scales = shared, shared_scale
    acc = tl.zeros((BLOCK_N, SIZE), tl.float32)
    for start in range(0, I, BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        b = tl.load(h + pair[None, :] * I + k[:, None], mask=(pair >= 0)[None, :] & (k < I)[:, None], other=0.0)
        rows = base + n[:, None] * stride_n + k[None, :] * stride_k
        a = tl.load(rows, mask=(n < H)[:, None] & (k < I)[None, :], other=0.0)
        acc = tl.dot(a.to(TYPE), b.to(TYPE), acc, input_precision="ieee")
    if HAS_SCALE:
        acc *= tl.load(scales + n, mask=n < H, other=0.0)[:, None]
    acc *= tl.load(weights + pair, mask=(pair >= 0) & (pair < P), other=1.0)[None, :]
    tl.store(y + pair[None, :] * H + n[:, None], acc, mask=(pair >= 0)[None, :] & (n < H)[:, None])


@triton.jit
def _sum(y, out, P, H, K: tl.constexpr, SHARED: tl.constexpr, BLOCK: tl.constexpr):
    token = tl.program_id(0).to(tl.int64)
    n = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    total = tl.zeros((BLOCK,), tl.float32)
    for place in range(K):
        total += tl.load(y + (token * K + place) * H + n, mask=n < H, other=0.0)
    if SHARED:
        total += tl.load(y + (P + token) * H + n, mask=n < H, other=0.0)
    tl.store(out + token * H + n, total.to(out.dtype.element_ty), mask=n < H)
