"""From the projection to attention: queries and keys normed (where the model does) and turned, keys and values kept."""

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from inference.kernels.attention import Plan

HEADS = 8  # of a token that one program takes


class Place(NamedTuple):
    """Where a layer keeps this step's tokens and reads all before them."""

    keys: Tensor  # [1, kv_heads, slots, D]
    values: Tensor
    slots: Tensor  # [T]
    plan: Plan


class Norms(NamedTuple):
    q: Tensor
    k: Tensor
    eps: float


def turn_and_keep(qkv: Tensor, cos: Tensor, sin: Tensor, dim: int, place: Place, norms: Norms | None) -> Tensor:
    """qkv [T, heads + 2 kv_heads, D], contiguous; cos and sin [T, 1, D] → q [T, heads, D]."""
    tokens, heads, head_dim = qkv.shape
    kv_heads = place.keys.shape[1]
    q = torch.empty(tokens, heads - 2 * kv_heads, head_dim, dtype=qkv.dtype, device=qkv.device)
    _turn[(tokens, triton.cdiv(heads, HEADS))](
        qkv,
        cos,
        sin,
        q,
        place.keys,
        place.values,
        place.slots,
        norms.q if norms else qkv,
        norms.k if norms else qkv,
        norms.eps if norms else 0.0,
        heads - 2 * kv_heads,
        kv_heads,
        place.keys.stride(1),
        TURNED=dim,
        NORMED=norms is not None,
        HEADS=HEADS,
        D=head_dim,
        DIM=triton.next_power_of_2(head_dim),
    )
    return q


@triton.jit
def _turn(
    qkv,
    cos,
    sin,
    q,
    keys,
    values,
    slots,
    q_norm,
    k_norm,
    eps,
    Q_HEADS,
    KV_HEADS,
    stride_kv,
    TURNED: tl.constexpr,
    NORMED: tl.constexpr,
    HEADS: tl.constexpr,
    D: tl.constexpr,
    DIM: tl.constexpr,
):
    token = tl.program_id(0).to(tl.int64)
    head = tl.program_id(1) * HEADS + tl.arange(0, HEADS)[:, None]
    d = tl.arange(0, DIM)[None, :]
    other = tl.where(d < TURNED // 2, d + TURNED // 2, tl.where(d < TURNED, d - TURNED // 2, d))
    all_heads = Q_HEADS + 2 * KV_HEADS
    there = (head < all_heads) & (d < D)
    base = qkv + (token * all_heads + head) * D
    plain = tl.load(base + d, mask=there, other=0.0)
    x = plain.to(tl.float32)
    partner = tl.load(base + other, mask=there, other=0.0).to(tl.float32)
    if NORMED:
        scale = tl.rsqrt(tl.sum(x * x, 1) / D + eps)[:, None]
        is_q = head < Q_HEADS
        x *= scale * tl.where(
            is_q, tl.load(q_norm + d, mask=d < D, other=0.0), tl.load(k_norm + d, mask=d < D, other=0.0)
        ).to(tl.float32)
        partner *= scale * tl.where(
            is_q, tl.load(q_norm + other, mask=d < D, other=0.0), tl.load(k_norm + other, mask=d < D, other=0.0)
        ).to(tl.float32)
    c = tl.load(cos + token * D + d, mask=d < D, other=0.0).to(tl.float32)
    s = tl.load(sin + token * D + d, mask=d < D, other=0.0).to(tl.float32)
    turned = x * c + partner * s
    slot = tl.load(slots + token)
    tl.store(q + (token * Q_HEADS + head) * D + d, turned.to(q.dtype.element_ty), mask=there & (head < Q_HEADS))
    k_head, v_head = head - Q_HEADS, head - Q_HEADS - KV_HEADS
    at = k_head * stride_kv + slot * D + d
    tl.store(keys + at, turned.to(keys.dtype.element_ty), mask=there & (k_head >= 0) & (v_head < 0))
    at = v_head * stride_kv + slot * D + d
    tl.store(values + at, plain.to(values.dtype.element_ty), mask=there & (v_head >= 0))
