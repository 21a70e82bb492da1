"""Numbered migrations: the first makes the schema, each later one makes what the AppSpec changed."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from builder.stack.schema import BLANKS, Schema, Table, schema
from builder.stack.templates import fit
from builder.stack.views import SpecView

FOLDER = "backend/migrations"
SCHEMA = f"{FOLDER}/schema.json"
Renamed = dict[str, dict[str, str]]
NUMBERED = re.compile(rf"{FOLDER}/versions/(\d{{4}})_\w+\.py")

HEAD = '''"""{about}."""

import sqlalchemy as sa
from alembic import op

revision = "{number:04}"
down_revision = {before}


def upgrade() -> None:
'''


def migrations(view: SpecView, previous: Mapping[str, bytes]) -> dict[str, bytes]:
    """The migrations of the last render, and one more where the schema is another now."""
    kept = {path: data for path, data in previous.items() if NUMBERED.fullmatch(path)}
    old: Schema = json.loads(previous[SCHEMA]) if kept and SCHEMA in previous else {}
    new = schema(view)
    files = kept | {SCHEMA: (json.dumps(new, indent=2) + "\n").encode()}
    changes = list(_changes(old, new, renamed_columns(view, old, new)))
    if changes or not kept:
        number = 1 + max((int(NUMBERED.fullmatch(path)[1]) for path in kept), default=0)  # type: ignore[index]
        name, text = _migration(number, changes)
        files[f"{FOLDER}/versions/{number:04}_{name}.py"] = text.encode()
    return files


def renamed_columns(view: SpecView, old: Schema, new: Schema) -> Renamed:
    """By table, the new names of columns that the AppSpec says were called otherwise, where that column is there."""
    found: Renamed = {}
    for entity in view.entities:
        before, after = old.get(entity.table, {}).get("columns", {}), new[entity.table]["columns"]
        for field in entity.columns:
            was = field.spec.was and field.column.replace(field.name, field.spec.was, 1)
            if was and was in before and was not in after and field.column not in before:
                found.setdefault(entity.table, {})[was] = field.column
    return found


def _migration(number: int, changes: list[tuple[str, list[str]]]) -> tuple[str, str]:
    if number == 1:
        name, about = "initial", "The first schema"
    else:
        titles = [title for title, _ in changes]
        name = re.sub(r"\W+", "_", titles[0].lower())[:50] if len(titles) == 1 else "changes"
        about = titles[0] if len(titles) == 1 else "Several changes"
    before = f'"{number - 1:04}"' if number > 1 else "None"
    lines = [line for _, steps in changes for step in steps for line in step.splitlines()] or ["pass"]
    head = HEAD.format(about=about, number=number, before=before)
    if lines == ["pass"]:
        head = head.replace("import sqlalchemy as sa\nfrom alembic import op\n\n", "")
    elif not any("sa." in line for line in lines):
        head = head.replace("import sqlalchemy as sa\n", "")
    return name, head + "".join(f"    {line}\n" for line in lines)


def _changes(old: Schema, new: Schema, renamed: Renamed) -> Iterator[tuple[str, list[str]]]:
    """What to do, each with a title: make tables, change them, drop those that nothing points at any more."""
    made = [name for name in new if name not in old]
    for name in made:
        yield f"Create {name}", list(_create(name, new[name], made))
    for name in made:
        late = [c for c, column in new[name]["columns"].items() if _is_late(name, column, made)]
        if late:
            yield f"Link {name}", [_batch(name, [_add_reference(name, c, new[name]["columns"][c]) for c in late])]
    for name in new:
        if name in old:
            yield from _alter(name, old[name], new[name], renamed.get(name, {}))
    for name in reversed([name for name in old if name not in new]):
        yield f"Drop {name}", [f'op.drop_table("{name}")']


def _create(name: str, table: Table, made: list[str]) -> Iterator[str]:
    columns = table["columns"]
    parts = ["sa.Column('id', sa.Integer(), primary_key=True)"] if "primary" not in table else []
    parts += [_column(c, column, c in table.get("primary", ())) for c, column in columns.items()]
    parts += [_foreign_key(c, column) for c, column in columns.items() if _references(column, name, made)]
    parts += [f"sa.UniqueConstraint({', '.join(map(_quoted, unique))})" for unique in table["unique"]]
    yield fit("op.create_table(", [_quoted(name), *(p.replace("'id'", '"id"') for p in parts)])
    for column in (c for c, column in columns.items() if column["type"] == "Reference" and "primary" not in table):
        yield fit("op.create_index(", [f'op.f("ix_{name}_{column}")', _quoted(name), f'["{column}"]'], width=116)


def _references(column: dict[str, Any], table: str, made: list[str]) -> bool:
    return column["type"] == "Reference" and not _is_late(table, column, made)


def _is_late(table: str, column: dict[str, Any], made: list[str]) -> bool:
    """Whether the column points at a table that is made after its own."""
    if column["type"] != "Reference" or column["table"] not in made:
        return False
    return made.index(column["table"]) > made.index(table)


def _alter(name: str, old: Table, new: Table, renamed: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    before, after = old["columns"], new["columns"]
    for was, column in renamed.items():
        yield f"Rename {name} {was} to {column}", list(_rename(name, was, column, old, new))
    for column in (c for c in before if c not in after and c not in renamed):
        yield f"Drop {name} {column}", [_drop_column(name, column, before[column], old["unique"])]
    for column in (c for c in after if c not in before and c not in renamed.values()):
        yield f"Add {name} {column}", list(_add_column(name, column, after[column]))
    for column in (c for c in after if c in before and before[c] != after[c]):
        steps = list(_change_column(name, column, before[column], after[column]))
        if steps:
            yield f"Change {name} {column}", steps
    gone = [u for u in old["unique"] if u not in new["unique"] and all(c in after for c in u)]
    come = [u for u in new["unique"] if u not in old["unique"]]
    if gone or come:
        steps = [f'batch.drop_constraint(batch.f("uq_{name}_{"_".join(u)}"), type_="unique")' for u in gone]
        steps += [f'batch.create_unique_constraint(batch.f("uq_{name}_{"_".join(u)}"), {_list(u)})' for u in come]
        yield f"Change what is unique in {name}", [_batch(name, steps)]


def _rename(name: str, was: str, column: str, old: Table, new: Table) -> Iterator[str]:
    """A new column with what the old one holds: constraints and indexes get their new names with it."""
    before, after = old["columns"][was], new["columns"][column]
    yield from _add_column(name, column, after)
    same = before["type"] == after["type"] and before.get("table") == after.get("table")
    if same or after["type"] in ("String", "Text"):
        yield _update(name, f"SET {_sql(column)} = {_sql(was)} WHERE {_sql(was)} IS NOT NULL")
    yield _drop_column(name, was, before, old["unique"])


def _drop_column(name: str, column: str, about: dict[str, Any], unique: list[list[str]]) -> str:
    steps = [
        f'batch.drop_constraint(batch.f("uq_{name}_{"_".join(u)}"), type_="unique")' for u in unique if column in u
    ]
    if about["type"] == "Reference":
        steps.append(f'batch.drop_index(batch.f("ix_{name}_{column}"))')
        steps.append(f'batch.drop_constraint(batch.f("fk_{name}_{column}_{about["table"]}"), type_="foreignkey")')
    return _batch(name, [*steps, f'batch.drop_column("{column}")'])


def _add_column(name: str, column: str, about: dict[str, Any]) -> Iterator[str]:
    if about["type"] == "Reference":
        add = f"batch.add_column({_column(column, about)})"
        index = f'batch.create_index(batch.f("ix_{name}_{column}"), ["{column}"])'
        yield _batch(name, [add, _add_reference(name, column, about), index])
    elif about["nullable"]:
        yield _batch(name, [f"batch.add_column({_column(column, about)})"])
    else:
        if about["type"] == "Boolean":  # it has a default already, which stays
            yield _batch(name, [f"batch.add_column({_column(column, about)})"])
            return
        default = f"server_default=sa.text({_quoted(_blank(about))})"
        yield _batch(name, [f"batch.add_column({_column(column, about)[:-1]}, {default}))"])
        existing = f"existing_type={_type(about['type'])}"
        yield _batch(name, [f'batch.alter_column("{column}", {existing}, server_default=None)'])


def _change_column(name: str, column: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    if new["type"] == "Reference":
        if (old["table"], old["on_delete"]) != (new["table"], new["on_delete"]):
            yield from _move_reference(name, column, old, new)
        return
    was, now = old["type"], new["type"]
    if was != now and (was, now) not in CASTS and now not in TEXTS:
        yield _convert(name, column, was, new)
    elif _loses_choices(old, new):
        yield _forget_choices(name, column, new)
    if now == "Money" and was in ("Integer", "Float"):
        yield _update(name, f"SET {_sql(column)} = round({_sql(column)} * 100)")
    if not new["nullable"] and old["nullable"]:
        yield _update(name, f"SET {_sql(column)} = {_blank(new)} WHERE {_sql(column)} IS NULL")
    steps = _type_change(column, was, now)
    if new["nullable"] != old["nullable"]:
        steps.append(f'batch.alter_column("{column}", existing_type={_type(now)}, nullable={new["nullable"]})')
    if (now == "Boolean") != (was == "Boolean"):
        default = "sa.false()" if now == "Boolean" else "None"
        steps.append(f'batch.alter_column("{column}", existing_type={_type(now)}, server_default={default})')
    if steps:
        yield _batch(name, steps)
    if was == "Money" and now in ("Integer", "Float"):
        yield _update(name, f"SET {_sql(column)} = {_sql(column)} / {'100' if now == 'Integer' else '100.0'}")


def _loses_choices(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether rows may hold what is no choice any more; a column of before choices were written down had them all."""
    if "choices" not in new:
        return False
    return bool(set(old["choices"]) - set(new["choices"])) if "choices" in old else "blank" not in old


def _forget_choices(name: str, column: str, new: dict[str, Any]) -> str:
    """Rows that hold a choice which is gone hold none, or the first where one is required."""
    kept = ", ".join(f"'{value}'" for value in new["choices"])
    blank = "NULL" if new["nullable"] else _blank(new)
    return _update(name, f"SET {_sql(column)} = {blank} WHERE {_sql(column)} NOT IN ({kept})")


def _convert(name: str, column: str, was: str, new: dict[str, Any]) -> str:
    """What a text says is read as the new type; what can't be is left empty."""
    blank = "NULL" if new["nullable"] else _blank(new).replace("'", "\\'")
    if was not in TEXTS or new["type"] not in READS:
        return _update(name, f"SET {_sql(column)} = {blank}".replace("\\'", "'"))
    # The names are the stack's own.
    select = f'SELECT id, "{column}" FROM "{name}" WHERE "{column}" IS NOT NULL'
    return "\n".join(
        (
            "rows = op.get_bind()",
            f"for id, value in rows.execute(sa.text('{select}')).all():",
            "    try:",
            f"        read = {READS[new['type']]}",
            f'        rows.execute(sa.text(\'UPDATE "{name}" SET "{column}" = :read WHERE id = :id\'), '
            '{"read": read, "id": id})',
            "    except ValueError:",
            f'        rows.execute(sa.text(\'UPDATE "{name}" SET "{column}" = {blank} WHERE id = :id\'), {{"id": id}})',
        )
    )


def _type_change(column: str, was: str, now: str) -> list[str]:
    if _type(was) == _type(now):
        return []
    cast = f'"{column}"::{POSTGRESQL[now]}'
    using = f"postgresql_using={cast!r}"
    return [f'batch.alter_column("{column}", existing_type={_type(was)}, type_={_type(now)}, {using})']


def _move_reference(name: str, column: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    if old["table"] != new["table"]:
        yield _update(name, f"SET {_sql(column)} = NULL")
    drop = f'batch.drop_constraint(batch.f("fk_{name}_{column}_{old["table"]}"), type_="foreignkey")'
    yield _batch(name, [drop, _add_reference(name, column, new)])


TEXTS = frozenset({"String", "Text"})
NUMBERS = ("Integer", "Float", "Money")
# Changes of type that a database makes by itself; any other goes by what the text says, or starts empty.
CASTS = frozenset({(a, b) for a in NUMBERS for b in NUMBERS} | {("Date", "DateTime"), ("DateTime", "Date")})
READS = {
    "Integer": "str(round(float(value)))",
    "Float": "str(float(value))",
    "Money": "str(round(float(value) * 100))",
    "Boolean": '"1" if value.strip().lower() in ("1", "true", "yes", "x", "done") else "0"',
}
POSTGRESQL = {
    "String": "varchar",
    "Text": "text",
    "Integer": "bigint",
    "Money": "bigint",
    "Float": "double precision",
    "Boolean": "boolean",
    "Date": "date",
    "DateTime": "timestamp",
    "Time": "time",
}


def _type(kind: str) -> str:
    name = {"Integer": "BigInteger", "Money": "BigInteger", "Reference": "Integer"}.get(kind, kind)
    return f"sa.{name}()"


def _column(name: str, column: dict[str, Any], primary: bool = False) -> str:
    parts = [_quoted(name), _type(column["type"])]
    if primary:
        parts.append("primary_key=True")
    elif not column["nullable"]:
        parts.append("nullable=False")
        if column["type"] == "Boolean":
            parts.append("server_default=sa.false()")
    return f"sa.Column({', '.join(parts)})"


def _foreign_key(name: str, column: dict[str, Any]) -> str:
    return f'sa.ForeignKeyConstraint(["{name}"], ["{column["table"]}.id"], ondelete="{column["on_delete"]}")'


def _add_reference(table: str, column: str, about: dict[str, Any]) -> str:
    parts = [
        f'batch.f("fk_{table}_{column}_{about["table"]}")',
        _quoted(about["table"]),
        f'["{column}"]',
        '["id"]',
        f'ondelete="{about["on_delete"]}"',
    ]
    return fit("batch.create_foreign_key(", parts, width=112)


def _batch(table: str, steps: list[str]) -> str:
    lines = [f"    {line}" for step in steps for line in step.splitlines()]
    return "\n".join([f'with op.batch_alter_table("{table}") as batch:', *lines])


def _update(table: str, what: str) -> str:
    return f"op.execute({f'UPDATE {_sql(table)} {what}'!r})"


def _blank(column: dict[str, Any]) -> str:
    return str(column.get("blank") or BLANKS[column["type"]])


def _sql(name: str) -> str:
    return f'"{name}"'


def _quoted(text: str) -> str:
    return f'"{text}"'


def _list(names: list[str]) -> str:
    return "[" + ", ".join(map(_quoted, names)) + "]"
