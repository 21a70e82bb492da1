"""The GPU's bench on a tiny network under the interpreter: its checks, its bytes; and what it says without a GPU."""

import pytest
import torch

from inference import kernels
from inference.__main__ import main
from inference.bench import gpu
from inference.bench.agree import check, compared
from inference.bench.air import AIR, fill, step_bytes
from inference.errors import EngineError
from inference.kernels import attention, linear
from inference.kv import KVPool
from inference.network.glm4_moe import Glm4Moe
from tests.inference.checkpoints import fp8_config, tiny_config


@pytest.fixture(scope="module")
def network():
    return fill(Glm4Moe(fp8_config(tiny_config(num_hidden_layers=2)))).requires_grad_(False)


def test_all_is_checked_and_nothing_is_wrong(network, monkeypatch):
    for module in (attention, linear):
        monkeypatch.setattr(module, "PROGRAMS", 12)
    names = [name for name, _ in check(network, (2,), (3,))]
    assert len(names) == 9
    with pytest.raises(EngineError, match="differs from plain torch by nan"):
        compared("nothing", lambda x: torch.empty_like(x) if kernels.serve(x) else x, torch.ones(2, 2))


def test_it_times_steps_and_says_what_does_not_fit(network, monkeypatch):
    monkeypatch.setattr(gpu, "BATCHES", (1, 9))
    monkeypatch.setattr(gpu, "CONTEXTS", (8,))
    monkeypatch.setattr(gpu, "DRAFTS", ((1, 1.5),))
    monkeypatch.setattr(gpu, "STEPS", 1)
    monkeypatch.setattr(gpu, "timed", lambda run, *_, **__: run() or 0.5)
    for module in (attention, linear):
        monkeypatch.setattr(module, "PROGRAMS", 12)
    pool = KVPool(network.config, 8, 32)
    with torch.inference_mode():
        lines = list(gpu.speeds(network, pool, 1e9, float("inf")))
        monkeypatch.setattr(gpu, "BATCHES", (1,))
        lines += gpu.parts(network, 1e9)
    assert [line[2].split(";")[0] for line in lines[:2]] == ["3 tokens/s", "its keys do not fit"]
    assert len(lines) == 2 + 5


def test_a_step_reads_what_the_arithmetic_says():
    """13.5 GB of weights at batch 1, and 188 KB of keys and values for each position."""
    network = Glm4Moe(AIR, dtype=torch.bfloat16, device="meta")
    assert step_bytes(network, 1, 0, 0) == pytest.approx(13.5e9, rel=0.01)
    grown = step_bytes(network, 1, 4096, 0) - step_bytes(network, 1, 0, 0)
    assert grown == pytest.approx(188e3 * 4096, rel=0.01)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(capsys):
    assert main(["bench", "--gpu"]) == 1
    assert "No CUDA device was found" in capsys.readouterr().err
