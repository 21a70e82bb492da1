"""What endpoints do differently, in one table. Told by what an endpoint answers, never by its address or port.

All of them speak the OpenAI chat API; they differ in the field that carries the reasoning, in how thinking is
switched, in how an answer is held to a schema and in where they tell their window and their counts. What they write
(deltas, tool calls, usage) is read in every known form whoever sends it: see assembly.py.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from builder.model.chat import ChatRequest, Message

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Dialect:
    """`history` is the field in which past reasoning is sent back; `owners` what `/models` calls its owner.

    `window` are more places that tell the context: a path beside `/v1`, and where in its JSON (`*` is the model's).
    """

    kind: str
    label: str
    owners: tuple[str, ...] = ()
    history: tuple[str, ...] = ("reasoning_content",)
    thinking: Literal["template", "type", "effort", "none"] = "template"
    schema: Literal["json_schema", "json_object"] = "json_schema"
    window: tuple[tuple[str, tuple[Path, ...]], ...] = ()


# Left out from then on when an endpoint refuses them by name.
OPTIONAL = (
    "stream_options", "chat_template_kwargs", "thinking", "reasoning_effort", "response_format", "max_tokens",
    "reasoning_content", "reasoning",
)  # fmt: skip

ENGINE = Dialect("protodex", "Protodex engine", ("protodex",))
SGLANG = Dialect(
    "sglang", "SGLang", ("sglang",),
    window=(("/server_info", (("context_length",), ("max_total_num_tokens",))),
            ("/get_server_info", (("context_length",), ("max_total_num_tokens",)))),
)  # fmt: skip
VLLM = Dialect("vllm", "vLLM", ("vllm",), history=("reasoning", "reasoning_content"))
LLAMA_CPP = Dialect(
    "llama.cpp", "llama.cpp", ("llamacpp",),
    window=(("/props", (("default_generation_settings", "n_ctx"), ("n_ctx",))),),
)  # fmt: skip
OLLAMA = Dialect("ollama", "Ollama", ("library",), history=("reasoning",), thinking="effort",
                 window=(("/api/ps", (("models", "*", "context_length"),)),))  # fmt: skip
LM_STUDIO = Dialect(
    "lmstudio", "LM Studio", ("organization_owner",), thinking="none",
    window=(("/api/v1/models", (("models", "*", "loaded_instances", 0, "config", "context_length"),)),
            ("/api/v0/models", (("data", "*", "loaded_context_length"),))),
)  # fmt: skip
HOSTED_GLM = Dialect("glm", "hosted GLM", ("z-ai", "zai", "zhipuai", "bigmodel"), thinking="type", schema="json_object")
OTHER = Dialect("other", "OpenAI-compatible endpoint", history=("reasoning_content", "reasoning"))

DIALECTS = (ENGINE, SGLANG, VLLM, LLAMA_CPP, OLLAMA, LM_STUDIO, HOSTED_GLM)
KNOWN_WINDOWS = (("glm-4.5", 131_072), ("glm-4.6", 202_752), ("glm-4.7", 202_752))


def dialect_of(owners: Iterable[str]) -> Dialect:
    """The dialect of an endpoint whose `/models` names these owners."""
    named = {owner.lower() for owner in owners}
    return next((dialect for dialect in DIALECTS if named & set(dialect.owners)), OTHER)


def body_of(request: ChatRequest, model: str, dialect: Dialect, without: Iterable[str] = ()) -> dict[str, Any]:
    """The body of a chat completion request. Equal requests make equal bytes, so that a prefix stays one."""
    left_out = set(without)
    history = tuple(name for name in dialect.history if name not in left_out)
    body: dict[str, Any] = {
        "model": model,
        "messages": [_spoken(message, history) for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        body["tools"] = list(request.tools)
    if request.max_tokens is not None:
        body["max_tokens"] = request.max_tokens
    body |= _thinking(request.thinking, dialect)
    if request.schema is not None:
        _hold_to(request.schema, body, dialect, told="response_format" in left_out)
    return {key: value for key, value in body.items() if key not in left_out}


def _spoken(message: Message, history: tuple[str, ...]) -> Message:
    """An assistant message as the endpoint reads it: the reasoning by its name there, arguments that can be parsed."""
    if message.get("role") != "assistant":
        return message
    said = {key: value for key, value in message.items() if key not in {"reasoning_content", "tool_calls"}}
    if reasoning := message.get("reasoning_content"):
        said |= dict.fromkeys(history, reasoning)
    if calls := message.get("tool_calls"):
        said["tool_calls"] = [_parsable(call) for call in calls]
    return said


def _parsable(call: dict[str, Any]) -> dict[str, Any]:
    """SGLang and vLLM parse the arguments of past calls, and refuse every later request when one can't be."""
    function = call["function"]
    try:
        fine = isinstance(json.loads(function["arguments"]), dict)
    except (ValueError, RecursionError):
        fine = False
    if fine:
        return call
    wrapped = json.dumps({"not_json": function["arguments"][:2000]}, ensure_ascii=False)
    return {**call, "function": {**function, "arguments": wrapped}}


def _thinking(on: bool, dialect: Dialect) -> dict[str, Any]:
    match dialect.thinking:
        case "template":
            return {"chat_template_kwargs": {"enable_thinking": on}}
        case "type":
            return {"thinking": {"type": "enabled" if on else "disabled"}}
        case "effort":
            return {} if on else {"reasoning_effort": "none"}
        case "none":
            return {}


def _hold_to(schema: dict[str, Any], body: dict[str, Any], dialect: Dialect, *, told: bool) -> None:
    """Where the endpoint can't hold an answer to a schema, the schema is said in words."""
    if dialect.schema == "json_schema" and not told:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": True},
        }
        return
    body["response_format"] = {"type": "json_object"}
    words = "Answer with one JSON object that meets this JSON Schema, and nothing else:\n"
    body["messages"] = _add_to_last(body["messages"], words + json.dumps(schema, ensure_ascii=False))


def _add_to_last(messages: Sequence[Message], text: str) -> list[Message]:
    *before, last = messages
    if last.get("role") != "user" or not isinstance(last.get("content"), str):
        return [*messages, {"role": "user", "content": text}]
    return [*before, {**last, "content": f"{last['content']}\n\n{text}"}]


def window_of(model: str) -> int | None:
    """The window of a hosted model that no endpoint tells."""
    name = model.lower().rpartition("/")[2]
    return next((window for prefix, window in KNOWN_WINDOWS if name.startswith(prefix)), None)
