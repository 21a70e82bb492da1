"""Guesses by the checkpoint's own draft (MTP) layer, chained. Knows a step's tokens and hidden states, no request.

The layer has keys and values of its own, in the pool's last layer. In slot i they are made of the token at i + 1 and of
the *target's* hidden state at i: after each step the layer is run over all that stands (which overwrites what guessing
left there), and its last output gives the first guess. Each further guess feeds the guess before it and the layer's own
output, after its norm, one position on. All guesses are the likeliest ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from inference.drafting.drafter import Fed
from inference.kv import KVPool, PagedKV
from inference.network import Glm4Moe
from inference.sampling import argmax


@dataclass(frozen=True, slots=True)
class Piece:
    """What the draft layer is fed of one sequence: the tokens after each position from `start` on."""

    tokens: Sequence[int]
    start: int
    blocks: Sequence[int]


@dataclass(slots=True)
class Owed:
    """Hidden states of positions that the draft layer was not run over yet."""

    start: int
    end: int
    hidden: list[Tensor]


class MTPDrafter:
    """`most_owed`: so many of a sequence's tokens wait for the layer at most, while no guesses are asked for."""

    def __init__(self, network: Glm4Moe, most_owed: int = 64) -> None:
        if not network.has_draft_layer:
            raise ValueError("The network has no draft layer: serve it without drafts, or with NgramDrafter.")
        self._network, self._most_owed = network, most_owed
        self._owed: dict[int, Owed] = {}

    def draft(self, fed: Sequence[Fed], hidden: Tensor, pool: KVPool, count: int) -> list[tuple[int, ...]]:
        due = [one for one in fed if not self._puts_off(one, hidden, count)]
        if not due:
            return [()] * len(fed)
        asking = [index for index, one in enumerate(due) if one.guess and count]
        last = self._extend(due, hidden, pool, asking or [0])  # if nobody asks, the layer still has to keep its keys
        if not asking:
            return [()] * len(fed)
        chains = iter(self._chain([due[index] for index in asking], last, pool, count))
        return [tuple(next(chains)) if one.guess else () for one in fed]

    def catch_up(self, fed: Sequence[Fed], pool: KVPool) -> None:
        """Runs the layer over all that it is owed of these, before others run it over what follows."""
        due = []
        for one in fed:
            if (owed := self._owed.get(one.key)) and owed.end != one.start:
                del self._owed[one.key]
            elif owed:
                due.append(one)
        if due:
            none = self._owed[due[0].key].hidden[0][:0]
            self._extend(due, none, pool, [0])

    def choose(self, fed: Sequence[Fed], made: Sequence[tuple[int, ...]], count: int) -> list[tuple[int, ...]]:
        """Of guesses that the layer `made` within a step: all, as far as they are asked for."""
        return [guess[:count] if one.guess else () for one, guess in zip(fed, made, strict=True)]

    def forget(self, key: int) -> None:
        self._owed.pop(key, None)

    def _puts_off(self, one: Fed, hidden: Tensor, count: int) -> bool:
        """While nothing is guessed, what was drawn is left for later: many tokens at once cost little more than one."""
        owed = self._owed.get(one.key)
        if owed and owed.end != one.start:  # pre-empted, and fed again from the start
            del self._owed[one.key]
            owed = None
        start = owed.start if owed else one.start
        end = one.start + one.count
        if count or not one.guess or end - start > self._most_owed:  # a prompt's pieces, too, are not left
            return False
        if owed is None:
            owed = self._owed[one.key] = Owed(start, start, [])
        owed.hidden.append(hidden[one.row : one.row + one.count].clone())
        owed.end = end
        return True

    def _extend(self, due: Sequence[Fed], hidden: Tensor, pool: KVPool, asking: Sequence[int]) -> Tensor:
        """Runs the layer over all that stands; its output at the end of those who ask."""
        pieces: list[Piece] = []
        states: list[Tensor] = []
        for one in due:
            owed = self._owed.pop(one.key, None)
            start = owed.start if owed else one.start
            end = one.start + one.count
            pieces.append(Piece(one.tokens[start + 1 : end + 1], start, one.blocks))
            states += owed.hidden if owed else ()
            states.append(hidden[one.row : one.row + one.count])
        kv = PagedKV(pool, pieces, asking)
        return self._network.draft(kv.ids, torch.cat(states), kv.positions, kv, kv.last)

    def _chain(self, asking: Sequence[Fed], last: Tensor, pool: KVPool, count: int) -> list[list[int]]:
        """The likeliest token after each, and those after it; nothing is read back before the last of them."""
        ends = [one.start + one.count for one in asking]  # positions of the newest tokens
        count = min(count, self._network.config.max_position_embeddings - max(ends) + 1)
        guesses = [argmax(self._network.logits(last))]
        for ahead in range(count - 1):
            pieces = [Piece((0,), end + ahead, one.blocks) for one, end in zip(asking, ends, strict=True)]
            kv = PagedKV(pool, pieces)
            last = self._network.draft(guesses[-1], last, kv.positions, kv)
            guesses.append(argmax(self._network.logits(last)))
        chains: list[list[int]] = torch.stack(guesses, 1).tolist()
        return chains
