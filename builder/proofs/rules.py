"""The probe of each rule: what keeps it is taken, what breaks it is refused with the right answer."""

from collections.abc import Callable, Iterable
from typing import Any

from builder.agent.flow import FlowStep
from builder.proofs.app import App, post, step
from builder.spec import Rule, RuleKind
from builder.stack.views import EntityView

R = RuleKind
Probe = Callable[[App, EntityView, Rule], list[FlowStep]]


def prove(app: App, rule: Rule) -> list[FlowStep]:
    probe, entity = PROBES.get(rule.kind), app.entity(rule.entity)
    steps = probe(app, entity, rule) if probe and entity else []
    return [*app.enter(), *steps] if steps else []


def _sent(entity: EntityView, names: Iterable[str]) -> list[str]:
    """Those of the fields that a client sends."""
    sent = {f.name for f in entity.input_fields}
    return [name for name in names if name in sent]


def _path(entity: EntityView) -> str:
    return f"/api/{entity.plural}"


def _no_overlap(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    """The same time twice; then the same for something else, or later."""
    same = dict.fromkeys(_sent(entity, rule.options.get("by", ())), 1)
    ends = rule.options.get("end")
    lasting = [row for row in app.rows(entity) if ends and row.get(ends) is None]  # until they end
    if any(all(row.get(name) == value for name, value in same.items()) for row in lasting):
        return [post(_path(entity), app.body(entity, **same), 409), step("expect_api", path=f"{_path(entity)}?size=1")]
    body, later = app.body(entity, **same), app.body(entity, **same)
    return [
        post(_path(entity), body),
        post(_path(entity), body, 409),
        post(_path(entity), later),
        step("expect_api", path=f"{_path(entity)}?size=1"),
    ]


def _at_most_once(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    body = app.body(entity, **dict.fromkeys(_sent(entity, rule.fields), 1))
    return [
        post(_path(entity), body),
        post(_path(entity), body, 409),
        step("expect_api", path=f"{_path(entity)}?size=1"),
    ]


def _unique(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    if any(other.kind is R.CAPACITY and other.entity == entity.name for other in app.spec.rules):
        return []  # there may be no room for the first of two
    body = dict.fromkeys(_sent(entity, rule.fields), 1) | app.body(entity)  # where nothing is said, nothing is the same
    return [
        post(_path(entity), body),
        post(_path(entity), body, 409),
        step("expect_api", path=f"{_path(entity)}?size=1"),
    ]


def _range(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    first = entity.field(rule.fields[0])
    if len(rule.fields) == 2:
        body, other = app.body(entity), app.body(entity)
        a, b = rule.fields
        broken: dict[str, Any] = other | {a: other.get(b), b: other.get(a)}
        return [
            post(_path(entity), body),
            post(_path(entity), broken, 422),
            step("expect_api", path=f"{_path(entity)}?size=1"),
        ]
    high = rule.options.get("max", first.max)
    if high is None:
        return []
    return [
        post(_path(entity), app.body(entity, **{first.name: app.number(first, high)})),
        post(_path(entity), app.body(entity, **{first.name: app.number(first, high + 1)}), 422),
        step("expect_api", path=f"{_path(entity)}?size=1"),
    ]


def _transition(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    one, steps = entity.field(rule.fields[0]), rule.options["from"]
    for now, allowed in steps.items():
        refused = next((c.value for c in one.choices if c.value not in {now, *allowed}), None)
        row = next((n for n, r in enumerate(app.rows(entity), 1) if r.get(one.name) == now), None)
        if refused and row:
            return [
                step("call_api", method="PATCH", path=f"{_path(entity)}/{row}", body={one.name: refused}, status=422),
                step("expect_api", path=f"{_path(entity)}/{row}", contains=f'"{one.name}":"{now}"'),
            ]
    return []


def _required_if(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    other, values = rule.options["field"], rule.options["is"]
    body = {k: v for k, v in app.body(entity, **{other: values[0]}).items() if k not in rule.fields}
    return [post(_path(entity), body, 422), step("expect_api", path=f"{_path(entity)}?size=1")]


def _computed(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    """What the server fills in is there, and is not what somebody sends."""
    name = rule.fields[0]
    if not name.endswith(("_at", "_on")):
        return [
            post(_path(entity), app.body(entity)),
            step("expect_api", path=f"{_path(entity)}?size=1", contains=f'"{name}":'),
        ]
    return [
        post(_path(entity), app.body(entity)),
        step("expect_api", path=f"{_path(entity)}?sort=-{name}&size=1", contains=f'"{name}":"20'),
    ]


def _capacity(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    """One thing with room for one: the second is refused."""
    of = entity.field(rule.options["of"])
    limit = str(rule.options["limit"]).rpartition(".")[2]
    if of.target is None or limit.isdecimal():
        return []
    small = app.body(of.target, **{limit: 1})
    ids = len(app.rows(of.target)) + 1
    count = {rule.options["count"]: 1} if "count" in rule.options else {}
    bodies = [app.body(entity, **{of.name: ids}, **count) for _ in range(2)]
    return [
        post(_path(of.target), small),
        post(_path(entity), bodies[0]),
        post(_path(entity), bodies[1], 409),
        step("expect_api", path=f"{_path(entity)}?size=1"),
    ]


def _refuse_delete(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    """What something points at stays: a sample row, or one of one's own where others' may not be deleted anyway."""
    pointing = next((f for f in entity.reverse_relations if app.rows(f.entity)), None)
    if pointing is None:
        return []
    if entity.access and entity.access.owner and entity.takes_rows and pointing.entity.takes_rows:
        row = len(app.rows(entity)) + 1
        part = app.body(pointing.entity, **{pointing.name: [row] if pointing.many else row})
        made = [post(_path(entity), app.body(entity)), post(_path(pointing.entity), part)]
    else:
        ids = (r[pointing.name] for r in app.rows(pointing.entity) if isinstance(r.get(pointing.name), int))
        row, made = next(ids, 0), []
    refused = step("call_api", method="DELETE", path=f"{_path(entity)}/{row}", status=409)
    return [*made, refused, step("expect_api", path=f"{_path(entity)}/{row}")] if row else []


def _owner_only(app: App, entity: EntityView, rule: Rule) -> list[FlowStep]:
    """One person's row, then somebody else: not theirs to change, nor to see where it is private."""
    if not app.view.people or not entity.takes_rows:
        return []
    body = app.body(entity)
    if rule.options.get("write") == "admin":  # the first who signs up is one
        again = [step("call_api", method="POST", path="/api/auth/logout", status=204), *app.sign_up()]
        return [
            post(_path(entity), body),
            *again,
            post(_path(entity), body, 403),
            step("expect_api", path="/api/auth/me"),
        ]
    if rule.options.get("write") == "members":
        out = step("call_api", method="POST", path="/api/auth/logout", status=204)
        return [post(_path(entity), body), out, post(_path(entity), body, 401), step("expect_api", path="/api/auth/me")]
    made, row = post(_path(entity), body), f"{_path(entity)}/{len(app.rows(entity)) + 1}"
    change = {entity.title.name: "Taken over"} if entity.title.is_text else {}
    hidden = rule.options.get("read") == "own"
    return [
        made,
        step("call_api", method="POST", path="/api/auth/logout", status=204),
        *app.sign_up(),
        step("call_api", method="PATCH", path=row, body=change, status=404 if hidden else 403),
        step("expect_api", path=row, status=404 if hidden else 200),
    ]


PROBES: dict[RuleKind, Probe] = {
    R.NO_OVERLAP: _no_overlap,
    R.AT_MOST_ONCE: _at_most_once,
    R.UNIQUE: _unique,
    R.RANGE: _range,
    R.TRANSITION: _transition,
    R.REQUIRED_IF: _required_if,
    R.COMPUTED: _computed,
    R.CAPACITY: _capacity,
    R.REFUSE_DELETE: _refuse_delete,
    R.OWNER_ONLY: _owner_only,
}
