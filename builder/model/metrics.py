"""What an inference server's Prometheus page tells about its speed: SGLang's, vLLM's, llama.cpp's and our engine's.

Two looks make a speed; acceptance is of the drafts in between where both are counted, else what the server says.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from builder.model.address import Address, fetch

SECONDS = 1.0
MAX_BYTES = 4_000_000
# A label's value may hold a brace, so the labels end at the last one before the number.
SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{.*\})?\s+(\S+)(?:\s+-?\d+)?\s*$")
GENERATED = ("sglang:generation_tokens_total", "vllm:generation_tokens_total", "protodex:generation_tokens_total",
             "llamacpp:tokens_predicted_total")  # fmt: skip
DRAFTED = ("vllm:spec_decode_num_draft_tokens_total", "vllm:spec_decode_num_draft_tokens",
           "protodex:draft_tokens_total", "llamacpp:spec_tokens_drafted_total")  # fmt: skip
ACCEPTED = ("vllm:spec_decode_num_accepted_tokens_total", "vllm:spec_decode_num_accepted_tokens",
            "protodex:accepted_tokens_total", "llamacpp:spec_tokens_accepted_total")  # fmt: skip
THROUGHPUT = ("sglang:gen_throughput", "protodex:generation_tokens_per_second", "llamacpp:predicted_tokens_seconds")
ACCEPT_RATE = ("sglang:spec_accept_rate", "protodex:draft_acceptance")
KNOWN = frozenset(GENERATED + DRAFTED + ACCEPTED + THROUGHPUT + ACCEPT_RATE)


@dataclass(frozen=True)
class Measured:
    """Of the whole server, all its requests together. None is what the server does not tell."""

    tokens_per_second: float | None
    acceptance: float | None


@dataclass(frozen=True)
class Scrape:
    at: float
    values: Mapping[str, float] = field(default_factory=dict)


def scrape(address: Address) -> Scrape | None:
    """None when the server has no metrics, or not in time: they are a nicety."""
    try:
        status, text = fetch(address, f"{address.root}/metrics", SECONDS, MAX_BYTES)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    values = read_samples(text) if status == 200 else {}
    return Scrape(time.monotonic(), values) if values else None


def read_samples(text: str) -> dict[str, float]:
    """The samples we know, those of several workers or models added up; a rate is their mean."""
    found: dict[str, list[float]] = {}
    for line in text.splitlines():
        if (sample := SAMPLE.match(line)) and sample[1] in KNOWN and (value := _number(sample[2])) is not None:
            found.setdefault(sample[1], []).append(value)
    return {name: sum(values) / (len(values) if name in ACCEPT_RATE else 1) for name, values in found.items()}


def measured(before: Scrape | None, now: Scrape) -> Measured | None:
    """Between two looks, or at one when there was none before."""
    told = Measured(_first(now, THROUGHPUT), _share(_first(now, ACCEPT_RATE)))
    if before is not None and now.at > before.at:
        made = _grown(before, now, GENERATED)
        speed = made / (now.at - before.at) if made else None
        drafted, accepted = _grown(before, now, DRAFTED), _grown(before, now, ACCEPTED)
        acceptance = accepted / drafted if drafted and accepted is not None else None
    else:
        speed = None
        drafted, accepted = _first(now, DRAFTED), _first(now, ACCEPTED)
        acceptance = accepted / drafted if drafted and accepted is not None else None
    told = Measured(
        told.tokens_per_second if speed is None else speed,
        told.acceptance if acceptance is None else _share(acceptance),
    )
    return told if told != Measured(None, None) else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e18 else None  # nor NaN, which compares to nothing


def _first(look: Scrape, names: tuple[str, ...]) -> float | None:
    return next((look.values[name] for name in names if name in look.values), None)


def _grown(before: Scrape, now: Scrape, names: tuple[str, ...]) -> float | None:
    """None too when the counter went back: the server was started anew in between."""
    old, new = _first(before, names), _first(now, names)
    return new - old if old is not None and new is not None and new >= old else None


def _share(value: float | None) -> float | None:
    return value if value is not None and 0 <= value <= 1 else None
