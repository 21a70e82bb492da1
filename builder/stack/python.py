"""How the fields of an entity read in Python: as columns, as what comes in and goes out, and in a list's query."""

import math
from collections.abc import Iterable
from typing import Any

from builder.formula import Kind
from builder.stack.columns import KINDS, LENGTHS
from builder.stack.formulas import column_property, own_formulas, reaching_properties
from builder.stack.ranks import ranking
from builder.stack.social import sorted_by
from builder.stack.templates import as_python, fit
from builder.stack.views import EntityView, FieldView, SpecView

# What a formula of each kind gives in Python.
RESULTS = {
    Kind.NUMBER: "float",
    Kind.MONEY: "float",
    Kind.TEXT: "str",
    Kind.FLAG: "bool",
    Kind.DATE: "dt.date",
    Kind.DATETIME: "dt.datetime",
    Kind.TIME: "dt.time",
}


def orm_attribute(field: FieldView) -> str:
    """The field in the class of the table."""
    if field.is_computed:
        return _orm_computed(field)
    if field.is_relation:
        return _orm_many(field) if field.many else _orm_one(field)
    column, python, _ = KINDS[field.type]
    null = "" if field.required or field.type == "boolean" else " | None"
    parts = [column]
    if field.unique:
        parts.append("unique=True")
    if field.type == "boolean":
        parts += ["default=False", "server_default=sa.false()"]
    return fit(f"    {field.name}: orm.Mapped[{_builtin(field, python)}{null}] = orm.mapped_column(", parts)


def _orm_computed(field: FieldView) -> str:
    return column_property(field, f"    {field.name}: orm.Mapped[{_builtin(field, RESULTS[field.kind])} | None] = ")


def _orm_one(field: FieldView) -> str:
    target = _target(field)
    key = [f'sa.ForeignKey("{target.table}.id", ondelete="{field.on_delete}")', "index=True"]
    if field.unique:
        key.append("unique=True")
    parts = [f'"{target.class_name}"', f"foreign_keys={field.column}"]
    if target.name == field.entity.name:
        parts.append(f'remote_side="{target.class_name}.id"')
    typed = f': orm.Mapped["{target.class_name} | None"]' if is_imported(field) else ""
    return "\n".join(
        [
            fit(f"    {field.column}: orm.Mapped[{_builtin(field, 'int')} | None] = orm.mapped_column(", key),
            fit(f"    {field.name}{typed} = orm.relationship(", parts),
        ]
    )


def _orm_many(field: FieldView) -> str:
    target = _target(field)
    name = target.class_name
    links = f"{field.name}_links"
    parts = [f'"{name}"', f"secondary={links}"]
    if target.name == field.entity.name:
        parts.append(f"primaryjoin=lambda: {name}.id == {links}.c.source_id")
        parts.append(f"secondaryjoin=lambda: {name}.id == {links}.c.target_id")
    parts.append(f"order_by={links}.c.id")  # as they were given: the first one says the most
    typed = f': orm.Mapped[{_builtin(field, "list")}["{name}"]]' if is_imported(field) else ""
    return fit(f"    {field.name}{typed} = orm.relationship(", parts)


def in_attribute(field: FieldView) -> str:
    """The field in the model of what a client sends."""
    if field.type == "boolean":
        return f"    {field.name}: schema.Flag = False"
    if field.is_relation and field.many:
        return f"    {field.name}: schema.Ids = {'pydantic.Field(min_length=1)' if field.required else '[]'}"
    if field.type == "choice":
        return _in_choice(field)
    kind = "schema.Id" if field.is_relation else KINDS[field.type][2]
    if field.is_login:
        kind = "logins.Email" if field.type == "email" else "logins.Name"
    limits = _limits(field)
    optional = [] if field.required else ["None"]
    head = f"    {field.name}: {kind}{'' if field.required else ' | None'}"
    if limits:
        return fit(f"{head} = pydantic.Field(", optional + limits)
    return head if field.required else f"{head} = None"


def _in_choice(field: FieldView) -> str:
    values = [as_python(choice.value) for choice in field.choices]
    literal = f"typing.Literal[{', '.join(values)}]"
    if field.required:
        return fit(f"    {field.name}: typing.Literal[", values, "]")
    line = f"    {field.name}: {literal} | None = None"
    if len(line) <= 120:
        return line
    if len(f"        {literal} | None") <= 120:
        return f"    {field.name}: (\n        {literal} | None\n    ) = None"
    exploded = fit("        typing.Literal[", values, "]", width=0)
    return f"    {field.name}: (\n{exploded}\n        | None\n    ) = None"


def _limits(field: FieldView) -> list[str]:
    low, high = (n if n is None or math.isfinite(n) else None for n in (field.min, field.max))
    if field.type in LENGTHS:
        length = min(int(high), LENGTHS[field.type]) if high is not None and high >= 1 else None
        return _named(min_length=int(low) if low and low > 1 else None, max_length=length)
    if field.type == "rating":
        return _named(ge=1 if low is None else math.ceil(low), le=5 if high is None else math.floor(high))
    if field.type == "integer":
        return _named(ge=None if low is None else math.ceil(low), le=None if high is None else math.floor(high))
    if field.type in ("decimal", "money"):
        return _named(ge=low, le=high)
    return []


def _named(**values: float | None) -> list[str]:
    return [f"{name}={as_python(value)}" for name, value in values.items() if value is not None]


def out_attribute(field: FieldView) -> str:
    """The field in the model of what a client gets."""
    if field.is_computed:
        kind = RESULTS[field.kind]
        kind = "schema.Computed" if kind == "float" else f"{kind} | None"
    elif field.is_relation:
        kind = "schema.Refs" if field.many else "schema.Ref | None"
    else:
        kind = "schema.Amount" if field.type == "money" else KINDS[field.type][1]
        kind += "" if field.required or field.type == "boolean" else " | None"
    return f"    {field.name}: {kind}"


def listing_column(field: FieldView) -> str:
    """The field as the query of a list names it."""
    attribute = f"{field.entity.class_name}.{field.name}"
    labels = [f"{as_python(c.value)}: {as_python(c.label)}" for c in field.choices]
    if field.shown in ("choice", "boolean") and labels:
        kind = "Choice" if field.shown == "choice" else "Flag"
        line = f"        listing.{kind}({attribute}, {{{', '.join(labels)}}}),"
        if len(line) <= 120:
            return line
        return "\n".join(
            [
                f"        listing.{kind}(",
                f"            {attribute},",
                fit("            {", labels, "},", width=120),
                "        ),",
            ]
        )
    kinds = {"boolean": "Flag", "relation": "Relations" if field.many else "Relation"}
    kind = kinds.get(field.shown) or ("Number" if field.is_number else "Moment" if field.is_moment else "Text")
    return f"        listing.{kind}({attribute}),"


def is_imported(field: FieldView) -> bool:
    """Whether the class that a relation points at can stand beside the classes of this entity's own file."""
    own = field.entity.class_name
    return _target(field).class_name not in {f"{own}In", f"{own}Patch", f"{own}Row"}


def imported_entities(entity: EntityView) -> list[EntityView]:
    found = {_target(f).name: _target(f) for f in entity.relations if is_imported(f)}
    return [found[name] for name in sorted(found) if name != entity.name]


def imports(module: str, names: Iterable[str]) -> str:
    ordered = sorted(set(names))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= 120:
        return line
    return "\n".join([f"from {module} import (", *(f"    {n}," for n in ordered), ")"])


def model_pairs(entities: list[EntityView]) -> list[str]:
    """Each table with what its first rows are read as."""
    kinds = {e.name: "Seed" if any(f.is_filled for f in e.stored_fields) else "In" for e in entities}
    return [f"({e.name}.{e.class_name}, {e.name}.{e.class_name}{kinds[e.name]})" for e in entities]


def search_fields(entity: EntityView) -> list[str]:
    """Those that the AppSpec names, else the texts, the title, and the titles of related rows."""
    wished = entity.options("search").get("fields") or ()
    if named := [f.name for f in entity.fields if f.name in wished]:
        return named
    texts = {"string", "text", "email", "url", "phone"}
    looked_in = [f for f in entity.fields if f.type in texts or f.is_relation or f.name == entity.title.name]
    return [f.name for f in looked_in] or [entity.fields[0].name]


def facet_fields(entity: EntityView) -> list[str]:
    """Those that the AppSpec names, else all that take few values or have a smallest and a largest one."""
    few = {"choice", "boolean", "relation"}
    counted = {sorted_by(entity, feature) for feature in ("tags", "categories")}
    if not entity.has("filter"):
        return [f.name for f in entity.fields if f.name in counted]
    wished = entity.options("filter").get("fields") or ()
    named = [f.name for f in entity.fields if f.name in wished]
    rest = [f.name for f in entity.fields if f.shown in few or f.is_number or f.is_moment]
    return [*(named or rest), *(f.name for f in entity.fields if named and f.name in counted - set(named))]


def uploads(view: SpecView) -> list[FieldView]:
    """The fields whose files people send: those that the AppSpec names, else all for images and files."""
    found: list[FieldView] = []
    for entity in view.entities:
        if entity.has("upload"):
            wished = entity.options("upload").get("fields") or ()
            fields = [f for f in entity.fields if f.type in ("image", "file")]
            found += [f for f in fields if f.name in wished] or fields
    return found


def file_fields(entities: list[EntityView]) -> list[FieldView]:
    """All that can name a file."""
    return [f for e in entities for f in e.columns if f.type in ("image", "file")]


def kept_files(entities: list[EntityView]) -> list[EntityView]:
    """The entities with files whose changes are kept."""
    return [e for e in entities if e.has("history") and any(f.entity is e for f in file_fields(entities))]


def importable(view: SpecView) -> list[EntityView]:
    """The entities that rows of a file can be added to."""
    return [e for e in view.entities if e.has("import") and e.takes_rows]


def export_formats(entity: EntityView) -> list[str]:
    wished = entity.options("export").get("formats") or ()
    return [f for f in ("csv", "json") if f in wished] or ["csv", "json"]


def sort_default(entity: EntityView) -> str:
    """As the AppSpec says, else as people put them by hand, else the best first, else as they were added."""
    usual = entity.order_field.name if entity.order_field else ranking(entity) or "id"
    wish = str(entity.options("sort").get("default") or usual)
    return wish if wish.removeprefix("-") in {"id", *entity.added, *(f.name for f in entity.fields)} else "id"


def page_size(entity: EntityView) -> int:
    size = entity.options("pagination").get("size")
    return size if isinstance(size, int) and 1 <= size <= 200 else 24


def needs(entity: EntityView) -> set[str]:
    """The modules that the entity's file uses."""
    fields = [*entity.stored_fields, *own_formulas(entity), *entity.hidden_fields]
    code = [orm_attribute(f) for f in fields] + [out_attribute(f) for f in entity.fields]
    code += [in_attribute(f) for f in [*entity.stored_fields, *entity.kept_back]] + reaching_properties(entity)
    text = "\n".join(code)
    found = {m for m in ("builtins", "dt", "decimal", "typing", "pydantic", "arithmetic") if f"{m}." in text}
    return found | ({"typing"} if imported_entities(entity) else set())


def _builtin(field: FieldView, name: str) -> str:
    """In a class with a field called `str`, the type has to be called `builtins.str`."""
    return f"builtins.{name}" if name in {f.name for f in field.entity.fields} else name


def _target(field: FieldView) -> EntityView:
    assert field.target is not None
    return field.target


GLOBALS: dict[str, Any] = {"stdlib": {"builtins", "dt", "decimal", "typing"}} | {
    f.__name__: f
    for f in (
        orm_attribute,
        in_attribute,
        out_attribute,
        listing_column,
        imported_entities,
        imports,
        model_pairs,
        search_fields,
        facet_fields,
        export_formats,
        uploads,
        file_fields,
        kept_files,
        importable,
        sort_default,
        page_size,
        needs,
    )
}
