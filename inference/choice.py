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

from inference import kernels

LIKELY = 1e-4  # ids at least as probable are looked at first
UNLIKELY = 1e-6  # then these, and at last all, until they make up top-p
MASK = 2**64 - 1
CHUNK = 64  # the draw finds its chunk of the vocabulary first, then its place in the chunk


def probabilities(logits: Tensor, scale: Tensor) -> Tensor:
    """[N, V] of the logits times `scale` [N, 1], on a CPU in their own memory: 4 MB take longer to get than to fill."""
    logits.mul_(scale)  # half the time of a division by the temperature
    return torch.softmax(logits, -1, out=logits) if logits.device.type == "cpu" else torch.softmax(logits, -1)


def pick_cut(p: Tensor, top_k: Tensor | None, top_p: Tensor, u: Tensor) -> Tensor:
    """What `pick` gives of what `cut` leaves."""
    if kernels.serve(p):
        from inference.kernels.draw import pick as by_kernel

        return by_kernel(p, top_k, top_p, u)
    if p.device.type != "cpu":
        return pick(cut(p, top_k, top_p), u)
    picked = _pick_likely(p.numpy(), None if top_k is None else top_k.numpy(), top_p.numpy(), u.numpy(), LIKELY)
    return torch.from_numpy(picked)


def cut(p: Tensor, top_k: Tensor | None, top_p: Tensor) -> Tensor:
    """`p` with nothing beyond the `top_k` likeliest and, of these, the fewest that make up `top_p`.

    A `top_k` of the whole vocabulary, or more, is none; so is None, for all rows.
    """
    falling = p.sort(-1, descending=True).values
    if top_k is None:
        top_k = torch.full_like(top_p, p.shape[1], dtype=torch.long)
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


def stream(seed: int) -> int:
    """Where a seed's random numbers begin."""
    return _mix(seed)


def uniform(stream: int, position: int, number: int = 0) -> float:
    """In [0, 1): the `number`-th (of four) of a stream and position, always the same.

    Plain integers: the fifteen calls of numpy that a whole batch takes cost more, with 32 rows and cold caches.
    """
    return (_mix(stream + 4 * position + number) >> 12) * 2.0**-52  # at most 1 - 2**-52


def _pick_likely(
    p: NDArray[np.float32],
    top_k: NDArray[np.int64] | None,
    top_p: NDArray[np.float64],
    u: NDArray[np.float64],
    least: float,
) -> NDArray[np.int64]:
    """Among the ids that are as probable as `least`, or the k likeliest; of more where these don't make up top-p."""
    at, starts, found = _at_least(p, np.float32(least) if top_k is None else _bounds(p, top_k, least))
    falling = np.sort(found, 1)[:, ::-1]
    sums = falling.cumsum(1, np.float64)
    limited = False if top_k is None else top_k < p.shape[1]
    aim = top_p if top_k is None else top_p * np.where(limited, sums[:, -1], 1.0)
    last = (sums < aim[:, None]).sum(1)
    floor = falling[np.arange(len(p)), np.minimum(last, sums.shape[1] - 1)]
    kept = (found * (found >= floor[:, None])).cumsum(1, np.float64)
    place = (kept <= u[:, None] * kept[:, -1:]).sum(1)
    picked: NDArray[np.int64] = at.take(starts + place, mode="clip") % p.shape[1]
    lacking = (last == sums.shape[1]) & np.logical_not(limited)
    if least and lacking.any():
        fewer = UNLIKELY if least == LIKELY else 0.0
        picked[lacking] = _pick_likely(p[lacking], None, top_p[lacking], u[lacking], fewer)
    return picked


def _bounds(p: NDArray[np.float32], top_k: NDArray[np.int64], least: float) -> NDArray[np.float32]:
    """How probable an id must be [N, 1]: as the k-th likeliest, or `least`."""
    bounds = np.full((len(p), 1), least, np.float32)
    for row in np.flatnonzero(top_k < p.shape[1]):
        bounds[row] = np.partition(p[row], -top_k[row])[-top_k[row]]
    return bounds


def _at_least(
    p: NDArray[np.float32], bounds: NDArray[np.float32] | np.float32
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Where in `p` laid flat the ids are that are as probable as their row's bound, where each row begins among them,
    and how probable they are, row by row, with zeros behind."""
    at = np.flatnonzero(p >= bounds)
    if not at.size:
        return np.zeros(1, np.int64), np.zeros(len(p), np.int64), np.zeros((len(p), 1), np.float32)
    limits = at.searchsorted(np.arange(0, p.size + 1, p.shape[1]))
    starts, counts = limits[:-1], limits[1:] - limits[:-1]
    found = np.zeros((len(p), counts.max()), np.float32)
    found[np.arange(found.shape[1]) < counts[:, None]] = p.ravel().take(at)
    return at, starts, found


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


def _mix(x: int) -> int:
    """SplitMix64 (Steele, Lea and Flood 2014): the golden step, then a finalizer."""
    x = (x + 0x9E37_79B9_7F4A_7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return x ^ (x >> 31)
