"""Prove without a model what a prompt asked for: each understood part becomes a requirement, its feature's own probe
the steps that prove it in a browser. A part that has no probe stays open and says so.

Knows AppSpecs and the words of the stack's interface; the steps are taken by `builder.checks`.
"""

import logging
from collections.abc import Collection, Iterable
from typing import Protocol

from builder.agent.flow import MAX_FLOW_STEPS, FlowStep
from builder.agent.ledger import Requirement
from builder.proofs import colours, features, rows, rules
from builder.proofs.app import App
from builder.spec import AppSpec, FeatureName, RuleKind

log = logging.getLogger(__name__)
MOST = 40
NO_PROBE = "Nothing proves this by itself yet; look at it in the preview."


class Part(Protocol):
    """What was understood ("features.search", "entities.book"), where it was said, and the fields named beside it."""

    @property
    def part(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    @property
    def fields(self) -> tuple[str, ...]: ...


def requirements(spec: AppSpec, prompt: str, parts: Iterable[Part]) -> tuple[Requirement, ...]:
    app = App.of(spec)
    found: list[Requirement] = []
    for one in parts:
        start, end = one.span
        words = prompt[start:end].strip()
        steps = _safe_proof(app, one.part, one.fields)
        if steps is not None and len(found) < MOST and words:
            flow = tuple(steps[:MAX_FLOW_STEPS])
            reason = None if flow else NO_PROBE
            found.append(
                Requirement(id=f"r{len(found) + 1}", text=_sentence(words), source=one.span, flow=flow, reason=reason)
            )
    return tuple(found)


def _safe_proof(app: App, part: str, asked: Collection[str]) -> list[FlowStep] | None:
    """A draft is never lost for a probe that can't be made for it: the part stays unproven, and the log says why."""
    try:
        return proof(app, part, asked)
    except (LookupError, ValueError, AttributeError, StopIteration):
        log.exception("no proof of %s", part)
        return []


def proof(app: App, part: str, asked: Collection[str] = ()) -> list[FlowStep] | None:
    """The steps for a part of the app; none where nothing can be proven, None where it is no part to prove."""
    kind, _, name = part.partition(".")
    match kind:
        case "entities":
            entity = app.entity(name.partition(".")[0])
            return rows.keeps(app, entity, asked) if entity else None
        case "theme":
            return colours.prove(app, name)
        case "features":
            return _feature(app, name, asked)
    return None


def _feature(app: App, name: str, asked: Collection[str]) -> list[FlowStep]:
    if name in set(RuleKind):
        return next((steps for rule in app.spec.rules if rule.kind == name and (steps := rules.prove(app, rule))), [])
    own = [feature for feature in app.spec.features if feature.name == name]
    return next((steps for one in own if (steps := features.prove(app, FeatureName(name), one, asked))), [])


def _sentence(words: str) -> str:
    text = " ".join(words.split())[:300]
    return text[:1].upper() + text[1:]
