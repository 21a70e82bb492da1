"""Logits of many rows → one token each. Knows a row's rule and place, not whose row it is nor where logits come from.

In this order: repetition, frequency and presence penalties, `logit_bias`; then ids no grammar or tokenizer allows fall
away; temperature, top-k, top-p; the draw. Rows that ask for none of it cost an argmax. A random number is a function of
(seed, position) alone, so that neither the batch nor the drafts change what is drawn.

Log-probabilities told are those of the raw logits: the model's own opinion, before penalties, temperature and masks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference import choice
from inference.request import Logprob, Request, Sampling

GREEDY_BELOW = 1e-5  # a temperature under which dividing by it says nothing an argmax doesn't
NEVER = float("-inf")


class Rule:
    """How one request draws: its `Sampling` made ready, and how often each id has come up. Lives as long as it does."""

    __slots__ = ("bias", "counts", "cuts", "sampling", "seed", "spare", "temperature")

    def __init__(self, request: Request) -> None:
        sampling = self.sampling = request.sampling
        self.temperature = 0.0 if sampling.temperature < GREEDY_BELOW else sampling.temperature
        self.cuts = sampling.top_k > 0 or sampling.top_p < 1.0
        self.seed = sampling.seed & 0xFFFF_FFFF_FFFF_FFFF
        self.spare = request.spare
        self.counts = Counts(request.prompt, sampling) if _penalizes(sampling) else None
        bias = sampling.logit_bias
        self.bias = (np.array(list(bias), np.int64), np.array(list(bias.values()), np.float32)) if bias else None

    def drew(self, token: int) -> None:
        if self.counts:
            self.counts.add(token)


class Counts:
    """How often each id was drawn, of those that a penalty touches: few, so that no row of the vocabulary is kept."""

    def __init__(self, prompt: Sequence[int], sampling: Sampling) -> None:
        self.repetition = sampling.repetition_penalty
        self.frequency, self.presence = sampling.frequency_penalty, sampling.presence_penalty
        known = dict.fromkeys(prompt) if self.repetition != 1.0 else {}  # of the prompt only this penalty knows
        self.slots = {token: slot for slot, token in enumerate(known)}
        self.ids = np.array(list(known), np.int64)
        self.drawn = np.zeros(len(known), np.float32)

    def add(self, token: int) -> None:
        slot = self.slots.setdefault(token, len(self.slots))
        if slot == len(self.ids):  # grown in strides, or a long reply would be copied for each new id
            self.ids, self.drawn = np.resize(self.ids, 2 * slot + 16), np.pad(self.drawn, (0, slot + 16))
            self.ids[slot:] = token
        self.ids[slot] = token
        self.drawn[slot] += 1

    def after(self, ahead: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ids touched and how often each was drawn, were the drafts `ahead` drawn too."""
        size = len(self.slots)
        ids, drawn = self.ids[:size], self.drawn[:size]
        if not ahead:
            return ids, drawn
        fresh = [token for token in dict.fromkeys(ahead) if token not in self.slots]
        ids = np.append(ids, np.array(fresh, np.int64))
        drawn = np.append(drawn, np.zeros(len(fresh), np.float32))
        places = {token: size + index for index, token in enumerate(fresh)}
        for token in ahead:
            drawn[self.slots.get(token, places.get(token, 0))] += 1
        return ids, drawn


@dataclass(slots=True)
class Row:
    """What one row of logits is to be drawn by."""

    rule: Rule
    position: int  # of the token that is drawn
    ahead: Sequence[int] = ()  # drafts taken to stand between what was drawn and this row
    mask: Tensor | None = None  # of the grammar, packed int32 bits; None: anything goes


class State(IntEnum):
    FINE = 0
    BROKEN = 1  # NaN or infinite logits
    STUCK = 2  # no id is left to draw


class Drawn(NamedTuple):
    tokens: list[int]
    states: list[int]
    logprobs: dict[int, Tensor]  # of the rows that tell them, raw and of all ids [V]


def draw(logits: Tensor, rows: Sequence[Row]) -> Drawn:
    """Draws one token for each row of `logits` [N, V] float32, which is changed in place."""
    telling = [index for index, row in enumerate(rows) if row.rule.sampling.logprobs is not None]
    raw = dict(zip(telling, torch.log_softmax(logits[telling], -1), strict=True)) if telling else {}
    without = State.STUCK if shape(logits, rows) else State.BROKEN
    tokens = argmax(logits)
    best = logits.gather(1, tokens[:, None])[:, 0]  # NaN, where there is one
    states = torch.where(best.isfinite(), State.FINE, torch.where(best == NEVER, without, State.BROKEN))
    sampled = [index for index, row in enumerate(rows) if row.rule.temperature]
    if len(sampled) == len(rows):
        tokens = _pick(logits, rows)
    elif sampled:
        tokens[sampled] = _pick(logits[sampled], [rows[index] for index in sampled])
    drawn, state = torch.stack((tokens, states)).tolist()  # the one time the host waits
    return Drawn(drawn, state, raw)


def distribution(logits: Tensor, rows: Sequence[Row]) -> Tensor:
    """The probabilities [N, V] that `draw` draws from: all of them the likeliest's where a row is greedy."""
    logits = logits.clone()
    shape(logits, rows)
    out = torch.zeros_like(logits).scatter_(1, argmax(logits)[:, None], 1.0)
    if sampled := [index for index, row in enumerate(rows) if row.rule.temperature]:
        chosen = [rows[index] for index in sampled]
        p = choice.cut(_probabilities(logits[sampled], chosen), *_limits(chosen, logits))
        out[sampled] = p / p.sum(-1, keepdim=True)
    return out


def shape(logits: Tensor, rows: Sequence[Row]) -> bool:
    """Penalties and bias, then what must never be drawn. False: no row asked for any of it."""
    penalized = [index for index, row in enumerate(rows) if row.rule.counts]
    biased = [index for index, row in enumerate(rows) if row.rule.bias]
    masked = [index for index, row in enumerate(rows) if row.mask is not None]
    if penalized:
        _penalize(logits, rows, penalized)
    if biased:
        _bias(logits, rows, biased)
    if masked:
        _mask(logits, rows, masked)
    return _spare(logits, rows) or bool(penalized or biased or masked)


def _pick(logits: Tensor, rows: Sequence[Row]) -> Tensor:
    count = len(rows)
    seeds = np.fromiter((row.rule.seed for row in rows), np.uint64, count)
    positions = np.fromiter((row.position for row in rows), np.uint64, count)
    u = torch.from_numpy(choice.uniform(seeds, positions)).to(logits.device)
    p = _probabilities(logits, rows)
    cut = [index for index, row in enumerate(rows) if row.rule.cuts]
    if not cut:
        return choice.pick(p, u)
    top_k, top_p = _limits(rows, logits)
    if len(cut) == count:
        return choice.pick_cut(p, top_k, top_p, u)
    picked = choice.pick(p, u)
    picked[cut] = choice.pick_cut(p[cut], top_k[cut], top_p[cut], u[cut])
    return picked


def _probabilities(logits: Tensor, rows: Sequence[Row]) -> Tensor:
    """After temperature; the logits are changed."""
    return choice.probabilities(logits, torch.tensor([row.rule.temperature for row in rows], device=logits.device))


def _limits(rows: Sequence[Row], logits: Tensor) -> tuple[Tensor, Tensor]:
    """top-k, where it is none the whole vocabulary, and top-p."""
    wishes, vocab = [row.rule.sampling for row in rows], logits.shape[1]
    top_k = [wish.top_k if wish.top_k > 0 else vocab for wish in wishes]
    top_p = torch.tensor([wish.top_p for wish in wishes], dtype=torch.float64, device=logits.device)
    return torch.tensor(top_k, device=logits.device), top_p


def argmax(logits: Tensor) -> Tensor:
    if logits.device.type == "cpu":  # numpy's is several times as fast there
        return torch.from_numpy(logits.numpy().argmax(1))
    return logits.argmax(-1)


def told(logprobs: Tensor, token: int, top: int) -> Logprob:
    """The drawn token's raw log-probability and those of the `top` likeliest."""
    best = torch.topk(logprobs, min(top, len(logprobs)))
    return Logprob(token, float(logprobs[token]), tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True)))


def _penalizes(sampling: Sampling) -> bool:
    return bool(sampling.frequency_penalty or sampling.presence_penalty or sampling.repetition_penalty != 1.0)


def _penalize(logits: Tensor, rows: Sequence[Row], penalized: Sequence[int]) -> None:
    """All rows at once, over the ids that came up only."""
    counts = [counts for i in penalized if (counts := rows[i].rule.counts)]
    ids, drawn = zip(*(c.after(rows[i].ahead) for i, c in zip(penalized, counts, strict=True)), strict=True)
    sizes = [len(one) for one in ids]
    rates = np.array([(c.repetition, c.frequency, c.presence) for c in counts], np.float32).repeat(sizes, 0)
    at = np.array(penalized).repeat(sizes), np.concatenate(ids)
    repetition, frequency, presence = (torch.from_numpy(rate).to(logits.device) for rate in rates.T.copy())
    times = torch.from_numpy(np.concatenate(drawn)).to(logits.device)
    row, column = (torch.from_numpy(index).to(logits.device) for index in at)
    found = logits[row, column]
    found = torch.where(found > 0, found / repetition, found * repetition)
    logits[row, column] = found - frequency * times - presence * (times > 0)


def _bias(logits: Tensor, rows: Sequence[Row], biased: Sequence[int]) -> None:
    pairs = [bias for i in biased if (bias := rows[i].rule.bias)]
    row = torch.from_numpy(np.array(biased).repeat([len(ids) for ids, _ in pairs]))
    column = torch.from_numpy(np.concatenate([ids for ids, _ in pairs]))
    added = torch.from_numpy(np.concatenate([values for _, values in pairs]))
    place = row.to(logits.device), column.to(logits.device)
    logits[place] += added.to(logits.device)


def _mask(logits: Tensor, rows: Sequence[Row], masked: Sequence[int]) -> None:
    packed = torch.stack([mask for i in masked if (mask := rows[i].mask) is not None]).numpy()
    allowed = np.unpackbits(
        packed.view(np.uint8), axis=1, count=logits.shape[1], bitorder="little"
    )  # short masks allow nothing more
    forbidden = torch.from_numpy(allowed == 0).to(logits.device)
    if len(masked) == len(rows):
        logits.masked_fill_(forbidden, NEVER)
    else:
        logits[masked] = logits[masked].masked_fill_(forbidden, NEVER)


def _spare(logits: Tensor, rows: Sequence[Row]) -> bool:
    """Ids the tokenizer has no text for. Nearly always the same for all rows, and few."""
    groups: dict[frozenset[int], list[int]] = {}
    for index, row in enumerate(rows):
        if row.rule.spare:
            groups.setdefault(row.rule.spare, []).append(index)
    for spare, members in groups.items():
        ids = _tensor_of(spare, logits.device)
        if len(members) == len(rows):
            logits.index_fill_(1, ids, NEVER)
        else:
            logits[torch.tensor(members, device=logits.device)[:, None], ids] = NEVER
    return bool(groups)


@lru_cache(maxsize=16)
def _tensor_of(ids: frozenset[int], device: torch.device) -> Tensor:
    return torch.tensor(sorted(ids), device=device)
