"""How many threads a CPU's products are shared between: what is measured to be fastest, not what there are cores."""

import time

import torch

from inference.kv import ContiguousKV
from inference.network.glm4_moe import Glm4Moe

TRIES = 5


def settle_threads(network: Glm4Moe) -> int:
    """One thread or all of torch's, whichever makes a token sooner: small products lose by meeting. To be called in the
    thread that will compute."""
    most = torch.get_num_threads()
    if most > 1:
        seconds = {count: _seconds(network, count) for count in (most, 1)}
        torch.set_num_threads(min(seconds, key=lambda count: seconds[count]))
    return torch.get_num_threads()


@torch.inference_mode()
def _seconds(network: Glm4Moe, threads: int) -> float:
    """Of the quickest of a few steps of one token; the first one, which wakes the threads, hardly is."""
    torch.set_num_threads(threads)
    ids = torch.zeros(1, dtype=torch.long)
    taken = []
    for _ in range(TRIES):
        began = time.perf_counter()
        network.logits(network(ids, ids, ContiguousKV([1])))
        taken.append(time.perf_counter() - began)
    return min(taken)
