"""What a caller asks for, and what comes back while it is made. Token ids in, token ids out; knows nothing of text."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from inference.grammar import Matcher


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. The order is OpenAI's: penalties and bias, temperature, grammar, top-k, top-p."""

    temperature: float = 1.0  # 0 is greedy
    top_p: float = 1.0
    top_k: int = 0  # 0 is all
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    repetition_penalty: float = 1.0
    logit_bias: dict[int, float] = field(default_factory=dict)
    seed: int = 0  # the server draws one where the caller names none
    logprobs: int | None = None  # None: not told; N: the drawn token's and those of the N likeliest


class Finish(StrEnum):
    STOP = "stop"
    LENGTH = "length"
    ABORTED = "aborted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Request:
    id: str
    prompt: tuple[int, ...]
    sampling: Sampling
    max_tokens: int
    stop_ids: frozenset[int]
    caller: str = ""  # the engine is fair between callers
    matcher: "Matcher | None" = None  # holds the reply to a grammar; this request's own
    spare: frozenset[int] = frozenset()  # ids never drawn: what the tokenizer has no text for


@dataclass(frozen=True, slots=True)
class Logprob:
    token: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    prompt: int = 0
    cached: int = 0  # of the prompt, found in the prefix cache
    completion: int = 0
    drafted: int = 0
    accepted: int = 0  # of the drafted


NOT_COUNTED = Usage()


class Reply(NamedTuple):
    """Some more tokens of a reply, without the stop id; the last one has `finish` and `usage`."""

    tokens: tuple[int, ...] = ()
    logprobs: tuple[Logprob, ...] = ()
    finish: Finish | None = None
    usage: Usage = NOT_COUNTED
    error: str = ""  # with FAILED: a sentence for the caller
