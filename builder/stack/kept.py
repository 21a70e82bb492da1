"""The rules of an entity as its back end keeps them, over the columns of its table."""

from typing import Any

from builder.rules import Filled, NoOverlap, Ordered, Out, Read, RequiredIf, Room, Steps, Way
from builder.stack.layout import Call, call, laid_out
from builder.stack.templates import as_python
from builder.stack.views import EntityView


def rule_lines(entity: EntityView) -> list[str]:
    """Each rule as an argument of `rules.keep`."""
    calls = (_rule(rule, entity) for rule in entity.rules)
    return [f"    {laid_out(found, 4, after=1)}," for found in calls if found is not None]


def any_rules(entities: list[EntityView]) -> bool:
    return any(rule_lines(entity) for entity in entities)


def any_needed(entities: list[EntityView]) -> bool:
    """Whether a rule asks for another row, which then can't be deleted."""
    asked = ((e, rule.field) for e in entities for rule in e.rules if isinstance(rule, RequiredIf))
    return any(e.field(name).is_relation and not e.field(name).many for e, name in asked)


def _rule(rule: Read, entity: EntityView) -> Call | None:
    match rule:
        case Filled(field=name, source="created_at" | "changed_at" as source):
            return call("rules.Moment", as_python(name), f"once={source == 'created_at'}")
        case Ordered(first=first, second=second):
            return call("rules.Ordered", as_python(first), as_python(second), as_python(entity.field(first).label))
        case RequiredIf(field=name, when=when, values=values):
            parts = [name, entity.field(name).column, when]
            return call("rules.RequiredIf", *map(as_python, parts), as_python(values))
        case Steps(field=name, steps=steps, starts=starts):
            labels = {c.value: str(c.label) for c in entity.field(name).choices}
            return call("rules.Steps", *map(as_python, (name, steps, starts, labels)))
        case NoOverlap():
            return call("rules.NoOverlap", *_named(_overlap(rule, entity)))
        case Room():
            return call("rules.Room", *_named(_room(rule, entity)))
        case _:
            return None


def _overlap(rule: NoOverlap, entity: EntityView) -> dict[str, Any]:
    by = tuple(entity.field(name).column for name in rule.by)
    minutes = (
        {"minutes": rule.minutes} if isinstance(rule.minutes, int) else _way("minutes", "through", rule.minutes, entity)
    )
    return {
        "by": by,
        "start": rule.start,
        "end": rule.end,
        "time": rule.time,
        **minutes,
        **_out(rule.out),
        "nights": rule.nights,
    }


def _room(rule: Room, entity: EntityView) -> dict[str, Any]:
    of = entity.field(rule.of).column if rule.of else None
    limit = _way("limit", "of", rule.limit, entity) if isinstance(rule.limit, Way) else {"limit": rule.limit}
    return {
        "field": rule.count or rule.of or entity.title.name,
        "of": of,
        **limit,
        "count": rule.count,
        **_out(rule.out),
    }


def _way(name: str, through: str, way: Way | None, entity: EntityView) -> dict[str, Any]:
    if way is None:
        return {}
    if way.relation is None:
        return {name: entity.field(way.field).column}
    relation = entity.field(way.relation)
    assert relation.target is not None
    return {name: relation.target.field(way.field).column, through: relation.column, "table": relation.target.table}


def _out(out: Out) -> dict[str, Any]:
    return {"out": dict(out)} if out else {}


def _named(values: dict[str, Any]) -> list[str]:
    return [f"{name}={as_python(value)}" for name, value in values.items() if value is not None and value is not False]


GLOBALS: dict[str, Any] = {f.__name__: f for f in (rule_lines, any_rules, any_needed)}
