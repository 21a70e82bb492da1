"""The database schema that an AppSpec means, as plain data: what migrations compare and make."""

import math
from typing import Any

from builder.stack.features import FeatureTable
from builder.stack.views import EntityView, FieldView, SpecView

Schema = dict[str, "Table"]
Table = dict[str, Any]

TYPES = {
    "text": "Text",
    "image": "Text",
    "file": "Text",
    "integer": "Integer",
    "rating": "Integer",
    "decimal": "Float",
    "money": "Money",
    "boolean": "Boolean",
    "date": "Date",
    "datetime": "DateTime",
    "time": "Time",
}
# What a column holds in rows that were there before it was required, as SQL.
BLANKS = {
    "String": "''",
    "Text": "''",
    "Integer": "0",
    "Float": "0",
    "Money": "0",
    "Boolean": "false",
    "Date": "'2000-01-01'",
    "DateTime": "'2000-01-01 00:00:00'",
    "Time": "'00:00:00'",
}


def schema(view: SpecView) -> Schema:
    """The tables by name; those that others point at come first where that is possible."""
    tables: Schema = {}
    for entity in in_order(view.entities):
        tables[entity.table] = _entity_table(entity)
    for entity in view.entities:
        for field in entity.relations:
            if field.many:
                tables[field.links_table] = _links_table(field)
        for table in view.features.tables(entity.name):
            tables[f"{entity.table}_{table.suffix}"] = _feature_table(table, entity)
    for table in view.features.tables(None):
        tables[table.suffix] = _feature_table(table, None)
    return tables


def in_order(entities: list[EntityView]) -> list[EntityView]:
    """Entities after those that their required relations point at; in the AppSpec's order otherwise."""
    done: list[EntityView] = []

    def visit(entity: EntityView) -> None:
        if entity in done:
            return
        for field in entity.relations:
            if field.required and not field.many:
                visit(_target(field))
        done.append(entity)

    for entity in entities:
        visit(entity)
    return done


def _target(field: FieldView) -> EntityView:
    assert field.target is not None
    return field.target


def column_type(field: FieldView) -> str:
    return "Reference" if field.is_relation else TYPES.get(field.type, "String")


def _entity_table(entity: EntityView) -> Table:
    columns = {f.column: _column(f) for f in entity.columns + entity.hidden_fields}
    unique = [[f.column] for f in entity.columns if f.unique]
    unique += [[f.column for f in fields] for fields in entity.unique_together]
    return {"columns": columns, "unique": unique}


def _column(field: FieldView) -> dict[str, Any]:
    if field.is_relation:
        # Never NOT NULL: a relation that becomes required later has no value for the rows that are there.
        return {"type": "Reference", "table": _target(field).table, "on_delete": field.on_delete, "nullable": True}
    column: dict[str, Any] = {"type": column_type(field), "nullable": not (field.required or field.type == "boolean")}
    if field.type == "choice":
        column["blank"] = f"'{field.choices[0].value}'"
        column["choices"] = [choice.value for choice in field.choices]
    if column["type"] in ("Integer", "Float", "Money"):
        column["blank"] = _blank_number(field)
    return column


def _blank_number(field: FieldView) -> str:
    """Zero, or what is nearest to it within the limits."""
    low = 1 if field.type == "rating" and field.min is None else field.min
    number = max(low or 0, 0) if field.max is None else min(max(low or 0, 0), field.max)
    return str(math.ceil(number * (100 if field.type == "money" else 1)))


def _links_table(field: FieldView) -> Table:
    def end(table: str, on_delete: str) -> dict[str, Any]:
        return {"type": "Reference", "table": table, "on_delete": on_delete, "nullable": False}

    ends = {
        "source_id": end(field.entity.table, "CASCADE"),
        "target_id": end(_target(field).table, "RESTRICT" if field.on_delete == "RESTRICT" else "CASCADE"),
    }
    return {"columns": ends, "unique": [["source_id", "target_id"]]}


def _feature_table(table: FeatureTable, entity: EntityView | None) -> Table:
    columns = {
        name: {"type": "Reference", "table": entity.table, "on_delete": "CASCADE", "nullable": False}
        if kind == "entity" and entity
        else {"type": kind, "nullable": False}
        for name, kind in table.columns.items()
    }
    return {"columns": columns, **({"primary": list(table.primary)} if table.primary else {}), "unique": []}
