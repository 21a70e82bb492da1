"""Each kernel over all layers, one after another, so that no weight is found in the cache; against its own bytes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from inference.bench.air import moe_bytes, size
from inference.bench.device import timed
from inference.fixed import View
from inference.kernels.attention import attend
from inference.kernels.rotary import turn_and_keep
from inference.kv import KVPool
from inference.network.glm4_moe import Glm4Moe

Part = tuple[str, Callable[[], object], float]  # its name, a run of it, and the bytes it must read


@dataclass(frozen=True, slots=True)
class Timed:
    what: str
    seconds: float
    count: float  # bytes

    def line(self, bandwidth: float) -> tuple[str, ...]:
        rate = self.count / self.seconds
        return self.what, f"{1e3 * self.seconds:.3f} ms", f"{rate / 1e12:.2f} TB/s", f"{100 * rate / bandwidth:.0f} %"


def time_part(part: Part, device: torch.device) -> Timed:
    what, run, count = part
    return Timed(what, timed(run, device), count)


def products(network: Glm4Moe, tokens: int) -> Iterator[Part]:
    """Of so many tokens with all weights of a kind."""
    layers: list[Any] = list(network.model.layers)[
        network.config.first_k_dense_replace : network.config.num_hidden_layers
    ]
    device, dtype = network.rotary_table.device, network.model.norm.weight.dtype
    x = torch.randn(tokens, network.config.hidden_size, dtype=dtype, device=device)
    wide = torch.randn(tokens, layers[0].self_attn.o_proj.weight.shape[1], dtype=dtype, device=device)
    qkv = [layer.self_attn.qkv_proj for layer in layers]
    o = [layer.self_attn.o_proj for layer in layers]
    experts = [layer.mlp for layer in layers]
    gates = [mlp.gate for mlp in experts]
    norms = [layer.input_layernorm for layer in layers]
    for name, modules, fed, count in (
        ("qkv", qkv, x, sum(size(module.weight) for module in qkv)),
        ("o", o, wide, sum(size(module.weight) for module in o)),
        ("router", gates, x, sum(size(module.weight) for module in gates)),
        ("router and experts", experts, x, sum(moe_bytes(module, tokens) for module in experts)),
        ("norm", norms, x, 2.0 * size(x) * len(norms)),
        ("head", [network.lm_head], x, size(network.lm_head.weight)),
    ):
        layered = f"{len(modules)} layers" if len(modules) > 1 else "once"
        yield f"{name}, {tokens} tokens, {layered}", partial(each_of, modules, fed), float(count)


def attention(network: Glm4Moe, pool: KVPool, rows: int, context: int, queries: int = 1) -> Part:
    """Keys kept and attended over, without the projections: of the newest tokens of `rows` sequences."""
    config, device = network.config, pool.device
    each = -(-context // pool.block_size)
    table = torch.arange(rows * each, dtype=torch.int32, device=device).view(rows, each)
    ends = torch.full((rows,), context, device=device)
    positions = ends[:, None] - queries + torch.arange(queries, device=device)
    view = View(pool, table, positions, ends)
    heads = config.num_attention_heads + 2 * config.num_key_value_heads
    qkv = torch.randn(rows * queries, heads, config.head_dim, dtype=pool.k[0].dtype, device=device)
    cos, sin = network.angles(positions.flatten())

    def run() -> None:
        for layer in range(config.num_hidden_layers):
            place = view.place(layer)
            assert place is not None
            q = turn_and_keep(qkv, cos, sin, config.rotary_dim, place, None)
            attend(q, place.keys, place.values, place.plan)

    held = 2 * config.num_key_value_heads * config.head_dim * pool.k[0].element_size()
    name = f"attention, {rows} x {queries} tokens, {context} of context, {config.num_hidden_layers} layers"
    return name, run, float(config.num_hidden_layers * rows * context * held)


def each_of(modules: Sequence[Callable[[Tensor], object]], x: Tensor) -> None:
    for module in modules:
        module(x)
