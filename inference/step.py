"""What the scheduler hands the runner, and what it gets back. Numbers only: no tensor here, no queue there.

One step is one forward pass of the target over some tokens of several sequences. A sequence takes part with the next
piece of its prompt, or with its newest token and the drafts that guess what follows it. KV of the token at position p
lies in slot `blocks[p // block_size] * block_size + p % block_size` of every layer, the draft layer's included.

Works and outcomes, of which each step makes as many as it has sequences, are named tuples, as replies are: they are
made in a third of a frozen dataclass's time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inference.request import Logprob


class Work(NamedTuple):
    """One sequence's part of a step."""

    key: int  # the runner keeps a sequence's random numbers, grammar and counts under it, from `open` to `close`
    tokens: Sequence[int]  # fed: a piece of the prompt, or [newest, *drafts]
    start: int  # position of the first; KV of all before it stands
    blocks: Sequence[int]  # room for start + len(tokens) + the step's `drafts` positions
    drafts: int = 0  # how many of `tokens`, at their end, are guesses
    following: int | None = None  # the token after a piece that is not the prompt's last; nothing is drawn then


@dataclass(frozen=True, slots=True)
class Step:
    works: Sequence[Work]
    drafts: int  # how many tokens to guess for each sequence that draws one


class Outcome(NamedTuple):
    """What became of a `Work`, in the same order."""

    key: int
    tokens: tuple[int, ...] = ()  # accepted drafts and one more; empty for a piece with `following`
    logprobs: tuple[Logprob, ...] = ()  # one for each of `tokens` where asked for
    drafts: tuple[int, ...] = ()  # guesses for the next step; may be fewer than asked for
    error: str = ""  # the sequence can't go on (NaN in its logits, a grammar without a way out): a sentence
