"""A tiny checkpoint over the kernels and in plain torch: the same hidden states, the same tokens."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from triton.runtime.interpreter import GridExecutor

from inference import kernels
from inference.drafting.mtp import MTPDrafter
from inference.fixed import recorded
from inference.graphs import Recorded
from inference.kernels import attention, linear
from inference.kv import KVPool, PagedKV
from inference.loop import Loop
from inference.network.glm4_moe import Glm4Moe
from inference.request import Sampling
from inference.step import Work
from tests.inference.checkpoints import fp8_config, random_network, tiny_config
from tests.inference.serving import GREEDY, ask, serve

WORKS = [Work(0, tuple(range(9)), 0, (5, 1, 7)), Work(1, (3, 4), 0, (2,)), Work(2, (9,), 0, (3,))]


@pytest.fixture(autouse=True)
def few_programs(monkeypatch):
    """As if the GPU were small: the interpreter runs one after another."""
    for module in (attention, linear):
        monkeypatch.setattr(module, "PROGRAMS", 12)


class Forbidding(TorchDispatchMode):
    """What a graph can't hold: asking the device, and telling it what only the host knows."""

    OPERATIONS = ("_local_scalar_dense", "nonzero", "lift_fresh", "item", "unique", "bincount", "masked_select")

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        assert not any(name in str(operation) for name in self.OPERATIONS), operation
        return operation(*args, **(kwargs or {}))


@pytest.fixture
def on_the_device(monkeypatch):
    """Steps are held to it, not what the interpreter does to run a kernel; and an argmax is torch's, as on a GPU."""
    run = GridExecutor.__call__

    def launch(self, *args, **options):
        with _disable_current_modes():
            return run(self, *args, **options)

    def held(step):
        def run(self):
            with Forbidding():
                step(self)

        return run

    monkeypatch.setattr(GridExecutor, "__call__", launch)
    for module in ("fixed", "graphs"):
        monkeypatch.setattr(f"inference.{module}.argmax", lambda logits: logits.argmax(-1))
    for owner in (Loop, Recorded):
        monkeypatch.setattr(owner, "step", held(owner.step))


def run(network: Glm4Moe, on: bool):
    with torch.no_grad(), kernels.serving(on):
        pool = KVPool(network.config, 12, 4)
        kv = PagedKV(pool, WORKS)
        hidden = network(kv.ids, kv.positions, kv)
        drafted = network.draft(kv.ids, hidden, kv.positions, PagedKV(pool, WORKS, [0, 2]), torch.tensor([8, 11]))
        return network.logits(hidden), drafted


@pytest.mark.parametrize("fp8", [True, False], ids=["fp8", "float32"])
def test_the_network_over_kernels_is_the_network(fp8):
    layers = {"num_hidden_layers": 2} if fp8 else {"num_hidden_layers": 1, "first_k_dense_replace": 0}
    config = tiny_config(use_qk_norm=not fp8, **layers)
    network = random_network(fp8_config(config) if fp8 else config, 3)
    for mine, plain in zip(run(network, True), run(network, False), strict=True):
        torch.testing.assert_close(mine, plain, atol=1e-4, rtol=1e-4)


@pytest.mark.usefixtures("on_the_device")
def test_replies_over_kernels_are_the_replies():
    """Greedy and sampled, a batch, with drafts; prompts step by step, then recorded steps."""
    network = random_network(fp8_config(tiny_config(num_hidden_layers=1, first_k_dense_replace=0)), 3)
    requests = [
        ask([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], GREEDY, max_tokens=3),
        ask([7], Sampling(temperature=0.8, top_p=0.9, seed=3), max_tokens=3),
    ]
    with kernels.serving(False):
        plain = serve(network, requests)
    served = serve(network, requests, MTPDrafter(network), 2, max_batch=2, recorded=True)
    assert served.replies == plain.replies
    assert served.replayed


@pytest.mark.usefixtures("on_the_device")
@torch.inference_mode()
def test_a_loop_on_the_device_says_what_the_runner_says():
    network = random_network(fp8_config(tiny_config(num_hidden_layers=1, first_k_dense_replace=0)), 5)
    prompts = [(3, 1, 4, 1, 5), (9, 2)]
    with kernels.serving(False):
        plain = serve(network, [ask(prompt, GREEDY, max_tokens=4) for prompt in prompts]).replies
        pool = KVPool(network.config, 16, 4)
        blocks = [[3, 7, 1, 9, 11], [2, 8, 0, 5]]
        kv = PagedKV(pool, [Work(row, prompt, 0, blocks[row]) for row, prompt in enumerate(prompts)])
        hidden = network(kv.ids, kv.positions, kv)
        following = torch.tensor([*prompts[0][1:], plain[0][0], prompts[1][1], plain[1][0]])
        network.draft(following, hidden, kv.positions, kv)
    loop = Loop(network, pool, blocks, [5, 2], [reply[0] for reply in plain], drafts=2)
    said = [reply[:1] for reply in plain]
    step = recorded(loop.step, pool.device)
    for _ in range(3):
        step()
        for reply, drawn, stood in zip(said, loop.drawn.tolist(), loop.stood.tolist(), strict=True):
            reply += drawn[: stood + 1]
    assert [reply[:4] for reply in said] == plain


@torch.inference_mode()
def test_a_loop_can_be_told_what_stands():
    network = random_network(tiny_config(num_hidden_layers=1), 5)
    forced = torch.tensor([[1, 0], [0, 1]])
    loop = Loop(network, KVPool(network.config, 16, 4), [[3, 7], [2, 8]], [1, 2], [4, 5], drafts=1, forced=forced)
    for _ in range(2):
        loop.step()
    assert loop.lengths.tolist() == [4, 5]
