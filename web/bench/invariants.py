"""Sentences about what must hold, as steps: each is recognised by what it speaks of, and tried on the app itself."""

import re
from collections.abc import Callable

from builder.agent.flow import FlowStep
from builder.proofs import proof
from builder.proofs.app import App, post, step
from builder.spec import AppSpec, RuleKind

SCRIPT = "<script>document.title='broken'</script> said"
QUOTE = "O'Neill's \"quoted\" %_ title"


def invariant_steps(app: App, sentence: str) -> list[FlowStep]:
    for pattern, steps in INVARIANTS:
        if re.search(pattern, sentence, re.IGNORECASE):
            found = steps(app, sentence)
            if found:
                return found
    return []


def _rule(kind: RuleKind) -> Callable[[App, str], list[FlowStep]]:
    return lambda app, _: proof(app, f"features.{kind}") or []


def _outside(app: App, sentence: str) -> list[FlowStep]:
    """ "rating outside 1..10 is refused": the named field takes its limits and nothing beyond them."""
    numbers = [float(n) for n in re.findall(r"\d+", sentence)]
    words = set(re.findall(r"\w+", sentence.lower()))
    for entity in app.view.entities:
        for one in entity.input_fields:
            named = {one.name, *one.name.split("_"), str(one.label).lower()} & words
            if one.max is not None and (named or (numbers and one.max in numbers)):
                path = f"/api/{entity.plural}"
                return [
                    *app.enter(),
                    post(path, app.body(entity, **{one.name: app.number(one, one.max)})),
                    post(path, app.body(entity, **{one.name: app.number(one, one.max + 1)}), 422),
                    *(
                        [post(path, app.body(entity, **{one.name: app.number(one, one.min - 1)}), 422)]
                        if one.min is not None
                        else []
                    ),
                    step("expect_api", path=f"{path}?size=1"),
                ]
    return []


def _computed(app: App, _: str) -> list[FlowStep]:
    """A computed field is in the answer and not among what can be sent."""
    for entity in app.view.entities:
        for one in entity.computed_fields:
            body = app.body(entity) | {one.name: one.choices[0].value if one.choices else 7}
            return [
                *app.enter(),
                post(f"/api/{entity.plural}", body, 422),
                post(f"/api/{entity.plural}", app.body(entity)),
                step("expect_api", path=f"/api/{entity.plural}?sort=-id&size=1", contains=f'"{one.name}":'),
            ]
    return []


def _text_field(app: App) -> tuple[str, str, str] | None:
    """A thing, its title, and a longer text of it, where there is one."""
    for entity in app.view.entities:
        texts = [f.name for f in entity.input_fields if f.type == "text"]
        if entity.title.is_text and entity.has("create"):
            return entity.name, entity.title.name, (texts or [entity.title.name])[0]
    return None


def _script(app: App, _: str) -> list[FlowStep]:
    found = _text_field(app)
    if found is None:
        return []
    entity = app.view.entity(found[0])
    body = app.body(entity, **{found[2]: SCRIPT})
    row = len(app.rows(entity)) + 1
    return [
        *app.enter(),
        post(f"/api/{entity.plural}", body),
        step("open", path=app.path(entity, f"/{row}")),
        step("expect_text", text=SCRIPT),
    ]


def _quote(app: App, _: str) -> list[FlowStep]:
    found = _text_field(app)
    if found is None:
        return []
    entity = app.view.entity(found[0])
    return [
        *app.enter(),
        post(f"/api/{entity.plural}", app.body(entity, **{found[1]: QUOTE})),
        step("expect_api", path=f"/api/{entity.plural}?q=O'Neill's", contains="O'Neill"),
    ]


INVARIANTS: tuple[tuple[str, Callable[[App, str], list[FlowStep]]], ...] = (
    (r"overlap|double.?book|same time|clash|booked twice", _rule(RuleKind.NO_OVERLAP)),
    (r"\b(one|once|twice|single)\b.*\b(vote|per|each|person|user|voter)", _rule(RuleKind.AT_MOST_ONCE)),
    (r"capacity|more .* than|full\b|seats|places|sold out|limit", _rule(RuleKind.CAPACITY)),
    (r"stock|below zero|negative", _outside),
    (r"outside|between|beyond|out of range|\d\s*(\.\.|to|-)\s*\d", _outside),
    (r"follows|computed|calculated|not typed|derived|worked out|sum of|total", _computed),
    (r"script|html|markup", _script),
    (r"quote|apostrophe|injection", _quote),
    (
        r"only .* own|another (user|person|employee|member)|other (users|people|employees)|private|not see|cannot see",
        _rule(RuleKind.OWNER_ONLY),
    ),
    (r"summary|without a reason", lambda app, _: proof(app, "features.history") or []),
    (r"skip|order of|transition|straight|back to|from .* to", _rule(RuleKind.TRANSITION)),
    (r"unique|duplicate|same (name|title|code|email)", _rule(RuleKind.UNIQUE)),
    (r"before|after|earlier|later", _rule(RuleKind.RANGE)),
    (r"delet", _rule(RuleKind.REFUSE_DELETE)),
    (r"sign|log ?in|password", lambda app, _: proof(app, "features.auth") or []),
)


def behaviour_steps(spec: AppSpec, sentence: str) -> list[FlowStep]:
    """What a page without a back end does when keys are pressed, fields are filled, and it is opened again."""
    start, low = [step("open", path="/")], sentence.lower()
    if re.search(r"arrow ?right|next slide", low):
        return [*start, step("press", key="ArrowRight"), step("expect_change")]
    if "reload" in low and re.search(r"best|score|record|kept|survive|remember", low):
        keys = ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"]
        return [
            *start,
            *(step("press", key=key) for key in keys),
            step("reload"),
            step("expect_control", role="main", name=""),
        ]
    if re.search(r"arrow|key", low):
        return [
            *start,
            *(step("press", key=key) for key in ("ArrowLeft", "ArrowUp", "ArrowRight")),
            step("press", key="ArrowDown"),
            step("expect_change"),
        ]
    if re.search(r"moves|animat|motion|runs|counts|ticks", low):
        return [*start, step("expect_motion", seconds=2)]
    shown = re.findall(r"(\w+) (\d+(?:\.\d+)?)", re.split(r"\bshows?\b|\bgives?\b|\bis\b", sentence, maxsplit=1)[0])
    results = re.findall(r"\d+(?:\.\d+)?", re.split(r"\bshows?\b|\bgives?\b|\bis\b", sentence, maxsplit=1)[-1])
    if shown and results and len(shown) < 6:
        filled = [step("fill", name=name, value=value) for name, value in shown]
        return [*start, *filled, *(step("expect_text", text=value) for value in results)]
    if re.search(r"zero|nan|infinity|empty", low):
        zero = re.search(r"zero (\w+)", low)
        filled = [step("fill", name=zero[1], value="0")] if zero else []
        return [*start, *filled, step("expect_no_text", text="NaN"), step("expect_no_text", text="Infinity")]
    return []
