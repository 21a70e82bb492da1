"""The probes of lists: what is found, narrowed, ordered, leafed through, added up and taken along."""

import json
from typing import Any
from urllib.parse import quote

from builder.agent.flow import FlowStep
from builder.proofs.app import App, Probe, post, step, typed
from builder.proofs.rows import made
from builder.proofs.shown import apart, named, pointed_at, visible
from builder.stack.views import EntityView, FieldView


def search(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    if not entity.title.is_text:
        return []
    titles = list(dict.fromkeys(app.titles(entity)))
    if len(titles) < 2 or (entity.access and entity.access.read == "own"):
        steps, title = made(app, entity)
        return [*steps, step("expect_api", path=f"/api/{entity.plural}?q={title}", contains=title)] if title else []
    wanted = max(titles, key=len)
    said = {str(v) for row in app.rows(entity) if wanted in row.values() for v in row.values()} | pointed_at(
        app, entity
    )
    strange = (t for t in titles if not set(t.lower().split()) & set(wanted.lower().split()) and t not in said)
    return [
        step("open", path=app.path(entity)),
        step("fill", name=app.say("search_in", label=app.noun(str(entity.label_plural))), value=wanted),
        step("expect_text", text=wanted),
        *(_is_out(entity, other) for other in sorted(strange, key=len)[-1:]),  # in no word by chance
    ]


def narrowed(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    """Narrowed to the rarest value of a field, what has it is there and what has another is not."""
    rows = visible(app, entity)
    for name in options.get("fields", ()):
        one = next((f for f in entity.fields if f.name == name), None)
        found = _narrowing(app, entity, one, rows) if one else None
        if found:
            query, there, gone = found
            return [
                step("open", path=app.path(entity, f"?{query}")),
                step("expect_control", role="region", name=app.say("filters")),
                step("expect_text", text=there),
                _is_out(entity, gone),
            ]
    return [step("open", path=app.path(entity)), step("expect_control", role="region", name=app.say("filters"))]


def _is_out(entity: EntityView, title: str) -> FlowStep:
    """Its row isn't listed; a filter or a chart may go on naming it."""
    if entity.has("detail"):
        return step("expect_no_control", role="link", name=title)
    return step("expect_no_text", text=title)


def _narrowing(app: App, entity: EntityView, one: FieldView, rows: list[dict[str, Any]]) -> tuple[str, str, str] | None:
    """The query, the title of a row that it keeps, and that of one that it leaves out."""
    having: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        value = row.get(one.name)
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                having.setdefault(str(each).lower() if isinstance(each, bool) else typed(each), []).append(number)
    if one.type in {"integer", "rating"} and having:
        least = max(having, key=float)
        ways = [(f"{one.name}_min={least}", having[least])]
    elif one.type in {"choice", "boolean"} or one.is_relation:
        ways = [(f"{one.name}={quote(value)}", having[value]) for value in sorted(having, key=lambda v: len(having[v]))]
    else:
        return None
    for query, kept in ways:
        titles = apart(app, entity, rows, kept)
        if titles:
            return query, *titles
    return None


def ordered(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    """Both ways: the row with the least comes first, then the one with the most."""
    known = {f.name: f for f in entity.fields}
    fields = [known[name] for name in options.get("fields", ()) if name in known]
    if not fields:
        return []
    path = f"/api/{entity.plural}"
    for one in fields:
        ends = _ends(app, entity, one)
        if ends:
            least, most = (json.dumps(title, ensure_ascii=False) for title in ends)
            return [
                step("open", path=app.path(entity, f"?sort=-{one.name}")),
                step("expect_text", text=ends[1]),
                step("expect_api", path=f"{path}?sort={one.name}&size=1", contains=least),
                step("expect_api", path=f"{path}?sort=-{one.name}&size=1", contains=most),
            ]
    ways = (f"{path}?sort={fields[0].name}", f"{path}?sort=-{fields[0].name}")
    return [
        step("open", path=app.path(entity, f"?sort=-{fields[-1].name}")),
        *(step("expect_api", path=way) for way in ways),
    ]


def _ends(app: App, entity: EntityView, one: FieldView) -> tuple[str, str] | None:
    """The titles of the rows with the least and the most of a number, where no two rows share them."""
    if not one.is_number or not entity.title.is_text:
        return None
    pairs = [(row.get(one.name), str(row.get(entity.title.name, ""))) for row in visible(app, entity)]
    pairs.sort(key=lambda pair: pair[0] if isinstance(pair[0], int | float) else 0)
    whole = len(pairs) > 2 and all(isinstance(value, int | float) for value, _ in pairs)
    if not whole or not pairs[0][1] or not pairs[-1][1] or pairs[0][0] == pairs[1][0] or pairs[-1][0] == pairs[-2][0]:
        return None
    return pairs[0][1], pairs[-1][1]


def pages(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    """Where there is more than a page, the next one is turned to and shows other rows."""
    size = int(options.get("size", 24))
    more = "load_more" if options.get("style") == "load_more" else "next_page"
    if len(visible(app, entity)) > size:
        return [
            step("open", path=app.path(entity)),
            step("click", role="button", name=app.say(more)),
            step("expect_change"),
            step("expect_api", path=f"/api/{entity.plural}?page=2", contains=f'"size":{size}'),
        ]
    return [
        step("open", path=app.path(entity)),
        step("expect_api", path=f"/api/{entity.plural}?page=1&size=1", contains='"size":1'),
    ]


def chart(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    where = "/1" if options.get("scope") == "row" else ""
    return [
        *_own_row(app, entity),
        step("open", path=app.path(entity, where)),
        step("expect_control", role="figure", name=""),
    ]


def answers(rest: str, contains: str = "") -> Probe:
    def probe(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
        asked = step("expect_api", path=f"/api/{entity.plural}{rest}", **({"contains": contains} if contains else {}))
        return [*_own_row(app, entity), step("open", path=app.path(entity)), asked]

    return probe


def _own_row(app: App, entity: EntityView) -> list[FlowStep]:
    """Where one sees one's own rows only, there is one."""
    is_private = entity.access and entity.access.read == "own" and entity.takes_rows
    return [post(f"/api/{entity.plural}", app.body(entity))] if is_private else []


def stats(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    by, measure = options.get("by"), options.get("measure", "count")
    return (
        [
            step("open", path=app.path(entity)),
            step("expect_api", path=f"/api/{entity.plural}/stats?by={by}&measure={measure}"),
        ]
        if by
        else []
    )


def report(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    by = options.get("by")
    first = by[0] if isinstance(by, list) and by else by
    return [step("open", path=app.path(entity)), step("expect_api", path=f"/api/{entity.plural}/report?by={first}")]


def export(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    titles = [named(app, entity, row) for row in visible(app, entity)] if entity.title.is_text else []
    plain = next(({"contains": title} for title in titles if title and not set(title) & set('",;\n=+-@')), {})
    formats = options.get("formats", ("csv",))
    ways = [step("expect_api", path=f"/api/{entity.plural}/export.{way}", **plain) for way in formats]
    return [step("open", path=app.path(entity)), *ways]


def tags(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    one = entity.field(options["field"])
    return [step("open", path=app.path(entity)), step("expect_api", path=f"/api/{entity.plural}?{one.name}=1")]


def categories(app: App, entity: EntityView, options: dict[str, Any]) -> list[FlowStep]:
    one = entity.field(options["field"])
    target = app.titles(one.target)[:1] if one.target else [str(c.label) for c in one.choices[:1]]
    return [step("open", path=app.path(entity)), *(step("expect_text", text=text) for text in target)]


def compare(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    titles = app.titles(entity)
    if len(titles) < 2:
        return []
    return [
        step("open", path="/compare?ids=1,2"),
        step("expect_text", text=titles[0]),
        step("expect_text", text=titles[1]),
    ]


def printed(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    titles = [title for row in visible(app, entity) if (title := named(app, entity, row))]
    first = [step("expect_text", text=titles[0])] if titles and len(titles) <= 24 else []
    return [
        step("open", path=app.path(entity, "/print")),
        *first,
        step("expect_control", role="button", name=app.say("print")),
    ]


def imported(app: App, entity: EntityView, _: dict[str, Any]) -> list[FlowStep]:
    """The page asks for a file; what is in it can only be tried by hand, and by the app's own tests."""
    if not entity.takes_rows:
        return []
    return [
        step("open", path=app.path(entity)),
        step("click", role="link", name=app.say("import")),
        step("expect_url", path=app.path(entity, "/import")),
        step("expect_text", text=app.say("import_choose")),
    ]
