"""Prove without a model what a prompt asked for: each understood part becomes a requirement, its feature's own probe
the steps that prove it in a browser. A part that has no probe stays open and says so.

Knows AppSpecs and the words of the stack's interface; the steps are taken by `builder.checks`.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from builder.agent.flow import MAX_FLOW_STEPS, FlowStep
from builder.agent.ledger import PartAsked, Requirement, RequirementStatus
from builder.answers import say_in
from builder.proofs import colours, features, rows, rules
from builder.proofs.app import App
from builder.proofs.difference import added
from builder.proofs.pages import drawn_again
from builder.spec import AppSpec, FeatureName, RuleKind

log = logging.getLogger(__name__)
MOST = 40
NO_PROBE, TAKEN_OUT = "requirement.no_probe", "requirement.taken_out"  # why something stays open, in builder/answers


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
        if len(found) == MOST:
            break
        start, end = one.span
        words = prompt[start:end].strip()
        steps = _safe_proof(app, one.part, one.fields)
        if steps is not None and words:
            flow = tuple(steps[:MAX_FLOW_STEPS])
            about = (PartAsked(part=one.part, fields=one.fields or colours.chosen(spec, one.part)),)
            item = Requirement(id=f"r{len(found) + 1}", text=_sentence(words), source=one.span, flow=flow, about=about)
            found.append(item if flow else item.model_copy(update={"reason": say_in(spec.locale)(NO_PROBE)}))
    return tuple(found)


def redrawn(spec: AppSpec, ledger: Iterable[Requirement]) -> Iterator[Requirement]:
    """The steps of what was asked for before, for the app as it is now: those that are others than they were.

    What a change took out of the app stays in the ledger and says so; an undo brings it back.
    """
    app = App.of(spec)
    for item in ledger:
        if not item.about:
            continue
        about = tuple(_followed(one, spec) for one in item.about)
        flow, is_there = drawn_again(spec, about) if spec.starter else _flow(app, about)
        reason = None if flow else say_in(spec.locale)(NO_PROBE if is_there else TAKEN_OUT)
        if (flow, reason, about) != (item.flow, item.reason, item.about):
            opened = {"status": RequirementStatus.OPEN, "proof": None}
            yield item.model_copy(update={"flow": flow, "reason": reason, "about": about} | opened)


def asked_by_change(
    before: AppSpec, after: AppSpec, message: str, ledger: Sequence[Requirement]
) -> Iterator[Requirement]:
    """The message as one requirement, where it added something that can be proven."""
    about = tuple(added(before, after))
    flow, _ = drawn_again(after, about) if after.starter else _flow(App.of(after), about)
    if flow and message.strip() and len(ledger) < MOST:
        number = max((int(item.id[1:]) for item in ledger), default=0) + 1
        source = (0, len(message))
        yield Requirement(id=f"r{number}", text=_sentence(message), source=source, flow=flow, about=about)


def _flow(app: App, about: Iterable[PartAsked]) -> tuple[tuple[FlowStep, ...], bool]:
    """The steps for all of these parts as far as they go in one, and whether the app has any of them."""
    steps: list[FlowStep] = []
    is_there = False
    for one in about:
        if not _has(app, one):
            continue
        is_there = True
        fields = tuple(name for name in one.fields if _has_field(app, one.part, name)) or one.fields
        more = _safe_proof(app, one.part, fields) or []
        steps += more if len(steps) + len(more) <= MAX_FLOW_STEPS else []
    return tuple(steps), is_there


def _has(app: App, one: PartAsked) -> bool:
    kind, _, name = one.part.partition(".")
    if kind == "theme":
        return colours.chosen(app.spec, one.part) == one.fields
    if kind == "features":
        return any(name == x for x in (*(f.name for f in app.spec.features), *(r.kind for r in app.spec.rules)))
    fields = not one.fields or any(_has_field(app, one.part, field) for field in one.fields)
    return kind == "entities" and app.entity(name) is not None and fields


def _has_field(app: App, part: str, name: str) -> bool:
    kind, _, called = part.partition(".")
    entity = app.entity(called) if kind == "entities" else None
    return any(f.name == name for e in ([entity] if entity else app.view.entities) for f in e.fields)


def _followed(one: PartAsked, spec: AppSpec) -> PartAsked:
    """Under the names that its fields have since."""
    kind, _, name = one.part.partition(".")
    entity = next((e for e in spec.entities if kind == "entities" and name == e.name), None)
    now = {f.was: f.name for f in entity.fields if f.was} if entity else {}
    names = {f.name for f in entity.fields} if entity else set()
    return one.model_copy(update={"fields": tuple(f if f in names else now.get(f, f) for f in one.fields)})


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
