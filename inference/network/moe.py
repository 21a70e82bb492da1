"""The two kinds of feed-forward: dense, and a router over many experts with one that every token shares."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference import kernels
from inference.config import Glm4MoeConfig
from inference.network.linear import FP8, Linear, empty_weight, linear_fp8

FEW = 8  # so many pairs of token and expert are faster one by one than sorted (measured on the CPU)
grouped_mm = getattr(functional, "grouped_mm", None) or torch._grouped_mm  # before torch 2.10


class MLP(nn.Module):
    def __init__(
        self, config: Glm4MoeConfig, name: str, width: int, *, dtype: torch.dtype, device: torch.device
    ) -> None:
        super().__init__()
        hidden = config.hidden_size
        fp8 = config.is_fp8(f"{name}.gate_proj")
        self.gate_up_proj = Linear(hidden, {"gate_proj": width, "up_proj": width}, fp8=fp8, dtype=dtype, device=device)
        fp8 = config.is_fp8(f"{name}.down_proj")
        self.down_proj = Linear(width, {"down_proj": hidden}, fp8=fp8, dtype=dtype, device=device)

    gate_proj = property(lambda self: self.gate_up_proj.part("gate_proj"))
    up_proj = property(lambda self: self.gate_up_proj.part("up_proj"))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down_proj(silu_and_mul(self.gate_up_proj(x)))
        return out


class Router(nn.Module):
    """Kept in float32 whatever the network's type: in bfloat16 other experts would be chosen."""

    def __init__(self, config: Glm4MoeConfig, *, device: torch.device) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.empty(config.n_routed_experts, config.hidden_size, device=device))
        self.e_score_correction_bias: Tensor
        self.register_buffer("e_score_correction_bias", torch.empty(config.n_routed_experts, device=device))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return route(x, self.weight, self.e_score_correction_bias, self.config)


class Experts(nn.Module):
    gate_up_proj_scale: Tensor | None
    down_proj_scale: Tensor | None

    def __init__(self, config: Glm4MoeConfig, name: str, *, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__()
        count, width, hidden = config.n_routed_experts, config.moe_intermediate_size, config.hidden_size
        fp8 = config.is_fp8(f"{name}.0.gate_proj")
        kept = FP8 if fp8 else dtype
        gate_up = empty_weight(count, 2 * width, hidden, dtype=kept, device=device)
        down = empty_weight(count, hidden, width, dtype=kept, device=device)
        self.gate_up_proj = nn.Parameter(gate_up, requires_grad=not fp8)
        self.down_proj = nn.Parameter(down, requires_grad=not fp8)
        self.register_buffer("gate_up_proj_scale", torch.empty(count, 2 * width, 1, device=device) if fp8 else None)
        self.register_buffer("down_proj_scale", torch.empty(count, hidden, 1, device=device) if fp8 else None)

    def forward(self, x: Tensor, chosen: Tensor, weights: Tensor) -> Tensor:
        if self.fused(x):
            return fused(x, chosen, weights, self)
        if self.gate_up_proj_scale is None or self.down_proj_scale is None:
            return experts(x, chosen, weights, self.gate_up_proj, self.down_proj)
        stacks = (self.gate_up_proj, self.gate_up_proj_scale, self.down_proj, self.down_proj_scale)
        return experts_fp8(x, chosen, weights, *stacks)

    def fused(self, x: Tensor) -> bool:
        """Whether it is the kernels'. For many tokens and weights of their type torch has a product."""
        return kernels.serve(x) and (self.gate_up_proj_scale is not None or len(x) <= kernels.FEW_ROWS)


class MoE(nn.Module):
    def __init__(self, config: Glm4MoeConfig, name: str, *, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__()
        self.gate = Router(config, device=device)
        self.experts = Experts(config, f"{name}.experts", dtype=dtype, device=device)
        width = config.moe_intermediate_size * config.n_shared_experts
        self.shared_experts = (
            MLP(config, f"{name}.shared_experts", width, dtype=dtype, device=device) if width else None
        )
        alike = config.is_fp8(f"{name}.shared_experts.gate_proj") == config.is_fp8(f"{name}.experts.0.gate_proj")
        self.beside = config.n_shared_experts == 1 and alike  # the shared expert is one more of the others' kind

    def forward(self, x: Tensor) -> Tensor:
        chosen, weights = self.gate(x)
        if self.beside and self.experts.fused(x):
            return fused(x, chosen, weights, self.experts, self.shared_experts)
        routed: Tensor = self.experts(x, chosen, weights)
        return routed if self.shared_experts is None else routed + self.shared_experts(x)


def fused(x: Tensor, chosen: Tensor, weights: Tensor, routed: Experts, shared: MLP | None = None) -> Tensor:
    """By the kernels: what `experts` and `experts_fp8` do, and the shared expert beside them."""
    from inference.kernels.moe import Weights, experts

    of_all = (routed.gate_up_proj, routed.gate_up_proj_scale, routed.down_proj, routed.down_proj_scale)
    if shared is None:
        return experts(x, chosen, weights, Weights(*of_all))
    up, down = shared.gate_up_proj, shared.down_proj
    beside = Weights(up.weight, up.weight_scale, down.weight, down.weight_scale)
    return experts(x, chosen, weights, Weights(*of_all), beside)


def silu_and_mul(gate_up: Tensor) -> Tensor:
    gate, up = gate_up.chunk(2, -1)
    return functional.silu(gate) * up


def route(x: Tensor, weight: Tensor, bias: Tensor, config: Glm4MoeConfig) -> tuple[Tensor, Tensor]:
    """x [T, H] → the experts chosen for each token [T, K] and their weights [T, K], float32.

    The bias takes part in the choice only: the weights are those of the plain scores.
    """
    if kernels.serve(x) and config.n_group == 1:
        from inference.kernels.router import route as by_kernel

        kept, normed = config.num_experts_per_tok, config.norm_topk_prob
        return by_kernel(x, weight, bias, kept, normed, config.routed_scaling_factor)
    scores = functional.linear(x.float(), weight).sigmoid()
    choice = scores + bias
    if config.n_group > 1:
        choice = _within_best_groups(choice, config.n_group, config.topk_group)
    chosen = choice.topk(config.num_experts_per_tok, -1, sorted=False).indices
    weights = scores.gather(1, chosen)
    if config.norm_topk_prob:
        weights = weights / (weights.sum(-1, keepdim=True) + 1e-20)
    return chosen, weights * config.routed_scaling_factor


def _within_best_groups(choice: Tensor, groups: int, kept: int) -> Tensor:
    """A group is as good as its two best experts; those of the other groups can't be chosen."""
    grouped = choice.view(choice.shape[0], groups, -1)
    best = grouped.topk(2, -1).values.sum(-1).topk(kept, -1).indices
    out = torch.ones(choice.shape[0], groups, dtype=torch.bool, device=choice.device).scatter(1, best, False)
    return grouped.masked_fill(out[..., None], float("-inf")).flatten(1)


def experts(x: Tensor, chosen: Tensor, weights: Tensor, gate_up_proj: Tensor, down_proj: Tensor) -> Tensor:
    """The weighted sum of each token's experts: x [T, H], chosen and weights [T, K], gate_up_proj [E, 2I, H]."""
    if chosen.numel() <= FEW and x.device.type == "cpu":
        y = _each_by_itself(x, chosen.tolist(), gate_up_proj, down_proj)
    else:
        y = _grouped(x, chosen, gate_up_proj, down_proj)
    return (y.view(*chosen.shape, -1) * weights[..., None]).sum(1).to(x.dtype)


def _each_by_itself(x: Tensor, chosen: list[list[int]], gate_up_proj: Tensor, down_proj: Tensor) -> Tensor:
    gate_up = [
        functional.linear(x[token : token + 1], gate_up_proj[expert])
        for token, row in enumerate(chosen)
        for expert in row
    ]
    h = torch.split(silu_and_mul(torch.cat(gate_up)), 1)
    flat = [expert for row in chosen for expert in row]
    return torch.cat([functional.linear(one, down_proj[expert]) for one, expert in zip(h, flat, strict=True)])


def _grouped(x: Tensor, chosen: Tensor, gate_up_proj: Tensor, down_proj: Tensor) -> Tensor:
    """Tokens sorted by expert, so that each expert's weights are read once."""
    by_expert, order = chosen.flatten().sort(stable=True)
    numbers = torch.arange(len(gate_up_proj), device=x.device)
    ends = torch.searchsorted(by_expert, numbers, right=True, out_int32=True)
    h = silu_and_mul(grouped_mm(x[order // chosen.shape[1]], gate_up_proj.transpose(1, 2), offs=ends))
    y = grouped_mm(h, down_proj.transpose(1, 2), offs=ends)
    return torch.empty_like(y).index_copy(0, order, y)


def experts_fp8(
    x: Tensor,
    chosen: Tensor,
    weights: Tensor,
    gate_up_proj: Tensor,
    gate_up_scale: Tensor,
    down_proj: Tensor,
    down_scale: Tensor,
) -> Tensor:
    """As `experts`, with scales [E, out, 1]. One expert at a time: only one is ever held in x's own precision."""
    out = torch.zeros(x.shape, dtype=torch.float32, device=x.device)
    for expert in torch.unique(chosen).tolist():
        token, place = torch.where(chosen == expert)
        h = silu_and_mul(linear_fp8(x[token], gate_up_proj[expert], gate_up_scale[expert]))
        y = linear_fp8(h, down_proj[expert], down_scale[expert])
        out.index_add_(0, token, y * weights[token, place, None])
    return out.to(x.dtype)
