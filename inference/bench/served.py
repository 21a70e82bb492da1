"""Steps as the server runs them: the runner, its recorded steps, and all that the host does between two of them."""

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from inference.bench.steps import Step as Recorded
from inference.bench.steps import carve, room
from inference.drafting.mtp import MTPDrafter
from inference.errors import EngineError
from inference.graphs import Graphs
from inference.network.glm4_moe import Glm4Moe
from inference.request import Request, Sampling
from inference.runner import Runner
from inference.step import Outcome, Step, Work

WARM, STEPS = 4, 20  # the first of all fed guesses differ in shape from the later ones


@dataclass(frozen=True, slots=True)
class Served:
    rows: int
    context: int
    drafts: int
    sampled: bool
    seconds: float
    replayed: int  # of all steps, warming ones too

    def line(self, steps: list[Recorded]) -> tuple[str, ...]:
        """Beside the same step without the host. Of random weights no guess stands."""
        drafts = f"{self.drafts} drafts" if self.drafts else "no drafts"
        how = "temperature 0.6, top-p 0.95" if self.sampled else "greedy"
        shape = self.rows, self.context, self.drafts
        alone = [
            one.seconds
            for one in steps
            if (one.shape.rows, one.shape.context, one.shape.drafts) == shape and one.shape.layers == one.shape.of
        ]
        beside = f"{1e3 * alone[0]:.3f} ms, {self.seconds / alone[0] - 1:.0%} more" if alone else ""
        said = f"{1e3 * self.seconds:.3f} ms"
        recorded = f"{self.replayed} of {WARM + STEPS}"
        return f"batch {self.rows}, {self.context} of context, {drafts}, {how}", said, beside, recorded


def time_served(network: Glm4Moe, memory: Tensor, rows: int, context: int, drafts: int, sampled: bool) -> Served:
    pool = carve(memory, network.config, rows * room(context, drafts))
    graphs = Graphs(network, pool, rows)
    runner = Runner(network, pool, MTPDrafter(network) if drafts else None, graphs)
    each = pool.blocks // rows
    random = torch.Generator().manual_seed(0)
    works = []
    for row in range(rows):
        prompt = torch.randint(network.config.vocab_size, (context + 1,), generator=random).tolist()
        sampling = Sampling(0.6, top_p=0.95, seed=row) if sampled else Sampling(0.0)
        runner.open(row, Request(str(row), tuple(prompt), sampling, WARM + STEPS, frozenset()))
        works.append(Work(row, prompt[-1:], context, list(range(row * each, (row + 1) * each))))
    began = 0.0
    for number in range(WARM + STEPS):
        if number == WARM:
            began = time.perf_counter()
        outcomes = runner.run(Step(works, drafts))
        works = [following(work, outcome) for work, outcome in zip(works, outcomes, strict=True)]
    return Served(rows, context, drafts, sampled, (time.perf_counter() - began) / STEPS, graphs.replayed)


def following(work: Work, outcome: Outcome) -> Work:
    """What the scheduler would feed next."""
    if outcome.error:
        raise EngineError(outcome.error)
    tokens, drafts = (outcome.tokens[-1], *outcome.drafts), len(outcome.drafts)
    return work._replace(tokens=tokens, start=work.start + len(outcome.tokens), drafts=drafts)
