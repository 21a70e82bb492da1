"""Steps of work: states and their order, approval, who does it, boards."""

from itertools import pairwise

from builder.drafter.lexicon import PALETTE
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.wishes import wish as w
from builder.drafter.wishes.wish import Wish, at, chosen, ensure, field, put, rule
from builder.spec import FeatureName, FieldType, RuleKind

STATES = frozenset("status state stage phase".split())
SCALES = frozenset("priority importance urgency severity difficulty size mood frequency meal season gender".split())
STEPS = {"To do": PALETTE["slate"], "In progress": PALETTE["blue"], "Done": PALETTE["green"]}
APPROVED, REJECTED = (
    frozenset("approved accepted confirmed granted".split()),
    frozenset("rejected declined refused denied".split()),
)


def state_of(entity: EntitySketch) -> FieldSketch | None:
    choices = [f for f in entity.fields if f.type is FieldType.CHOICE]
    return next((f for f in choices if w.last(f.key) in STATES), None)


def usual(app: AppSketch) -> None:
    """A thing with a state moves through it, one step at a time."""
    for entity in app.entities:
        state = state_of(entity)
        if state and len(state.choices) > 1 and not entity.dataset:
            put(app, FeatureName.STATUS_WORKFLOW, entity, field=at(entity, state))


def _state(entity: EntitySketch) -> FieldSketch:
    """What it moves through, of its choices one that is no scale: nothing moves from a low to a high priority."""
    steps = (f for f in entity.fields if f.type is FieldType.CHOICE and w.last(f.key) not in SCALES)
    state = state_of(entity) or next(steps, None)
    return state or ensure(entity, field("Status", FieldType.CHOICE, choices=list(STEPS.items())))


def status_workflow(wish: Wish) -> bool:
    """ "one click waters it" writes today into the day it is last done; else the steps of a state."""
    if wish.said() & {"click", "tap", "button"}:
        for entity in (wish.subject, *wish.app.entities):
            day = next((f for f in w.of_type(entity, w.MOMENTS) if f.key.startswith("last ")), None)
            if day:
                label = _verb(wish) or day.label
                return put(wish.app, FeatureName.STATUS_WORKFLOW, entity, stamp=at(entity, day), label=label)
        return False
    entity = next((e for e in (wish.subject, *wish.app.entities) if state_of(e)), wish.subject)
    return put(wish.app, FeatureName.STATUS_WORKFLOW, entity, field=at(entity, _state(entity)))


def _verb(wish: Wish) -> str | None:
    """ "One click waters it": what the click does."""
    following = wish.prompt.sentences[wish.mention.sentence][wish.mention.end :]
    word = next((x for x in following if x.norm not in {"to", "and", "that"}), None)
    if word is None or not word.is_word:
        return None
    bare = word.lemma if word.norm.endswith("s") and word.single == "" else word.as_label
    return bare[:1].upper() + bare[1:]


def transition(wish: Wish) -> bool:
    """Each state leads to the next; the last but one may skip none."""
    entity = next((e for e in (wish.subject, *wish.app.entities) if state_of(e)), wish.subject)
    state = _state(entity)
    labels = [label for label, _ in state.choices]
    steps = {chosen(state, a): [chosen(state, b)] for a, b in pairwise(labels)}
    put(wish.app, FeatureName.STATUS_WORKFLOW, entity, field=at(entity, state))
    return rule(wish.app, RuleKind.TRANSITION, entity, state, **{"from": steps})


def approval(wish: Wish) -> bool:
    entity = next((e for e in (wish.subject, *wish.app.entities) if not w.is_person(e)), wish.subject)
    state = state_of(entity)
    if state is None or not _one_of(state, APPROVED):
        choices = [("Pending", PALETTE["amber"]), ("Approved", PALETTE["green"]), ("Rejected", PALETTE["red"])]
        if state is None:
            state = ensure(entity, field("Status", FieldType.CHOICE, choices=choices))
        else:
            state.choices = [*state.choices, *(c for c in choices if c not in state.choices)]
    approved, rejected = _one_of(state, APPROVED) or "Approved", _one_of(state, REJECTED)
    if rejected is None:
        rejected = "Rejected"
        state.choices.append((rejected, PALETTE["red"]))
    return put(
        wish.app,
        FeatureName.APPROVAL,
        entity,
        field=at(entity, state),
        approved=chosen(state, approved),
        rejected=chosen(state, rejected),
    )


def _one_of(state: FieldSketch, words: frozenset[str]) -> str | None:
    return next((label for label, _ in state.choices if label.lower() in words), None)


def assignment(wish: Wish) -> bool:
    app = wish.app
    told = [e for e in app.entities if any(f.key in w.DOERS for f in e.fields)]
    for entity in (*told, wish.subject, *app.entities):
        people = [e for e in app.entities if w.is_person(e) and e is not entity]
        doer = next((f for f in entity.fields if f.target in {p.key for p in people} and not f.many), None)
        if doer is None and not people:
            named = next((f for key in w.DOERS for f in entity.fields if f.key == key), None)
            if named is None:
                continue
        if doer is None:
            person = people[0] if people else w.made(app, "Person", [w.text("Name", required=True)], icon="user")
            doer = next((f for key in w.DOERS for f in entity.fields if f.key == key), None)
            doer = doer or ensure(entity, FieldSketch("Assignee", "assignee", FieldType.RELATION, target=person.key))
            doer.type, doer.target, doer.choices = FieldType.RELATION, person.key, []
            for row in entity.seed:
                row.pop(doer.key, None)
        return put(app, FeatureName.ASSIGNMENT, entity, field=at(entity, doer))
    return False


def kanban(wish: Wish) -> bool:
    """The board of what has a state: "tasks", not the boards or the people it names as well."""
    app = wish.app
    entity = next((e for e in (wish.subject, *app.entities) if state_of(e)), None)
    entity = entity or next((e for e in app.entities if w.last(e.key) in {"task", "card", "ticket", "issue"}), None)
    entity = entity or w.main(app)
    return put(app, FeatureName.KANBAN, entity, field=at(entity, _state(entity)))


def drag_drop(wish: Wish) -> bool:
    """On a board the cards are dragged; elsewhere the rows are put in order."""
    app = wish.app
    if w.has(app, FeatureName.KANBAN) or any(m in wish.said() for m in ("column", "board", "kanban", "lane")):
        if not w.has(app, FeatureName.KANBAN):
            kanban(wish)
        return True
    entity = wish.subject
    order = w.called(entity, {"position", "order", "rank"}, {FieldType.INTEGER})
    order = order or ensure(entity, field("Position", FieldType.INTEGER, min=0))
    return put(app, FeatureName.DRAG_DROP, entity, field=at(entity, order))
