"""A checkpoint's folder to a running engine: where it runs, in which precision, with how much memory for KV."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from inference import kernels
from inference.chat.replies import Replies
from inference.chat.template import Template
from inference.chat.tokenizer import Tokenizer, read_json, stop_ids
from inference.config import Glm4MoeConfig
from inference.drafting.both import BothDrafter
from inference.drafting.count import DraftCount
from inference.drafting.drafter import Drafter
from inference.drafting.mtp import MTPDrafter
from inference.drafting.ngram import NgramDrafter
from inference.engine import Engine
from inference.errors import CheckpointError, EngineError
from inference.grammar import Grammars
from inference.graphs import Graphs
from inference.kv import KVPool
from inference.lane import Lane
from inference.network.glm4_moe import Glm4Moe
from inference.network.packed import pack
from inference.request import Sampling
from inference.runner import Runner
from inference.scheduler import Scheduler
from inference.server.service import Service
from inference.server.threads import settle_threads
from inference.weights import load_network

BLOCK_SIZE = 32
MOST_DRAFTS = 4
MAX_WAITING = 256
STEP_TOKENS = {"cpu": 512, "cuda": 4096}
BATCH = {"cpu": 8, "cuda": 32}
FULL_CONTEXTS = 4  # that many whole ones fit on a CPU, where memory allows
SHARE = {"cpu": 0.25, "cuda": 0.85}  # of the free memory, for keys and values; the rest is for the steps themselves
DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}


@dataclass(frozen=True)
class Wishes:
    """None and "auto" leave it to what is there."""

    model: Path
    device: str = "auto"
    dtype: str | None = None
    drafter: str = "auto"
    draft_tokens: int | None = None
    max_context: int | None = None
    max_batch: int | None = None
    kv_bytes: int | None = None
    api_key: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Served:
    service: Service
    said: str  # on what and how, in a few words


def load_service(wishes: Wishes) -> Served:
    """Raises CheckpointError for the folder, EngineError for the machine."""
    lane = Lane()
    try:
        return lane.run(lambda: load_in(lane, wishes))
    finally:
        lane.close()


def load_in(lane: Lane, wishes: Wishes) -> Served:
    device = device_of(wishes.device)
    config = Glm4MoeConfig.load(wishes.model)
    context = context_of(config, wishes.max_context)
    tokenizer = Tokenizer.load(wishes.model, config.vocab_size)
    template = Template.load(wishes.model, tokenizer)
    stops, defaults = stop_ids(wishes.model, tokenizer), sampling_defaults(wishes.model)
    dtype = DTYPES[wishes.dtype or (config.dtype if device == "cuda" else "float32")]
    try:
        network = load_network(wishes.model, dtype=dtype, device=device, dequantize=device == "cpu")
        blocks = kv_blocks(network.config, context, device, dtype, wishes)
        pool = KVPool(network.config, blocks, BLOCK_SIZE, device, dtype)
    except (MemoryError, RuntimeError) as error:
        raise no_memory(error, device) from error
    if device == "cpu":
        settle_threads(pack(network))
    drafter = drafter_of(network, wishes)
    batch = wishes.max_batch or BATCH[device]
    graphs = Graphs(network, pool, batch) if device == "cuda" and kernels.FOUND else None
    context = min(context, blocks * BLOCK_SIZE)
    scheduler = Scheduler(blocks, BLOCK_SIZE, batch, max(STEP_TOKENS[device], 2 * batch), context, MAX_WAITING)
    count = DraftCount(MOST_DRAFTS, wishes.draft_tokens if drafter else 0)
    service = Service(
        engine=Engine(Runner(network, pool, drafter, graphs), scheduler, count, lane),
        tokenizer=tokenizer,
        template=template,
        replies=Replies(tokenizer),
        grammars=Grammars(tokenizer, stops, config.vocab_size),
        name=wishes.name or name_of(wishes.model.resolve()),
        max_context=context,
        vocab_size=config.vocab_size,
        stop_ids=stops,
        spare=frozenset(tokenizer.spare(config.vocab_size)),
        defaults=defaults,
        api_key=wishes.api_key,
    )
    drafts = "no drafts" if not drafter else f"drafts: {'auto' if count.fixed is None else count.fixed}"
    return Served(service, f"{device}, {str(dtype).removeprefix('torch.')}, {context:,} tokens of context, {drafts}")


def name_of(folder: Path) -> str:
    """The folder's own name, or of one that is merely called what it holds, that of the folder around it."""
    return folder.parent.name if folder.name in {"checkpoint", "model", "weights"} else folder.name


def device_of(wish: str) -> str:
    if wish == "cuda" and not torch.cuda.is_available():
        raise EngineError("torch finds no CUDA device here. Use --device cpu, or install a torch build for your GPU.")
    return ("cuda" if torch.cuda.is_available() else "cpu") if wish == "auto" else wish


def context_of(config: Glm4MoeConfig, wish: int | None) -> int:
    if wish is not None and wish > config.max_position_embeddings:
        raise EngineError(
            f"--max-context is {wish}; the model was made for {config.max_position_embeddings} tokens at most."
        )
    return wish or config.max_position_embeddings


def kv_blocks(config: Glm4MoeConfig, context: int, device: str, dtype: torch.dtype, wishes: Wishes) -> int:
    """As many as the memory that was named holds, or as is free. A context that was asked for has to fit."""
    block = block_bytes(config, dtype)
    room = wishes.kv_bytes or int(free_bytes(device) * SHARE[device])
    blocks = room // block
    if device == "cpu" and wishes.kv_bytes is None:
        blocks = min(blocks, FULL_CONTEXTS * -(-context // BLOCK_SIZE))
    least = -(-(wishes.max_context or BLOCK_SIZE) // BLOCK_SIZE)
    if blocks < least:
        raise EngineError(
            f"There are {room / 1e9:.3g} GB for keys and values; {least * BLOCK_SIZE} tokens of context need "
            f"{least * block / 1e9:.3g} GB. Lower --max-context, raise --kv-memory, or free some memory."
        )
    return blocks


def block_bytes(config: Glm4MoeConfig, dtype: torch.dtype) -> int:
    layers = config.num_hidden_layers + config.num_nextn_predict_layers
    return BLOCK_SIZE * config.num_key_value_heads * config.head_dim * 2 * layers * dtype.itemsize


def free_bytes(device: str) -> int:
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    try:
        told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        return int(told["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):  # no Linux: half of what is built in
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def drafter_of(network: Glm4Moe, wishes: Wishes) -> Drafter | None:
    if wishes.draft_tokens == 0 or wishes.drafter == "none":
        return None
    if wishes.drafter == "ngram":
        return NgramDrafter()
    if not network.has_draft_layer:
        if wishes.drafter == "auto":
            return None
        raise CheckpointError(f"{wishes.model} has no draft (MTP) layer. Use --drafter ngram, or none.")
    return MTPDrafter(network) if wishes.drafter == "mtp" else BothDrafter(network)


def sampling_defaults(folder: Path) -> Sampling:
    """Of `generation_config.json`, where there is one."""
    path = folder / "generation_config.json"
    given: dict[str, Any] = read_json(path) if path.exists() else {}
    told: dict[str, Any] = {}
    for key, kind in (("temperature", float), ("top_p", float), ("top_k", int), ("repetition_penalty", float)):
        if (value := given.get(key)) is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise CheckpointError(f"{path}: {key} is {value!r}, and has to be a number.")
        told[key] = kind(value)
    return Sampling(**told)


def no_memory(error: Exception, device: str) -> Exception:
    """The sentence for an allocation that failed; any other failure stays what it is."""
    failed = isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)
    if not failed:
        return error
    return EngineError(f"The model does not fit into the memory of the {device}: {str(error).splitlines()[0]}")
