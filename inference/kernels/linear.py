"""Few rows times a weight: every byte of the weight is read once, and FP8 becomes the activations' type on its way.

The weight is the left operand, which Hopper's tensor cores take from registers, where it is after the conversion. Where
a weight has too few rows to keep all of a GPU busy, several programs share a tile's inner dimension; the last to arrive
adds up what they found, always in the same order.
"""

from functools import lru_cache

import torch
import triton
import triton.language as tl
from torch import Tensor

from inference.kernels.types import product_type

ROWS = 64  # of x that one program takes at most
PROGRAMS = 264  # two for each of an H200's processors
MOST_SPLITS = 16


def linear(
    x: Tensor, weight: Tensor, scale: Tensor | None = None, bias: Tensor | None = None, out: torch.dtype | None = None
) -> Tensor:
    """x [M, K], weight [N, K], a scale and a bias for each of N → [M, N], with sums in float32."""
    (m, k), n = x.shape, len(weight)
    y = torch.empty(m, n, dtype=out or x.dtype, device=x.device)
    x = x if x.stride(1) == 1 else x.contiguous()
    block_m = max(16, min(ROWS, triton.next_power_of_2(m)))
    block_n = 64 if n >= 1024 else 16
    block_k = 128 if weight.element_size() == 1 else 64
    if weight.element_size() == 4 and block_m == ROWS:
        block_k = 32  # more of them spill registers
    tiles = triton.cdiv(n, block_n), triton.cdiv(m, block_m)
    splits = splits_of(tiles[0] * tiles[1], triton.cdiv(k, block_k))
    partial = arrived = y
    if splits > 1:
        partial = torch.empty(tiles[0] * tiles[1] * splits * block_n * block_m, device=x.device)
        arrived = counters(x.device)
    _linear[(tiles[0], splits, tiles[1])](
        x,
        weight,
        y if scale is None else scale,
        y if bias is None else bias,
        y,
        partial,
        arrived,
        m,
        n,
        k,
        x.stride(0),
        weight.stride(0),
        weight.stride(1),
        BLOCK_M=block_m,
        BLOCK_N=block_n,
        BLOCK_K=block_k,
        SPLITS=splits,
        HAS_SCALE=scale is not None,
        HAS_BIAS=bias is not None,
        TYPE=product_type(x, weight),
        num_warps=4,
        num_stages=4,
    )
    return y


def splits_of(tiles: int, steps: int) -> int:
    """How many programs share a tile. A power of two, so that few kernels are compiled."""
    wanted = min(PROGRAMS // tiles, steps, MOST_SPLITS)
    return max(1, 1 << (wanted.bit_length() - 1)) if wanted > 1 else 1


@lru_cache(maxsize=8)
def counters(device: torch.device) -> Tensor:
    """How many programs of each tile have arrived; the last one sets it back."""
    return torch.zeros(PROGRAMS, dtype=torch.int32, device=device)


@triton.jit
def _linear(
    x,
    weight,
    scale,
    bias,
    y,
    partial,
    arrived,
    M,
    N,
    K,
    stride_x,
    stride_n,
    stride_k,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
    SPLITS: tl.constexpr,
    HAS_SCALE: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    TYPE: tl.constexpr,
):
    split = tl.program_id(1)
    n = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    m = tl.program_id(2) * BLOCK_M + tl.arange(0, BLOCK_M)
    steps = (K + SPLITS * BLOCK_K - 1) // (SPLITS * BLOCK_K)
    acc = tl.zeros((BLOCK_N, BLOCK_M), tl.float32)
    for step in range(steps):
        k = (split * steps + step) * BLOCK_K + tl.arange(0, BLOCK_K)
        at = n[:, None].to(tl.int64) * stride_n + k[None, :] * stride_k
        a = tl.load(weight + at, mask=(n < N)[:, None] & (k < K)[None, :], other=0.0)
        b = tl.load(x + m[None, :] * stride_x + k[:, None], mask=(m < M)[None, :] & (k < K)[:, None], other=0.0)
        acc = tl.dot(a.to(TYPE), b.to(TYPE), acc, input_precision="ieee")
    last = True
    if SPLITS > 1:
        tile = tl.program_id(0) + tl.program_id(2) * tl.num_programs(0)
        within = tl.arange(0, BLOCK_N)[:, None] * BLOCK_M + tl.arange(0, BLOCK_M)[None, :]
        mine = partial + tile * (SPLITS * BLOCK_N * BLOCK_M) + within
        tl.store(mine + split * (BLOCK_N * BLOCK_M), acc)
        tl.debug_barrier()  # all of this program has stored before it counts as arrived
        last = tl.atomic_add(arrived + tile, 1, sem="acq_rel") == SPLITS - 1
        if last:
            acc = tl.zeros((BLOCK_N, BLOCK_M), tl.float32)
            for part in range(SPLITS):
                acc += tl.load(mine + part * (BLOCK_N * BLOCK_M), cache_modifier=".cg")
            tl.store(arrived + tile, 0)
    if last:
        if HAS_SCALE:
            acc *= tl.load(scale + n, mask=n < N, other=0.0).to(tl.float32)[:, None]
        if HAS_BIAS:
            acc += tl.load(bias + n, mask=n < N, other=0.0).to(tl.float32)[:, None]
        tl.store(y + m[None, :] * N + n[:, None], acc.to(y.dtype.element_ty), mask=(m < M)[None, :] & (n < N)[:, None])
