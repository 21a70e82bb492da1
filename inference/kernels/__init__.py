"""The engine's hot operations as Triton kernels, for tensors on a GPU. Nothing outside imports Triton.

Each belongs to a function of the engine that does the same in plain torch, calls the kernel where `serve` says so, and
stays its reference. Kernels know no gradient. Without a GPU they run in Triton's interpreter, for tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import torch
from torch import Tensor

FOUND = find_spec("triton") is not None
FEW_ROWS = 64  # so many are still less work than reading the weight
_told: bool | None = None


def serve(x: Tensor) -> bool:
    """Whether an operation on x is the kernels'."""
    if _told is None:
        return x.is_cuda and FOUND and not torch.is_grad_enabled()
    return _told


@contextmanager
def serving(on: bool) -> Iterator[None]:
    """Whether kernels serve meanwhile, wherever tensors lie. On a CPU they are interpreted, for which
    TRITON_INTERPRET=1 must have been set before Triton was imported."""
    global _told
    before, _told = _told, on
    try:
        yield
    finally:
        _told = before
