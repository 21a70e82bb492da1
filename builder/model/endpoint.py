"""What an endpoint tells about itself: its models, its dialect, its window. An endpoint may lie, or say nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from builder.model.address import Address, fetch, fetch_json
from builder.model.chat import ModelRequestError, ModelUnavailableError
from builder.model.dialects import Dialect, Path, dialect_of, window_of

SAFE_CONTEXT = 32_768
SMALLEST_CONTEXT = 1_024
LARGEST_CONTEXT = 4_000_000
SECONDS = 5
WINDOW_FIELDS: tuple[Path, ...] = (
    ("max_model_len",), ("context_length",), ("loaded_context_length",), ("meta", "n_ctx"), ("context_window",),
)  # fmt: skip


@dataclass(frozen=True)
class Endpoint:
    """`told` says that the context is the endpoint's word, not our safe guess."""

    name: str
    dialect: Dialect
    context: int
    told: bool
    models: tuple[str, ...] = ()


def describe(address: Address, name: str | None = None) -> Endpoint:
    """Ask an endpoint what it is. Without a `name` the first model that it lists is taken."""
    listed = _listed(address, named=name is not None)
    models = tuple(entry["id"] for entry in listed)
    if name is None and not models:
        raise ModelRequestError(f"{address.shown} lists no model. Load one there, or set PROTODEX_MODEL_NAME.")
    chosen = name or models[0]
    entry = next((entry for entry in listed if entry["id"] == chosen), {})
    dialect = dialect_of(str(entry.get("owned_by", "")) for entry in listed)
    told = next(_windows(address, entry, dialect), None)
    context = told or (window_of(chosen) if dialect.kind in {"glm", "other"} else None)
    return Endpoint(chosen, dialect, context or SAFE_CONTEXT, told is not None, models)


def _listed(address: Address, *, named: bool) -> list[dict[str, Any]]:
    """The models; none for an endpoint that has no such page, when we know the model's name anyway."""
    try:
        status, _ = answer = fetch(address, f"{address.base}/models", SECONDS)
    except httpx.HTTPError as error:
        raise ModelUnavailableError(f"No model answers at {address.shown}. Check that it runs.") from error
    if status in {401, 403}:
        raise ModelRequestError(f"{address.shown} refuses the key ({status}). Check PROTODEX_MODEL_KEY.")
    if status >= 500 or status == 429:
        raise ModelUnavailableError(f"{address.shown} answers {status}. It may still be loading its model.")
    entries = _entries(answer)
    if not entries and not named and status != 200:
        raise ModelRequestError(f"{address.shown} lists no models ({status}). Check PROTODEX_MODEL_URL.")
    return entries


def _entries(answer: tuple[int, str]) -> list[dict[str, Any]]:
    try:
        data = json.loads(answer[1])["data"] if answer[0] == 200 else []
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    entries = data if isinstance(data, list) else []
    return [e for e in entries if isinstance(e, dict) and isinstance(e.get("id"), str) and e["id"]]


def _windows(address: Address, entry: dict[str, Any], dialect: Dialect) -> Iterator[int]:
    yield from (found for path in WINDOW_FIELDS if (found := _size(_at(entry, path, ""))))
    for page, paths in dialect.window:
        try:
            answer = fetch_json(address, address.root + page, SECONDS)
        except httpx.HTTPError:
            continue
        yield from (found for path in paths if (found := _size(_at(answer, path, entry.get("id", "")))))


def _at(value: Any, path: Path, name: str) -> Any:
    """What lies there; `*` in a path is the entry of that model in a list."""
    for key in path:
        try:
            value = next((e for e in value if name in _names(e)), None) if key == "*" else value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _names(entry: Any) -> list[Any]:
    return [entry.get(key) for key in ("id", "key", "name", "model")] if isinstance(entry, dict) else []


def _size(value: Any) -> int | None:
    """A window that can be true; vLLM and SGLang tell integers, others may tell anything."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if SMALLEST_CONTEXT <= value <= LARGEST_CONTEXT else None
