"""What is measured. Each measurement gives rows of the table; none knows how a table looks.

All that computes, transformers too, does so in one lane, as our server's does; who asks our engine is another thread.
"""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from inference.bench.ours import GREEDY, Ours, answer
from inference.bench.prompts import SOURCE, Ids, Prompts
from inference.bench.share import SAMPLED, Timed, large_config, shares
from inference.bench.theirs import WAYS, Theirs
from inference.bench.timing import Contender, Run, accepted, alike, faster, fastest, interleaved, speed
from inference.config import Glm4MoeConfig
from inference.drafting.both import BothDrafter
from inference.drafting.drafter import Drafter
from inference.drafting.mtp import MTPDrafter
from inference.drafting.ngram import NgramDrafter
from inference.errors import CheckpointError
from inference.kv import KVPool
from inference.lane import Lane
from inference.network.packed import pack
from inference.server.load import BLOCK_SIZE
from inference.weights import load_network

EIGHT = 8
ROUNDS = 5
PEAKED = 9.0  # makes a random head as sure of the next token as the pocket model is: about 2 nats


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    ours: str
    other: str
    result: str
    goal: str = ""
    reached: bool | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; a test measures less."""

    rounds: int = ROUNDS
    tokens: int = 96  # of a reply
    turn: int = 10  # of an agent's run
    steps: int = 24  # of the large network
    batch: int = 32  # of the large network
    prompts: Path = SOURCE
    large: Callable[[Glm4MoeConfig], Glm4MoeConfig] = large_config


class Bench:
    def __init__(self, model: Path, sizes: Sizes) -> None:
        self.model, self.sizes, self.lane = model, sizes, Lane()
        self.prompts = Prompts.load(model, sizes.prompts)
        self.network = self.lane.run(lambda: pack(load_network(model, dtype=torch.float32)))
        if not self.network.has_draft_layer:
            raise CheckpointError(f"{model} has no draft (MTP) layer, which the bench measures. Name another --model.")
        longest = max(len(ids) for ids in [*self.prompts.edits, *(run[sizes.turn - 1] for run in self.prompts.runs)])
        room = max(longest, EIGHT * max(map(len, self.prompts.files))) + EIGHT * (sizes.tokens + BLOCK_SIZE)
        self.pool = self.lane.run(lambda: KVPool(self.network.config, -(-room // BLOCK_SIZE), BLOCK_SIZE))
        self.off = self.ours()

    def ours(self, drafter: Callable[[], Drafter] | None = None, drafts: int | None = None) -> Ours:
        return Ours(self.network, self.pool, self.lane, drafter, drafts)

    def mtp(self, drafts: int | None = None) -> Ours:
        return self.ours(partial(MTPDrafter, self.network), drafts)

    def rows(self) -> Iterator[Row]:
        theirs = self.lane.run(lambda: Theirs(self.model))
        yield from self.against(theirs, 1, "one request")
        yield from self.against(theirs, EIGHT, "eight at once")
        del theirs
        yield from self.draft_layer()
        yield from self.lookup()
        yield self.tenth_turn()
        yield from self.own_time()

    def against(self, theirs: Theirs, size: int, name: str) -> Iterator[Row]:
        def contender(way: str) -> Contender:
            def run(number: int) -> Run:
                return theirs.generate(self.prompts.batch(number, size), self.sizes.tokens, way)

            return lambda number: self.lane.run(lambda: run(number))

        contenders = self.each({"off": self.off, "auto": self.mtp()}, partial(self.prompts.batch, size=size))
        runs = interleaved(contenders | {way: contender(way) for way in WAYS}, self.sizes.rounds)
        best = fastest(runs, WAYS)
        for ours, how, goal in (("off", "no drafts", 1.5), ("auto", "drafts: auto", None)):
            yield versus(f"{name}, {how}", runs[ours], runs[best], best, goal)
        same, replies = alike(runs["off"], runs[best])
        rest = ", ".join(f"{way} {speed(runs[way]):.0f} tokens/s" for way in WAYS if way != best)
        yield Row(f"{name}, the other experts of transformers", "", rest, f"{same} of {replies} replies equal ours")

    def each(self, ours: dict[str, Ours], asked: Callable[[int], Sequence[Ids]]) -> dict[str, Contender]:
        def contender(one: Ours) -> Contender:
            return lambda number: one.generate(asked(number), self.sizes.tokens)

        return {name: contender(one) for name, one in ours.items()}

    def draft_layer(self) -> Iterator[Row]:
        ways = {"off": self.off, "1 draft": self.mtp(1), "auto": self.mtp()}
        runs = interleaved(self.each(ways, lambda number: [self.prompts.file(number)]), 2 * self.sizes.rounds)
        for name in ("1 draft", "auto"):
            yield versus(f"draft layer, {name}", runs[name], runs["off"], "no drafts", 1.15)

    def lookup(self) -> Iterator[Row]:
        """After the first token: in an agent's run, nearly all of the prompt is in the prefix cache."""
        edits = self.prompts.edits
        layer = partial(MTPDrafter, self.network)
        both = partial(BothDrafter, self.network)
        drafters = {"off": None, "look-up": NgramDrafter, "draft layer": layer, "look-up, else draft layer": both}
        ways = {name: self.ours(drafter) for name, drafter in drafters.items()}
        runs = interleaved(self.each(ways, lambda number: [edits[number % len(edits)]]), self.sizes.rounds)
        later = {name: [run.after_first() for run in each] for name, each in runs.items()}
        for name in list(ways)[1:]:
            yield versus(f"an agent's edit, {name}", later[name], later["off"], "no drafts")

    def tenth_turn(self) -> Row:
        """To the first token; the turns before it are those of a recorded run, whose replies are not ours."""

        def turn(cached: bool) -> Contender:
            def run(number: int) -> Run:
                prompts = self.prompts.runs[number % len(self.prompts.runs)][: self.sizes.turn]
                with self.off.engine() as engine:
                    for prompt in prompts[:-1] if cached else ():
                        answer(engine, [prompt], 1)
                    return answer(engine, prompts[-1:], 1)

            return run

        runs = interleaved({"cached": turn(True), "uncached": turn(False)}, self.sizes.rounds)
        share = 1 / faster(runs["cached"], runs["uncached"])
        first, whole = (statistics.median(run.seconds for run in runs[name]) for name in ("cached", "uncached"))
        length = statistics.median(len(run[self.sizes.turn - 1]) for run in self.prompts.runs)
        what = f"first token at agent turn {self.sizes.turn} ({length:,.0f} tokens)"
        return Row(what, f"{first:.3f} s", f"uncached {whole:.3f} s", f"{share:.1%}", "≤ 15 %", share <= 0.15)

    def own_time(self) -> Iterator[Row]:
        yield from self.lane.run(lambda: list(self.shares()))

    def shares(self) -> Iterator[Row]:
        network = Timed(self.sizes.large(self.network.config)).initialize(1).requires_grad_(False)
        network.lm_head.weight *= PEAKED
        size = sum(parameter.numel() for parameter in network.parameters()) / 1e6
        pack(network)
        assert isinstance(network, Timed)
        for name, sampling in (("greedy", GREEDY), ("temperature 0.6, top-p 0.95", SAMPLED)):
            steps = shares(network, sampling, self.sizes.batch, self.sizes.steps)
            share = statistics.median(step.share for step in steps)
            own, whole = (
                1e3 * statistics.median(each) for each in zip(*((s.own, s.whole) for s in steps), strict=True)
            )
            what = f"scheduling and sampling, {size:.0f} M parameters, batch {self.sizes.batch}, {name}"
            yield Row(what, f"{own:.1f} ms", f"step {whole:.1f} ms", f"{share:.1%}", "≤ 5 %", share <= 0.05)


def versus(what: str, runs: Sequence[Run], others: Sequence[Run], name: str, goal: float | None = None) -> Row:
    times = faster(runs, others)
    if any(run.drafted for run in runs):
        what += f" ({accepted(runs):.0%} of guesses accepted)"
    return Row(
        what,
        f"{speed(runs):.0f} tokens/s",
        f"{name} {speed(others):.0f} tokens/s",
        f"{math.floor(100 * times) / 100:.2f} ×",  # never rounded up to a goal
        f"≥ {goal} ×" if goal else "",
        times >= goal if goal else None,
    )
