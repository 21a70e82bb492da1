"""In which type a kernel multiplies."""

import torch
import triton
import triton.language as tl
from torch import Tensor

TYPES = {torch.float32: tl.float32, torch.bfloat16: tl.bfloat16, torch.float16: tl.float16}


def product_type(*tensors: Tensor) -> tl.dtype:
    """The activations' own, FP8 weights made equal to them; float32 as soon as one of them is.

    Triton's interpreter (3.7) takes bfloat16's bits for integers in a product, so there the product is float32's.
    """
    kinds = {x.dtype for x in tensors if x.element_size() > 1}
    if len(kinds) > 1 or (kinds == {torch.bfloat16} and triton.knobs.runtime.interpret):
        return tl.float32
    return TYPES[kinds.pop()]
