"""transformers' decoding step on a model of the same layer shapes, cut to what fits: a process of its own, so that its
memory, its time and its mistakes are its own.

    python -m inference.bench.theirs_gpu LAYERS CONTEXT SECONDS ROWS...

Each way is a line of JSON as soon as it is measured. A step is one call of the model over a static cache, with nothing
of `generate` around it: `launched` kernel by kernel, `compiled` as `generate` compiles it (torch.compile, CUDA graphs
within), and `recorded` as one CUDA graph, which transformers itself doesn't offer.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

import torch

from inference.bench.air import AIR, shortened
from inference.bench.device import timed
from inference.config import Glm4MoeConfig
from inference.fixed import recorded

EXPERTS = ("batched_mm", "grouped_mm")  # the first is what `generate` takes to decode
PIECE = 1024  # tokens of a prompt at once
STEPS = 10


@dataclass(frozen=True, slots=True)
class Their:
    way: str
    rows: int
    context: int
    layers: int
    seconds: float | None
    error: str = ""


def measure(
    config: Glm4MoeConfig, device: torch.device, dtype: torch.dtype, batches: Sequence[int], context: int, until: float
) -> Iterator[Their]:
    """What takes longest, compiling, comes last."""
    model = build(config, device, dtype)
    ways: list[tuple[str, int, str]] = []
    for how in ("launched", "recorded", "compiled"):
        ways += [(how, rows, experts) for rows in batches for experts in EXPERTS]
    for how, rows, experts in ways:
        seconds, wrong = None, "no time was left"
        if time.monotonic() < until:
            model.set_experts_implementation(experts)
            try:
                seconds, wrong = time_way(model, how, rows, context, device), ""
            except Exception as error:  # another way may do
                wrong = (str(error) or type(error).__name__).splitlines()[0][:200]
        yield Their(f"{experts}, {how}", rows, context, config.num_hidden_layers, seconds, wrong)


def build(config: Glm4MoeConfig, device: torch.device, dtype: torch.dtype) -> Any:
    """Its own random weights: how they are chosen says nothing of speed but for the routers, which spread."""
    transformers: Any = import_module("transformers")
    transformers.utils.logging.set_verbosity_error()
    values = config.to_json()
    for name in ("architectures", "model_type", "torch_dtype", "quantization_config"):
        values.pop(name, None)
    rope = {"rope_type": "default", "rope_theta": values.pop("rope_theta")}
    rope["partial_rotary_factor"] = values["partial_rotary_factor"]
    theirs = transformers.Glm4MoeConfig(**values, rope_parameters=rope, initializer_range=0.02)
    with torch.device(device):
        model = transformers.Glm4MoeForCausalLM._from_config(theirs, dtype=dtype, attn_implementation="sdpa")
    return model.eval().requires_grad_(False)


@torch.no_grad()
def time_way(model: Any, how: str, rows: int, context: int, device: torch.device) -> float:
    """Seconds of a step that says one token of each of `rows` sequences."""
    cache = filled(model, rows, context, device)
    ids = torch.full((rows, 1), 7, device=device)
    forward = model.forward
    if how == "compiled":
        torch.compiler.reset()
        forward = torch.compile(model.forward, mode="reduce-overhead" if device.type == "cuda" else None)

    def step() -> None:
        if how == "compiled":
            torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]  # of the last step's output nothing is needed any more
        logits = forward(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        ids.copy_(logits[:, -1:].argmax(-1))

    run: Callable[[], object] = recorded(step, device) if how == "recorded" else step
    for _ in range(2):  # a compiled one records its graphs in its second run
        run()
    return timed(run, device, steps=STEPS, record=False)


def filled(model: Any, rows: int, context: int, device: torch.device) -> Any:
    """A static cache that holds a prompt, row by row the same."""
    transformers: Any = import_module("transformers")
    cache = transformers.StaticCache(config=model.config, max_cache_len=context + 64)
    random = torch.Generator().manual_seed(0)
    prompt = torch.randint(model.config.vocab_size, (1, context), generator=random).to(device).expand(rows, -1)
    before = model.config._experts_implementation
    model.set_experts_implementation("grouped_mm")
    for begin in range(0, context, PIECE):
        model(
            input_ids=prompt[:, begin : begin + PIECE].contiguous(),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
    model.set_experts_implementation(before)
    return cache


def main(args: Sequence[str]) -> int:
    layers, context, seconds, *batches = map(int, args)
    config = shortened(AIR, layers)
    device = torch.device("cuda")
    until = time.monotonic() + seconds
    for their in measure(config, device, torch.bfloat16, batches, context, until):
        print(json.dumps(asdict(their)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
