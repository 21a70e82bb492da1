"""A decoder layer, and the draft (MTP) layer: one more of them, fed with a token and the hidden state before it."""

import torch
from torch import Tensor, nn

from inference.config import Glm4MoeConfig
from inference.network.attention import KV, Attention
from inference.network.linear import Linear
from inference.network.moe import MLP, MoE
from inference.network.norm import RMSNorm


class Block(nn.Module):
    def __init__(
        self, config: Glm4MoeConfig, layer: int, *, dense: bool, dtype: torch.dtype, device: torch.device
    ) -> None:
        super().__init__()
        self.layer = layer
        name, eps, width = f"model.layers.{layer}", config.rms_norm_eps, config.hidden_size
        self.input_layernorm = RMSNorm(width, eps, dtype=dtype, device=device)
        self.self_attn = Attention(config, f"{name}.self_attn", dtype=dtype, device=device)
        self.post_attention_layernorm = RMSNorm(width, eps, dtype=dtype, device=device)
        self.mlp: MLP | MoE
        if dense:
            self.mlp = MLP(config, f"{name}.mlp", config.intermediate_size, dtype=dtype, device=device)
        else:
            self.mlp = MoE(config, f"{name}.mlp", dtype=dtype, device=device)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, kv: KV, asking: Tensor | None = None) -> Tensor:
        y = self.self_attn(self.input_layernorm(x), cos, sin, self.layer, kv, asking)
        x, normed = self.post_attention_layernorm.after(x if asking is None else x.index_select(0, asking), y)
        out: Tensor = x + self.mlp(normed)
        return out


class SharedHead(nn.Module):
    """The norm before the head; the head itself is the target's."""

    def __init__(self, norm: RMSNorm) -> None:
        super().__init__()
        self.norm = norm


class DraftLayer(Block):
    """Always with experts, whatever `first_k_dense_replace` says."""

    def __init__(self, config: Glm4MoeConfig, *, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__(config, config.num_hidden_layers, dense=False, dtype=dtype, device=device)
        width, eps = config.hidden_size, config.rms_norm_eps
        self.enorm = RMSNorm(width, eps, dtype=dtype, device=device)
        self.hnorm = RMSNorm(width, eps, dtype=dtype, device=device)
        self.eh_proj = Linear(
            2 * width,
            {"eh_proj": width},
            fp8=config.is_fp8(f"model.layers.{self.layer}.eh_proj"),
            dtype=dtype,
            device=device,
        )
        self.shared_head = SharedHead(RMSNorm(width, eps, dtype=dtype, device=device))

    def draft(
        self, embedded: Tensor, hidden: Tensor, cos: Tensor, sin: Tensor, kv: KV, asking: Tensor | None = None
    ) -> Tensor:
        x = self.eh_proj(torch.cat((self.enorm(embedded), self.hnorm(hidden)), -1))  # the token first
        out: Tensor = self.shared_head.norm(self(x, cos, sin, kv, asking))
        return out
