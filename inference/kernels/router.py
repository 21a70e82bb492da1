"""Which experts a token goes through: scores in float32 by the skinny product, then each token's best."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from inference.kernels.linear import linear


def route(x: Tensor, weight: Tensor, bias: Tensor, kept: int, normed: bool, factor: float) -> tuple[Tensor, Tensor]:
    """x [T, H] → chosen and weights [T, K]. The bias chooses and does not weigh; there are no groups."""
    logits = linear(x, weight, out=torch.float32)
    tokens, count = logits.shape
    chosen = torch.empty(tokens, kept, dtype=torch.long, device=x.device)
    weights = torch.empty(tokens, kept, dtype=torch.float32, device=x.device)
    _choose[(tokens,)](
        logits,
        bias,
        chosen,
        weights,
        factor,
        count,
        K=kept,
        PLACES=triton.next_power_of_2(kept),
        EXPERTS=triton.next_power_of_2(count),
        NORMED=normed,
        num_warps=1,
    )
    return chosen, weights


@triton.jit
def _choose(
    logits,
    bias,
    chosen,
    weights,
    factor,
    E,
    K: tl.constexpr,
    PLACES: tl.constexpr,
    EXPERTS: tl.constexpr,
    NORMED: tl.constexpr,
):
    token = tl.program_id(0)
    e = tl.arange(0, EXPERTS)
    places = tl.arange(0, PLACES)
    score = 1.0 / (1.0 + tl.exp(-tl.load(logits + token * E + e, mask=e < E, other=0.0)))
    choice = tl.where(e < E, score + tl.load(bias + e, mask=e < E, other=0.0), float("-inf"))
    found = tl.zeros((PLACES,), tl.int32)
    kept = tl.zeros((PLACES,), tl.float32)
    for place in range(K):
        best = tl.minimum(tl.argmax(choice, 0), E - 1)  # scores that are NaN choose something, but no memory of others
        found = tl.where(places == place, best, found)
        kept = tl.where(places == place, tl.sum(tl.where(e == best, score, 0.0), 0), kept)
        choice = tl.where(e == best, float("-inf"), choice)
    if NORMED:
        kept = kept / (tl.sum(kept, 0) + 1e-20)
    tl.store(chosen + token * K + places, found.to(tl.int64), mask=places < K)
    tl.store(weights + token * K + places, kept * factor, mask=places < K)
