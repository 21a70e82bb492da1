"""The probes of what is done in steps: states, boards, clocks, bookings, orders, questions."""

from datetime import datetime
from typing import Any

from builder.agent.flow import FlowStep
from builder.proofs.app import App, Probe, post, step
from builder.proofs.rows import typed_in
from builder.proofs.shown import named, visible
from builder.spec import RuleKind
from builder.stack.contact import contact_entity, contact_fields
from builder.stack.efforts import approval, progress, quiz, score, streak, timer
from builder.stack.looks import routes
from builder.stack.ranks import leaderboard
from builder.stack.schedule import booking
from builder.stack.shop import find_shop
from builder.stack.stages import next_steps, stamp, status_field
from builder.stack.views import EntityView, FieldView
from builder.stack.wording import tagline

QUESTIONS = 10  # of a run, unless another number is chosen


def page(view: str) -> Probe:
    """The feature's own page opens and shows a row."""

    def probe(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
        route = next((r for r in routes(app.view) if r.view == view), None)
        if route is None:
            return []
        # The first page says what the app is for, in words of the stack's where the AppSpec has none.
        head = (tagline(app.view) if route.path == "/" else "") or route.page.label
        return [step("open", path=route.path), step("expect_control", role="heading", name=str(head))]

    return probe


def board(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    one = entity.field(options["field"]) if "field" in options else None
    labels = [str(c.label) for c in one.choices] if one else []
    return [*page("board")(app, entity, options), *(step("expect_text", text=label) for label in labels[:6])]


def asked(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """A run is begun and its first question asked; no row tells the answer."""
    asks = quiz(entity)
    own = (r for r in routes(app.view) if r.view == "quiz" and r.page.entity and r.page.entity.name == entity.name)
    route = next(own, None)
    total = min(QUESTIONS, len(app.rows(entity)))
    if asks is None or route is None or not total:
        return []
    return [
        step("open", path=route.path),
        step("click", role="button", name=app.say("quiz_start")),
        step("expect_text", text=app.say("quiz_progress", n="1", total=str(total))),
    ]


def kept_up(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """What has a streak shows it, and the server counts it."""
    days = streak(entity)
    of = entity.field(days["of"]).target if days and days["of"] else None
    if days is None or (of is not None and not app.rows(of)):
        return []
    return [
        step("open", path=app.path(of, "/1") if of else app.path(entity)),
        step("expect_control", role="group", name=app.say("streak")),
        step("expect_api", path=f"/api/{entity.plural}/streaks", contains='"best":'),
    ]


def dashboard(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    return [*page("dashboard")(app, entity, options), step("expect_api", path="/api/dashboard")][:2]


def workflow(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    """By a click on its page a row goes on to the next state."""
    clicked = stamp(entity)
    if clicked:
        return [
            step("open", path=app.path(entity, "/1")),
            step("click", role="button", name=str(clicked["label"])),
            step("expect_change"),
        ]
    one = status_field(entity, "status_workflow")
    if one is None:
        return []
    body, number = app.body(entity), len(app.rows(entity)) + 1
    labels = {c.value: str(c.label) for c in one.choices}
    now = one.steps.starts[0] if one.steps and one.steps.starts else one.choices[0].value
    following = next_steps(entity, one)
    after = following.get(now, []) if following else [value for value in labels if value != now]
    if not entity.takes_rows or not after or (entity.access and entity.access.write == "admin"):
        return _stands(app, entity, one)
    goes = step("click", role="button", name=app.say("step_to", label=labels[after[0]]))
    if not entity.has("edit") or not entity.has("detail"):
        goes = step("call_api", method="PATCH", path=f"/api/{entity.plural}/{number}", body={one.name: after[0]})
    is_done = [step("expect_no_control", role="button", name=goes.name)] if goes.do == "click" else []
    return [
        post(f"/api/{entity.plural}", _needed(app, entity, one.name) | body | {one.name: now}),
        step("open", path=app.path(entity, f"/{number}")),
        goes,
        *is_done,
        step("expect_api", path=f"/api/{entity.plural}/{number}", contains=f'"{one.name}":"{after[0]}"'),
    ]


def _needed(app: App, entity: EntityView, status: str) -> dict[str, int]:
    """What a row has to point at before it may stand elsewhere: an open ticket needs nobody, a taken one an agent."""
    rules = [r for r in app.spec.rules if r.kind is RuleKind.REQUIRED_IF and r.entity == entity.name]
    named = {name for rule in rules if rule.options.get("field") == status for name in rule.fields}
    return {f.name: 1 for f in entity.input_fields if f.name in named and f.is_relation and not f.many}


def _stands(app: App, entity: EntityView, one: FieldView) -> list[FlowStep]:
    """The page of a sample row says where it stands."""
    row = next((row for row in app.rows(entity) if row.get(one.name)), None)
    if row is None:
        return []
    now = next(str(c.label) for c in one.choices if c.value == row[one.name])
    return [step("open", path=app.path(entity, f"/{app.rows(entity).index(row) + 1}")), step("expect_text", text=now)]


def booked(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """What can be booked says when it is free; that taken times are refused is its rule's proof."""
    found = booking(entity)
    of = found.of.target if found else None
    if not found or of is None or not app.rows(of):
        return []
    head = app.say("book", label=app.noun(str(entity.label))) if found.books else app.say("free_times")
    return [step("open", path=app.path(of, "/1")), step("expect_control", role="heading", name=head)]


def cart(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    return (
        [
            step("open", path=app.path(entity, "/1")),
            step("click", role="button", name=app.say("cart_add")),
            step("expect_change"),
            step("open", path="/cart"),
            step("expect_text", text=app.say("cart_total")),
        ]
        if app.rows(entity)
        else []
    )


def checkout(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """What lies in the cart is ordered, and the cart can't be ordered empty."""
    sells = find_shop(app.view)
    if sells is None or sells.checkout is None or not app.rows(sells.product):
        return []
    order = sells.checkout
    asked = {k: v for k, v in app.body(order.order).items() if k in {f.name for f in order.asked}}
    return [
        post("/api/checkout", asked | {order.lines: []}, 422),
        post("/api/checkout", asked | {order.lines: [{"product": 1, "quantity": 1}]}),
        step("open", path="/"),
        step("expect_api", path=f"/api/{order.order.plural}/{len(app.rows(order.order)) + 1}"),
    ]


def clocked(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """What runs shows its clock, and a click stops it."""
    moments = timer(entity)
    if moments is None or not entity.takes_rows:
        return []
    start, stop = moments["start"], moments["stop"]
    runs = (n for n, row in enumerate(visible(app, entity), 1) if row.get(start) and not row.get(stop))
    number = next(runs, None) if app.view.people is None else None
    began = datetime.now().replace(microsecond=0).isoformat()
    body = {k: v for k, v in app.body(entity).items() if k != stop} | {start: began}
    return [
        *([] if number else [post(f"/api/{entity.plural}", body)]),
        step("open", path=app.path(entity, f"/{number or len(app.rows(entity)) + 1}")),
        step("expect_control", role="timer", name=""),
        step("click", role="button", name=app.say("timer_stop")),
        step("expect_no_control", role="timer", name=""),
    ]


def decided(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    decided = approval(entity)
    if decided is None or not entity.takes_rows:
        return []
    one, row = entity.field(decided["field"]), len(app.rows(entity)) + 1
    still = next((c.value for c in one.choices if c.value not in {decided["approved"], decided["rejected"]}), None)
    return (
        [
            post(f"/api/{entity.plural}", app.body(entity, **{one.name: still})),
            step("open", path=app.path(entity, f"/{row}")),
            step("click", role="button", name=app.say("approve")),
            step("expect_no_control", role="button", name=app.say("approve")),
            step("expect_api", path=f"/api/{entity.plural}/{row}", contains=f'"{one.name}":"{decided["approved"]}"'),
        ]
        if still
        else []
    )


def progressed(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    if progress(entity) is None or not app.rows(entity):
        return []
    return [step("open", path=app.path(entity, "/1")), step("expect_control", role="progressbar", name="")]


def scoring(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """A click gives a point."""
    points, body = score(entity), app.body(entity)
    title = named(app, entity, body)
    if points is None or not title or not entity.takes_rows:
        return []
    now, row = entity.field(points).min or 0, len(app.rows(entity)) + 1
    return [
        post(f"/api/{entity.plural}", body | {points: int(now)}),
        step("open", path=app.path(entity, f"/{row}")),
        step("click", role="button", name=app.say("score_more", title=title)),
        step("wait", seconds=0.5),
        step("expect_api", path=f"/api/{entity.plural}/{row}", contains=f'"{points}":{int(now) + 1}'),
    ]


def ranked(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    steps, of = page("leaderboard")(app, entity, options), next((e for e in app.view.entities if leaderboard(e)), None)
    places = [step("expect_api", path=f"/api/{of.plural}/leaderboard", contains='"place":1')] if of else []
    return [*steps, *places] if steps else []


def drag_drop(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """The second row is put before the first; columns of a board are its own proof."""
    order, rows = entity.order_field, visible(app, entity)
    if order is None or len(rows) < 2 or not (title := named(app, entity, rows[1])):
        return []
    place = step("call_api", method="PUT", path=f"/api/{entity.plural}/2/place", body={"before": 1}, status=204)
    first = f"/api/{entity.plural}?sort={order.name}&size=1"
    moved = step("expect_control", role="button", name=app.say("order_move", title=title))
    return [step("open", path=app.path(entity)), moved, place, step("expect_api", path=first, contains=title)]


def contact(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """What somebody writes arrives, and is said to."""
    written = contact_entity(app.view.entities)
    route = next((r for r in routes(app.view) if r.view == "contact"), None)
    if written is None or route is None:
        return []
    body = {k: v for k, v in app.body(written).items() if k in contact_fields(written)}
    fields = [f for f in written.input_fields if f.name in body and f.type != "boolean"]
    return [
        step("open", path=route.path),
        *(typed_in(app, one, body[one.name]) for one in fields),
        step("click", role="button", name=app.say("send")),
        step("expect_text", text=app.say("contact_sent_title")),
    ]
