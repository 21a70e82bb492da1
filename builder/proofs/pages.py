"""The steps that prove what was asked of a ready page: its starter's own probes, filled with its texts and options."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import prod
from typing import Any

from builder.agent.flow import MAX_FLOW_STEPS, FlowStep
from builder.agent.ledger import PartAsked
from builder.spec import AppSpec
from builder.stack.starters import options, probes, texts

OPEN = FlowStep(do="open", path="/")
ON_THE_SCREEN = {"background": 10, "component": 1}  # percent of it that has the colour that was asked for
# "{score}" is a text; "{=size*size}" what comes of options, "{=rest:02}" in two digits, "{=minutes:clock}" as a clock
# has it, and "{#size}" as the page's language writes it.
_BLANK = re.compile(r"\{([=#]?)([^{}:]+)(?::(clock|\d+))?\}")
MOST_LISTED, LONGEST_LISTED = 12, 15  # of a list, and letters of one: longer ones are cut short where they are shown
_DECIMAL_POINT = {"en", "zh", "ar"}


def page_proof(spec: AppSpec, names: Iterable[str], colors: Iterable[str] = ()) -> tuple[FlowStep, ...]:
    """All of these probes and colours one after the other; none where one of them has no steps or they are too many."""
    steps = [color_step(spec, role) for role in colors]
    for name in names:
        made = probe_steps(spec, name)
        if not made:
            return ()
        steps += made if not steps or name == "main" else [OPEN, *made]
    return (OPEN, *steps) if 0 < len(steps) < MAX_FLOW_STEPS else ()


def page_parts(spec: AppSpec, names: Iterable[str], colors: Iterable[str]) -> tuple[PartAsked, ...]:
    """What `drawn_again` needs to know."""
    of_theme = (PartAsked(part=f"theme.{role}", fields=(str(getattr(spec.theme, role)),)) for role in colors)
    return (*of_theme, *(PartAsked(part=f"probes.{name}") for name in names))


def drawn_again(spec: AppSpec, about: Collection[PartAsked]) -> tuple[tuple[FlowStep, ...], bool]:
    """The steps for the page as it is now, and whether its colours are still those that were asked for."""
    themes = {one.part.removeprefix("theme."): one.fields for one in about if one.part.startswith("theme.")}
    names = [one.part.removeprefix("probes.") for one in about if one.part.startswith("probes.")]
    known = probes(spec.starter.name) if spec.starter and names else {}
    same = all(str(getattr(spec.theme, role)) in colors for role, colors in themes.items())
    is_there = same and all(name in known for name in names)
    return page_proof(spec, names, themes) if is_there else (), is_there


def probe_steps(spec: AppSpec, name: str) -> list[FlowStep]:
    assert spec.starter
    said, values = texts(spec.starter.name, spec.locale), options(spec.starter)
    probe = probes(spec.starter.name)[name]
    steps = () if any(values[key] for key in probe.unless) else probe.steps
    return [_filled(one, said, values | each, spec) for step in steps for one, each in _single(step, values)]


def _single(step: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """A step for each of its keys; one that speaks of a list is taken for what stands in it."""
    listed = next((k for k, v in values.items() if isinstance(v, list) and "{=" + k + "}" in step.values()), None)
    for key in str(step["key"]).split() if "key" in step else [""]:
        for one in values[listed][:MOST_LISTED] if listed else [""]:
            yield {**step, "key": key} if key else dict(step), {listed: str(one)[:LONGEST_LISTED]} if listed else {}


def color_step(spec: AppSpec, role: str) -> FlowStep:
    return FlowStep(do="expect_color", value=getattr(spec.theme, role), percent=ON_THE_SCREEN[role])


def _filled(step: Mapping[str, Any], said: Mapping[str, str], values: Mapping[str, Any], spec: AppSpec) -> FlowStep:
    def fill(match: re.Match[str]) -> str:
        how, key, form = match.groups()
        if not how:
            return spec.name if key == "name" else said[key]
        value = _worked_out(key, values)
        if isinstance(value, str):
            return value
        if form == "clock":
            return clock(value)
        return written(value, spec.locale) if how == "#" else str(value).zfill(int(form or 0))

    return FlowStep.model_validate({k: _BLANK.sub(fill, v) if isinstance(v, str) else v for k, v in step.items()})


def _worked_out(text: str, values: Mapping[str, Any]) -> float | str:
    """An option, or a sum of products: "200+2*highest"."""
    if isinstance(one := values.get(text), str):
        return one
    number = sum(prod(float(values.get(part, part)) for part in term.split("*")) for term in text.split("+"))
    return int(number) if number == int(number) else number


def filled(text: str, said: Mapping[str, str]) -> str:
    """With the starter's texts in it."""
    return _BLANK.sub(lambda match: said[match[2]], text)


def written(value: float, locale: str) -> str:
    text = str(value)
    return text if locale.split("-")[0] in _DECIMAL_POINT else text.replace(".", ",")


def clock(minutes: float) -> str:
    """ "05:00", "01:30:00"."""
    hours, rest = divmod(int(minutes), 60)
    return f"{hours:02}:{rest:02}:00" if hours else f"{rest:02}:00"
