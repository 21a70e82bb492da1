"""Every kernel against plain torch in float32, at a network's own shapes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from inference import choice, kernels
from inference.kv import KVPool, PagedKV
from inference.network.glm4_moe import Glm4Moe
from inference.network.moe import Router
from inference.network.norm import add_rms_norm, rms_norm
from inference.step import Work

MOST = 1e-2  # of the whole: the norm of the errors by the norm of the values
BLOCK = 32


Check = tuple[str, Callable[[], float]]  # its name, and what makes the error


def checks(network: Glm4Moe, tokens: Sequence[int], lengths: Sequence[int]) -> Iterator[Check]:
    """`lengths` are contexts to attend over."""
    for count in tokens:
        for name, run, x in of_tokens(network, count):
            yield f"{name}, {count} tokens", partial(error_of, run, x)
    for length in lengths:
        for count in (1, 2, 4, min(200, length)):
            if count <= length:
                yield f"attention, 2 x {count} of {length}", partial(attention, network, count, length)
    if tokens:
        yield "draw, top-k and top-p", partial(draws, network, min(32, max(tokens)))


def of_tokens(network: Glm4Moe, count: int) -> Iterator[tuple[str, Callable[[Tensor], Any], Tensor]]:
    device, dtype = network.model.norm.weight.device, network.model.norm.weight.dtype
    layers: list[Any] = list(network.model.layers)
    first, moe = layers[0], layers[network.config.first_k_dense_replace]
    norm = first.input_layernorm
    x = torch.randn(count, network.config.hidden_size, dtype=dtype, device=device)
    wide = torch.randn(count, first.self_attn.o_proj.weight.shape[1], dtype=dtype, device=device)
    yield "qkv", first.self_attn.qkv_proj, x
    yield "o", first.self_attn.o_proj, wide
    clear = decided(moe.mlp.gate, x)
    yield "router", lambda x: spread(moe.mlp.gate(x), network.config.n_routed_experts), clear
    yield "experts", moe.mlp, clear
    yield "norm", lambda x: rms_norm(x, norm.weight.to(x.dtype), norm.eps), x
    added = "addition and norm"
    yield added, lambda x: torch.cat(add_rms_norm(x, x.flip(0), norm.weight.to(x.dtype), norm.eps)), x


@torch.inference_mode()
def attention(network: Glm4Moe, count: int, length: int) -> float:
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

    return error_of(run, x)


@torch.inference_mode()
def draws(network: Glm4Moe, rows: int) -> float:
    """The share of the ids drawn that are others than without kernels."""
    device, vocab = network.rotary_table.device, network.config.vocab_size
    p = (3 * torch.randn(rows, vocab, device=device)).softmax(-1)
    u = torch.linspace(0.01, 0.99, rows, dtype=torch.float64, device=device)
    top_k = torch.where(torch.arange(rows, device=device) % 2 == 0, vocab, 5)
    top_p = torch.full((rows,), 0.95, dtype=torch.float64, device=device)
    with kernels.serving(True):
        found = choice.pick_cut(p, top_k, top_p, u)
    reference = choice.pick(choice.cut(p, top_k, top_p), u)
    return float((found != reference).double().mean())


@torch.inference_mode()
def error_of(run: Callable[[Tensor], Any], x: Tensor) -> float:
    with kernels.serving(True):
        torch.use_deterministic_algorithms(True, warn_only=True)  # new memory is NaN then
        try:
            found = run(x).float()
        finally:
            torch.use_deterministic_algorithms(False)
    with kernels.serving(False):
        reference = run(x.float())
    return float((found - reference).norm() / reference.norm())


def decided(gate: Router, x: Tensor) -> Tensor:
    """Without the tokens whose last expert but one more is as good: the order of a sum would decide between them."""
    with kernels.serving(False):
        scores = functional.linear(x.float(), gate.weight).sigmoid() + gate.e_score_correction_bias
    best = scores.topk(gate.config.num_experts_per_tok + 1).values
    ahead = best[:, -2] - best[:, -1]
    return x[torch.where(ahead > 1e-5, torch.arange(len(x), device=x.device), ahead.argmax())]


def spread(routed: tuple[Tensor, Tensor], experts: int) -> Tensor:
    """Weights by expert, as no order of the chosen ones matters."""
    chosen, weights = routed
    return torch.zeros(len(chosen), experts, device=chosen.device).scatter_(1, chosen, weights)
