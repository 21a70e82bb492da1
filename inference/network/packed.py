"""The network's products on a CPU, as it is served there: by oneDNN, over weights in the order that oneDNN asks for.

They are two to three times as fast as torch's own from two rows on, and alike for one. `pack` puts these modules in the
place of the plain ones, which stay the reference, the way to train and the way to save. Weights move, none is changed.
"""

import torch
from torch import Tensor, nn

from inference.network.glm4_moe import Glm4Moe
from inference.network.linear import Linear
from inference.network.moe import MoE, silu_and_mul

ROWS = 8  # of the product that the order is chosen for; it serves others as well
SMALL = 1 << 19  # an E x I x H up to which even one token goes through all experts
WIDE = 24_000_000  # tokens x E x I x H up to which they do, if they chose half of them anyway


def pack(network: Glm4Moe) -> Glm4Moe:
    """In place. Nothing changes where oneDNN has no such product: another device, another type, another processor."""
    norm = network.model.norm.weight
    if norm.device.type == "cpu" and norm.dtype == torch.float32 and has_product():
        for module in list(network.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, MoE) and child.experts.gate_up_proj_scale is None:
                    setattr(module, name, PackedMoE(child))
                elif isinstance(child, Linear) and child.weight_scale is None:
                    setattr(module, name, PackedLinear(child.weight, child.bias))
    return network


def has_product() -> bool:
    there = bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
    return there and hasattr(torch.ops.mkldnn, "_linear_pointwise")


class PackedLinear(nn.Module):
    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous(), ROWS)
        self.bias = None if bias is None else bias.detach()
        self.product = torch.ops.mkldnn._linear_pointwise.default

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.product(x, self.weight, self.bias, "none", [], "")
        return out


class PackedMoE(nn.Module):
    """Few tokens go through all experts, the shared one beside them, as through one wide layer in which what a token
    didn't choose weighs nothing: two products instead of two for each expert. Many are sorted by expert."""

    def __init__(self, plain: MoE) -> None:
        super().__init__()
        self.gate, self.shared_experts = plain.gate, plain.shared_experts
        gate_up, down = plain.experts.gate_up_proj.detach(), plain.experts.down_proj.detach()
        self.count, _, self.width = down.shape
        chosen, size = plain.gate.config.num_experts_per_tok, down.numel()
        self.few = range(1 if size <= SMALL else -(-self.count // (2 * chosen)), WIDE // size + 1)
        self.each = nn.ModuleList(Pair(*weights) for weights in zip(gate_up, down, strict=True))
        self.wide = Pair(*widened(plain)) if self.few else None

    def forward(self, x: Tensor) -> Tensor:
        chosen, weights = self.gate(x)
        if self.wide and len(x) in self.few:
            return self._all(x, chosen, weights, self.wide)
        routed = self._sorted(x, chosen, weights)
        return routed if self.shared_experts is None else routed + self.shared_experts(x)

    def _all(self, x: Tensor, chosen: Tensor, weights: Tensor, wide: "Pair") -> Tensor:
        spread = x.new_zeros(len(x), self.count).scatter_(1, chosen, weights)
        h = silu_and_mul(wide.gate_up(x))
        h[:, : self.count * self.width].view(len(x), self.count, self.width).mul_(spread[..., None])
        out: Tensor = wide.down(h)
        return out

    def _sorted(self, x: Tensor, chosen: Tensor, weights: Tensor) -> Tensor:
        by_expert, order = chosen.flatten().sort(stable=True)
        counts = torch.bincount(by_expert, minlength=self.count).tolist()
        parts = torch.split(x.index_select(0, order // chosen.shape[1]), counts)
        y = torch.cat([pair(part) for part, pair in zip(parts, self.each, strict=True) if len(part)])
        y = torch.empty_like(y).index_copy_(0, order, y).view(*chosen.shape, -1)
        return torch.bmm(weights[:, None], y)[:, 0]


class Pair(nn.Module):
    """What an expert does: up to its width, and down again."""

    def __init__(self, gate_up: Tensor, down: Tensor) -> None:
        super().__init__()
        self.gate_up, self.down = PackedLinear(gate_up), PackedLinear(down)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down(silu_and_mul(self.gate_up(x)))
        return out


def widened(plain: MoE) -> tuple[Tensor, Tensor]:
    """All experts' gates, then the shared one's, then all ups in the same order; and all downs side by side."""
    gate, up = (x.flatten(0, 1) for x in plain.experts.gate_up_proj.detach().chunk(2, 1))
    down = plain.experts.down_proj.detach().transpose(0, 1).flatten(1)
    if (shared := plain.shared_experts) is None:
        return torch.cat((gate, up)), down
    shared_gate, shared_up = shared.gate_up_proj.weight.detach().chunk(2)
    return torch.cat((gate, shared_gate, up, shared_up)), torch.cat((down, shared.down_proj.weight.detach()), 1)
