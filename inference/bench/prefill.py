"""`python -m inference bench --gpu --prefill`: how fast prompts are read, piece by piece.

And how long an agent waits for the first token of its next turn, of which nearly all is in the prefix cache.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch

from inference.bench.agree import BLOCK
from inference.bench.air import AIR, fill, operations, shortened, target_bytes
from inference.bench.device import copy_bandwidth, multiplications, timed
from inference.bench.gpu import SPARE, Found, Line, attempt, gpu, say, table
from inference.bench.steps import layer_block
from inference.config import Glm4MoeConfig
from inference.drafting.mtp import MTPDrafter
from inference.errors import EngineError
from inference.kv import KVPool, PagedKV
from inference.network.glm4_moe import Glm4Moe
from inference.request import Request, Sampling
from inference.runner import Runner
from inference.scheduler import Scheduler
from inference.server.load import BATCH, STEP_TOKENS
from inference.step import Work

PIECES, BEHIND = (512, 2048, 8192), (0, 32768)
CACHED, NEW = 32768, 500  # an agent's turn
STEPS, ROUNDS = 3, 3
LIMIT = 240.0  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """What the device was measured to do a second."""

    bandwidth: float
    operations: float

    def __str__(self) -> str:
        return f"copying {self.bandwidth / 1e12:.2f} TB/s, multiplying {self.operations / 1e12:.0f} TFLOP/s in BF16"

    def line(self, what: str, seconds: float, speed: str, operations: float, read: float) -> Line:
        compute, nearer = operations / self.operations, max(operations / self.operations, read / self.bandwidth)
        return what, f"{1e3 * seconds:.1f} ms", speed, f"{compute / seconds:.0%}", f"{nearer / seconds:.0%}"


def measure_prefill(layers: int | None = None) -> int:
    began, device = time.monotonic(), gpu()
    limits = Limits(copy_bandwidth(device), multiplications(device))
    name = f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    say(f"{name}; {limits}")
    config = shortened(AIR, layers or AIR.num_hidden_layers)
    lines: list[Line] = []
    found = Found()
    attempt(found, "prompts", lambda: ours(lines, found, config, device, limits, began + LIMIT))
    say(f"\n{name}, {config.num_hidden_layers} layers, {time.monotonic() - began:.0f} s, {limits}\n")
    say(table(("prompt", "time", "speed", "of the compute limit", "of the nearer limit"), lines))
    say("\n" + ("\n".join(f"- {what}" for what in found.failed) or "Nothing failed."))
    return int(bool(found.failed))


@torch.inference_mode()
def ours(
    lines: list[Line], found: Found, config: Glm4MoeConfig, device: torch.device, limits: Limits, until: float
) -> None:
    network = fill(Glm4Moe(config, dtype=torch.bfloat16, device=device)).requires_grad_(False)
    torch.cuda.empty_cache()
    tokens = max(BEHIND) + max(PIECES) + 2 * (CACHED + 2 * NEW)
    block = layer_block(config) * len(network.model.layers)
    blocks = min(-(-tokens // BLOCK), (torch.cuda.mem_get_info()[0] - SPARE) // block)
    pool = KVPool(config, blocks, BLOCK, device, torch.bfloat16)
    for name, measure in measurements(network, pool, limits):
        if line := attempt(found, name, measure, until):
            lines.append(line)
            say(" · ".join(line))


def measurements(network: Glm4Moe, pool: KVPool, limits: Limits) -> Iterator[tuple[str, Callable[[], Line]]]:
    for context in BEHIND:
        for tokens in PIECES:
            name = f"{tokens} tokens behind {context}"
            yield name, partial(piece, network, pool, limits, tokens, context)
    yield f"a turn of {NEW} tokens", partial(turn, network, pool, limits)


def piece(network: Glm4Moe, pool: KVPool, limits: Limits, tokens: int, context: int) -> Line:
    """As the runner feeds it, tables included: through the target, and the last token's logits."""
    work = Work(0, random_ids(network, tokens, 0), context, range(pool.blocks))

    def run() -> None:
        kv = PagedKV(pool, [work])
        network.logits(network(kv.ids, kv.positions, kv)[-1:])

    seconds = timed(run, pool.device, steps=STEPS, record=False)
    what = f"{tokens} tokens behind {context}"
    read = target_bytes(network, tokens, context + tokens)
    return limits.line(what, seconds, f"{tokens / seconds:.0f} tokens/s", operations(network, tokens, context), read)


def turn(network: Glm4Moe, pool: KVPool, limits: Limits) -> Line:
    """Scheduler, prefix cache, runner and draft layer included; every round has a text of its own."""
    turns, cached, whole = Turns(network, pool), [], []
    for number in range(1 + ROUNDS):  # the first warms
        before = random_ids(network, CACHED, number)
        whole.append(turns.first_token((*before, *random_ids(network, NEW, 1000 + number))))
        cached.append(turns.first_token((*before, *random_ids(network, NEW, 2000 + number))))
    seconds, uncached = statistics.median(cached[1:]), statistics.median(whole[1:])
    what = f"first token of {NEW} new tokens behind {CACHED} cached"
    said = f"uncached {1e3 * uncached:.0f} ms; cached {seconds / uncached:.1%} of that"
    read = target_bytes(network, NEW, CACHED + NEW)
    return limits.line(what, seconds, said, operations(network, NEW, CACHED), read)


class Turns:
    """The engine without its thread: one request after another."""

    def __init__(self, network: Glm4Moe, pool: KVPool) -> None:
        self.runner = Runner(network, pool, MTPDrafter(network))
        context = min(pool.blocks * pool.block_size, network.config.max_position_embeddings)
        self.scheduler = Scheduler(pool.blocks, pool.block_size, BATCH["cuda"], STEP_TOKENS["cuda"], context, 1)

    def first_token(self, prompt: tuple[int, ...]) -> float:
        """Seconds until it is there."""
        request = Request("turn", prompt, Sampling(temperature=0.0), 1, frozenset())
        began = time.perf_counter()
        key = self.scheduler.add(request)
        self.runner.open(key, request)
        while step := self.scheduler.plan(1):
            for _, reply in self.scheduler.commit(step, self.runner.run(step)):
                if reply.error:
                    raise EngineError(reply.error)
        seconds = time.perf_counter() - began
        self.runner.close(key)
        return seconds


def random_ids(network: Glm4Moe, count: int, seed: int) -> tuple[int, ...]:
    random = torch.Generator().manual_seed(seed)
    return tuple(torch.randint(network.config.vocab_size, (count,), generator=random).tolist())
