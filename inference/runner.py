"""One step: forward, verify, draw, draft. Knows what each sequence has drawn so far; never sees a queue.

A sequence's tokens, penalty counts and place in its grammar stay here from `open` to `close`, whatever becomes of its
keys and values: one that was pre-empted is fed again, and only what comes after its newest token is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import torch
from torch import Tensor

from inference.drafting.both import BothDrafter
from inference.drafting.drafter import Drafter, Fed
from inference.drafting.mtp import MTPDrafter
from inference.errors import EngineError, RequestError
from inference.graphs import Graphs, Plain
from inference.kv import KVPool, PagedKV
from inference.network import Glm4Moe
from inference.request import Logprob, Request
from inference.sampling import Drawn, Row, Rule, State, draw, told
from inference.step import Outcome, Step, Work
from inference.verify import standing, worth

WHY = {
    State.BROKEN: "The model's logits are not finite numbers: its weights or this sequence's memory are damaged.",
    State.STUCK: "No token is left to draw: the grammar, the spare ids or logit_bias forbid all of them.",
}


class Sampled:
    """One sequence, as far as drawing its tokens goes."""

    __slots__ = ("matcher", "plain", "rule", "stop_ids", "tokens")

    def __init__(self, request: Request) -> None:
        self.tokens = list(request.prompt)
        self.rule = Rule(request)
        self.matcher, self.stop_ids = request.matcher, request.stop_ids
        shaped = self.matcher or self.rule.counts or self.rule.bias
        self.plain = not shaped and request.sampling.logprobs is None  # its draws need nothing of the host

    def rows(self, guesses: Sequence[int]) -> list[Row]:
        """What is to be drawn after the newest token and after each guess that may stand."""
        masks: list[Tensor | None] = [None] * (len(guesses) + 1)
        if self.matcher:
            masks, legal = self.matcher.masks(guesses)
            guesses = guesses[:legal]
        place = len(self.tokens)
        return [Row(self.rule, place + ahead, guesses[:ahead], masks[ahead]) for ahead in range(len(guesses) + 1)]

    def take(self, token: int) -> None:
        self.tokens.append(token)
        self.rule.drew(token)
        if self.matcher and not self.matcher.accept(token):
            raise EngineError(f"The grammar refuses token {token}, which its own mask allows.")


@dataclass(slots=True)
class Turn:
    """A work's part in the step's draw."""

    work: Work
    guesses: Sequence[int] = ()
    rows: list[Row] = field(default_factory=list)  # none: more of a prompt comes first
    first: int = 0  # of `rows` in the step's logits
    error: str = ""


class Runner:
    """With `graphs`, steps in which everyone draws plainly are recorded ones."""

    def __init__(
        self, network: Glm4Moe, pool: KVPool, drafter: Drafter | None = None, graphs: Graphs | None = None
    ) -> None:
        self._network, self._pool, self._drafter, self._graphs = network, pool, drafter, graphs
        self._layer = drafter if isinstance(drafter, MTPDrafter | BothDrafter) else None
        self._sequences: dict[int, Sampled] = {}

    def open(self, key: int, request: Request) -> None:
        self._check(request)
        self._sequences[key] = Sampled(request)

    def close(self, key: int) -> None:
        self._sequences.pop(key, None)
        if self._drafter:
            self._drafter.forget(key)

    @torch.inference_mode()
    def run(self, step: Step) -> list[Outcome]:
        if self._graphs and (made := self._replay(self._graphs, step)):
            return made
        outcomes, hidden, bounds = self._decode(step.works)
        return self._guess(step, outcomes, hidden, bounds)

    def _replay(self, graphs: Graphs, step: Step) -> list[Outcome] | None:
        """The same by a recorded step, which makes the draft layer's guesses too; None: it isn't one of those."""
        if not all(map(self._is_plain, step.works)):
            return None
        turns = [self._turn(work) for work in step.works]
        fed = [Plain(turn.work, turn.rows) for turn in turns]
        guesses = step.drafts if self._layer else 0
        if not graphs.fits(fed, guesses):
            return None
        if self._layer and guesses:
            self._layer.catch_up([self._before(work) for work in step.works], self._pool)
        made = graphs.run(fed, guesses)
        for turn, first in zip(turns, accumulate((len(turn.rows) for turn in turns), initial=0), strict=False):
            turn.first = first
        outcomes = [self._settle(turn, made.drawn) for turn in turns]
        bounds = range(0, len(turns) * made.width, made.width)
        return self._guess(step, outcomes, made.hidden, bounds, made.guesses if guesses else None)

    def _is_plain(self, work: Work) -> bool:
        """Feeds its newest token and guesses, and draws without grammar, penalties, bias or log-probabilities."""
        sequence = self._sequences[work.key]
        newest = len(work.tokens) == 1 + work.drafts and work.start + 1 == len(sequence.tokens)
        return sequence.plain and newest and work.following is None

    def _before(self, work: Work) -> Fed:
        return Fed(work.key, self._sequences[work.key].tokens, work.start, 0, 0, work.blocks, False)

    def _decode(self, works: Sequence[Work]) -> tuple[list[Outcome], Tensor, list[int]]:
        """What is drawn; the hidden states of all that was fed, and where those of each work begin."""
        kv = PagedKV(self._pool, works)
        hidden = self._network(kv.ids, kv.positions, kv)
        bounds = list(accumulate((len(work.tokens) for work in works), initial=0))
        turns = [self._turn(work) for work in works]  # masks are made while a GPU still computes
        drawn = self._draw(turns, hidden, bounds)
        return [self._settle(turn, drawn) for turn in turns], hidden, bounds

    def _check(self, request: Request) -> None:
        vocab = self._network.config.vocab_size
        for name, ids in (("prompt", request.prompt), ("logit_bias", request.sampling.logit_bias)):
            if wrong := [token for token in ids if not 0 <= token < vocab]:
                raise RequestError(f"{name} holds the id {wrong[0]}; the model knows 0 to {vocab - 1}.", name)

    def _turn(self, work: Work) -> Turn:
        sequence, turn = self._sequences[work.key], Turn(work)
        known = work.start + len(work.tokens) - work.drafts
        if work.following is None and known == len(sequence.tokens):
            if work.drafts:
                turn.guesses = worth(work.tokens[len(work.tokens) - work.drafts :], sequence.stop_ids)
            try:
                turn.rows = sequence.rows(turn.guesses)
            except EngineError as error:
                turn.error = str(error)
        return turn

    def _draw(self, turns: Sequence[Turn], hidden: Tensor, bounds: Sequence[int]) -> Drawn:
        """All draws of the step at once; logits are made for their rows only."""
        rows: list[Row] = []
        places: list[int] = []
        for turn, end in zip(turns, bounds[1:], strict=True):
            turn.first = len(rows)
            newest = end - 1 - turn.work.drafts
            rows += turn.rows
            places += range(newest, newest + len(turn.rows))
        if not rows:
            return Drawn([], [], {})
        if len(places) < len(hidden):
            hidden = hidden.index_select(0, torch.tensor(places, device=hidden.device))
        return draw(self._network.logits(hidden), rows)

    def _settle(self, turn: Turn, drawn: Drawn) -> Outcome:
        """Takes over what was drawn up to the first guess that falls."""
        work, sequence = turn.work, self._sequences[turn.work.key]
        if turn.error or not turn.rows:
            return Outcome(work.key, error=turn.error)
        states = drawn.states[turn.first : turn.first + len(turn.rows)]
        fine = len(states) if not any(states) else next(i for i, state in enumerate(states) if state)
        if not fine and work.drafts and drawn.states[turn.first] == State.BROKEN:
            return self._decode([_without_guesses(work)])[0][0]  # a guess's key that is NaN reaches rows before it
        if not fine:
            return Outcome(work.key, error=WHY[State(drawn.states[turn.first])])
        tokens = drawn.tokens[turn.first : turn.first + fine]  # the row that is not fine comes up again, as the first
        tokens = tokens[: standing(turn.guesses, tokens) + 1]
        try:
            for token in tokens:
                sequence.take(token)
        except EngineError as error:
            return Outcome(work.key, error=str(error))
        return Outcome(work.key, tuple(tokens), self._logprobs(sequence, tokens, turn.first, drawn))

    def _logprobs(self, sequence: Sampled, tokens: Sequence[int], first: int, drawn: Drawn) -> tuple[Logprob, ...]:
        top = sequence.rule.sampling.logprobs
        if top is None:
            return ()
        return tuple(told(drawn.logprobs[first + index], token, top) for index, token in enumerate(tokens))

    def _guess(
        self,
        step: Step,
        outcomes: list[Outcome],
        hidden: Tensor,
        bounds: Sequence[int],
        made: Sequence[tuple[int, ...]] | None = None,
    ) -> list[Outcome]:
        """`made`: what the draft layer guessed of each already."""
        if not self._drafter:
            return outcomes
        fed = [self._fed(*parts) for parts in zip(step.works, outcomes, bounds, strict=False)]
        going = [index for index, one in enumerate(fed) if one]
        asking = [one for one in fed if one]
        if self._layer and made is not None:
            guesses = self._layer.choose(asking, [made[index] for index in going], step.drafts)
        else:
            guesses = self._drafter.draft(asking, hidden, self._pool, step.drafts)
        for index, guess in zip(going, guesses, strict=True):
            if guess:
                outcomes[index] = outcomes[index]._replace(drafts=guess)
        return outcomes

    def _fed(self, work: Work, outcome: Outcome, row: int) -> Fed | None:
        """Nothing where the sequence ends here: no guess at what follows is asked for."""
        sequence = self._sequences[work.key]
        if outcome.error or (outcome.tokens and outcome.tokens[-1] in sequence.stop_ids):
            return None
        count = len(work.tokens) - work.drafts + max(0, len(outcome.tokens) - 1)
        return Fed(work.key, sequence.tokens, work.start, count, row, work.blocks, bool(outcome.tokens))


def _without_guesses(work: Work) -> Work:
    return work._replace(tokens=work.tokens[: len(work.tokens) - work.drafts], drafts=0)
