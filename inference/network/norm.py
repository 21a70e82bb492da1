"""Root-mean-square norm, in float32 inside."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference import kernels


class RMSNorm(nn.Module):
    def __init__(self, width: int, eps: float, *, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.empty(width, dtype=dtype, device=device))

    def forward(self, x: Tensor) -> Tensor:
        return rms_norm(x, self.weight, self.eps)

    def after(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return add_rms_norm(x, y, self.weight, self.eps)


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    if kernels.serve(x):
        from inference.kernels.norm import rms_norm as by_kernel

        return by_kernel(x, weight, eps)
    return functional.rms_norm(x, (x.shape[-1],), weight, eps)


def add_rms_norm(x: Tensor, y: Tensor, weight: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """x + y, and its norm."""
    if kernels.serve(x):
        from inference.kernels.norm import add_rms_norm as by_kernel

        return by_kernel(x, y, weight, eps)
    both = x + y
    return both, rms_norm(both, weight, eps)
