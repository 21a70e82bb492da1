"""The skinny product against torch's in double precision: odd sizes, one program a tile and several."""

import pytest
import torch

from inference.kernels.linear import linear, splits_of
from inference.network.linear import linear_fp8, quantize_fp8
from tests.inference.kernels.agree import assert_near

CASES = [
    (1, 40, 72, torch.float32),
    (5, 50, 300, torch.bfloat16),
    (17, 48, 128, torch.float16),
    (64, 33, 600, torch.float32),
    (70, 20, 40, torch.bfloat16),
]


@pytest.mark.parametrize(("m", "n", "k", "dtype"), CASES)
def test_fp8_weights(m, n, k, dtype):
    random = torch.Generator().manual_seed(m)
    weight, scale = quantize_fp8(torch.randn(n, k, generator=random))
    x, bias = torch.randn(m, k, generator=random).to(dtype), torch.randn(n, generator=random).to(dtype)
    for b in (None, bias):
        reference = x.double() @ (weight.double() * scale.double()).T + (0 if b is None else b.double())
        assert_near(linear(x, weight, scale, b), reference)
        if m <= 64:
            assert_near(linear_fp8(x, weight, scale, b), reference)  # which is how the network gets there


def test_a_router_is_float32_whatever_its_tokens_are():
    x, weight = torch.randn(3, 200, dtype=torch.bfloat16)[:, ::2], torch.randn(8, 100)
    torch.testing.assert_close(linear(x, weight, out=torch.float32), x.float() @ weight.T)


def test_small_weights_are_shared_among_programs():
    assert [splits_of(*shape) for shape in ((224, 32), (64, 96), (8, 64), (1, 3), (300, 8))] == [1, 4, 16, 2, 1]
