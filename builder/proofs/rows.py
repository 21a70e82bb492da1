"""The probes of single rows: seen, added, changed, deleted, and what they hold on to."""

from collections.abc import Collection
from typing import Any

from builder.agent.flow import FlowStep
from builder.proofs.app import App, post, step, typed
from builder.proofs.shown import fields_shown, named, visible
from builder.proofs.together import history
from builder.stack.contact import contact_fields
from builder.stack.social import history_log, history_reason
from builder.stack.views import EntityView, FieldView

EMPTY: tuple[Any, ...] = (None, "", [])
MOST_FIELDS = 14  # that one proof looks for


def keeps(app: App, entity: EntityView, asked: Collection[str] = ()) -> list[FlowStep]:
    """Its rows can be seen, with the fields that were asked for, else with all."""
    rows = visible(app, entity)
    fullest = max(rows, key=lambda row: sum(row.get(name) not in EMPTY for name in asked or row), default={})
    if not (title := named(app, entity, fullest)):
        return _made_and_seen(app, entity)
    fields = list(fields_shown(app, entity, fullest, asked))[:MOST_FIELDS]
    return [
        *app.enter(),
        step("open", path=app.path(entity, f"/{rows.index(fullest) + 1}")),
        step("expect_text", text=title),
        *fields,
    ]


def _made_and_seen(app: App, entity: EntityView) -> list[FlowStep]:
    """A row of one's own stands in the list."""
    entered = app.enter()
    body = app.body(entity)
    title = named(app, entity, body)
    if not title or not entity.has("create"):
        return [*entered, step("open", path=app.path(entity)), step("expect_text", text=str(entity.label_plural))]
    made = post(f"/api/{entity.plural}", body)
    return [*entered, made, step("open", path=app.path(entity, "?sort=-id")), step("expect_text", text=title)]


def create(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    body = app.body(entity)
    title = entity.title
    if title.name not in body or not title.is_text or entity.has("poll"):  # a poll comes with its options
        return [
            post(f"/api/{entity.plural}", body),
            step("open", path=app.path(entity) + "?sort=-id"),
            step("expect_text", text=named(app, entity, body) or str(entity.label_plural)),
        ]
    steps = [step("open", path=app.path(entity, "/new"))]
    typed_fields = {title.name, *options.get("asked", ())}
    for one in entity.input_fields:
        if (one.required or one.name in typed_fields) and one.name in body and not one.is_relation:
            steps.append(typed_in(app, one, body[one.name]))
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


def typed_in(app: App, one: FieldView, value: Any) -> FlowStep:
    """As a person fills it in."""
    label = str(one.label)
    if one.type == "choice":
        return step("choose", name=label, value=next(str(c.label) for c in one.choices if c.value == value))
    if one.is_relation and one.target:
        first = value[0] if isinstance(value, list) else value
        return step("choose", name=label, value=named(app, one.target, app.rows(one.target)[first - 1]))
    if one.is_moment:
        text = str(value)
        return step("fill", name=label, value={"date": text[:10], "time": text[:5]}.get(one.type, text[:16]))
    return step("fill", name=label, value=typed(value))


def made(app: App, entity: EntityView) -> tuple[list[FlowStep], str]:
    """A row of one's own to change, and what it is called."""
    body = app.body(entity)
    return [post(f"/api/{entity.plural}", body)], str(body.get(entity.title.name, ""))


def edit(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    steps, title = made(app, entity)
    if not title or not entity.title.is_text or not entity.takes_rows:
        return []
    return [
        *steps,
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


def delete(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    steps, title = made(app, entity)
    if not title or not entity.title.is_text or not entity.takes_rows:
        return []
    delete = app.say("delete")
    return [
        *steps,
        step("open", path=app.path(entity, f"?q={title}")),
        step("click", role="link", name=title),
        step("click", role="button", name=delete),
        step("click", role="button", name=delete, nth=1),
        step("wait", seconds=0.5),
        step("expect_api", method="GET", path=f"/api/{entity.plural}?q={title}", contains='"total":0'),
    ]


def detail(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    """Opened from the list, its page says what was asked for, and leads to the next one where it may."""
    rows = visible(app, entity)
    titles = app.titles(entity) if rows else []
    title = next((one for one in titles if sum(one in other for other in titles) == 1), None)
    if title is None:
        return _made_and_seen(app, entity)[len(app.enter()) :]
    row = next(row for row in rows if row.get(entity.title.name) == title)
    fields = list(fields_shown(app, entity, row, options.get("asked", ())))[:MOST_FIELDS]
    on = [step("click", role="link", name=app.say("next")), step("expect_change")]
    return [
        step("open", path=app.path(entity, f"?q={title}")),
        step("click", role="link", name=title),
        step("expect_text", text=title),
        *fields,
        *(on if options.get("previous_next") and len(rows) > 2 else []),
    ]


def relations(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
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
        return history(app, changed, changed.options("history"))
    return keeps(app, next((e for e in app.view.entities if e.relations), entity))


def low_stock(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    if options["quantity"] not in {f.name for f in entity.input_fields}:
        return []  # it is worked out of other rows
    body = app.body(entity, **{options["quantity"]: 0})
    return (
        [
            post(f"/api/{entity.plural}", body),
            step("expect_api", path=f"/api/{entity.plural}?low_stock=true", contains=typed(body[entity.title.name])),
        ]
        if entity.title.is_text
        else []
    )


def validation(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """A row without what is required is refused, by the server and by the form."""
    needed = next((f for f in entity.input_fields if f.required and f.type != "boolean"), None)
    if needed is None or not entity.takes_rows:
        return []
    body = {k: v for k, v in app.body(entity).items() if k != needed.name}
    refused = post(f"/api/{entity.plural}", body, 422)
    elsewhere = entity.has("poll") or contact_fields(entity)  # it has a form of its own
    if needed.choices or needed.is_moment or elsewhere:  # or the form has chosen one
        return [refused, step("expect_api", path=f"/api/{entity.plural}?size=1")]
    return [
        refused,
        step("open", path=app.path(entity, "/new")),
        step("click", role="button", name=app.say("add", label=app.noun(str(entity.label)))),
        step("expect_text", text=app.say("error_required")),
    ]


def upload(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """The form takes a file; an address of a page of another site is no file of it."""
    one = next((f for f in entity.input_fields if f.type in {"image", "file"}), None)
    if one is None:
        return []
    return [
        step("open", path=app.path(entity, "/new")),
        step("expect_text", text=str(one.label)),
        step("expect_text", text=app.say("upload_image" if one.type == "image" else "upload_file")),
    ]
