"""Root-mean-square norm, and the addition before it, in one pass over the row."""

import torch
import triton
import triton.language as tl
from torch import Tensor


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    rows = x.reshape(-1, x.shape[-1])
    out = torch.empty_like(rows)
    _launch(rows, rows, weight, rows, out, eps, added=False)
    return out.view(x.shape)


def add_rms_norm(x: Tensor, y: Tensor, weight: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """x + y in their own precision, and its norm: x, y [T, H]."""
    x, y = x.contiguous(), y.contiguous()
    both, out = torch.empty_like(x), torch.empty_like(x)
    _launch(x, y, weight, both, out, eps, added=True)
    return both, out


def _launch(x, y, weight, both, out, eps: float, *, added: bool) -> None:
    width = x.shape[-1]
    block = triton.next_power_of_2(width)
    _norm[(len(x),)](x, y, weight, both, out, eps, width, ADDED=added, BLOCK=block, num_warps=8 if block > 1024 else 4)


@triton.jit
def _norm(x, y, weight, both, out, eps, WIDTH, ADDED: tl.constexpr, BLOCK: tl.constexpr):
    d = tl.arange(0, BLOCK)
    at = tl.program_id(0).to(tl.int64) * WIDTH + d
    row = tl.load(x + at, mask=d < WIDTH, other=0.0).to(tl.float32)
    if ADDED:
        row += tl.load(y + at, mask=d < WIDTH, other=0.0).to(tl.float32)
        kept = row.to(both.dtype.element_ty)
        tl.store(both + at, kept, mask=d < WIDTH)
        row = kept.to(tl.float32)
    row *= tl.rsqrt(tl.sum(row * row, 0) / WIDTH + eps)
    row *= tl.load(weight + d, mask=d < WIDTH, other=0.0).to(tl.float32)
    tl.store(out + at, row.to(out.dtype.element_ty), mask=d < WIDTH)
