"""The GPU's bench on a tiny network under the interpreter: its checks, its figures; and what it says without a GPU."""

import json
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import torch

from inference import kernels
from inference.__main__ import main
from inference.bench import gpu, prefill, served, steps
from inference.bench.agree import MOST, checks, error_of
from inference.bench.air import AIR, cut, fill, operations, shortened, step_bytes
from inference.bench.device import Busy, busy, copy_bandwidth, multiplications, watched
from inference.bench.goals import judge
from inference.bench.steps import Shape, Step, fitting, told_to_stand
from inference.bench.theirs_gpu import Their
from inference.kernels import attention, linear
from inference.kv import KVPool
from inference.network.glm4_moe import Glm4Moe
from tests.inference.checkpoints import fp8_config, tiny_config

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network():
    return fill(Glm4Moe(fp8_config(tiny_config(num_hidden_layers=2)))).requires_grad_(False)


@pytest.fixture
def small(monkeypatch):
    """As if the GPU were small, and the bench asked for little."""
    for module in (attention, linear):
        monkeypatch.setattr(module, "PROGRAMS", 12)
    for module in (gpu, steps):
        monkeypatch.setattr(module, "BATCHES", (1,))
        monkeypatch.setattr(module, "CONTEXTS", (8,))
    monkeypatch.setattr(steps, "DRAFTS", ((0, 1.0), (1, 1.8)))
    for module in ("parts", "steps", "prefill"):
        monkeypatch.setattr(f"inference.bench.{module}.timed", lambda run, *_, **__: run() or 0.5)


def test_all_is_checked_and_nothing_is_wrong(network, small):
    errors = {name: check() for name, check in checks(network, (2,), (3,))}
    assert len(errors) == 10
    assert max(errors.values()) <= MOST
    spoiled = error_of(lambda x: torch.empty_like(x) if kernels.serve(x) else x, torch.ones(2, 2))
    assert spoiled != spoiled


@torch.inference_mode()
def test_it_measures_all_of_ours_and_goes_on_after_what_fails(network, small, monkeypatch, capsys):
    found = gpu.Found()
    memory = torch.zeros(1 << 18)
    monkeypatch.setattr(gpu, "Glm4Moe", lambda *_, **__: network)
    monkeypatch.setattr(gpu, "free_memory", lambda *_: memory)
    monkeypatch.setattr(gpu, "CHECKED", ((), ()))
    monkeypatch.setattr(gpu, "ATTENDED", ((1, 1),))
    monkeypatch.setattr(steps, "watched", lambda *_: Busy(2e-3, 1e-3, {"_up": 1e-3}))
    monkeypatch.setattr(gpu, "SERVED", ((1, 1, False),))
    monkeypatch.setattr(served, "WARM", 1)
    monkeypatch.setattr(served, "STEPS", 1)
    broken = ("broken", lambda: 1 / 0)
    monkeypatch.setattr(gpu, "parts", lambda *given, real=gpu.parts: iter([*real(*given), broken]))
    gpu.ours(found, network.config, CPU, 1e9, float("inf"))
    assert len(found.parts) == 6 + 1
    assert [step.shape.drafts for step in found.steps] == [0, 1]
    assert len(found.cut) == len(found.served) == 1
    assert found.served[0].replayed == 2
    assert found.failed == ["broken: division by zero"]
    said = gpu.report(found, 1e9)
    assert said.index("| kernel |") < said.index("- broken: division by zero") < said.index("| goal |")
    assert "gaps 50.0%" in said
    assert "_up 1.00" in said
    capsys.readouterr()


@torch.inference_mode()
def test_a_network_is_cut_over_the_same_memory(network):
    short = cut(network, 1)
    assert short.config.num_hidden_layers == 1
    assert [layer.layer for layer in short.model.layers] == [0, 1]
    assert short.model.layers[1].eh_proj.weight.data_ptr() == network.model.layers[2].eh_proj.weight.data_ptr()
    assert not any(tensor.is_meta for tensor in (*short.parameters(), *short.buffers()))
    assert shortened(shortened(AIR, 4), 46) == AIR


def test_where_keys_do_not_fit_fewer_layers_are_measured():
    memory = 32 * 10**9
    by_shape = {(one.rows, one.context, one.drafts): one.layers for one in steps.shapes(AIR, memory)}
    assert by_shape[1, 4096, 0] == by_shape[32, 4096, 3] == by_shape[1, 32768, 3] == 46
    assert 2 < by_shape[32, 32768, 0] < by_shape[8, 32768, 0] < 46
    assert fitting(AIR, memory, 10**9) < 1
    assert "cut to" in str(Shape(32, 32768, 0, 1.0, 6, 46))


@pytest.mark.parametrize(("drafts", "said"), [(1, 1.8), (3, 1.8), (3, 2.5)])
def test_as_many_guesses_stand_as_are_told(drafts, said):
    told = told_to_stand(said, drafts, 3)
    assert told.double().mean(0).tolist() == pytest.approx([said - 1] * 3)
    assert 0 <= told.min() <= told.max() <= drafts
    with pytest.raises(ValueError, match="can't say"):
        told_to_stand(2.5, 1, 3)


def test_a_step_reads_and_computes_what_the_arithmetic_says():
    """13.5 GB of weights at batch 1, and 188 KB of keys and values for each position; 12.2 G weights a token."""
    network = Glm4Moe(AIR, dtype=torch.bfloat16, device="meta")
    assert step_bytes(network, 1, 0, 0) == pytest.approx(13.5e9, rel=0.01)
    grown = step_bytes(network, 1, 4096, 0) - step_bytes(network, 1, 0, 0)
    assert grown == pytest.approx(188e3 * 4096, rel=0.01)
    attended = 46 * 4 * 96 * 128 * 1000 * 500.5
    assert operations(network, 1000, 0, drawn=0) == pytest.approx(1000 * 2 * 12.2e9 + attended, rel=0.01)


def test_gaps_are_where_nothing_works():
    spans = [(10.0, 20.0, "a"), (15.0, 25.0, "b"), (30.0, 40.0, "a")]
    found = busy(spans, 1)
    assert found.gaps == pytest.approx(5 / 30)
    assert found.kernels == pytest.approx({"a": 20e-6, "b": 10e-6})
    assert busy([], 3).gaps == 0.0
    assert watched(lambda: torch.ones(9).sum(), CPU).working > 0.0
    assert min(copy_bandwidth(CPU, 1 << 10), multiplications(CPU, 8)) > 0.0


def step(rows, drafts, said, seconds, context=4096):
    return Step(Shape(rows, context, drafts, said, 46, 46), seconds, seconds, 1e9, 1e9)


def test_goals_are_judged_by_what_was_measured():
    ours = [step(1, 0, 1.0, 2.0), step(8, 0, 1.0, 1.0), step(8, 1, 1.8, 1.5), step(8, 3, 1.8, 1.3), step(8, 3, 2.5, 1)]
    theirs = [Their("a", 1, 4096, 16, None, "no"), Their("b", 1, 4096, 16, 9.0), Their("c", 1, 4096, 16, 12.0)]
    goals = judge(ours, theirs, [step(1, 0, 1.0, 1.0)], 1e9)
    assert [(goal.found, goal.reached) for goal in goals] == [
        ("50.0%", True),
        ("100.0%", True),
        ("1.38 ×", True),
        ("not measured", False),
        ("9.0 ×", False),
    ]
    assert "(b)" in goals[-1].what


def test_what_they_said_until_their_time_was_over_counts(monkeypatch, capsys):
    said = json.dumps({"way": "a", "rows": 1, "context": 8, "layers": 2, "seconds": 0.5, "error": ""}) + "\n{half"

    def run(command, **_):
        assert command[:3] == [sys.executable, "-m", "inference.bench.theirs_gpu"]
        raise subprocess.TimeoutExpired(command, 1, said.encode())

    monkeypatch.setattr(gpu, "subprocess", SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired))
    found = gpu.Found()
    gpu.theirs(found, 2, time.monotonic() + 99)
    assert found.theirs == [Their("a", 1, 8, 2, 0.5)]
    assert found.failed == ["transformers: its time was over"]
    assert "| a, batch 1, 8 of context, 2 layers | 500.00 ms | 2 |" in gpu.report(found, 1e9)
    capsys.readouterr()


@torch.inference_mode()
def test_prompts_are_read_in_pieces_and_a_turn_is_found_again(network, small, monkeypatch):
    for name, value in {"PIECES": (5,), "BEHIND": (0, 8), "CACHED": 8, "NEW": 3, "ROUNDS": 1}.items():
        monkeypatch.setattr(prefill, name, value)
    limits = prefill.Limits(1e9, 1e9)
    with kernels.serving(False):
        lines = [make() for _, make in prefill.measurements(network, KVPool(network.config, 32, 4), limits)]
    assert [line[0].partition(" behind")[0] for line in lines] == ["5 tokens"] * 2 + ["first token of 3 new tokens"]
    assert lines[0][2] == "10 tokens/s"
    assert "uncached" in lines[2][2]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("more", [[], ["--prefill", "--layers", "4"]])
def test_without_a_gpu_it_says_so(capsys, more):
    assert main(["bench", "--gpu", *more]) == 1
    assert "No CUDA device was found" in capsys.readouterr().err
