"""How near a kernel must come to its reference, which is computed in double precision."""

import torch
from torch import Tensor

NEAR = {torch.float32: 1e-5, torch.float16: 2e-3, torch.bfloat16: 1e-2}


def assert_near(found: Tensor, reference: Tensor) -> None:
    """The greatest error against the greatest value; a NaN anywhere is an output that was not written."""
    assert found.shape == reference.shape
    assert found.isfinite().all()
    error = (found.double() - reference.double()).abs().max() / reference.double().abs().max()
    assert error <= NEAR[found.dtype], float(error)
