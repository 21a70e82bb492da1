"""Formulas as the SQLAlchemy expressions of an app's back end, over the columns of its tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from builder.formula import Formula, Kind
from builder.formula.app import EntityModel
from builder.formula.kinds import COUNTED, kind_of
from builder.formula.syntax import Call, Field, Flag, Gathered, Node, Number, Related, Text, Today
from builder.stack.columns import column_type
from builder.stack.layout import Atom, Layout, call, chain, laid_out, minus
from builder.stack.templates import as_python
from builder.stack.views import EntityView, FieldView

OPERATORS = {"=": "=="}
FUNCTIONS = {"not": "sa.not_", "and": "sa.and_", "or": "sa.or_", "lower": "arithmetic.lower"}
OVER_DAYS = {"days_since", "days_until", "age"}
OVER_NUMBERS = {"/": "arithmetic.divided", "round": "arithmetic.rounded"}
EXTREMES = {"min": "arithmetic.smallest", "max": "arithmetic.largest"}
GATHERING = {"count": "number_of", "sum": "total", "avg": "mean"}


@dataclass(frozen=True)
class Rows:
    """Where columns are found: those of the entity's class, or of rows of another table by a name of their own."""

    entity: EntityView
    prefix: str
    name: str = ""
    tables: dict[str, dict[str, str]] = field(default_factory=dict)  # the columns that are read, by name of the rows

    @cached_property
    def model(self) -> EntityModel:
        return self.entity.app.formulas.model(self.entity.name)

    @property
    def id(self) -> str:
        return f"{self.prefix}id"

    def column(self, of: FieldView) -> str:
        if self.name:
            self.tables[self.name][of.column] = column_type(of)
        return f"{self.prefix}{of.column}"

    def other(self, entity: EntityView, name: str) -> "Rows":
        """Rows of another table, which this formula looks at."""
        name = f"{self.name}_{name}" if self.name else name
        self.tables.setdefault(name, {"": entity.table})
        return Rows(entity, f"{name}.c.", name, self.tables)

    def links(self, relation: FieldView, name: str) -> str:
        self.tables[name] = {"": relation.links_table, "source_id": "sa.Integer", "target_id": "sa.Integer"}
        return name


def own_formulas(entity: EntityView) -> list[FieldView]:
    """The computed fields over columns of the entity's own table, each after those that it uses."""
    return [f for f in _ordered(entity) if not _reaches_out(f)]


def reaching_formulas(entity: EntityView) -> list[FieldView]:
    """The computed fields over rows of other tables, each after those that it uses."""
    return [f for f in _ordered(entity) if _reaches_out(f)]


def column_property(of: FieldView, head: str) -> str:
    """`head` with the property behind it, over the columns of the class whose body this is."""
    return _laid_out(head, _result(of, Rows(of.entity, "")))


def reaching_properties(entity: EntityView) -> list[str]:
    """What follows the class: the tables that its formulas look at, and the properties."""
    rows = Rows(entity, f"{entity.class_name}.")
    fields = reaching_formulas(entity)
    lines = [_laid_out(f"{rows.prefix}{f.name} = ", _result(f, rows)) for f in fields]
    return [*(_table(name, columns) for name, columns in rows.tables.items()), *lines]


def _laid_out(head: str, expression: Layout) -> str:
    indent = len(head) - len(head.lstrip())
    return head + laid_out(call("orm.column_property", expression), indent, len(head) - indent)


def _table(name: str, columns: dict[str, str]) -> str:
    own = [f"{column}={kind}" for column, kind in columns.items() if column]
    return f"{name} = " + laid_out(call("arithmetic.rows", as_python(columns[""]), *own), before=len(name) + 3)


def _result(of: FieldView, rows: Rows) -> Layout:
    tree = Formula.parse(str(of.spec.formula)).tree
    if of.kind in COUNTED - {Kind.FLAG}:
        return call("arithmetic.computed", _number(tree, rows))
    return _sql(tree, rows) if isinstance(tree, Call) else call("arithmetic.value", _sql(tree, rows))


def _sql(node: Node, rows: Rows) -> Layout:
    match node:
        case Number(value=value):
            return Atom(as_python(value))
        case Text(value=value):
            return Atom(as_python(value))
        case Flag(value=value):
            return Atom("sa.true()" if value else "sa.false()")
        case Today():
            return Atom("arithmetic.TODAY")
        case Field(name=name):
            return _column(name, rows)
        case Related():
            return _related(node, rows)
        case Gathered():
            return _gathered(node, rows)
        case Call():
            return _call(node, rows)


def _column(name: str, rows: Rows) -> Layout:
    """A column; a table of other rows has none for a computed field, so that is written out."""
    named = rows.entity.field(name)
    return _result(named, rows) if named.is_computed and rows.name else Atom(rows.column(named))


def _call(node: Call, rows: Rows) -> Layout:
    function, arguments = node.function, node.arguments
    kinds = [kind_of(a, rows.model) for a in arguments]
    if function in FUNCTIONS:
        return call(FUNCTIONS[function], *(_sql(a, rows) for a in arguments))
    if function == "if":
        condition = _sql(arguments[0], rows)
        return call("arithmetic.choose", condition, *_alike(arguments[1:], kinds[1:], rows))
    if function in OVER_DAYS:
        return call(f"arithmetic.{function}", *(_sql(a, rows) for a in arguments))
    if function in OVER_NUMBERS:
        return call(OVER_NUMBERS[function], *(_number(a, rows) for a in arguments))
    if function in EXTREMES:
        return call(EXTREMES[function], *_alike(arguments, kinds, rows))
    if function == "neg":
        return minus(_number(arguments[0], rows))
    if function in "+-" and not set(kinds) <= COUNTED:
        return _with_moments(node, kinds, rows)
    left, right = _alike(arguments, kinds, rows)
    if isinstance(arguments[1], Number | Text) or function in ("=", "!="):
        left = _expression(arguments[0], left)
    return chain(left, OPERATORS.get(function, function), right)


def _alike(arguments: tuple[Node, ...], kinds: list[Kind], rows: Rows) -> list[Layout]:
    """The arguments as values of one kind."""
    if set(kinds) <= COUNTED and set(kinds) != {Kind.FLAG}:
        return [_number(a, rows) for a in arguments]
    parts = [_sql(a, rows) for a in arguments]
    if set(kinds) == {Kind.DATE, Kind.DATETIME}:
        return [call("arithmetic.day", p) if k is Kind.DATETIME else p for p, k in zip(parts, kinds, strict=True)]
    return parts


def _with_moments(node: Call, kinds: list[Kind], rows: Rows) -> Layout:
    """Texts are joined; days are added to a date, and counted between two moments."""
    parts = [_sql(a, rows) for a in node.arguments]
    if kinds == [Kind.TEXT, Kind.TEXT]:
        return chain(_expression(node.arguments[0], parts[0]), "+", parts[1])
    if not set(kinds) & COUNTED:
        return chain(call("arithmetic.days", parts[0]), "-", call("arithmetic.days", parts[1]))
    moment = 1 if kinds[0] in COUNTED else 0
    days = _number(node.arguments[1 - moment], rows)
    return call("arithmetic.later", parts[moment], minus(days) if node.function == "-" else days)


def _number(node: Node, rows: Rows) -> Layout:
    """What can be calculated with: a column is read as a number first."""
    part = _sql(node, rows)
    if isinstance(node, Number) or (isinstance(node, Gathered) and node.function != "latest"):
        return part
    if isinstance(node, Call) and kind_of(node, rows.model) is not Kind.FLAG and node.function not in ("if", *EXTREMES):
        return part
    return call("arithmetic.number", part)


def _expression(node: Node, part: Layout) -> Layout:
    """SQL also where Python alone would work it out."""
    if isinstance(node, Number):
        return call("sa.literal", repr(float(node.value)))
    return call("sa.literal", part) if isinstance(node, Text) else part


def _related(node: Related, rows: Rows) -> Layout:
    relation = rows.entity.field(node.relation)
    other = rows.other(_target(relation), f"{node.relation}_row")
    return call("arithmetic.of", _column(node.field, other), f"{other.id} == {rows.column(relation)}")


def _gathered(node: Gathered, rows: Rows) -> Layout:
    entity = rows.entity.app.entity(node.entity)
    other = rows.other(entity, f"{entity.name}_rows")
    where = _pointing(_relation(node, rows.entity), other, rows)
    if node.field is None:
        return call("arithmetic.number_of", other.id, *where)
    value = _column(node.field, other)
    if node.function in GATHERING:
        return call(f"arithmetic.{GATHERING[node.function]}", call("arithmetic.number", value), *where)
    if entity.field(node.field).kind in (Kind.DATE, Kind.DATETIME, Kind.TIME):
        return call("arithmetic.last", value, *where)
    moment = next((f for f in entity.stored_fields if f.type in ("date", "datetime")), None)
    order = [other.column(moment), other.id] if moment else [other.id]
    return call("arithmetic.latest", value, f"[{', '.join(order)}]", *where)


def _pointing(relation: FieldView, other: Rows, rows: Rows) -> list[str]:
    """The conditions for other rows to point at this one."""
    if not relation.many:
        return [f"{other.column(relation)} == {rows.id}"]
    links = rows.links(relation, f"{other.name}_links")
    return [f"{links}.c.target_id == {rows.id}", f"{links}.c.source_id == {other.id}"]


def _relation(node: Gathered, target: EntityView) -> FieldView:
    relations = target.app.entity(node.entity).relations
    return next(f for f in relations if f.spec.target == target.name and node.by in (None, f.name))


def _target(relation: FieldView) -> EntityView:
    assert relation.target is not None
    return relation.target


def _reaches_out(of: FieldView) -> bool:
    parts = list(Formula.parse(str(of.spec.formula)).parts)
    own = [of.entity.field(p.name) for p in parts if isinstance(p, Field)]
    return any(isinstance(p, Gathered | Related) for p in parts) or any(_reaches_out(f) for f in own if f.is_computed)


def _ordered(entity: EntityView) -> Iterator[FieldView]:
    """Each computed field after those that its formula uses."""
    done: list[str] = []

    def visit(name: str) -> None:
        of = entity.field(name)
        if name not in done and of.is_computed:
            for part in Formula.parse(str(of.spec.formula)).fields:
                visit(part)
            done.append(name)

    for of in entity.computed_fields:
        visit(of.name)
    return (entity.field(name) for name in done)


GLOBALS: dict[str, Any] = {f.__name__: f for f in (own_formulas, reaching_formulas, reaching_properties)}
