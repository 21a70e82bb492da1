"""The probe of each feature: what a person does with it, and what must have changed."""

from collections.abc import Callable
from typing import Any

from builder.agent.flow import FlowStep
from builder.proofs.app import App, post, step, typed
from builder.spec import Feature, FeatureName
from builder.stack.efforts import quiz, streak
from builder.stack.looks import routes
from builder.stack.schedule import booking
from builder.stack.social import history_log, history_reason
from builder.stack.views import EntityView, FieldView
from builder.stack.wording import tagline

F = FeatureName
QUESTIONS = 10  # of a run, unless another number is chosen
Probe = Callable[[App, EntityView, dict[str, Any]], list[FlowStep]]


def prove(app: App, name: FeatureName, feature: Feature) -> list[FlowStep]:
    probe = PROBES.get(name)
    if probe is None:
        return []
    first = app.of_feature(feature)
    others = [e for e in app.view.entities if e is not first and e.has(name)] if feature.entity is None else []
    # Not every thing can be told from its neighbours by name: what holds for all is proven of one that can.
    steps = next((found for e in (first, *others) if (found := probe(app, e, dict(feature.options)))), [])
    return [*app.enter(), *steps] if steps and name is not F.AUTH else steps


def keeps(app: App, entity: EntityView) -> list[FlowStep]:
    """Its rows can be seen, with every field that was asked for."""
    titles = app.titles(entity)
    if not titles or (entity.access and entity.access.read == "own"):
        body = app.body(entity)
        named = str(body.get(entity.title.name, ""))
        made = [post(f"/api/{entity.plural}", body)] if entity.has("create") else []
        return (
            [*app.enter(), *made, step("open", path=app.path(entity)), step("expect_text", text=named)] if named else []
        )
    return [
        *app.enter(),
        step("open", path=app.path(entity, "/1")),
        step("expect_text", text=titles[0]),
        *(step("expect_text", text=str(f.label)) for f in entity.fields[:12] if _is_shown(app, entity, f)),
    ]


def _is_shown(app: App, entity: EntityView, one: FieldView) -> bool:
    """A field of the first row that a page of details names beside its value."""
    row = app.rows(entity)[0]
    plain = one.type in {"integer", "decimal", "money", "date", "email", "phone"}
    return plain and row.get(one.name) is not None and one.name != entity.title.name and not one.is_secret


def _create(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    body = app.body(entity)
    title = entity.title
    if title.name not in body or not title.is_text or entity.has("poll"):  # a poll comes with its options
        return [
            post(f"/api/{entity.plural}", body),
            step("open", path=app.path(entity) + "?sort=-id"),
            step("expect_text", text=typed(body[title.name]) if title.is_text else str(entity.label_plural)),
        ]
    steps = [step("open", path=app.path(entity, "/new"))]
    for one in entity.input_fields:
        if (one.required or one.name == title.name) and one.name in body and not one.is_relation:
            steps.append(_typed(one, body[one.name]))
    if any(one.required and one.is_relation for one in entity.input_fields):
        return [
            post(f"/api/{entity.plural}", body),
            step("open", path=app.path(entity) + "?q="),
            step("expect_text", text=typed(body[title.name])),
        ]
    return [
        *steps,
        step("click", role="button", name=app.say("add", label=app.noun(str(entity.label)))),
        step("expect_text", text=typed(body[title.name])),
        step("reload"),
        step("expect_text", text=typed(body[title.name])),
    ]


def _typed(one: FieldView, value: Any) -> FlowStep:
    if one.type == "choice":
        label = next(str(c.label) for c in one.choices if c.value == value)
        return step("choose", name=str(one.label), value=label)
    if one.type in {"date", "time"}:
        return step("fill", name=str(one.label), value=str(value)[:10] if one.type == "date" else str(value)[:5])
    return step("fill", name=str(one.label), value=str(value)[:16] if one.type == "datetime" else typed(value))


def _made(app: App, entity: EntityView) -> tuple[list[FlowStep], str]:
    """A row of one's own to change, and what it is called."""
    body = app.body(entity)
    return [post(f"/api/{entity.plural}", body)], str(body.get(entity.title.name, ""))


def _edit(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    made, title = _made(app, entity)
    if not title or not entity.title.is_text:
        return []
    return [
        *made,
        step("open", path=app.path(entity, f"?q={title}")),
        step("click", role="link", name=title),
        step("click", role="link", name=app.say("edit")),
        step("fill", name=str(entity.title.label), value=title + " changed"),
        *_reason(app, entity),
        step("click", role="button", name=app.say("save")),
        step("expect_text", text=title + " changed"),
        step("reload"),
        step("expect_text", text=title + " changed"),
    ]


def _reason(app: App, entity: EntityView) -> list[FlowStep]:
    """Where changes need a word of why."""
    name = history_reason(entity)
    if name is None:
        return []
    log = history_log(entity)
    known = next((f for f in log.fields if f.name == name), None) if log else None
    return [step("fill", name=str(known.label) if known else app.say("history_reason"), value="A proof")]


def _delete(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    made, title = _made(app, entity)
    if not title or not entity.title.is_text:
        return []
    delete = app.say("delete")
    return [
        *made,
        step("open", path=app.path(entity, f"?q={title}")),
        step("click", role="link", name=title),
        step("click", role="button", name=delete),
        step("click", role="button", name=delete, nth=1),
        step("wait", seconds=0.5),
        step("expect_api", method="GET", path=f"/api/{entity.plural}?q={title}", contains='"total":0'),
    ]


def _search(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    titles = list(dict.fromkeys(app.titles(entity)))
    if len(titles) < 2 or (entity.access and entity.access.read == "own"):
        made, title = _made(app, entity)
        return [*made, step("expect_api", path=f"/api/{entity.plural}?q={title}", contains=title)] if title else []
    wanted = max(titles, key=len)
    said = {str(v) for row in app.rows(entity) if wanted in row.values() for v in row.values()}
    strange = (t for t in titles if not set(t.lower().split()) & set(wanted.lower().split()) and t not in said)
    other = next(strange, titles[0])
    return [
        step("open", path=app.path(entity)),
        step("fill", name=app.say("search_in", label=app.noun(str(entity.label_plural))), value=wanted),
        step("expect_text", text=wanted),
        step("expect_no_text", text=other),
    ]


def _filter(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    for name in options.get("fields", ()):
        one = next((f for f in entity.fields if f.name == name), None)
        values = [row[name] for row in app.rows(entity) if row.get(name) is not None]
        if one and one.type in {"choice", "integer", "boolean"} and values:
            value = typed(values[0]).lower() if one.type == "boolean" else typed(values[0])
            query = f"{name}_min={value}" if one.type == "integer" else f"{name}={value}"
            shown = f'"{name}":"{value}"' if one.type == "choice" else f'"{name}":'
            return [
                step("open", path=app.path(entity, f"?{query}")),
                step("expect_text", text=str(one.label)),
                step("expect_api", path=f"/api/{entity.plural}?{query}", contains=shown),
            ]
    return [step("open", path=app.path(entity)), step("expect_control", role="region", name=app.say("filters"))]


def _sort(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    fields = [name for name in options.get("fields", ()) if name in {f.name for f in entity.fields}]
    if not fields:
        return []
    ways = (f"/api/{entity.plural}?sort={fields[0]}", f"/api/{entity.plural}?sort=-{fields[0]}")
    return [
        step("open", path=app.path(entity, f"?sort=-{fields[-1]}")),
        *(step("expect_api", path=way) for way in ways),
    ]


def _detail(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    titles = app.titles(entity)
    if not titles or (entity.access and entity.access.read == "own"):
        return keeps(app, entity)
    return [
        step("open", path=app.path(entity, f"?q={titles[0]}")),
        step("click", role="link", name=titles[0]),
        step("expect_text", text=titles[0]),
    ]


def _pages(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    return [
        step("open", path=app.path(entity)),
        step("expect_api", path=f"/api/{entity.plural}?page=1&size=1", contains='"size":1'),
    ]


def _favorites(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    titles = app.titles(entity)
    if not titles:
        return []
    off = app.say("favorite_remove", title=titles[0])
    return [
        step("open", path=app.path(entity, "/1")),
        step("click", role="button", name=app.say("favorite_add", title=titles[0])),
        step("expect_control", role="button", name=off),
        step("reload"),
        step("expect_control", role="button", name=off),
    ]


def _compare(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    titles = app.titles(entity)
    if len(titles) < 2:
        return []
    return [
        step("open", path="/compare?ids=1,2"),
        step("expect_text", text=titles[0]),
        step("expect_text", text=titles[1]),
    ]


def _chart(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    where = "/1" if options.get("scope") == "row" else ""
    return [step("open", path=app.path(entity, where)), step("expect_control", role="figure", name="")]


def _api(rest: str, contains: str = "") -> Probe:
    def probe(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
        asked = step("expect_api", path=f"/api/{entity.plural}{rest}", **({"contains": contains} if contains else {}))
        return [step("open", path=app.path(entity)), asked]

    return probe


def _stats(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    by, measure = options.get("by"), options.get("measure", "count")
    return (
        [
            step("open", path=app.path(entity)),
            step("expect_api", path=f"/api/{entity.plural}/stats?by={by}&measure={measure}"),
        ]
        if by
        else []
    )


def _export(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    ways = [step("expect_api", path=f"/api/{entity.plural}/export.{way}") for way in options.get("formats", ("csv",))]
    return [step("open", path=app.path(entity)), *ways]


def _marks(what: str, says: str) -> Probe:
    """A mark of one's own on a row, and taken back."""

    def probe(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
        row = f"/api/{entity.plural}/1"
        return [
            step("call_api", method="PUT", path=f"{row}/{what}", status=204),
            step("expect_api", path=row, contains=f'"{says}":true'),
            step("call_api", method="DELETE", path=f"{row}/{what}", status=204),
            step("expect_api", path=row, contains=f'"{says}":false'),
            step("open", path=app.path(entity, "/1")),
            step("expect_control", role="button", name=""),
        ]

    return probe


def _ratings(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    row = f"/api/{entity.plural}/1"
    return [
        step("call_api", method="PUT", path=f"{row}/rating", body={"stars": 9}, status=422),
        step("call_api", method="PUT", path=f"{row}/rating", body={"stars": 4}),
        step("expect_api", path=row, contains='"own_stars":4'),
    ]


def _comments(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    said = "Said by a proof <b>loudly</b>"
    if "entity" in options:
        reply = app.view.entity(options["entity"])
        about = next((f for f in reply.fields if f.is_relation and f.target and f.target.name == entity.name), None)
        if about is None:
            return []
        body = app.body(reply, **{options.get("text", "text"): said, about.name: 1})
        return [
            post(f"/api/{reply.plural}", body),
            step("open", path=app.path(entity, "/1")),
            step("expect_text", text=said),
        ]
    body = {"text": said} | ({} if app.view.people else {"author": "Proof"})
    return [
        post(f"/api/{entity.plural}/1/comments", body),
        step("open", path=app.path(entity, "/1")),
        step("expect_text", text=said),
    ]


def _history(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    title = entity.title.name
    name = history_reason(entity)
    why = {name: "Because a proof said so"} if name else {}
    refused = (
        [step("call_api", method="PATCH", path=f"/api/{entity.plural}/1", body={title: "Silent"}, status=422)]
        if why
        else []
    )
    return [
        *refused,
        step(
            "call_api",
            method="PATCH",
            path=f"/api/{entity.plural}/1",
            body={title: "Changed by a proof"} | why,
            status=200,
        ),
        step("expect_api", path=f"/api/{entity.plural}/1/history", contains="Changed by a proof"),
        step("open", path=app.path(entity, "/1")),
        *(step("expect_text", text=text) for text in why.values() or ["Changed by a proof"]),
    ]


def _poll(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    votes = app.view.entity(options["votes"])
    chosen = next(f for f in votes.fields if f.is_relation and f.target and f.target.name == options["options"])
    return [
        post(f"/api/{votes.plural}", {chosen.name: 1}),
        post(f"/api/{votes.plural}", {chosen.name: 1}, 409),
        step("open", path=app.path(entity, "/1")),
        step("expect_text", text="%"),
    ]


def _page(view: str) -> Probe:
    """The feature's own page opens and shows a row."""

    def probe(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
        route = next((r for r in routes(app.view) if r.view == view), None)
        if route is None:
            return []
        # The first page says what the app is for, in words of the stack's where the AppSpec has none.
        head = (tagline(app.view) if route.path == "/" else "") or route.page.label
        return [step("open", path=route.path), step("expect_control", role="heading", name=str(head))]

    return probe


def _board(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    one = entity.field(options["field"]) if "field" in options else None
    labels = [str(c.label) for c in one.choices] if one else []
    return [*_page("board")(app, entity, options), *(step("expect_text", text=label) for label in labels[:6])]


def _quiz(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
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


def _streak(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
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


def _dashboard(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    return [*_page("dashboard")(app, entity, options), step("expect_api", path="/api/dashboard")][:2]


def _workflow(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    if "stamp" in options:
        label = str(options.get("label", ""))
        return [
            step("open", path=app.path(entity, "/1")),
            step("click", role="button", name=label),
            step("expect_change"),
        ]
    one = entity.field(options["field"])
    row = next((row for row in app.rows(entity) if row.get(one.name)), None)
    if row is None:
        return []
    now = next(str(c.label) for c in one.choices if c.value == row[one.name])
    return [step("open", path=app.path(entity, f"/{app.rows(entity).index(row) + 1}")), step("expect_text", text=now)]


def _roles(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """The first who signs up is an admin, the second is not."""
    again = [step("call_api", method="POST", path="/api/auth/logout", status=204), *app.sign_up()]
    asked = [step("expect_api", path="/api/auth/me", contains=f'"admin":{admin}') for admin in ("true", "false")]
    return [asked[0], *again, asked[1]]


def _relations(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """A row names the one that it points at."""
    logs = {log.name: e for e in app.view.entities if (log := history_log(e))}
    for own in app.view.entities:
        pointing = next((f for f in own.relations if not f.many and f.target), None)
        if pointing is None or not own.has("create") or own.name in logs:
            continue
        more = {} if pointing.is_filled or own.spec.dataset else {pointing.name: 1}
        target = pointing.target
        if more and target and target.has("create") and target.access and target.access.read == "own":
            first = [post(f"/api/{target.plural}", app.body(target))]  # nobody can point at somebody else's
            more = {pointing.name: len(app.rows(target)) + 1}
        else:
            first = []
        made = post(f"/api/{own.plural}", app.body(own, **more))
        return [
            *first,
            made,
            step("expect_api", path=f"/api/{own.plural}?sort=-id&size=1", contains=f'"{pointing.name}":{{'),
        ]
    changed = next(iter(logs.values()), None)
    if changed is not None:
        return _history(app, changed, changed.options("history"))
    return keeps(app, next((e for e in app.view.entities if e.relations), entity))


def _report(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    by = options.get("by")
    first = by[0] if isinstance(by, list) and by else by
    return [step("open", path=app.path(entity)), step("expect_api", path=f"/api/{entity.plural}/report?by={first}")]


def _auth(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    return [
        step("expect_api", path="/api/auth/me", contains='"person":null'),
        *app.sign_up(),
        step("expect_api", path="/api/auth/me", contains='"person":{'),
    ]


def _tags(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    one = entity.field(options["field"])
    return [step("open", path=app.path(entity)), step("expect_api", path=f"/api/{entity.plural}?{one.name}=1")]


def _categories(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    one = entity.field(options["field"])
    target = app.titles(one.target)[:1] if one.target else [str(c.label) for c in one.choices[:1]]
    return [step("open", path=app.path(entity)), *(step("expect_text", text=text) for text in target)]


def _low_stock(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    body = app.body(entity, **{options["quantity"]: 0})
    return (
        [
            post(f"/api/{entity.plural}", body),
            step("expect_api", path=f"/api/{entity.plural}?low_stock=true", contains=typed(body[entity.title.name])),
        ]
        if entity.title.is_text
        else []
    )


def _booking(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """What is booked offers a booking; that taken times are refused is its rule's proof."""
    booked = booking(entity)
    of = booked.of.target if booked else None
    if not booked or not booked.books or of is None or not app.rows(of):
        return []
    return [
        step("open", path=app.path(of, "/1")),
        step("expect_control", role="heading", name=app.say("book", label=app.noun(str(entity.label)))),
    ]


def _cart(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    return (
        [
            step("open", path=app.path(entity, "/1")),
            step("click", role="button", name=app.say("cart_add")),
            step("expect_change"),
        ]
        if "cart_add" in app.words
        else []
    )


PROBES: dict[FeatureName, Probe] = {
    F.CREATE: _create,
    F.EDIT: _edit,
    F.DELETE: _delete,
    F.SEARCH: _search,
    F.FILTER: _filter,
    F.SORT: _sort,
    F.PAGINATION: _pages,
    F.DETAIL: _detail,
    F.RELATIONS: _relations,
    F.ROLES: _roles,
    F.REPORT: _report,
    F.FAVORITES: _favorites,
    F.COMPARE: _compare,
    F.CHART: _chart,
    F.STATS: _stats,
    F.EXPORT: _export,
    F.RANDOMIZE: _api("/random"),
    F.LIKE: _marks("like", "liked"),
    F.FOLLOW: _marks("follow", "followed"),
    F.RATINGS: _ratings,
    F.COMMENTS: _comments,
    F.HISTORY: _history,
    F.POLL: _poll,
    F.TAGS: _tags,
    F.CATEGORIES: _categories,
    F.STATUS_WORKFLOW: _workflow,
    F.KANBAN: _board,
    F.CALENDAR: _page("calendar"),
    F.QUIZ: _quiz,
    F.STREAK: _streak,
    F.DASHBOARD: _dashboard,
    F.AUTH: _auth,
    F.LOW_STOCK_ALERT: _low_stock,
    F.BOOKING: _booking,
    F.CART: _cart,
}
