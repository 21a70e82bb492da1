"""Experts as one fused feed-forward against each computed by itself, in double precision."""

from itertools import pairwise

import pytest
import torch
from torch.nn import functional

from inference.kernels.moe import Weights, experts
from inference.kernels.tiles import group, sort
from inference.network.linear import quantize_fp8
from tests.inference.kernels.agree import assert_near

EXPERTS, HIDDEN, WIDTH = 6, 80, 40


def stacks(fp8: bool, dtype: torch.dtype, random: torch.Generator, *first: int) -> Weights:
    gate_up = torch.randn(*first, 2 * WIDTH, HIDDEN, generator=random) / 9
    down = torch.randn(*first, HIDDEN, WIDTH, generator=random) / 6
    if fp8:
        return Weights(*quantize_fp8(gate_up), *quantize_fp8(down))
    return Weights(gate_up.to(dtype), None, down.to(dtype).mT.contiguous().mT, None)


def double(weight, scale):
    return weight.double() * (1.0 if scale is None else scale.double())


def through(x, weights: Weights):
    gate, up = (double(*weights[:2]) @ x).chunk(2)
    return double(*weights[2:]) @ (functional.silu(gate) * up)


def one(weights: Weights, expert: int) -> Weights:
    return Weights(*(None if part is None else part[expert] for part in weights))


@pytest.mark.parametrize(
    ("tokens", "fp8", "dtype", "with_shared"),
    [
        (1, True, torch.float32, True),
        (5, True, torch.bfloat16, True),
        (40, True, torch.float16, False),
        (23, False, torch.float32, True),
        (3, False, torch.bfloat16, False),
    ],
)
def test_fused_is_the_sum_of_each(tokens, fp8, dtype, with_shared):
    random = torch.Generator().manual_seed(tokens)
    x = torch.randn(tokens, HIDDEN, generator=random).to(dtype)
    chosen = torch.rand(tokens, EXPERTS - 1, generator=random).topk(2).indices  # the last one is empty
    weights = torch.rand(tokens, 2, generator=random)
    routed, shared = stacks(fp8, dtype, random, EXPERTS), stacks(fp8, dtype, random) if with_shared else None
    expected = torch.zeros(tokens, HIDDEN, dtype=torch.float64)
    for token, row in enumerate(x.double()):
        for expert, weight in zip(chosen[token].tolist(), weights[token].double(), strict=True):
            expected[token] += weight * through(row, one(routed, expert))
        if shared:
            expected[token] += through(row, shared)
    assert_near(experts(x, chosen, weights, routed, shared), expected)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(("tokens", "kept"), [(1, 3), (37, 3), (50, 1)])
def test_tiles_hold_each_pair_once(tokens, kept, shared):
    """By the kernel and by torch: the same tiles of the same experts, in the same order."""
    random = torch.Generator().manual_seed(tokens)
    chosen = torch.rand(tokens, 9, generator=random)[:, :7].topk(kept).indices
    found = group(chosen, 9, 16, shared)
    for mine, theirs in zip(found, sort(chosen, 9, 16, shared, len(found.experts)), strict=True):
        assert torch.equal(mine, theirs)
    pairs = [pair for row in found.pairs.tolist() for pair in row if pair >= 0]
    assert sorted(pairs) == list(range(tokens * kept + (tokens if shared else 0)))
    used = [expert for expert in found.experts.tolist() if expert >= 0]
    assert all(one <= other for one, other in pairwise(used))
    owners = torch.cat((chosen.flatten(), torch.full((tokens,), 9)))
    for expert, row in zip(found.experts.tolist(), found.pairs.tolist(), strict=True):
        assert all(owners[pair] == expert for pair in row if pair >= 0)
