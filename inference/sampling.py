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


class Wish(NamedTuple):
    """What of a request's `Sampling` turns its logits into a distribution."""

    temperature: float  # 0 is greedy
    top_k: int
    top_p: float


class Rule:
    """How one request draws: its `Sampling` made ready, and how often each id has come up. Lives as long as it does."""

    __slots__ = ("bias", "counts", "sampling", "spare", "stream", "temperature", "wish")

    def __init__(self, request: Request) -> None:
        sampling = self.sampling = request.sampling
        self.temperature = 0.0 if sampling.temperature < GREEDY_BELOW else sampling.temperature
        self.stream = choice.stream(sampling.seed)
        self.spare = request.spare
        self.counts = Counts(request.prompt, sampling) if _penalizes(sampling) else None
        self.wish = Wish(self.temperature, sampling.top_k, sampling.top_p)
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
    shape(logits, rows)
    sampled = [index for index, row in enumerate(rows) if row.rule.temperature]
    if len(sampled) == len(rows):
        tokens, proof = _pick(logits, rows)
    else:
        tokens = argmax(logits)
        proof = logits.gather(1, tokens[:, None])[:, 0]  # NaN, where there is one
        if sampled:
            tokens[sampled], _ = _pick(logits[sampled], [rows[index] for index in sampled])
    drawn, fine = _to_host(tokens, proof)
    states: list[int] = [State.FINE] * len(rows)
    if not all(fine):
        wrong = [index for index, good in enumerate(fine) if not good]
        for index, why in zip(wrong, _why([rows[index] for index in wrong], logits), strict=True):
            states[index] = why
    return Drawn(drawn, states, raw)


def distribution(logits: Tensor, rows: Sequence[Row]) -> Tensor:
    """The probabilities [N, V] that `draw` draws from: all of them the likeliest's where a row is greedy."""
    logits = logits.clone()
    shape(logits, rows)
    out = torch.zeros_like(logits).scatter_(1, argmax(logits)[:, None], 1.0)
    if sampled := [index for index, row in enumerate(rows) if row.rule.temperature]:
        chosen = [rows[index] for index in sampled]
        wishes = _wishes(tuple(row.rule.wish for row in chosen), logits.shape[1], logits.device)
        p = choice.cut(choice.probabilities(logits[sampled], wishes.scale), wishes.top_k, wishes.top_p)
        out[sampled] = p / p.sum(-1, keepdim=True)
    return out


def shape(logits: Tensor, rows: Sequence[Row]) -> None:
    """Penalties and bias, then what must never be drawn."""
    if penalized := [index for index, row in enumerate(rows) if row.rule.counts]:
        _penalize(logits, rows, penalized)
    if biased := [index for index, row in enumerate(rows) if row.rule.bias]:
        _bias(logits, rows, biased)
    if masked := [index for index, row in enumerate(rows) if row.mask is not None]:
        _mask(logits, rows, masked)
    _spare(logits, rows)


def _pick(logits: Tensor, rows: Sequence[Row]) -> tuple[Tensor, Tensor]:
    """A token for each row, and a number that is finite where the row is fine. Of the logits nothing is left."""
    wishes = _wishes(tuple(row.rule.wish for row in rows), logits.shape[1], logits.device)
    numbers = [choice.uniform(row.rule.stream, row.position) for row in rows]
    u = torch.tensor(numbers, dtype=torch.float64, device=logits.device)
    p = choice.probabilities(logits, wishes.scale)
    if len(wishes.cut) == len(rows):
        picked = choice.pick_cut(p, wishes.top_k, wishes.top_p, u)
    else:
        picked = choice.pick(p, u)
        if cut := wishes.cut:
            top_k = None if wishes.top_k is None else wishes.top_k[cut]
            picked[cut] = choice.pick_cut(p[cut], top_k, wishes.top_p[cut], u[cut])
    return picked, p[:, 0]  # a logit that isn't finite, or no id to draw, makes NaN of the whole row


class Wishes(NamedTuple):
    """Those of many rows side by side. The same rows draw in step after step, so that they are kept."""

    scale: Tensor  # [N, 1]: one by the temperature
    top_k: Tensor | None  # where it is none the whole vocabulary; None: in no row
    top_p: Tensor
    cut: list[int]  # the rows that top-k or top-p holds to fewer ids


@lru_cache(maxsize=64)
def _wishes(wishes: tuple[Wish, ...], vocab: int, device: torch.device) -> Wishes:
    temperature, top_k, top_p = zip(*wishes, strict=True)
    limits = torch.tensor([k if k > 0 else vocab for k in top_k], device=device) if any(top_k) else None
    return Wishes(
        torch.tensor([[1 / one] for one in temperature], device=device),
        limits,
        torch.tensor(top_p, dtype=torch.float64, device=device),
        [index for index, wish in enumerate(wishes) if wish.top_k > 0 or wish.top_p < 1.0],
    )


def _to_host(tokens: Tensor, proof: Tensor) -> tuple[list[int], list[bool]]:
    """The tokens, and which of their rows are fine: the one time the host waits."""
    if tokens.device.type == "cpu":  # numpy's small calls cost a tenth of torch's
        return tokens.tolist(), np.isfinite(proof.numpy()).tolist()
    drawn, fine = torch.stack((tokens, proof.isfinite().long())).tolist()
    return drawn, fine


def _why(rows: Sequence[Row], like: Tensor) -> list[State]:
    """What is wrong with rows that have nothing finite to draw by."""
    blank = torch.zeros(len(rows), like.shape[1], device=like.device)
    shape(blank, rows)
    return [State.STUCK if best == NEVER else State.BROKEN for best in blank.amax(-1).tolist()]


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


def _spare(logits: Tensor, rows: Sequence[Row]) -> None:
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


@lru_cache(maxsize=16)
def _tensor_of(ids: frozenset[int], device: torch.device) -> Tensor:
    return torch.tensor(sorted(ids), device=device)
