"""GLM-4.5-Air in FP8 with random weights of the true shapes, whole or cut to fewer layers.

And what its steps cost at least: bytes to read, and operations.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from inference.config import Glm4MoeConfig, Quantization
from inference.network.glm4_moe import Glm4Moe
from inference.network.linear import FP8, Linear
from inference.network.moe import Experts, Router
from inference.network.norm import RMSNorm

SPREAD = 128.0  # about the root mean square of FP8's codes, each as likely as the others
AIR = Glm4MoeConfig(
    vocab_size=151552,
    hidden_size=4096,
    intermediate_size=10944,
    num_hidden_layers=46,
    num_attention_heads=96,
    num_key_value_heads=8,
    head_dim=128,
    partial_rotary_factor=0.5,
    rope_theta=1_000_000.0,
    max_position_embeddings=131072,
    rms_norm_eps=1e-5,
    attention_bias=True,
    use_qk_norm=False,
    tie_word_embeddings=False,
    first_k_dense_replace=1,
    moe_intermediate_size=1408,
    n_routed_experts=128,
    n_shared_experts=1,
    num_experts_per_tok=8,
    n_group=1,
    topk_group=1,
    norm_topk_prob=True,
    routed_scaling_factor=1.0,
    num_nextn_predict_layers=1,
    quantization=Quantization(("lm_head", "model.layers.46.eh_proj")),
)


def shortened(config: Glm4MoeConfig, layers: int) -> Glm4MoeConfig:
    """Of so many layers and the draft layer, which comes behind them."""
    before, after = (f"model.layers.{number}." for number in (config.num_hidden_layers, layers))
    kept = config.quantization and Quantization(
        tuple(name.replace(before, after) for name in config.quantization.ignore)
    )
    return replace(config, num_hidden_layers=layers, quantization=kept)


def cut(network: Glm4Moe, layers: int) -> Glm4Moe:
    """The first layers of it and the draft layer, over the same memory."""
    last = network.config.num_hidden_layers
    short = Glm4Moe(shortened(network.config, layers), dtype=network.model.norm.weight.dtype, device="meta")
    before, after = (f"model.layers.{number}." for number in (last, layers))
    dropped = tuple(f"model.layers.{number}." for number in range(layers, last))
    shared = {
        name.replace(before, after): tensor
        for name, tensor in network.state_dict().items()
        if not name.startswith(dropped)
    }
    short.load_state_dict(shared, assign=True)
    short.rotary_table = network.rotary_table
    return short.requires_grad_(False)


@torch.no_grad()
def fill(network: Glm4Moe, seed: int = 0) -> Glm4Moe:
    """Hidden states neither vanish nor explode, and the routers spread tokens over all experts."""
    random = torch.Generator(network.rotary_table.device).manual_seed(seed)
    for module in network.modules():
        if isinstance(module, RMSNorm):
            module.weight.fill_(1.0)
        elif isinstance(module, Experts):
            for weight, scale in (
                (module.gate_up_proj, module.gate_up_proj_scale),
                (module.down_proj, module.down_proj_scale),
            ):
                _fill(weight, scale, random)
        elif isinstance(module, Linear):
            _fill(module.weight, module.weight_scale, random)
            if module.bias is not None:
                module.bias.normal_(0.0, 0.1, generator=random)
        elif isinstance(module, Router):
            module.weight.normal_(0.0, module.weight.shape[1] ** -0.5, generator=random)
            module.e_score_correction_bias.normal_(0.0, 0.01, generator=random)
        elif isinstance(module, nn.Embedding):
            module.weight.normal_(0.0, 1.0, generator=random)
    return network


def _fill(weight: torch.Tensor, scale: torch.Tensor | None, random: torch.Generator) -> None:
    if weight.dtype != FP8 or scale is None:
        weight.normal_(0.0, weight.shape[-1] ** -0.5, generator=random)
        return
    codes = weight.data.view(torch.uint8)
    codes.random_(0, 256, generator=random)
    codes.masked_fill_(codes.bitwise_and(0x7F) == 0x7F, 0)  # those are NaN
    scale.fill_(weight.shape[-1] ** -0.5 / SPREAD)


def step_bytes(network: Glm4Moe, rows: int, context: int, drafts: int) -> float:
    """What a step of `rows` sequences reads at least: each weight it needs once, each key and value once."""
    total = target_bytes(network, rows * (1 + drafts), rows * context)
    if drafts:
        layer: Any = network.model.layers[network.config.num_hidden_layers]
        again = layer_bytes(layer, rows) + size(layer.eh_proj.weight) + size(network.lm_head.weight)
        total += drafts * (again + layer_keys(network, rows * context))
    return total


def target_bytes(network: Glm4Moe, tokens: int, keys: int) -> float:
    """Without the draft layer: `tokens` tokens that see so many keys."""
    layers: list[Any] = list(network.model.layers)[: network.config.num_hidden_layers]
    held = len(layers) * layer_keys(network, keys)
    return float(size(network.lm_head.weight) + held + sum(layer_bytes(layer, tokens) for layer in layers))


def layer_keys(network: Glm4Moe, keys: int) -> int:
    """Bytes of the keys and values of one layer."""
    config = network.config
    return 2 * keys * config.num_key_value_heads * config.head_dim * network.model.norm.weight.element_size()


def layer_bytes(layer: Any, tokens: int) -> float:
    """Attention's weights, and of the experts those that so many tokens are expected to choose."""
    mlp = layer.mlp
    attention = size(layer.self_attn.qkv_proj.weight) + size(layer.self_attn.o_proj.weight)
    if not hasattr(mlp, "experts"):
        return attention + size(mlp.gate_up_proj.weight) + size(mlp.down_proj.weight)
    return attention + moe_bytes(mlp, tokens)


def moe_bytes(mlp: Any, tokens: int) -> float:
    config, stacks = mlp.gate.config, mlp.experts
    missed = (1 - config.num_experts_per_tok / config.n_routed_experts) ** tokens
    shared = mlp.shared_experts
    beside = size(shared.gate_up_proj.weight) + size(shared.down_proj.weight) if shared is not None else 0
    return float(size(mlp.gate.weight) + beside + (1 - missed) * (size(stacks.gate_up_proj) + size(stacks.down_proj)))


def operations(network: Glm4Moe, tokens: int, context: int, drawn: int = 1) -> float:
    """Multiplications and additions for a prompt's piece of `tokens` behind `context` others."""
    config = network.config
    layers: list[Any] = list(network.model.layers)[: config.num_hidden_layers]
    attended = tokens * (context + (tokens + 1) / 2)
    heads = 4 * config.num_attention_heads * config.head_dim * attended
    passed = sum(2 * tokens * passed_weights(layer) + heads for layer in layers)
    return float(passed + 2 * drawn * network.lm_head.weight.numel())


def passed_weights(layer: Any) -> float:
    """Of those that a token is multiplied with."""
    mlp = layer.mlp
    attention = layer.self_attn.qkv_proj.weight.numel() + layer.self_attn.o_proj.weight.numel()
    if not hasattr(mlp, "experts"):
        return float(attention + mlp.gate_up_proj.weight.numel() + mlp.down_proj.weight.numel())
    shared, config = mlp.shared_experts, mlp.gate.config
    beside = shared.gate_up_proj.weight.numel() + shared.down_proj.weight.numel() if shared is not None else 0
    routed = mlp.experts.gate_up_proj.numel() + mlp.experts.down_proj.numel()
    chosen = routed * config.num_experts_per_tok / config.n_routed_experts
    return float(attention + mlp.gate.weight.numel() + beside + chosen)


def size(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()
