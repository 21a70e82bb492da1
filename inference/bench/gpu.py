"""`python -m inference bench --gpu`: the kernels on GLM-4.5-Air's shapes, against plain torch and against the memory.

Random weights say nothing, so how many guesses stand is told; what is measured is the time of a step.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch

from inference.bench.agree import BLOCK, check
from inference.bench.air import AIR, fill, moe_bytes, size, step_bytes
from inference.errors import EngineError
from inference.kv import KVPool
from inference.loop import Loop, recorded
from inference.network.glm4_moe import Glm4Moe

BATCHES, CONTEXTS = (1, 8, 32), (4096, 32768)
DRAFTS = ((0, 1.0), (1, 1.8), (3, 2.5))  # how many, and how many tokens a step says then
STEPS = 20
LIMIT = 540.0  # seconds
SPARE = 4 << 30  # bytes left for what a step computes with

Line = tuple[str, ...]


@torch.inference_mode()
def measure_gpu() -> int:
    if not torch.cuda.is_available():
        raise EngineError("No CUDA device was found: the GPU's bench needs one of about 139 GiB.")
    began, device = time.monotonic(), torch.device("cuda")
    bandwidth = copy_bandwidth(device)
    print(
        f"{torch.cuda.get_device_name()}, torch {torch.__version__}; copying: {bandwidth / 1e12:.2f} TB/s", flush=True
    )
    network = fill(Glm4Moe(AIR, dtype=torch.bfloat16, device=device))
    for name, error in check(network, (1, 8, 32, 64, 300), (1, 100, 4096)):
        print(f"right: {name} ({error:.1e})", flush=True)
    free = torch.cuda.mem_get_info()[0] - SPARE
    held = 2 * len(network.model.layers) * AIR.num_key_value_heads * AIR.head_dim * 2  # bytes of a position
    pool = KVPool(AIR, free // (held * BLOCK), BLOCK, device, torch.bfloat16)
    for tensor in (*pool.k, *pool.v):
        tensor.normal_()
    lines: list[Line] = []
    for line in (*parts(network, bandwidth), *speeds(network, pool, bandwidth, began + LIMIT)):
        lines.append(line)
        print(" · ".join(line), flush=True)
    print(f"\n{torch.cuda.get_device_name()}, {time.monotonic() - began:.0f} s, copying {bandwidth / 1e12:.2f} TB/s\n")
    print("| measured | time | speed | of what copying allows |\n| --- | --- | --- | --- |")
    print("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return 0


def parts(network: Glm4Moe, bandwidth: float) -> Iterator[Line]:
    """Each kernel over all layers, one after another, so that no weight is found in the cache."""
    layers: list[Any] = list(network.model.layers)[1 : network.config.num_hidden_layers]
    hidden, device = network.config.hidden_size, network.rotary_table.device
    dtype = network.model.norm.weight.dtype
    for tokens in BATCHES:
        x = torch.randn(tokens, hidden, dtype=dtype, device=device)
        wide = torch.randn(tokens, layers[0].self_attn.o_proj.weight.shape[1], dtype=dtype, device=device)
        qkv, o, experts, norms = (
            [getattr(part, name) for part in owners]
            for owners, name in (
                ([layer.self_attn for layer in layers], "qkv_proj"),
                ([layer.self_attn for layer in layers], "o_proj"),
                (layers, "mlp"),
                (layers, "input_layernorm"),
            )
        )
        for name, modules, fed, count in (
            ("qkv", qkv, x, sum(size(module.weight) for module in qkv)),
            ("o", o, wide, sum(size(module.weight) for module in o)),
            ("router and experts", experts, x, sum(moe_bytes(module, tokens) for module in experts)),
            ("norm", norms, x, 2.0 * size(x) * len(norms)),
            ("head", [network.lm_head], x, size(network.lm_head.weight)),
        ):
            seconds = timed(partial(each_of, modules, fed), device)
            speed = f"{count / seconds / 1e12:.2f} TB/s"
            yield row(f"{name}, {tokens} tokens, {len(modules)} layers", seconds, speed, count, bandwidth)


def each_of(modules: Sequence[Callable[[torch.Tensor], object]], x: torch.Tensor) -> None:
    for module in modules:
        module(x)


def speeds(network: Glm4Moe, pool: KVPool, bandwidth: float, until: float) -> Iterator[Line]:
    """Whole steps as graphs; each once without, too, for what launching costs."""
    for context in CONTEXTS:
        for rows in BATCHES:
            for drafts, said in DRAFTS:
                name = f"batch {rows}, {context} tokens of context, {drafts} drafts"
                each = -(-(context + 8 * STEPS * (1 + drafts)) // BLOCK)
                if rows * each > pool.blocks:
                    yield name, "", "its keys do not fit", ""
                elif time.monotonic() > until:
                    yield name, "", "no time was left", ""
                else:
                    loop = looped(network, pool, rows, each, context, drafts, said)
                    plain = timed(loop.step, pool.device, steps=3, record=False)
                    seconds = timed(loop.step, pool.device)
                    count = step_bytes(network, rows, context, drafts)
                    speed = f"{rows * said / seconds:.0f} tokens/s; launched one by one {1e3 * plain:.2f} ms"
                    yield row(name, seconds, speed, count, bandwidth)


def looped(network: Glm4Moe, pool: KVPool, rows: int, each: int, context: int, drafts: int, said: float) -> Loop:
    blocks = torch.arange(rows * each).view(rows, each).tolist()
    forced = None
    if drafts:  # said - 1 of the guesses stand, over the steps: whole ones and now and then one more
        more = torch.rand(64, rows) < (said - 1) % 1
        forced = (int(said - 1) + more.long()).to(pool.device)
    return Loop(network, pool, blocks, [context] * rows, [7 + row for row in range(rows)], drafts, forced)


def row(name: str, seconds: float, speed: str, count: float, bandwidth: float) -> Line:
    return name, f"{1e3 * seconds:.3f} ms", speed, f"{100 * count / seconds / bandwidth:.0f} %"


def timed(run: Callable[[], None], device: torch.device, steps: int = STEPS, record: bool = True) -> float:
    """Seconds, on the device's clock where it has one; after runs that compile and warm it."""
    run()
    again = recorded(run, device) if record else run
    if device.type != "cuda":
        began = time.perf_counter()
        for _ in range(steps):
            again()
        return (time.perf_counter() - began) / steps
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
    again()
    begin.record()
    for _ in range(steps):
        again()
    end.record()
    torch.cuda.synchronize()
    return float(begin.elapsed_time(end)) / 1e3 / steps


def copy_bandwidth(device: torch.device, count: int = 4 << 30) -> float:
    """Bytes read and written a second."""
    source = torch.zeros(count, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * count / timed(lambda: each_of([target.copy_], source), device, record=False)
