"""What the page of a row says of its fields, and what tells rows apart in a list."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from builder.agent.flow import FlowStep
from builder.proofs.app import App, step
from builder.stack.views import EntityView, FieldView

Row = dict[str, Any]
LABELLED = {"integer", "decimal", "money", "rating", "date", "datetime", "time", "boolean", "url", "color"}
WORDS = 60  # letters of a text that are looked for


def named(app: App, entity: EntityView, row: Row) -> str:
    """What a row is called where that is a text, a choice's name, or what it points at; else nothing."""
    one, value = entity.title, row.get(entity.title.name)
    if value is None:
        return ""
    if one.is_text:
        return str(value)
    return next(iter(_said(app, one, value)), "")


def fields_shown(app: App, entity: EntityView, row: Row, asked: Collection[str] = ()) -> Iterator[FlowStep]:
    """Expectations on the page of `row` for the fields that were asked for, else for all that say something there."""
    seen = app.look(entity)
    charted = set(entity.options("chart").get("fields", ())) if entity.options("chart").get("scope") == "row" else set()
    for one in entity.fields:
        value = row.get(one.name)
        if (asked and one.name not in asked) or value in (None, "", []) or one.is_secret or one.is_order:
            continue
        if one.name == seen.title or one.type in {"image", "file"} or one.name in charted:
            continue
        if one.name == seen.number:
            yield step("expect_text", text=f"#{value:03}")
        elif one.name == seen.toggle:
            ticked = {"role": "checkbox", "name": named(app, entity, row)}
            by_all = app.view.people is None
            yield from (
                [step("click", **ticked), step("expect_change")] if by_all else [step("expect_control", **ticked)]
            )
        elif one.name in seen.badges:
            yield from (step("expect_text", text=text) for text in _said(app, one, value)[:1])
        else:
            yield step("expect_text", text=str(one.label))
            yield from (step("expect_text", text=text) for text in _said(app, one, value)[:1])


def _said(app: App, one: FieldView, value: Any) -> list[str]:
    """How a value reads; nothing where that depends on the day or the place."""
    if one.is_relation and one.target:
        rows = app.rows(one.target)
        ids = value if isinstance(value, list) else [value]
        found = [rows[id - 1] for id in ids if isinstance(id, int) and 0 < id <= len(rows)]
        return [text for row in found if one.target.title.is_text and (text := str(row.get(one.target.title.name, "")))]
    if one.type == "choice":
        return [str(c.label) for c in one.choices if c.value == value]
    if one.type in LABELLED or one.is_relation:
        return []
    lines = str(value).strip().splitlines()
    return [lines[0][:WORDS].strip()] if lines and lines[0].strip() else []


def visible(app: App, entity: EntityView) -> list[Row]:
    """The sample rows that everybody sees."""
    return [] if entity.access and entity.access.read == "own" else app.rows(entity)


def pointed_at(app: App, entity: EntityView) -> set[str]:
    """What the rows point at by name: that stands in the filters, whatever the list shows."""
    offered = set(entity.options("filter").get("fields") or app.look(entity).filters)
    targets = [f.target for f in entity.relations if f.name in offered and f.target and f.target.title.is_text]
    return {str(row.get(target.title.name)) for target in targets for row in app.rows(target)}


def apart(app: App, entity: EntityView, rows: list[Row], kept: Iterable[int]) -> tuple[str, str] | None:
    """The title of a row that is kept and one that is not: a title that no kept row says anywhere, in whole."""
    name, inside = entity.title.name, set(kept)
    if not entity.title.is_text:
        return None
    said = " ".join(str(v) for n in inside for v in rows[n].values()).lower()
    there = next((str(rows[n][name]) for n in sorted(inside) if rows[n].get(name)), None)
    others = pointed_at(app, entity)
    left = [
        str(row[name]) for n, row in enumerate(rows) if n not in inside and row.get(name) not in {None, "", *others}
    ]
    gone = max((title for title in left if title.lower() not in said), key=len, default=None)  # in no word by chance
    return (there, gone) if there and gone else None
