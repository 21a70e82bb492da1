"""Prove without a model what a prompt asked for: each understood part becomes a requirement, its feature's own probe
the steps that prove it in a browser. A part that has no probe stays open and says so.

Knows AppSpecs and the words of the stack's interface; the steps are taken by `builder.checks`.
"""

import logging
from collections.abc import Iterable

from builder.agent.flow import MAX_FLOW_STEPS, FlowStep
from builder.agent.ledger import Requirement
from builder.proofs import features, rules
from builder.proofs.app import App
from builder.spec import AppSpec, FeatureName, RuleKind

log = logging.getLogger(__name__)
MOST = 40
NO_PROBE = "Nothing proves this by itself yet; look at it in the preview."


def requirements(spec: AppSpec, parts: Iterable[tuple[str, str, tuple[int, int] | None]]) -> tuple[Requirement, ...]:
    """`parts` are what was understood ("features.search", "entities.book"), the words for it, and where they stand."""
    app = App.of(spec)
    found: list[Requirement] = []
    for part, words, source in parts:
        steps = _safe_proof(app, part)
        if steps is not None and len(found) < MOST and words:
            flow = tuple(steps[:MAX_FLOW_STEPS])
            reason = None if flow else NO_PROBE
            found.append(
                Requirement(id=f"r{len(found) + 1}", text=_sentence(words), source=source, flow=flow, reason=reason)
            )
    return tuple(found)


def _safe_proof(app: App, part: str) -> list[FlowStep] | None:
    """A draft is never lost for a probe that can't be made for it: the part stays unproven, and the log says why."""
    try:
        return proof(app, part)
    except (LookupError, ValueError, AttributeError, StopIteration):
        log.exception("no proof of %s", part)
        return []


def proof(app: App, part: str) -> list[FlowStep] | None:
    """The steps for a part of the app; none where nothing can be proven, None where it is no part to prove."""
    kind, _, name = part.partition(".")
    if kind == "entities":
        entity = app.entity(name.partition(".")[0])
        return features.keeps(app, entity) if entity else None
    if kind != "features":
        return None
    if name in set(RuleKind):
        return next((steps for rule in app.spec.rules if rule.kind == name and (steps := rules.prove(app, rule))), [])
    for feature in app.spec.features:
        if feature.name == name:
            steps = features.prove(app, FeatureName(name), feature)
            if steps:
                return steps
    return []


def _sentence(words: str) -> str:
    text = " ".join(words.split())[:300]
    return text[:1].upper() + text[1:]
