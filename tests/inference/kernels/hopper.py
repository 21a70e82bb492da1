"""Compiles every kernel for an H200 at GLM-4.5-Air's shapes, with no GPU at hand: Triton brings the assembler.

    python -m tests.inference.kernels.hopper

Prints registers of a thread, spilled bytes, and shared memory of each compiled form; its own process, since Triton is
either interpreting or compiling.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import triton
from torch import Tensor
from triton.backends.compiler import GPUTarget
from triton.runtime.jit import JITFunction

from inference.kernels.attention import MANY, Part, Plan, attend
from inference.kernels.draw import pick
from inference.kernels.linear import linear
from inference.kernels.moe import Weights, experts
from inference.kernels.norm import add_rms_norm, rms_norm
from inference.kernels.rotary import Norms, Place, turn_and_keep
from inference.kernels.router import route

HIDDEN, WIDTH, EXPERTS, CHOSEN = 4096, 1408, 128, 8
HEADS, KV_HEADS, DIM = 96, 8, 128
FP8 = torch.float8_e4m3fn
SHARED = 227 * 1024  # bytes that a program can have


class NoDriver:
    """Knows what to compile for; nothing can be launched."""

    def get_current_target(self) -> GPUTarget:
        return GPUTarget("cuda", 90, 32)

    def get_current_device(self) -> int:
        return 0

    def get_current_stream(self, device: int) -> int:
        return 0


def empty(*shape: int, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    return torch.empty(shape, dtype=dtype, device="meta")


def scale(*shape: int) -> Tensor:
    return empty(*shape, 1, dtype=torch.float32)


def calls() -> Iterator[tuple[str, Callable[[], Any]]]:
    for rows in (1, 8, 32, 64):
        for n, k in ((14336, HIDDEN), (HIDDEN, 12288)):
            x, weight, bias = empty(rows, k), empty(n, k, dtype=FP8), empty(n)
            yield f"linear {rows}x{k} to {n}", lambda x=x, w=weight, b=bias: linear(x, w, scale(len(w)), b)
        gate, bias = empty(EXPERTS, HIDDEN, dtype=torch.float32), empty(EXPERTS, dtype=torch.float32)
        yield f"router {rows}", lambda x=empty(rows, HIDDEN), g=gate, b=bias: route(x, g, b, CHOSEN, True, 1.0)
    routed = Weights(
        empty(EXPERTS, 2 * WIDTH, HIDDEN, dtype=FP8),
        scale(EXPERTS, 2 * WIDTH),
        empty(EXPERTS, HIDDEN, WIDTH, dtype=FP8),
        scale(EXPERTS, HIDDEN),
    )
    shared = Weights(*(part[0] for part in routed if part is not None))
    for tokens in (1, 8, 128, 512, 1024, 4096):
        chosen, weights = empty(tokens, CHOSEN, dtype=torch.long), empty(tokens, CHOSEN, dtype=torch.float32)
        yield f"experts {tokens}", lambda x=empty(tokens, HIDDEN), c=chosen, w=weights: experts(x, c, w, routed, shared)

    for rows, queries in ((1, 1), (1, 2), (8, 4), (32, 1), (32, 4), (2, 2048)):
        yield f"attention of {rows} x {queries}", lambda r=rows, n=queries: attention(r, n)
    p, limits = empty(8, 151552, dtype=torch.float32), empty(8, dtype=torch.float64)
    for top_k in (None, empty(8, dtype=torch.long)):
        yield f"draw {top_k is not None}", lambda k=top_k: pick(p, k, limits, limits)
    row = empty(8, HIDDEN)
    yield "norms", lambda: (rms_norm(row, row[0], 1e-5), add_rms_norm(row, row, row[0], 1e-5))


def attention(rows: int, queries: int) -> None:
    pool = empty(1, KV_HEADS, 1 << 17, DIM)
    tiles = empty(rows * max(1, queries // MANY), 2, dtype=torch.int32)
    none = Part(tiles[:0], 0)
    parts = (Part(tiles, queries), none) if queries < MANY else (none, Part(tiles, MANY))
    plan = Plan(empty(rows, 1000, dtype=torch.int32), empty(rows, 3, dtype=torch.int32), *parts, 32)
    place = Place(pool, pool, empty(rows * queries, dtype=torch.long), plan)
    qkv, angles = empty(rows * queries, HEADS + 2 * KV_HEADS, DIM), empty(rows * queries, 1, DIM)
    for norms in (None, Norms(empty(DIM), empty(DIM), 1e-5)):
        q = turn_and_keep(qkv, angles, angles, DIM // 2, place, norms)
    attend(q, pool, pool, plan)


def main() -> int:
    triton.runtime.driver.set_active(NoDriver())
    seen: set[int] = set()
    worst = 0
    run = JITFunction.run

    def compile_only(self: Any, *args: Any, **options: Any) -> None:
        made = run(self, *args, **{**options, "warmup": True})
        if id(made) not in seen:
            seen.add(id(made))
            nonlocal worst
            worst = max(worst, made.metadata.shared)
            print(f"  {self.fn.__name__:12}{used(made.asm['cubin'])}, {made.metadata.shared:,} bytes shared")

    JITFunction.run = compile_only
    for name, call in calls():
        print(name, flush=True)
        call()
    return int(worst > SHARED)


def used(cubin: bytes) -> str:
    """Registers and spills, of the assembler's own account."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
        said = subprocess.run([tool, "-res-usage", file.name], capture_output=True, text=True, check=True).stdout
    found = dict(part.split(":", 1) for part in said.split() if part.count(":") == 1)
    return f"{found.get('REG')} registers, {found.get('STACK')} bytes of stack"


if __name__ == "__main__":
    sys.exit(main())
