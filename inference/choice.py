"""Probabilities and one number in [0, 1) → one id. Knows temperature, top-k and top-p; nothing of rows' other wishes.

Ties stand together: top-k and top-p keep whatever is as likely as the last one kept, so that no order of ids decides.
Everything is done for all rows at once. On a CPU top-k and top-p look at the likely ids only, which are few; elsewhere,
and as the reference, whole rows are sorted.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

LIKELY = 1e-4  # ids at least as probable are looked at first
UNLIKELY = 1e-6  # then these, and at last all, until they make up top-p
CHUNK = 64  # the draw finds its chunk of the vocabulary first, then its place in the chunk


def probabilities(logits: Tensor, temperature: Tensor) -> Tensor:
    """[N, V]. The logits are changed."""
    return torch.softmax(logits.div_(temperature[:, None]), -1)


def pick_cut(p: Tensor, top_k: Tensor, top_p: Tensor, u: Tensor) -> Tensor:
    """What `pick` gives of what `cut` leaves. A `top_k` of the whole vocabulary, or more, is none."""
    if p.device.type != "cpu":
        return pick(cut(p, top_k, top_p), u)
    picked = _pick_likely(p.numpy(), top_k.numpy(), top_p.numpy(), u.numpy(), LIKELY)
    return torch.from_numpy(picked)


def cut(p: Tensor, top_k: Tensor, top_p: Tensor) -> Tensor:
    """`p` with nothing beyond the `top_k` likeliest and, of these, the fewest that make up `top_p`."""
    falling = p.sort(-1, descending=True).values
    kth = falling.gather(1, (top_k.clamp(max=p.shape[1]) - 1)[:, None])
    sums = falling.masked_fill(falling < kth, 0.0).cumsum(-1, dtype=torch.float64)
    last = torch.searchsorted(
        sums, top_p[:, None] * sums[:, -1:]
    )  # before it, less than top_p; with it, as much or more
    return p.masked_fill(p < falling.gather(1, last.clamp(max=p.shape[1] - 1)), 0.0)


def pick(weights: Tensor, u: Tensor) -> Tensor:
    """The id at which the sum of the weights before it passes `u` [N] of their total; never one that weighs nothing."""
    if rest := weights.shape[1] % CHUNK:
        weights = functional.pad(weights, (0, CHUNK - rest))
    chunks = weights.view(len(weights), -1, CHUNK)
    place, within = _search(chunks.sum(-1), u)
    one = chunks[torch.arange(len(chunks), device=chunks.device), place]
    return place * CHUNK + _search(one, within)[0]


def uniform(seeds: NDArray[np.uint64], positions: NDArray[np.uint64], number: int = 0) -> NDArray[np.float64]:
    """In [0, 1): the `number`-th (of four) of each seed and position, always the same."""
    mixed = _mix(_mix(seeds) + positions * np.uint64(4) + np.uint64(number))
    return (mixed >> np.uint64(12)).astype(np.float64) * 2.0**-52


def _pick_likely(
    p: NDArray[np.float32],
    top_k: NDArray[np.int64],
    top_p: NDArray[np.float64],
    u: NDArray[np.float64],
    least: float,
) -> NDArray[np.int64]:
    """Among the ids that are as probable as `least`, or the k likeliest; of more where these don't make up top-p."""
    bounds = np.full(len(p), least, np.float32)
    limited = top_k < p.shape[1]
    for row in np.flatnonzero(limited):
        bounds[row] = np.partition(p[row], -top_k[row])[-top_k[row]]
    ids, found = _at_least(p, bounds)
    falling = -np.sort(-found, 1)
    sums = falling.cumsum(1, np.float64)
    last = (sums < (top_p * np.where(limited, sums[:, -1], 1.0))[:, None]).sum(1)
    lacking = (last == sums.shape[1]) & ~limited
    floor = np.take_along_axis(falling, np.minimum(last, sums.shape[1] - 1)[:, None], 1)
    sums = np.where(found >= floor, found, 0.0).cumsum(1, np.float64)
    place = np.minimum((sums <= u[:, None] * sums[:, -1:]).sum(1), (sums < sums[:, -1:]).sum(1))
    picked: NDArray[np.int64] = ids[np.arange(len(ids)), place]
    if least and lacking.any():
        picked[lacking] = _pick_likely(
            p[lacking], top_k[lacking], top_p[lacking], u[lacking], UNLIKELY if least == LIKELY else 0.0
        )
    return picked


def _at_least(p: NDArray[np.float32], bounds: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The ids of each row that are as probable as its bound, in order, and how probable they are; zeros behind them."""
    at = np.flatnonzero(p >= bounds[:, None])
    row, id = np.divmod(at, p.shape[1])
    counts = np.bincount(row, minlength=len(p))
    column = np.arange(len(at)) - (counts.cumsum() - counts)[row]
    ids = np.zeros((len(p), max(1, counts.max())), np.int64)
    found = np.zeros(ids.shape, np.float32)
    ids[row, column], found[row, column] = id, p.ravel()[at]
    return ids, found


def _search(parts: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
    """Where the running sum of `parts` passes `u` of the whole, and how far into that part `u` reaches."""
    sums = parts.cumsum(-1, dtype=torch.float64)
    total = sums[:, -1:]
    aim = u[:, None] * total
    last = (sums < total).sum(-1)  # what follows the last part that weighs something adds nothing
    place = torch.minimum((sums <= aim).sum(-1), last)[:, None]
    part = parts.gather(1, place).to(torch.float64)
    reached = (aim - (sums.gather(1, place) - part)) / part
    return place[:, 0], reached.clamp(0.0, 1.0 - 2.0**-52)[:, 0]


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea and Flood 2014): the golden step, then a finalizer."""
    x = x + np.uint64(0x9E37_79B9_7F4A_7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return x ^ (x >> np.uint64(31))
