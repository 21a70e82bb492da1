"""What the features about people and what they say go by in an entity: the fields and parts that options name, else
those that suit.

Every function answers None, or nothing, where an entity has nothing that would do: the feature is then left out.
"""

import re
from dataclasses import dataclass
from typing import Any

from builder.spec import AppSpec, Rule, RuleKind
from builder.stack.templates import as_python, fit
from builder.stack.views import EntityView, FieldView

LONG = re.compile(r"(^|_)(text|body|content|message|reply|comment|answer|note)$")
DEADLINE = re.compile(
    r"(^|_)(due|deadline|expir(y|es|ation)|best_before|until|return(_by|_date)?|follow_up|next|renew(al)?|valid_to)(_|$)"
)
DONE = re.compile(
    r"(^|_)(done|completed?|finished|closed|paid|returned|resolved|cancell?ed|archived|delivered|rejected|declined|won"
    r"|lost|bought|sold|answered|shipped|approved|passed|checked)$"
)
REASON = re.compile(r"(^|_)(summary|reason|comment|note|message|description|change)$")
AUTHOR = re.compile(r"(^|_)(by|author|editor|user|who|person|name|member)$")
BALLOT = re.compile(r"(^|_)(vote|ballot)$")
STAND_INS = {
    "string": '""',
    "text": '""',
    "integer": "0",
    "decimal": "0.0",
    "boolean": "False",
    "datetime": 'change["at"]',
    "date": 'change["at"].date()',
    "time": 'change["at"].time()',
    "rating": "1",
}
SERVER_RULES = {RuleKind.COMPUTED, RuleKind.OWNER_ONLY}


def sorted_by(entity: EntityView, feature: str) -> str | None:
    """The field that holds a row's tags, or its category: the one that the AppSpec names, else the first that can."""
    if not entity.has(feature):
        return None
    if feature == "tags":
        fitting = [f for f in entity.fields if f.many and f.target and f.target.title.type == "string"]
    else:
        fitting = [f for f in entity.fields if f.type == "choice" or (f.is_relation and not f.many)]
    wished = entity.options(feature).get("field")
    return next((f.name for f in sorted(fitting, key=lambda f: f.name != wished)), None)


def makes_tags(entity: EntityView) -> bool:
    """Whether a name is all that a new tag needs."""
    name = sorted_by(entity, "tags")
    target = entity.field(name).target if name else None
    if target is None or not target.takes_rows:
        return False
    rules = (r for r in entity.app.spec.rules if r.kind is RuleKind.OWNER_ONLY and r.entity == target.name)
    if any(r.options.get("write") == "admin" for r in rules):  # a rule says that admins alone make them
        return False
    return all(f.name == target.title.name or f.type == "boolean" or not f.required for f in target.input_fields)


def commented_by(entity: EntityView) -> EntityView | None:
    """The entity whose rows are the comments on this one's."""
    return _part(entity, "comments", "entity")


def chat_of(entity: EntityView) -> EntityView | None:
    """The entity whose rows are the messages in this one's."""
    return _part(entity, "chat", "messages")


def complete(spec: AppSpec) -> AppSpec:
    """A poll without its rule gets it: nobody votes twice."""
    rules = list(spec.rules)
    for feature in spec.features:
        options, votes = feature.options.get("options"), feature.options.get("votes")
        vote = next((e for e in spec.entities if e.name == votes), None)
        option = next((e for e in spec.entities if e.name == options), None)
        if feature.name != "poll" or vote is None or option is None:
            continue
        chosen = next((f.name for f in vote.fields if f.target == options and not f.many), None)
        about = next((f.name for f in option.fields if f.target == feature.entity and not f.many), None)
        if chosen and about and not any(r.kind is RuleKind.AT_MOST_ONCE and r.entity == votes for r in rules):
            per = {"per": f"{chosen}.{about}"}
            rules.append(Rule(kind=RuleKind.AT_MOST_ONCE, entity=vote.name, fields=(chosen,), options=per))
    return spec.model_copy(update={"rules": tuple(rules)})


def is_shared(entity: EntityView) -> bool:
    """Whether people see rows of others."""
    return entity.access is None or entity.access.read in ("all", "members")


def own_comments(entities: list[EntityView]) -> bool:
    """Whether comments are kept that are no rows of an entity."""
    return any(e.has("comments") and commented_by(e) is None for e in entities)


def with_replies(entities: list[EntityView]) -> list[EntityView]:
    return [e for e in entities if commented_by(e) is not None]


def with_chat(entities: list[EntityView]) -> list[EntityView]:
    return [e for e in entities if chat_of(e) is not None]


def remembers(entities: list[EntityView]) -> bool:
    """Whether people are asked for a name that their browser keeps."""
    return own_comments(entities) or bool(with_replies(entities) or with_chat(entities))


def composed_parts(entity: EntityView) -> dict[str, Any]:
    """For each part that is written on the row's page: its text, what else is asked for, and the moments to fill."""
    texts = {"comments": "text", "chat": "text"}
    found = {}
    for feature, part in (("comments", commented_by(entity)), ("chat", chat_of(entity))):
        if part is not None:
            text = _text_field(part, entity.options(feature).get(texts[feature]))
            free = [f for f in part.stored_fields if not _is_filled(f, part) and f.name != text]
            found[part.plural] = {
                "text": text,
                "ask": [f.name for f in free if f.required and f.type != "boolean" and not f.is_moment],
                "now": [f.name for f in free if f.type in ("date", "datetime")],
            }
    return found


def history_log(entity: EntityView) -> EntityView | None:
    """The entity whose rows are the changes of this one's."""
    return _part(entity, "history", "log")


def history_fields(entity: EntityView) -> list[str]:
    """The fields whose changes are kept: those that people fill in."""
    filled = {name for r in _server_rules(entity) for name in r.fields}
    return [f.name for f in entity.input_fields if f.name not in filled]


def history_reason(entity: EntityView) -> str | None:
    """What a change has to carry beside what it changes."""
    if not entity.has("history") or not entity.options("history").get("summary"):
        return None
    return "summary" if "summary" not in {f.name for f in entity.spec.fields} else "change_summary"


def with_reasons(entities: list[EntityView]) -> bool:
    return any(history_reason(e) for e in entities)


def history_log_values(entity: EntityView) -> list[tuple[str, str]]:
    """What a row of the log is made of: its columns, and Python for the value of each."""
    log = history_log(entity)
    if log is None or log.part is None:
        return []
    options, by = entity.options("history"), log.part.by
    named = {
        by: "row.id",
        _log_field(log, options.get("summary"), REASON, ("string", "text")): 'change["summary"]',
        _log_field(log, options.get("by"), AUTHOR, ("string", "relation"), by): 'change["who"]',
        _log_field(log, options.get("at"), None, ("datetime", "date")): 'change["at"]',
    }
    copied = {f.name: f for f in entity.stored_fields if not f.is_relation}
    values = []
    for field in log.columns:
        if field.name in named:
            values.append((field.column, _log_value(field, named[field.name])))
        elif field.name in copied and copied[field.name].type == field.type:
            values.append((field.column, f"row.{field.name}"))
        elif field.required and field.type in STAND_INS:
            values.append((field.column, STAND_INS[field.type]))
        elif field.required and field.choices:
            values.append((field.column, f'"{field.choices[0].value}"'))
    return values


def history_example(entity: EntityView) -> FieldView | None:
    """A text field of which tests can make up ever new values."""
    kept = history_fields(entity)
    texts = [f for f in entity.stored_fields if f.name in kept and f.type in ("string", "text")]
    return next((f for f in texts if f.max is None or not 1 <= f.max < len(f.name) + 5), None)


def _log_field(
    log: EntityView, wished: object, named: re.Pattern[str] | None, types: tuple[str, ...], but: str = ""
) -> str:
    fitting = [f for f in log.columns if f.type in types and f.name != but]
    asked = [f for f in fitting if f.name == wished]
    likely = [f for f in fitting if named is None or named.search(f.name)]
    return next((str(f.name) for f in asked or likely), "")


def _log_value(field: FieldView, value: str) -> str:
    if value == 'change["at"]' and field.type == "date":
        return f"{value}.date()"
    if value == 'change["who"]' and field.is_relation:
        people = field.entity.app.spec.feature("auth")
        is_person = people is not None and people.options.get("entity") == field.spec.target
        return "int(visitor.current() or 0) or None" if is_person else "None"
    return value


def due_dates(entities: list[EntityView]) -> list[dict[str, Any]]:
    """What is told when its day comes near: as the AppSpec says, else all that has a deadline."""
    if not entities:
        return []
    feature = entities[0].app.spec.feature("notifications")
    asked = feature.options.get("due") if feature else None
    wishes = [one for one in asked or () if isinstance(one, dict)]
    found = [_due(e, w.get("date"), w.get("before")) for w in wishes for e in entities if e.name == w.get("entity")]
    if not wishes:
        found = [_due(e, None, None) for e in entities]
    return [one for one in found if one is not None]


def _due(entity: EntityView, wished: object, before: object) -> dict[str, Any] | None:
    days = [f for f in entity.columns if f.type in ("date", "datetime")]
    day = next((f for f in days if f.name == wished), None)
    day = day or next((f for f in days if wished is None and DEADLINE.search(f.name)), None)
    if day is None:
        return None
    name = f"{entity.name}.{entity.class_name}"
    done: list[str] = []
    still_open: dict[str, Any] = {}
    for field in entity.columns:
        values = [c.value for c in field.choices if DONE.search(c.value)]
        if field.type == "boolean" and DONE.search(field.name):
            done.append(f"{name}.{field.name}")
            still_open[str(field.name)] = False
        elif field.type == "choice" and values and len(values) < len(field.choices):
            done.append(f"{name}.{field.name}.in_({as_python(values)})")
            if field.choices[0].value in values:  # what tests would make up
                still_open[str(field.name)] = next(c.value for c in field.choices if c.value not in values)
    return {
        "entity": entity,
        "field": day.name,
        "is_moment": day.type == "datetime",
        "before": before if isinstance(before, int) and 0 <= before <= 366 else 3,
        "is_deadline": bool(DEADLINE.search(day.name)),
        "done": done,
        "open": still_open,
    }


def talked_about(entities: list[EntityView]) -> dict[str, Any]:
    """The entities with comments of their own, and the parts in which people say something."""
    parts = [(e, "comment", commented_by(e)) for e in with_replies(entities)]
    parts += [(e, "message", chat_of(e)) for e in with_chat(entities)]
    return {
        "comments": [e for e in entities if e.has("comments") and commented_by(e) is None],
        "parts": [_talk(whole, kind, part) for whole, kind, part in parts if part is not None],
    }


def _talk(whole: EntityView, kind: str, part: EntityView) -> dict[str, Any]:
    assert part.part is not None
    text = composed_parts(whole)[part.plural]["text"]
    at = next((f for f in part.columns if f.type == "datetime"), None)
    people = part.app.people
    person = next((f for f in part.relations if people and f.spec.target == people.entity and not f.many), None)
    author = person or next((f for f in part.columns if f.type == "string" and AUTHOR.search(f.name)), None)
    own = "None"
    if person is not None:
        column = f"{part.name}.{part.class_name}.{person.column}"
        own = f"visitor.is_current(sa.cast({column}, sa.String))"
    return {
        "kind": kind,
        "entity": part,
        "by": part.part.by,
        "text": text,
        "at": at.name if at else None,
        "author": author.name if author and author.name != text else None,
        "own": own,
    }


def part_count(entity: EntityView, name: str, part: EntityView) -> str:
    """The number of rows of the part as an attribute of the row."""
    assert part.part is not None
    column = part.field(part.part.by).column
    head = f"{entity.class_name}.{name} = orm.column_property("
    return fit(head, [f'parts.count({entity.class_name}, "{part.table}", "{column}")'])


@dataclass(frozen=True)
class Poll:
    """The options of a poll and its votes: how an option points at the poll, and a vote at the option."""

    options: EntityView
    votes: EntityView
    about: FieldView
    option: FieldView


def polled(entity: EntityView) -> Poll | None:
    options = _part(entity, "poll", "options")
    name = entity.options("poll").get("votes")
    votes = next((e for e in entity.app.entities if e.name == name), None)
    if options is None or options.part is None or votes is None:
        return None
    option = next((f for f in votes.relations if f.spec.target == options.name and not f.many), None)
    is_kept = any(r.kind is RuleKind.AT_MOST_ONCE and r.entity == votes.name for r in entity.app.spec.rules)
    return Poll(options, votes, options.field(options.part.by), option) if option is not None and is_kept else None


def makes_polls(entity: EntityView) -> bool:
    """Whether a text is all that a new option needs beside its poll."""
    poll = polled(entity)
    if poll is None or not (poll.options.takes_rows and entity.takes_rows):
        return False
    known = (poll.about.name, poll.options.title.name)
    return all(f.name in known or f.type == "boolean" or not f.required for f in poll.options.input_fields)


def poll_makers(entities: list[EntityView]) -> list[EntityView]:
    return [e for e in entities if makes_polls(e)]


def once_ways(entity: EntityView) -> list[list[tuple[str, ...]]]:
    """For each rule `at_most_once`, the ways from a row to what it is about."""
    found = []
    for rule in entity.app.spec.rules:
        if rule.kind is RuleKind.AT_MOST_ONCE and rule.entity == entity.name:
            relations = {f.name for f in entity.relations if not f.many}
            per = tuple(str(rule.options.get("per") or "").split("."))
            ways = [per if per[0] == name else (name,) for name in rule.fields if name in relations]
            found.append(ways)
    return [ways for ways in found if ways]


def once_names(entity: EntityView) -> list[str]:
    """The relations of these rules, where rows of two people can share them for all that has to be unique."""
    names = list(dict.fromkeys(way[0] for ways in once_ways(entity) for way in ways))
    sets = [*entity.unique_together, *([f] for f in entity.columns if f.unique)]
    vary = {"string", "text", "email", "url", "date", "datetime"}
    free = all(any(f.name not in names and (f.type in vary or f.unique) for f in fields) for fields in sets)
    return [name for name in names if entity.field(name).required] if free else []


def ballots(entities: list[EntityView]) -> list[EntityView]:
    """The entities whose rows are votes: each is its voter's alone."""
    polls = [poll.votes.name for e in entities if (poll := polled(e))]
    return [e for e in entities if once_ways(e) and (e.name in polls or BALLOT.search(e.name))]


def with_polls(entities: list[EntityView]) -> list[EntityView]:
    return [e for e in entities if polled(e) is not None]


def _part(entity: EntityView, feature: str, option: str) -> EntityView | None:
    name = entity.options(feature).get(option) if entity.has(feature) else None
    part = next((e for e in entity.app.entities if e.name == name), None)
    if part is None or part.part is None or part.field(part.part.by).spec.target != entity.name:
        return None
    return part


def _text_field(part: EntityView, wished: object) -> str:
    texts = [f for f in part.stored_fields if f.type in ("text", "string")]
    texts.sort(key=lambda f: (f.name != wished, not LONG.search(f.name), f.type != "text"))
    return next((str(f.name) for f in texts), str(part.title.name))


def _is_filled(field: FieldView, part: EntityView) -> bool:
    """Whether the server fills it, or the page does, which knows the row."""
    is_known = field.is_filled or (part.part is not None and part.part.by == field.name)
    return is_known or any(field.name in r.fields for r in _server_rules(part))


def _server_rules(entity: EntityView) -> list[Rule]:
    return [r for r in entity.app.spec.rules if r.entity == entity.name and r.kind in SERVER_RULES]


GLOBALS: dict[str, Any] = {
    f.__name__: f
    for f in (
        sorted_by,
        makes_tags,
        commented_by,
        chat_of,
        is_shared,
        own_comments,
        with_replies,
        with_chat,
        remembers,
        composed_parts,
        due_dates,
        talked_about,
        part_count,
        polled,
        makes_polls,
        poll_makers,
        once_ways,
        once_names,
        ballots,
        with_polls,
        history_log,
        history_fields,
        history_reason,
        with_reasons,
        history_log_values,
        history_example,
    )
}
