"""Grouped-query attention with partial rotary embedding and optional norm of queries and keys."""

from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from inference import kernels
from inference.config import Glm4MoeConfig
from inference.network.linear import Linear
from inference.network.norm import RMSNorm
from inference.network.rotary import rotary

if TYPE_CHECKING:
    from inference.kernels.rotary import Norms, Place


class KV(Protocol):
    """Keeps the keys and values of all positions; the tokens of a step lie one sequence after another."""

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor: ...

    def place(self, layer: int) -> "Place | None":
        """Where kernels keep and read the step's keys and values themselves; None: by `attend`."""


class Attention(nn.Module):
    def __init__(self, config: Glm4MoeConfig, name: str, *, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = (
            config.num_attention_heads,
            config.num_key_value_heads,
            config.head_dim,
        )
        self.rotary_dim = config.rotary_dim
        wide, narrow = self.heads * self.head_dim, self.kv_heads * self.head_dim
        self.qkv_proj = Linear(
            config.hidden_size,
            {"q_proj": wide, "k_proj": narrow, "v_proj": narrow},
            bias=config.attention_bias,
            fp8=config.is_fp8(f"{name}.q_proj"),
            dtype=dtype,
            device=device,
        )
        fp8 = config.is_fp8(f"{name}.o_proj")
        self.o_proj = Linear(wide, {"o_proj": config.hidden_size}, fp8=fp8, dtype=dtype, device=device)
        self.q_norm = self.k_norm = None
        if config.use_qk_norm:
            self.q_norm = RMSNorm(self.head_dim, config.rms_norm_eps, dtype=dtype, device=device)
            self.k_norm = RMSNorm(self.head_dim, config.rms_norm_eps, dtype=dtype, device=device)

    q_proj = property(lambda self: self.qkv_proj.part("q_proj"))
    k_proj = property(lambda self: self.qkv_proj.part("k_proj"))
    v_proj = property(lambda self: self.qkv_proj.part("v_proj"))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, layer: int, kv: KV, asking: Tensor | None = None) -> Tensor:
        """x [T, H] → [T, H], or of the tokens `asking` only; keys and values are kept of all."""
        qkv = self.qkv_proj(x).view(x.shape[0], -1, self.head_dim)
        if kernels.serve(x) and (place := kv.place(layer)):
            from inference.kernels.attention import attend
            from inference.kernels.rotary import turn_and_keep

            q = turn_and_keep(qkv, cos, sin, self.rotary_dim, place, self.norms())
            q = q if asking is None else q.index_select(0, asking)
            return self.output(attend(q, place.keys, place.values, place.plan))
        qk, v = torch.split(qkv, [self.heads + self.kv_heads, self.kv_heads], 1)
        if self.q_norm is not None and self.k_norm is not None:
            q, k = torch.split(qk, [self.heads, self.kv_heads], 1)
            qk = torch.cat((self.q_norm(q), self.k_norm(k)), 1)
        q, k = torch.split(rotary(qk, cos, sin, self.rotary_dim), [self.heads, self.kv_heads], 1)
        if asking is not None:
            q = q.index_select(0, asking)
        return self.output(kv.attend(layer, q, k, v))

    def norms(self) -> "Norms | None":
        if self.q_norm is None or self.k_norm is None:
            return None
        from inference.kernels.rotary import Norms

        return Norms(self.q_norm.weight, self.k_norm.weight, self.q_norm.eps)

    def output(self, attended: Tensor) -> Tensor:
        out: Tensor = self.o_proj(attended.reshape(attended.shape[0], -1))
        return out
