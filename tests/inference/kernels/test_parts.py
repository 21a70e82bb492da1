"""The smaller kernels: norm, rotary embedding with its keys kept, router."""

from dataclasses import replace

import pytest
import torch

from inference import kernels
from inference.kernels.attention import plan
from inference.kernels.rotary import Norms, Place, turn_and_keep
from inference.network.moe import route
from inference.network.norm import add_rms_norm, rms_norm
from inference.network.rotary import rotary, rotary_angles, rotary_table
from tests.inference.checkpoints import tiny_config
from tests.inference.kernels.agree import assert_near


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_norm_with_and_without_an_addition(dtype):
    torch.manual_seed(0)
    x, y, weight = (torch.randn(*shape).to(dtype) for shape in ((3, 72), (3, 72), (72,)))
    both, normed = add_rms_norm(x, y, weight, 1e-5)
    assert_near(both, x.double() + y.double())
    for mine, of in ((normed, both), (rms_norm(x, weight, 1e-5), x)):
        expected = of.double() * (of.double().square().mean(-1, keepdim=True) + 1e-5).rsqrt() * weight.double()
        assert_near(mine, expected)


@pytest.mark.parametrize("normed", [True, False])
def test_what_is_turned_is_kept(normed):
    """Nine query heads and two of keys: programs end within each kind. What was in other slots stays."""
    torch.manual_seed(0)
    tokens, heads, kv_heads, dim = 3, 9, 2, 24
    qkv = torch.randn(tokens, heads + 2 * kv_heads, dim)
    cos, sin = rotary_angles(rotary_table(50, 12, 1e4, torch.device("cpu")), torch.tensor([3, 9, 40]), dim, qkv.dtype)
    keys, values = torch.zeros(1, kv_heads, 7, dim), torch.zeros(1, kv_heads, 7, dim)
    norms = Norms(torch.randn(dim), torch.randn(dim), 1e-5) if normed else None
    place = Place(keys, values, torch.tensor([5, 0, 2]), plan([[0]], [1], [1], 1, torch.device("cpu")))
    q = turn_and_keep(qkv, cos, sin, 12, place, norms)
    with kernels.serving(False):
        plain, k, v = torch.split(qkv, [heads, kv_heads, kv_heads], 1)
        if norms:
            plain, k = rms_norm(plain, norms.q, 1e-5), rms_norm(k, norms.k, 1e-5)
        plain, k = rotary(plain, cos, sin, 12), rotary(k, cos, sin, 12)
    assert_near(q, plain)
    assert_near(keys[0, :, [5, 0, 2]].transpose(0, 1), k)
    assert torch.equal(values[0, :, [5, 0, 2]].transpose(0, 1), v)
    assert not keys[0, :, [1, 3, 4, 6]].any()
    assert not values[0, :, [1, 3, 4, 6]].any()


@pytest.mark.parametrize("normed", [True, False])
def test_the_router_chooses_the_same_experts(normed):
    torch.manual_seed(0)
    config = replace(tiny_config(n_routed_experts=11, routed_scaling_factor=2.5), norm_topk_prob=normed)
    x, weight, bias = torch.randn(5, 70, dtype=torch.bfloat16), torch.randn(11, 70) / 8, torch.randn(11)
    found = route(x, weight, bias, config)
    with kernels.serving(False):
        plain = route(x, weight, bias, config)
    order, plain_order = found[0].argsort(-1), plain[0].argsort(-1)
    assert torch.equal(found[0].gather(1, order), plain[0].gather(1, plain_order))
    torch.testing.assert_close(found[1].gather(1, order), plain[1].gather(1, plain_order))


def test_a_router_without_numbers_chooses_experts_that_exist():
    x, weight = torch.full((2, 32), float("nan")), torch.randn(6, 32)
    chosen, _ = route(x, weight, torch.zeros(6), tiny_config(n_routed_experts=6))
    assert 0 <= chosen.min() <= chosen.max() < 6
