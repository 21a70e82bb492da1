"""The probes of what people do with each other: marks, words, votes, accounts."""

from typing import Any

from builder.agent.flow import FlowStep
from builder.proofs.app import App, Probe, post, step
from builder.proofs.shown import named
from builder.stack.accounts import assigned
from builder.stack.social import history_reason
from builder.stack.views import EntityView


def favorites(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
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


def marks(what: str, says: str) -> Probe:
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


def ratings(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    row = f"/api/{entity.plural}/1"
    return [
        step("call_api", method="PUT", path=f"{row}/rating", body={"stars": 9}, status=422),
        step("call_api", method="PUT", path=f"{row}/rating", body={"stars": 4}),
        step("expect_api", path=row, contains='"own_stars":4'),
    ]


def comments(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
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


def history(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    """A change is told with what it changed; where it needs a word of why, one without is refused."""
    owned = entity.access is not None and entity.access.owner and entity.takes_rows
    made = [post(f"/api/{entity.plural}", app.body(entity))] if owned else []
    path, title = f"/api/{entity.plural}/{len(app.rows(entity)) + 1 if owned else 1}", entity.title.name
    name = history_reason(entity)
    why = {name: "Because a proof said so"} if name else {}
    silent = [step("call_api", method="PATCH", path=path, body={title: "Silent"}, status=422)] if why else []
    return [
        *made,
        *silent,
        step("call_api", method="PATCH", path=path, body={title: "Changed by a proof"} | why, status=200),
        step("expect_api", path=f"{path}/history", contains="Changed by a proof"),
        step("open", path=path.removeprefix("/api")),
        *(step("expect_text", text=text) for text in why.values() or ["Changed by a proof"]),
    ]


def poll(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    votes = app.view.entity(options["votes"])
    chosen = next(f for f in votes.fields if f.is_relation and f.target and f.target.name == options["options"])
    return [
        post(f"/api/{votes.plural}", {chosen.name: 1}),
        post(f"/api/{votes.plural}", {chosen.name: 1}, 409),
        step("open", path=app.path(entity, "/1")),
        step("expect_text", text="%"),
    ]


def roles(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """The first who signs up is an admin, the second is not."""
    again = [step("call_api", method="POST", path="/api/auth/logout", status=204), *app.sign_up()]
    asked = [step("expect_api", path="/api/auth/me", contains=f'"admin":{admin}') for admin in ("true", "false")]
    return [asked[0], *again, asked[1]]


def auth(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    return [
        step("expect_api", path="/api/auth/me", contains='"person":null'),
        *app.sign_up(),
        step("expect_api", path="/api/auth/me", contains='"person":{'),
    ]


def assignment(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """What nobody has on hand is taken on, and can be given back."""
    holder = assigned(entity)
    if holder is None or not entity.takes_rows:
        return []
    body = {k: v for k, v in app.body(entity).items() if k != holder.name}
    return [
        post(f"/api/{entity.plural}", body),
        step("open", path=app.path(entity, f"/{len(app.rows(entity)) + 1}")),
        step("click", role="button", name=app.say("assign_take")),
        step("expect_control", role="button", name=app.say("assign_give_back")),
    ]


def notifications(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    return [
        step("open", path="/"),
        step("click", role="button", name=app.say("notices")),
        step("expect_change"),
    ]


def chat(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """What is written in a room is read there."""
    if (entity.access and entity.access.read == "own") or not app.rows(entity):
        return []
    said = "Said by a proof"
    return [
        step("open", path=app.path(entity, "/1")),
        step("fill", name=app.say("chat_write"), value=said),
        step("press", key="Enter"),
        step("expect_control", role="log", name=""),
        step("expect_text", text=said),
    ]


def live(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """A row that is added elsewhere appears on a page that is open."""
    body = app.body(entity)
    title = named(app, entity, body)
    if not title or not entity.title.is_text or not entity.takes_rows:
        return []
    return [
        step("open", path=app.path(entity, "?sort=-id")),
        step("expect_no_text", text=title),
        post(f"/api/{entity.plural}", body),
        step("expect_text", text=title),
    ]
