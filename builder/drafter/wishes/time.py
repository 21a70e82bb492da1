"""What happens at a time: calendars, bookings that don't overlap, places that run out, clocks."""

from typing import Any

from builder.drafter.lexicon import lexicon
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.wishes import wish as w
from builder.drafter.wishes.wish import Wish, at, ensure, field, pointer, put, rule, text
from builder.spec import FeatureName, FieldType, RuleKind

ENDS = frozenset("end until to due back return check-out closing ends finish departure".split())
PROVIDERS = frozenset(
    "doctor stylist hairdresser barber teacher trainer instructor therapist dentist employee staff coach vet tutor "
    "photographer mechanic lawyer consultant".split()
)
SERVICES = frozenset("service treatment procedure package plan type category".split())
ROOM = frozenset("capacity seat place spot max maximum participant limit room needed".split())
CANCELLED = frozenset("cancelled canceled rejected declined no-show".split())


def happening(wish: Wish) -> EntitySketch | None:
    """What takes place at a time, the named one first."""
    named = wish.named()
    timed = [e for e in wish.app.entities if any(True for _ in w.of_type(e, w.MOMENTS)) and not e.dataset]
    if named in timed:
        return named
    return next((e for e in timed if w.last(e.key) in w.HAPPENINGS), None) or next(iter(timed), None)


def span(app: AppSketch, entity: EntitySketch) -> dict[str, Any]:
    """When it is: a start and an end, or a day, an hour and how many minutes it takes."""
    moments = list(w.of_type(entity, w.MOMENTS))
    ends = next((f for f in moments[1:] if set(f.key.split()) & ENDS), None)
    starts = next((f for f in moments if f is not ends and not f.key.startswith(("created", "modified"))), None)
    if starts is None:
        return {}
    if ends and ends.type is starts.type:
        return {"start": at(entity, starts), "end": at(entity, ends)}
    hours = list(w.of_type(entity, {FieldType.TIME}))
    found: dict[str, Any] = {"date": at(entity, starts)}
    if hours:
        found["time"] = at(entity, hours[0])
    minutes = _minutes(app, entity)
    if minutes is not None:
        found["minutes"] = minutes
    return found


def _minutes(app: AppSketch, entity: EntitySketch) -> Any:
    def lasts(own: EntitySketch) -> FieldSketch | None:
        return w.called(own, {"duration", "length", "minute"}, {FieldType.INTEGER, FieldType.DECIMAL})

    own = lasts(entity)
    if own:
        return at(entity, own)
    for pointing in entity.fields:
        target = next((e for e in app.entities if e.key == pointing.target), None)
        taken = lasts(target) if target and not pointing.many else None
        if target and taken:
            return at(entity, pointing, (target, taken))
    return None


def calendar(wish: Wish) -> bool:
    entity = happening(wish)
    if entity is None:
        entity = wish.subject
        ensure(entity, field("Date", FieldType.DATE, required=True))
    when = span(wish.app, entity)
    shown = {"date": when.get("date") or when.get("start"), "time": when.get("time"), "end": when.get("end"),
             "minutes": when.get("minutes") if "time" in when or _has_hours(entity) else None}  # fmt: skip
    return put(wish.app, FeatureName.CALENDAR, entity, **shown)


def _has_hours(entity: EntitySketch) -> bool:
    return any(True for _ in w.of_type(entity, {FieldType.DATETIME}))


def booking(wish: Wish) -> bool:
    entity = _booked(wish)
    of = _resources(wish.app, entity) or [f for f in entity.fields if f.target and not f.many]
    no_overlap(wish)
    if not of:
        return w.ruled(wish.app, RuleKind.NO_OVERLAP, entity)
    return put(wish.app, FeatureName.BOOKING, entity, of=at(entity, of[0]), **span(wish.app, entity))


def availability(wish: Wish) -> bool:
    entity = _booked(wish)
    of = _resources(wish.app, entity) or [f for f in entity.fields if f.target and not f.many]
    return bool(of) and put(wish.app, FeatureName.AVAILABILITY, entity, of=at(entity, of[0]), **span(wish.app, entity))


def _booked(wish: Wish) -> EntitySketch:
    """The bookings of an app, made where only what can be booked was named."""
    app = wish.app
    found = happening(wish)
    if found is not None and (w.last(found.key) in w.HAPPENINGS or any(f.target for f in found.fields)):
        return found
    things = [e for e in (wish.named(), w.main(app), *app.entities) if e and not w.is_person(e) and e.key != "tag"]
    resource = next(iter(things), w.main(app))
    fields = [text("Name", required=True), pointer(resource, required=True)]
    fields += [field(label, FieldType.DATETIME, required=True) for label in ("Start", "End")]
    return w.made(app, "Booking", fields, icon="calendar")


def _resources(app: AppSketch, entity: EntitySketch) -> list[FieldSketch]:
    """What can't be in two places: rooms, tables and those who serve; not who comes, nor what is done."""
    targets = {e.key: e for e in app.entities}
    return [
        f
        for f in entity.fields
        if f.target in targets
        and not f.many
        and w.last(f.target or "") not in SERVICES
        and (not w.is_person(targets[f.target or ""]) or w.last(f.target or "") in PROVIDERS)
    ]


def no_overlap(wish: Wish) -> bool:
    entity = _booked(wish)
    when = span(wish.app, entity)
    if not when:
        return False
    if "date" in when and "time" not in when and not _has_hours(entity):  # by the day: one each
        when["time"] = at(entity, ensure(entity, field("Time", FieldType.TIME, required=True)))
    if "date" in when and "minutes" not in when:
        when["minutes"] = at(entity, ensure(entity, field("Duration", FieldType.INTEGER, unit="min", min=5)))
    offered = next((f for f in entity.fields if f.target and not f.many and w.last(f.target) in SERVICES), None)
    of = next(iter(_resources(wish.app, entity)), offered)
    if of is not None and w.last(entity.key) in w.HAPPENINGS and FeatureName.BOOKING not in lexicon().features_to_come:
        put(wish.app, FeatureName.BOOKING, entity, of=at(entity, of), **when)
    by = [at(entity, f) for f in _resources(wish.app, entity)]
    return rule(wish.app, RuleKind.NO_OVERLAP, entity, by=by, **when, **without_cancelled(entity))


def without_cancelled(entity: EntitySketch) -> dict[str, Any]:
    from builder.drafter.wishes.work import state_of

    state = state_of(entity)
    freed = [w.chosen(state, label) for label, _ in state.choices if label.lower() in CANCELLED] if state else []
    return {"except": {at(entity, state): freed}} if state and freed else {}


def capacity(wish: Wish) -> bool:
    """No more sign-ups than there is room for: room is a number of what one signs up for."""
    app = wish.app
    event = next((e for e in app.entities if w.called(e, ROOM, {FieldType.INTEGER})), None)
    if event is None:
        event = next((e for e in app.entities if any(True for _ in w.of_type(e, w.MOMENTS))), None) or w.main(app)
        ensure(event, field("Capacity", FieldType.INTEGER, min=1))
    room = w.called(event, ROOM, {FieldType.INTEGER})
    signup = next((e for e in app.entities if e is not event and w.relation(e, event)), None)
    if signup is None:
        fields = [text("Name", required=True), field("Email", FieldType.EMAIL)]
        signup = w.made(app, "Sign-up", fields, icon="user-check", name="signup", plural="signups")
    of = w.relation(signup, event) or ensure(signup, pointer(event, required=True))
    count = w.called(signup, {"people", "person", "guest", "seat", "ticket", "quantity"}, {FieldType.INTEGER})
    assert room is not None
    return rule(app, RuleKind.CAPACITY, signup, of=at(signup, of), limit=at(signup, of, (event, room)),
                count=at(signup, count) if count else None, **without_cancelled(signup))  # fmt: skip


def timer(wish: Wish) -> bool:
    """Start and stop write two moments: a day's work, a session, a time entry."""
    app = wish.app
    pairs = (("clock in", "clock out"), ("check in", "check out"), ("start", "end"), ("started at", "ended at"),
             ("start time", "end time"), ("begin", "end"), ("start", "stop"), ("arrival", "departure"))  # fmt: skip
    for entity in app.entities:
        for first, then in pairs:
            start = next((f for f in entity.fields if f.key == first), None)
            stop = next((f for f in entity.fields if f.key == then), None)
            if start and stop:
                start.type = stop.type = FieldType.DATETIME
                stop.required = False
                return put(app, FeatureName.TIMER, entity, start=at(entity, start), stop=at(entity, stop))
    entity = wish.subject
    if w.is_person(entity) or w.last(entity.key) in {"project", "task", "activity"}:
        entry = w.made(app, "Time entry", [pointer(entity, required=True)], icon="clock", label_plural="Time entries")
    else:
        entry = entity
    start = ensure(entry, field("Start", FieldType.DATETIME))
    stop = ensure(entry, field("End", FieldType.DATETIME))
    return put(app, FeatureName.TIMER, entry, start=at(entry, start), stop=at(entry, stop))
