"""The network over oneDNN's weights is the plain network: few tokens and many, with and without a shared expert."""

from dataclasses import replace

import pytest
import torch

from inference.kv import ContiguousKV
from inference.network.packed import PackedLinear, PackedMoE, has_product, pack
from tests.inference.checkpoints import random_network, tiny_config

pytestmark = pytest.mark.skipif(not has_product(), reason="this torch has no oneDNN products")


@pytest.mark.parametrize("shared", [0, 1, 2])
@pytest.mark.parametrize("tokens", [1, 5, 40])
@pytest.mark.parametrize("few", [range(0), range(1, 100)], ids=["sorted", "wide"])
def test_packed_is_plain(shared, tokens, few):
    config = replace(tiny_config(), n_shared_experts=shared)
    plain, packed = (random_network(config, 4).requires_grad_(False) for _ in range(2))
    pack(packed)
    moes = [module for module in packed.modules() if isinstance(module, PackedMoE)]
    assert moes
    for module in moes:
        module.few = few
    ids, positions = torch.randint(160, (tokens,)), torch.arange(tokens)
    with torch.inference_mode():
        hidden = plain(ids, positions, ContiguousKV([tokens]))
        torch.testing.assert_close(packed(ids, positions, ContiguousKV([tokens])), hidden, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(packed.logits(hidden), plain.logits(hidden), atol=1e-4, rtol=1e-4)
        drafted = [net.draft(ids, hidden, positions, ContiguousKV([tokens])) for net in (plain, packed)]
    torch.testing.assert_close(*drafted, atol=1e-4, rtol=1e-4)


def test_what_has_no_such_product_stays_plain():
    network = pack(random_network(tiny_config(), 0).to(torch.bfloat16))
    assert not any(isinstance(module, PackedLinear | PackedMoE) for module in network.modules())
