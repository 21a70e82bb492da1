"""What a changed AppSpec will do to the rows that are there, in sentences: what moves, what is filled in, what is lost.

Goes by the same schemas as the migrations. `Census` is what the database holds, counted: by table its rows, by column
how many hold something, how many different values there are, and how often each where these are few.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from builder.answers import ENGLISH, Say
from builder.spec import AppKind, AppSpec
from builder.stack import FULLSTACK
from builder.stack.features import Features
from builder.stack.migrations import CASTS, READS, TEXTS, Renamed, renamed_columns
from builder.stack.schema import BLANKS, schema
from builder.stack.social import complete
from builder.stack.views import EntityView, FieldView, SpecView

Census = Mapping[str, Any]


@dataclass(frozen=True)
class Effect:
    """`rows` are those that it touches; `loses` says that what they hold is gone, `blocks` that it can't be done."""

    text: str
    entity: str
    field: str | None = None
    rows: int = 0
    loses: bool = False
    blocks: bool = False


def effects(old: AppSpec, new: AppSpec, census: Census, *, additions: bool = True, say: Say = ENGLISH) -> list[Effect]:
    """Without `additions`, only what happens to what is there; the census is then asked where something changes."""
    if AppKind.FULLSTACK not in {old.kind, new.kind} or old.kind is not new.kind:
        return []
    return list(_Comparison(old, new, census, additions, say).effects())


class _Comparison:
    def __init__(self, old: AppSpec, new: AppSpec, census: Census, additions: bool, say: Say) -> None:
        self.additions, self.say = additions, say
        self.old, self.new, self.census = _view(old), _view(new), census
        self.before, self.after = schema(self.old), schema(self.new)
        self.renamed: Renamed = renamed_columns(self.new, self.before, self.after)

    def effects(self) -> Iterator[Effect]:
        now = {e.spec.name: e for e in self.new.entities}
        for entity in self.old.entities:
            if entity.spec.name not in now or entity.table not in self.after:
                yield self._dropped_entity(entity)
            else:
                yield from self._changed_entity(entity, now[entity.spec.name])
        for entity in self.new.entities:
            if entity.table not in self.before:
                yield Effect(self.say("effect.adds_things", things=entity.spec.label_plural), entity.spec.name)
        yield from self._dropped_marks()

    def _rows(self, table: str) -> int:
        return int(self.census.get(table, {}).get("rows", 0))

    def _column(self, table: str, column: str) -> dict[str, Any]:
        found = self.census.get(table, {}).get("columns", {}).get(column)
        return found or {"filled": 0, "different": 0, "values": {}}

    def _dropped_entity(self, entity: EntityView) -> Effect:
        rows = self._rows(entity.table)
        key = "effect.drops_things" if rows else "effect.drops_empty_things"
        text = self.say(key, things=entity.spec.label_plural, rows=self._count(rows))
        return Effect(text, entity.spec.name, rows=rows, loses=rows > 0)

    def _count(self, number: int, noun: str = "row") -> str:
        return self.say.count(number, noun)

    def _text(self, key: str, entity: EntityView, field: FieldView, **places: object) -> str:
        return self.say(f"effect.{key}", things=entity.spec.label_plural, field=field.spec.label, **places)

    def _changed_entity(self, entity: EntityView, now: EntityView) -> Iterator[Effect]:
        moved = self.renamed.get(entity.table, {})
        fields = {f.spec.name: f for f in now.fields + now.hidden_fields}
        for field in entity.fields + entity.hidden_fields:
            if field.is_computed:
                continue
            other = fields.get(field.spec.name)
            if field.is_column and field.column in moved:
                other = next(f for f in now.columns if f.column == moved[field.column])
                yield from self._renamed(entity, field, other)
            if other is None or other.is_computed or (_place(field) != _place(other) and not moved.get(field.column)):
                yield self._dropped(entity, field)
            elif field.is_column:
                yield from self._changed(entity, field, other)
        known = {f.spec.name for f in entity.fields + entity.hidden_fields}
        for field in now.fields if self.additions else ():
            if field.spec.name not in known and not (field.is_column and field.column in moved.values()):
                yield self._added(now, field)

    def _dropped(self, entity: EntityView, field: FieldView) -> Effect:
        many = field.spec.many
        held = self._rows(field.links_table) if many else self._column(entity.table, field.column)["filled"]
        text = self._text("drops" if held else "drops_empty", entity, field, values=self._count(held, "value"))
        return Effect(text, entity.spec.name, field.spec.name, held, loses=held > 0)

    def _renamed(self, entity: EntityView, field: FieldView, now: FieldView) -> Iterator[Effect]:
        held = self._column(entity.table, field.column)["filled"]
        key = {0: "renames", 1: "renames_with_one"}.get(held, "renames_with")
        names = {"old": field.spec.label, "new": now.spec.label}
        text = self._text(key, entity, field, values=self._count(held, "value"), **names)
        yield Effect(text, entity.spec.name, now.spec.name, held)

    def _added(self, entity: EntityView, field: FieldView) -> Effect:
        rows = self._rows(entity.table)
        filled = field.required and not field.is_relation and not field.is_computed
        key = "adds" if not rows or field.is_computed else "adds_filled" if filled else "adds_empty"
        value = _shown(field, entity) if key == "adds_filled" else ""
        text = self._text(key, entity, field, rows=self._count(rows), value=value)
        return Effect(text, entity.spec.name, field.spec.name, rows)

    def _changed(self, entity: EntityView, field: FieldView, now: FieldView) -> Iterator[Effect]:
        old, new = self.before[entity.table]["columns"][field.column], self.after[entity.table]["columns"][now.column]
        if old == new and now.unique == field.unique:
            return
        held = self._column(entity.table, field.column)
        if old["type"] != new["type"]:
            yield from self._converted(entity, now, old["type"], new, held)
        elif new["type"] == "Reference" and old["table"] != new["table"] and held["filled"]:
            yield self._lost(entity, now, held["filled"], "lets_go")
        elif "choices" in new:
            yield from self._choices(entity, now, new["choices"], held)
        if new["nullable"] is False and old["nullable"] and (missing := self._rows(entity.table) - held["filled"]) > 0:
            text = self._text("fills", entity, now, rows=self._count(missing), value=_shown(now, entity))
            yield Effect(text, entity.spec.name, now.spec.name, missing)
        if now.unique and not field.unique and held["different"] < held["filled"]:
            twice = held["filled"] - held["different"]
            text = self._text("not_unique", entity, now, rows=self._count(twice + 1))
            yield Effect(text, entity.spec.name, now.spec.name, twice, blocks=True)

    def _converted(
        self, entity: EntityView, field: FieldView, was: str, new: dict[str, Any], held: dict[str, Any]
    ) -> Iterator[Effect]:
        now, filled = new["type"], held["filled"]
        if now in TEXTS and "choices" in new:
            yield from self._choices(entity, field, new["choices"], held)
        elif filled and (now in TEXTS or (was, now) in CASTS):
            rounded = was in {"Float", "Money"} and now == "Integer" and _has_parts(held, was)
            text = self._text("rounds" if rounded else "keeps", entity, field, values=self._count(filled, "value"))
            yield Effect(text, entity.spec.name, field.spec.name, filled, rounded)
        elif filled and was in TEXTS and now in READS:
            unread = _unreadable(held, now)
            if unread:
                yield self._lost(entity, field, unread, "cant_read")
            else:
                text = self._text("reads", entity, field, values=self._count(filled, "value"))
                yield Effect(text, entity.spec.name, field.spec.name, filled)
        elif filled:
            yield self._lost(entity, field, filled, "cant_keep")

    def _choices(
        self, entity: EntityView, field: FieldView, choices: list[str], held: dict[str, Any]
    ) -> Iterator[Effect]:
        values = held["values"] if held["values"] is not None else {"": held["filled"]}
        gone = sum(count for value, count in values.items() if value not in choices)
        if gone:
            key, value = ("replaces_choice", _shown(field, entity)) if field.required else ("loses_choice", "")
            text = self._text(key, entity, field, rows=self._count(gone), value=value)
            yield Effect(text, entity.spec.name, field.spec.name, gone, loses=True)

    def _lost(self, entity: EntityView, field: FieldView, values: int, why: str) -> Effect:
        text = self._text(why, entity, field, values=self._count(values, "value"))
        return Effect(text, entity.spec.name, field.spec.name, values, loses=True)

    def _dropped_marks(self) -> Iterator[Effect]:
        """Likes, comments and the like of a feature that goes, of things that stay."""
        tables = {e.table: e for e in self.old.entities}
        for name in self.before:
            if name in self.after or name in tables or name.endswith("_links") or not self._rows(name):
                continue
            owner = next((e for t, e in tables.items() if name.startswith(f"{t}_") and t in self.after), None)
            if owner:
                marks = name.removeprefix(f"{owner.table}_")
                named = self.say(f"marks.{marks}") if self.say.knows(f"marks.{marks}") else marks.replace("_", " ")
                rows = self._count(self._rows(name))
                text = self.say("effect.drops_marks", marks=named, things=owner.spec.label_plural, rows=rows)
                yield Effect(text, owner.spec.name, None, self._rows(name), loses=True)


def _view(spec: AppSpec) -> SpecView:
    spec = complete(spec)
    return SpecView(spec, Features.load(FULLSTACK / "features", spec))


def _place(field: FieldView) -> tuple[str | None, bool]:
    """Where the values are kept: in a column of their own name, or in links."""
    return (field.column if field.is_column else None, field.spec.many)


def _unreadable(held: dict[str, Any], kind: str) -> int:
    if kind == "Boolean":
        return 0
    if held["values"] is None:
        return int(held["filled"])
    return sum(count for value, count in held["values"].items() if not _is_number(value))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _has_parts(held: dict[str, Any], was: str) -> bool:
    """Whether a number of them is no whole one; unknown counts as yes."""
    if held["values"] is None:
        return True
    whole = 100 if was == "Money" else 1
    return any(float(value) % whole for value in held["values"] if _is_number(value))


def _shown(field: FieldView, entity: EntityView) -> str:
    """What a row that has none gets, as a person reads it."""
    if field.spec.choices:
        return field.spec.choices[0].label
    column = schema(entity.app)[entity.table]["columns"][field.column]
    return str(column.get("blank") or BLANKS[column["type"]]).strip("'")
