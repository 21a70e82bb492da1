"""The tokens that a chunk tells of, from whichever field the endpoint has for them.

| count    | told by                                                                                         |
| -------- | ----------------------------------------------------------------------------------------------- |
| cached   | `usage.prompt_tokens_details.cached_tokens`, `usage.prompt_cache_hit_tokens`, `timings.cache_n` |
| drafted  | `usage.completion_tokens_details` accepted and rejected `_prediction_tokens`, `timings.draft_n`,|
| accepted | `metrics.speculative_decoding`                                                                  |
"""

from typing import Any

from builder.model.chat import Usage


def usage_of(chunk: dict[str, Any], before: Usage | None) -> Usage | None:
    """Counts are of the whole answer, so the newest ones stand; a chunk without any changes nothing."""
    usage, timings = _object(chunk, "usage"), _object(chunk, "timings")
    speculative = _object(_object(chunk, "metrics"), "speculative_decoding")
    if not usage and not timings and not speculative:
        return before
    before = before or Usage()
    details = _object(usage, "completion_tokens_details")
    accepted = _first(details.get("accepted_prediction_tokens"), timings.get("draft_n_accepted"),
                      speculative.get("num_accepted_tokens"))  # fmt: skip
    drafted = _first(
        details.get("drafted_tokens"), timings.get("draft_n"), speculative.get("num_draft_tokens"),
        accepted + _count(details.get("rejected_prediction_tokens")),
    )  # fmt: skip
    prompt = _first(usage.get("prompt_tokens"), timings.get("prompt_n")) or before.prompt
    cached = _first(
        _object(usage, "prompt_tokens_details").get("cached_tokens"), usage.get("prompt_cache_hit_tokens"),
        timings.get("cache_n"),
    ) or before.cached  # fmt: skip
    return Usage(
        prompt,
        _first(usage.get("completion_tokens"), timings.get("predicted_n")) or before.completion,
        min(cached, prompt),
        max(drafted, accepted) or before.drafted,
        accepted or before.accepted,
    )


def _object(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e12 else 0


def _first(*values: Any) -> int:
    return next((count for value in values if (count := _count(value))), 0)
