"""A tiny checkpoint's network over the kernels and in plain torch: the same hidden states, the same tokens."""

import pytest
import torch

from inference import kernels
from inference.kv import KVPool, PagedKV
from inference.network.glm4_moe import Glm4Moe
from inference.step import Work
from tests.inference.checkpoints import fp8_config, random_network, tiny_config

WORKS = [Work(0, tuple(range(9)), 0, (5, 1, 7)), Work(1, (3, 4), 0, (2,)), Work(2, (9,), 0, (3,))]


def run(network: Glm4Moe, on: bool):
    with torch.no_grad(), kernels.interpreted(on):
        pool = KVPool(network.config, 12, 4)
        kv = PagedKV(pool, WORKS)
        hidden = network(kv.ids, kv.positions, kv)
        drafted = network.draft(kv.ids, hidden, kv.positions, PagedKV(pool, WORKS, [0, 2]), torch.tensor([8, 11]))
        return network.logits(hidden), drafted


@pytest.mark.parametrize("fp8", [True, False], ids=["fp8", "float32"])
def test_the_network_over_kernels_is_the_network(fp8):
    config = tiny_config(num_hidden_layers=2, use_qk_norm=not fp8)
    network = random_network(fp8_config(config) if fp8 else config, 3)
    for mine, plain in zip(run(network, True), run(network, False), strict=True):
        torch.testing.assert_close(mine, plain, atol=1e-4, rtol=1e-4)
