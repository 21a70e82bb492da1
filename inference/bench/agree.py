"""Every kernel against plain torch in float32, at a network's own shapes: what is not right is not timed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from inference import kernels
from inference.errors import EngineError
from inference.kv import KVPool, PagedKV
from inference.network.glm4_moe import Glm4Moe
from inference.network.norm import add_rms_norm, rms_norm
from inference.step import Work

MOST = 1e-2  # of the whole: the norm of the errors by the norm of the values
BLOCK = 32


@torch.inference_mode()
def check(network: Glm4Moe, tokens: Sequence[int], lengths: Sequence[int]) -> Iterator[tuple[str, float]]:
    """Names and errors; raises at the first that is too large. `lengths` are contexts to attend over."""
    device, dtype = network.model.norm.weight.device, network.model.norm.weight.dtype
    layers: list[Any] = list(network.model.layers)
    first, moe = layers[0], layers[network.config.first_k_dense_replace]
    norm = first.input_layernorm
    for count in tokens:
        x = torch.randn(count, network.config.hidden_size, dtype=dtype, device=device)
        wide = torch.randn(count, first.self_attn.o_proj.weight.shape[1], dtype=dtype, device=device)
        yield compared(f"qkv, {count} tokens", first.self_attn.qkv_proj, x)
        yield compared(f"o, {count} tokens", first.self_attn.o_proj, wide)
        yield compared(f"router, {count} tokens", lambda x: spread(moe.mlp.gate(x), network.config.n_routed_experts), x)
        yield compared(f"experts, {count} tokens", moe.mlp, x)
        yield compared(f"norm, {count} tokens", lambda x: rms_norm(x, norm.weight.to(x.dtype), norm.eps), x)
        yield compared(
            f"addition and norm, {count} tokens",
            lambda x: torch.cat(add_rms_norm(x, x.flip(0), norm.weight.to(x.dtype), norm.eps)),
            x,
        )
    for length in lengths:
        for count in (1, 2, 4, min(200, length)):
            if count <= length:
                yield attention(network, count, length)


def attention(network: Glm4Moe, count: int, length: int) -> tuple[str, float]:
    """A layer's attention, from its projection to its output, keys written on the way: two sequences, one shorter."""
    config = replace(network.config, num_hidden_layers=1, num_nextn_predict_layers=0)
    device, dtype = network.model.norm.weight.device, network.model.norm.weight.dtype
    each = -(-length // BLOCK)
    pool = KVPool(config, 2 * each, BLOCK, device, dtype)
    for held in (*pool.k, *pool.v):
        held.normal_()
    order = torch.randperm(2 * each).tolist()
    shorter = max(count, length - 7)
    works = [
        Work(0, [0] * count, length - count, order[:each]),
        Work(1, [0] * count, shorter - count, order[each:]),
    ]
    x = torch.randn(2 * count, config.hidden_size, dtype=dtype, device=device)

    def run(x: Tensor) -> Tensor:
        mine = KVPool(config, 2 * each, BLOCK, device, x.dtype)
        mine.k[0].copy_(pool.k[0])
        mine.v[0].copy_(pool.v[0])
        kv = PagedKV(mine, works)
        cos, sin = (angle.to(x.dtype) for angle in network.angles(kv.positions))
        layers: list[Any] = list(network.model.layers)
        out: Tensor = layers[0].self_attn(x, cos, sin, 0, kv)
        return out

    return compared(f"attention, 2 x {count} of {length}", run, x)


def compared(name: str, run: Callable[[Tensor], Any], x: Tensor) -> tuple[str, float]:
    with kernels.serving(True):
        torch.use_deterministic_algorithms(True, warn_only=True)  # new memory is NaN then
        try:
            found = run(x).float()
        finally:
            torch.use_deterministic_algorithms(False)
    with kernels.serving(False):
        reference = run(x.float())
    error = float((found - reference).norm() / reference.norm())
    if not error <= MOST:  # NaN is not
        raise EngineError(f"The kernels are wrong: {name} differs from plain torch by {error:.2g}.")
    return name, error


def spread(routed: tuple[Tensor, Tensor], experts: int) -> Tensor:
    """Weights by expert, as no order of the chosen ones matters."""
    chosen, weights = routed
    return torch.zeros(len(chosen), experts, device=chosen.device).scatter_(1, chosen, weights)
