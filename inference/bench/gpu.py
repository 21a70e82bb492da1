"""`python -m inference bench --gpu`: the engine on GLM-4.5-Air's shapes in FP8, against what the memory allows and
against transformers. What fails or finds no time is said, and the rest goes on; the tables come last.
"""

import gc
import json
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from inference.bench.agree import MOST, checks
from inference.bench.air import AIR, fill, shortened
from inference.bench.device import copy_bandwidth
from inference.bench.goals import judge
from inference.bench.parts import Timed, attention, products, time_part
from inference.bench.served import Served, time_served
from inference.bench.steps import BATCHES, CONTEXTS, Shape, Step, carve, fitting, layer_block, room, shapes, time_step
from inference.bench.theirs_gpu import Their
from inference.config import Glm4MoeConfig
from inference.errors import EngineError
from inference.network.glm4_moe import Glm4Moe

CHECKED = (1, 8, 32, 64, 300), (1, 100, 4096)  # tokens, and contexts
ATTENDED = ((1, 1), (8, 1), (8, 4), (32, 1))  # sequences, and queries of each
SERVED = ((1, 0, False), (1, 1, False), (8, 0, True), (8, 1, True), (32, 0, True), (32, 1, True))  # drafts, sampled
LIMIT, LOOK = 540.0, 150.0  # seconds of all; of a first look at few layers
OURS = 330.0  # of them for ourselves at most
LAYERS = 16  # that transformers is measured with: more take it longer to compile than there is time
SPARE = 4 << 30  # bytes left for what a step computes with

Line = tuple[str, ...]
T = TypeVar("T")


@dataclass
class Found:
    parts: list[Timed] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    cut: list[Step] = field(default_factory=list)  # with as many layers as theirs
    theirs: list[Their] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def measure_gpu(layers: int | None = None) -> int:
    began, device = time.monotonic(), gpu()
    found, bandwidth = Found(), copy_bandwidth(device)
    say(f"{torch.cuda.get_device_name()}, torch {torch.__version__}; copying: {bandwidth / 1e12:.2f} TB/s")
    config = shortened(AIR, layers or AIR.num_hidden_layers)
    attempt(found, "our engine", partial(ours, found, config, device, bandwidth, began + OURS))
    gc.collect()
    torch.cuda.empty_cache()
    theirs(found, min(LAYERS, config.num_hidden_layers), began + (LOOK if layers else LIMIT))
    say(f"\n{torch.cuda.get_device_name()}, {config.num_hidden_layers} layers, {time.monotonic() - began:.0f} s, ", "")
    say(f"copying {bandwidth / 1e12:.2f} TB/s\n")
    say(report(found, bandwidth))
    return int(bool(found.failed))


def gpu() -> torch.device:
    if not torch.cuda.is_available():
        raise EngineError("No CUDA device was found: the GPU's bench needs one of about 139 GiB.")
    torch.cuda.empty_cache()
    return torch.device("cuda")


@torch.inference_mode()
def ours(found: Found, config: Glm4MoeConfig, device: torch.device, bandwidth: float, until: float) -> None:
    """All of the network's memory is free again afterwards."""
    network = fill(Glm4Moe(config, dtype=torch.bfloat16, device=device)).requires_grad_(False)
    agreement(found, network, *CHECKED)
    memory = free_memory(config, device)
    for what, make in parts(network, memory):
        if timed := attempt(found, what, make, until):
            found.parts.append(timed)
            say(" · ".join(timed.line(bandwidth)))
    whole, few = config.num_hidden_layers, min(LAYERS, config.num_hidden_layers)
    same = [(Shape(rows, CONTEXTS[0], 0, 1.0, few, whole), found.cut) for rows in BATCHES]
    wanted = [(shape, found.steps) for shape in shapes(config, memory.nbytes)]
    for shape, kept in [*same, *wanted]:
        if shape.layers <= config.first_k_dense_replace:
            found.failed.append(f"{shape}: its keys do not fit")
            continue
        watching = shape.context == CONTEXTS[0] and shape.drafts < 2
        if step := attempt(found, str(shape), partial(time_step, network, memory, shape, watching), until):
            kept.append(step)
            say(" · ".join(step.line(bandwidth)))
    for rows, drafts, sampled in SERVED:
        what = f"served, batch {rows}, {drafts} drafts"
        run = partial(time_served, network, memory, rows, CONTEXTS[0], drafts, sampled)
        if served := attempt(found, what, run, until):
            found.served.append(served)
            say(" · ".join(("served", *served.line(found.steps))))


def agreement(found: Found, network: Glm4Moe, tokens: Sequence[int], lengths: Sequence[int]) -> None:
    for what, check in checks(network, tokens, lengths):
        error = attempt(found, what, check)
        if error is not None and not error <= MOST:  # NaN is not
            found.failed.append(f"WRONG: {what} differs from plain torch by {error:.2g}")
        say(f"{what}: {'failed' if error is None else f'{error:.1e}'}")


def free_memory(config: Glm4MoeConfig, device: torch.device) -> Tensor:
    """Of keys and values, for all measurements; no more than the largest of them needs."""
    torch.cuda.empty_cache()
    layer = layer_block(config)
    most = max(BATCHES) * room(max(CONTEXTS), 3) * layer * (config.num_hidden_layers + 1)
    count = min(most, torch.cuda.mem_get_info()[0] - SPARE)
    return torch.empty(count // 2, dtype=torch.bfloat16, device=device).normal_()


def parts(network: Glm4Moe, memory: Tensor) -> Iterator[tuple[str, Callable[[], Timed]]]:
    for tokens in BATCHES:
        for part in products(network, tokens):
            yield part[0], partial(time_part, part, memory.device)
    for context in CONTEXTS:
        for rows, queries in ATTENDED:
            what = f"attention, {rows} x {queries} tokens, {context} of context"
            if fitting(network.config, memory.nbytes, rows * room(context, 0)) == network.config.num_hidden_layers:
                yield what, partial(time_attention, network, memory, rows, context, queries)


def time_attention(network: Glm4Moe, memory: Tensor, rows: int, context: int, queries: int) -> Timed:
    pool = carve(memory, network.config, rows * room(context, 0))
    return time_part(attention(network, pool, rows, context, queries), memory.device)


def attempt(found: Found, what: str, run: Callable[[], T], until: float = float("inf")) -> T | None:
    if time.monotonic() > until:
        found.failed.append(f"{what}: no time was left")
        return None
    try:
        return run()
    except Exception as error:  # one kernel's mistake is no reason to lose the other figures
        traceback.print_exc(file=sys.stderr)
        found.failed.append(f"{what}: {(str(error) or type(error).__name__).splitlines()[0][:200]}")
        return None


def theirs(found: Found, layers: int, until: float) -> None:
    """In a process of its own, ended when its time is over; what it said until then counts."""
    seconds = max(1, int(until - time.monotonic()))
    command = [sys.executable, "-m", "inference.bench.theirs_gpu"]
    command += [str(number) for number in (layers, CONTEXTS[0], seconds - 20, *BATCHES)]
    say("transformers, in a process of its own …")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        said, wrong = done.stdout, done.stderr if done.returncode else ""
    except subprocess.TimeoutExpired as error:
        said = error.stdout.decode() if isinstance(error.stdout, bytes) else error.stdout or ""
        wrong = "its time was over"
    found.theirs += told(said.splitlines())
    if wrong:
        found.failed.append(f"transformers: {wrong.strip().splitlines()[-1][:200]}")


def told(lines: Iterable[str]) -> Iterator[Their]:
    for line in lines:
        if line.startswith("{") and line.endswith("}"):
            their = Their(**json.loads(line))
            result = f"{1e3 * their.seconds:.2f} ms" if their.seconds else their.error
            say(f"transformers, {their.way}, batch {their.rows}: {result}")
            yield their


def report(found: Found, bandwidth: float) -> str:
    of_copying = "of what copying allows"
    return "\n\n".join(
        (
            table(("kernel", "time", "speed", of_copying), [part.line(bandwidth) for part in found.parts]),
            table(("step", "time", "speed", of_copying), [step.line(bandwidth) for step in found.steps + found.cut]),
            table(
                ("served step, host included", "time", "recorded alone", "replayed"),
                [one.line(found.steps) for one in found.served],
            ),
            table(("where a step's time goes", "kernels, milliseconds"), list(longest(found.steps))),
            table(("transformers", "time", "tokens/s"), [their_line(their) for their in found.theirs]),
            "\n".join(f"- {what}" for what in found.failed) or "Nothing failed, and no kernel was wrong.",
            table(
                ("goal", "wanted", "measured", "reached"),
                [goal.line() for goal in judge(found.steps, found.theirs, found.cut, bandwidth)],
            ),
        )
    )


def longest(steps: Sequence[Step], count: int = 6) -> Iterator[Line]:
    for step in steps:
        if step.busy:
            kernels = list(step.busy.kernels.items())[:count]
            yield str(step.shape), ", ".join(f"{name[:40]} {1e3 * seconds:.2f}" for name, seconds in kernels)


def their_line(their: Their) -> Line:
    what = f"{their.way}, batch {their.rows}, {their.context} of context, {their.layers} layers"
    if not their.seconds:
        return what, "", their.error
    return what, f"{1e3 * their.seconds:.2f} ms", f"{their.rows / their.seconds:.0f}"


def table(head: Line, lines: Sequence[Line]) -> str:
    rows = [head, tuple("---" for _ in head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def say(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)
