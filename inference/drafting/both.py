"""Looks up what was said before, and asks the draft layer where there is nothing to look up.

A long match is right more often than the layer is, and costs nothing; what the layer is owed meanwhile it makes up for
when it is next asked (see `MTPDrafter`).
"""

from collections.abc import Sequence

from torch import Tensor

from inference.drafting.drafter import Fed
from inference.drafting.mtp import MTPDrafter
from inference.drafting.ngram import NgramDrafter
from inference.kv import KVPool
from inference.network import Glm4Moe


class BothDrafter:
    def __init__(self, network: Glm4Moe, shortest: int = 4) -> None:
        self._lookup, self._layer = NgramDrafter(shortest), MTPDrafter(network)

    def draft(self, fed: Sequence[Fed], hidden: Tensor, pool: KVPool, count: int) -> list[tuple[int, ...]]:
        guesses = self._lookup.draft(fed, hidden, pool, count)
        found = [one for one, guess in zip(fed, guesses, strict=True) if guess]
        others = [one for one, guess in zip(fed, guesses, strict=True) if not guess]
        if found:
            self._layer.draft(found, hidden, pool, 0)
        asked = iter(self._layer.draft(others, hidden, pool, count))
        return [guess or next(asked) for guess in guesses]

    def catch_up(self, fed: Sequence[Fed], pool: KVPool) -> None:
        self._layer.catch_up(fed, pool)

    def choose(self, fed: Sequence[Fed], made: Sequence[tuple[int, ...]], count: int) -> list[tuple[int, ...]]:
        """What can be looked up, else what the layer `made` already."""
        found = (self._lookup.guess(one.key, one.tokens, count) if one.guess else () for one in fed)
        return [guess or other for guess, other in zip(found, made, strict=True)]

    def forget(self, key: int) -> None:
        self._lookup.forget(key)
        self._layer.forget(key)
