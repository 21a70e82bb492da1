"""Go back by one change: which AppSpec that was, and how its columns are called now."""

from collections.abc import Iterable
from typing import Any

from builder.drafter.revise.references import App, entity_of
from builder.spec import AppSpec


def spec_before(specs: Iterable[App]) -> App | None:
    """The AppSpec before the last change, where `specs` are those of all releases, the oldest first.

    A release that brings back the one before took a change back, so the next undo goes further.
    """
    stack: list[App] = []
    for spec in specs:
        if len(stack) > 1 and _bare(stack[-2]) == _bare(spec):
            stack.pop()
        elif not stack or _bare(stack[-1]) != _bare(spec):
            stack.append(spec)
    return stack[-2] if len(stack) > 1 else None


def back_to(before: App, now: App) -> AppSpec:
    """`before`, its fields saying what they are called in `now`, so that their rows come back with them."""
    spec = AppSpec.model_validate(_bare(before)).model_dump(mode="json")
    for entity in now.get("entities", []):
        old = entity_of(spec, entity["name"])
        kept = {f["name"] for f in entity["fields"]}
        for field in entity["fields"]:
            own = next((f for f in old["fields"] if f["name"] == field.get("was")), None) if old else None
            if own and own["name"] not in kept and all(f["name"] != field["name"] for f in old["fields"]):  # type: ignore[index]
                own["was"] = field["name"]
    return AppSpec.model_validate(spec)


def _bare(spec: App) -> App:
    def without(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: without(value) for key, value in part.items() if key != "was"}
        return [without(one) for one in part] if isinstance(part, list) else part

    found: App = without(spec)
    return found
