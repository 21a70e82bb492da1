"""Steps in which everyone draws plainly, each shape recorded once and replayed.

A shape is as many rows as a batch is rounded up to, so many tokens of each, so many guesses made.

One copy tells the device what is fed, one copy tells the host what was drawn and guessed; between them it waits for
nothing. Who has a grammar, penalties, a bias or log-probabilities to tell is the runner's, and so are prompts.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from inference import choice
from inference.fixed import View, guess, recorded
from inference.kv import KVPool
from inference.network import Glm4Moe
from inference.sampling import NEVER, Drawn, Row, State, argmax
from inference.step import Work

log = logging.getLogger(__name__)
STRIDE = 8  # batches above it are rounded up to its multiples, those below to powers of two
START, LIMIT, TOP_K, SAMPLED, CUT, SPARED, TOKENS = range(7)  # columns of what is told in integers, tokens at the end
SCALE, TOP_P, NUMBERS = range(3)  # and in floats, a random number for each token at the end


class Shape(NamedTuple):
    rows: int
    width: int  # tokens of each: the newest, and guesses
    guesses: int  # that the draft layer makes; 0: it isn't run
    sampled: bool  # somebody is not greedy
    spared: bool  # somebody has ids never to be drawn


class Plain(NamedTuple):
    """One sequence's part."""

    work: Work
    rows: Sequence[Row]  # to be drawn: behind its newest token, and behind each guess that may stand


class Made(NamedTuple):
    drawn: Drawn  # of all rows of all that was fed
    guesses: list[tuple[int, ...]]
    hidden: Tensor  # until the next step; a sequence's are `width` rows
    width: int


class Graphs:
    def __init__(self, network: Glm4Moe, pool: KVPool, most_rows: int) -> None:
        self.network, self.pool, self.most_rows = network, pool, most_rows
        self.positions = network.config.max_position_embeddings
        self.replayed = 0  # steps so far
        device = pool.device
        width = -(-self.positions // pool.block_size)
        self.table = torch.full((most_rows, width), pool.blocks, dtype=torch.int32, device=device)
        self.spare: frozenset[int] = frozenset()
        self.spared = torch.zeros(network.config.vocab_size, dtype=torch.bool, device=device)
        self._table = self.table.to("cpu", copy=True)
        if device.type == "cuda":
            self._table = self._table.pin_memory()
        self._held: list[tuple[Sequence[int], int] | None] = [None] * most_rows
        self._steps: dict[Shape, Recorded] = {}
        self._memory = torch.cuda.graph_pool_handle() if device.type == "cuda" else None

    def fits(self, fed: Sequence[Plain], guesses: int) -> bool:
        """Whether there is room for all rows to be as wide as the widest, and one set of spare ids does."""
        width = 1 + max(one.work.drafts for one in fed)
        for work, rows in fed:
            room = min(self.positions - guesses, len(work.blocks) * self.pool.block_size)
            if work.start + width > room or not self._spares(rows[0].rule.spare):
                return False
        return len(fed) <= self.most_rows

    def run(self, fed: Sequence[Plain], guesses: int) -> Made:
        shape = Shape(
            rounded(len(fed), self.most_rows),
            1 + max(one.work.drafts for one in fed),
            guesses,
            any(one.rows[0].rule.temperature for one in fed),
            any(one.rows[0].rule.spare for one in fed),
        )
        for row in range(shape.rows):
            self._place(row, fed[row].work.blocks if row < len(fed) else ())
        step = self._steps.get(shape)
        if step is None:
            step = self._steps[shape] = Recorded(self, shape)
        self.replayed += 1
        return step.run(fed, self._memory)

    def _spares(self, spare: frozenset[int]) -> bool:
        if spare and not self.spare:
            self.spare = spare
            self.spared[torch.tensor(sorted(spare), device=self.spared.device)] = True
        return not spare or spare == self.spare

    def _place(self, row: int, blocks: Sequence[int]) -> None:
        """Tells the device what is new of a row's blocks. A sequence's list only grows; another list is another's."""
        held, known = self._held[row] or ((), 0)
        if held is not blocks:
            self._table[row, :known] = self.pool.blocks
            known = 0
        elif known == len(blocks):
            return
        self._table[row, known : len(blocks)] = torch.tensor(blocks[known:], dtype=torch.int32)
        self._held[row] = blocks, len(blocks)
        self.table[row].copy_(self._table[row], non_blocking=True)


class Recorded:
    """One shape's step, and the memory it is told and tells by."""

    def __init__(self, graphs: Graphs, shape: Shape) -> None:
        self.graphs, self.shape = graphs, shape
        device, rows, width = graphs.pool.device, shape.rows, shape.width
        pinned = device.type == "cuda"
        self._told = torch.zeros(rows, TOKENS + width, dtype=torch.long, pin_memory=pinned)
        self._numbers = torch.zeros(rows, NUMBERS + width, dtype=torch.float64, pin_memory=pinned)
        self.told, self.numbers = self._told.to(device, copy=True), self._numbers.to(device, copy=True)
        self.out = torch.zeros(rows, 2 * width + shape.guesses, dtype=torch.long, device=device)
        self.hidden: Tensor = torch.empty(0)
        self._replay: Callable[[], object] | None = None

    def run(self, fed: Sequence[Plain], memory: Any) -> Made:
        self._tell(fed)
        if self._replay is None:
            self._replay = self._record(memory)
        self._replay()
        width = self.shape.width
        out: list[list[int]] = self.out.tolist()  # the one time the host waits
        tokens: list[int] = []
        states: list[int] = []
        for row, (_, rows) in zip(out, fed, strict=False):
            tokens += row[: len(rows)]
            states += [State.FINE if fine else State.BROKEN for fine in row[width : width + len(rows)]]
        guesses = [tuple(row[2 * width :]) for row in out[: len(fed)]]
        return Made(Drawn(tokens, states, {}), guesses, self.hidden, width)

    def _record(self, memory: Any) -> Callable[[], object]:
        try:
            return recorded(self.step, self.graphs.pool.device, memory)
        except RuntimeError:
            log.exception("A step of %s can't be recorded: it is launched kernel by kernel.", self.shape)
            return self.step

    def _tell(self, fed: Sequence[Plain]) -> None:
        told, numbers = self._told.numpy(), self._numbers.numpy()
        told[len(fed) :], numbers[len(fed) :] = 0, 0.0
        vocab = self.graphs.network.config.vocab_size
        for index, (work, rows) in enumerate(fed):
            rule, row = rows[0].rule, told[index]
            row[:TOKENS] = (work.start, len(rows) - 1, vocab, bool(rule.temperature), False, bool(rule.spare))
            row[TOKENS:] = 0
            row[TOKENS : TOKENS + len(work.tokens)] = work.tokens
            if rule.temperature:
                wish = rule.wish
                row[TOP_K], row[CUT] = wish.top_k or vocab, wish.top_k > 0 or wish.top_p < 1.0
                numbers[index, :NUMBERS] = 1 / wish.temperature, wish.top_p
                drawn = [choice.uniform(rule.stream, one.position) for one in rows]
                numbers[index, NUMBERS : NUMBERS + len(rows)] = drawn
            else:
                numbers[index, :NUMBERS] = 1.0
        self.told.copy_(self._told, non_blocking=True)
        if self.shape.sampled:
            self.numbers.copy_(self._numbers, non_blocking=True)

    def step(self) -> None:
        graphs, (rows, width, guesses, _, _) = self.graphs, self.shape
        start, tokens, table = self.told[:, START], self.told[:, TOKENS:], graphs.table[:rows]
        positions = start[:, None] + torch.arange(width, device=start.device)
        view = View(graphs.pool, table, positions, start + width)
        self.hidden = graphs.network(tokens.flatten(), positions.flatten(), view)
        drawn, fine = self._draw(graphs.network.logits(self.hidden))
        self.out[:, :width], self.out[:, width : 2 * width] = drawn, fine
        if guesses:
            stood = self._standing(tokens[:, 1:], drawn, fine)
            made = guess(graphs.network, graphs.pool, table, start, drawn, stood, self.hidden, guesses)
            self.out[:, 2 * width :] = made

    def _draw(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """A token for each place, and whether its logits were fine, both [B, W]: as `sampling.draw` does."""
        rows, width = self.shape.rows, self.shape.width
        if self.shape.spared:
            spared = self._each(self.told[:, SPARED]).bool()
            logits.masked_fill_(spared[:, None] & self.graphs.spared, NEVER)
        tokens = argmax(logits)
        proof = logits.gather(1, tokens[:, None])[:, 0]
        if self.shape.sampled:
            sampled, cut, top_k = (self._each(self.told[:, at]) for at in (SAMPLED, CUT, TOP_K))
            scale, top_p = (self._each(self.numbers[:, at]) for at in (SCALE, TOP_P))
            u = self.numbers[:, NUMBERS:].flatten()
            p = choice.probabilities(logits, scale[:, None].float())
            picked = torch.where(cut.bool(), choice.pick_cut(p, top_k, top_p, u), choice.pick(p, u))
            tokens, proof = torch.where(sampled.bool(), picked, tokens), torch.where(sampled.bool(), p[:, 0], proof)
        return tokens.view(rows, width), proof.isfinite().view(rows, width)

    def _each(self, of_rows: Tensor) -> Tensor:
        """Of each row's tokens what is told of the row."""
        return of_rows[:, None].expand(-1, self.shape.width).flatten()

    def _standing(self, guesses: Tensor, drawn: Tensor, fine: Tensor) -> Tensor:
        """How many guesses of each row stand [B], of those that may."""
        may = torch.arange(guesses.shape[1], device=guesses.device) < self.told[:, LIMIT, None]
        return ((guesses == drawn[:, :-1]) & fine[:, :-1] & may).long().cumprod(1).sum(1)


def rounded(rows: int, most: int) -> int:
    """To few sizes, so that few graphs are recorded."""
    if rows < STRIDE:
        return min(most, 1 << (rows - 1).bit_length())
    return min(most, -(-rows // STRIDE) * STRIDE)
