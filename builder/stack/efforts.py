"""What people achieve, by which fields: progress towards a goal, points, time on a clock, decisions.

Every function answers None where an entity has no field that would do: the feature is then left out.
"""

import re
from typing import Any

from builder.stack.lookup import asked_field, first_field
from builder.stack.stages import status_field
from builder.stack.views import EntityView

NUMBERS = {"integer", "decimal", "money", "computed"}
STARTED = re.compile(r"(^|_)(starts?|started|begins?|began|from|in|arrival)(_|$)")
STOPPED = re.compile(r"(^|_)(ends?|ended|stops?|stopped|until|to|out|finished|departure)(_|$)")
GOAL = re.compile(r"(^|_)(goal|target|needed|minimum|min)(_|$)")
LIMIT = re.compile(
    r"(^|_)(capacity|limit|budget|max|maximum|cap|quota|allowance|room|space|seats?|places|spots|slots|agreed|hours)(_|$)"
)
SPENT = re.compile(r"(^|_)(spent|used|taken|booked|eaten|expenses|costs?)(_|$)")
POINTS = re.compile(r"(^|_)(score|points?)$")


def progress(entity: EntityView) -> dict[str, Any] | None:
    """What has come and what it comes to; whether that is a limit, which is not to be passed, or a goal."""
    value = asked_field(entity, "progress", "value", NUMBERS) if entity.has("progress") else None
    goal = entity.options("progress").get("goal", 100)
    if value is None:
        return None
    if isinstance(goal, int | float) and not isinstance(goal, bool) and goal > 0:
        return {"value": value.name, "goal": goal}
    named = asked_field(entity, "progress", "goal", NUMBERS)
    if named is None:
        return None
    is_limit = bool(LIMIT.search(named.name) or SPENT.search(value.name)) and not GOAL.search(named.name)
    return {"value": value.name, "goal": named.name} | ({"limit": True} if is_limit else {})


def score(entity: EntityView) -> str | None:
    if not entity.has("scoring"):
        return None
    field = asked_field(entity, "scoring", "field", {"integer"}) or first_field(entity, {"integer"}, POINTS)
    return field.name if field else None


def timer(entity: EntityView) -> dict[str, str] | None:
    """The two moments that the buttons write."""
    if not entity.has("timer"):
        return None
    moments = {"datetime"}
    start = asked_field(entity, "timer", "start", moments) or first_field(entity, moments, STARTED)
    stop = asked_field(entity, "timer", "stop", moments) or first_field(entity, moments, STOPPED)
    return {"start": start.name, "stop": stop.name} if start and stop and start.name != stop.name else None


def approval(entity: EntityView) -> dict[str, str] | None:
    """The choice that is decided, its two ends, and when it was decided."""
    field = status_field(entity, "approval") if entity.has("approval") else None
    values = [choice.value for choice in field.choices] if field else []
    ends = {name: str(entity.options("approval").get(name, name)) for name in ("approved", "rejected")}
    if field is None or not set(ends.values()) <= set(values):
        return None
    at = asked_field(entity, "approval", "at", {"date", "datetime"})
    return {"field": field.name, **ends} | ({"at": at.name} if at else {})


def streak(entity: EntityView) -> dict[str, str | None] | None:
    """The day of a log, and what each of its rows belongs to: days in a row are counted for that, else for the log."""
    asked = {f.entity or entity.app.entities[0].name for f in entity.app.spec.features if f.name == "streak"}
    if entity.name not in asked:
        return None
    date = asked_field(entity, "streak", "date", {"date"}) or first_field(entity, {"date"})
    of = asked_field(entity, "streak", "of", {"relation"})
    if date is None:
        return None
    own = of is not None and not of.many
    return {"date": date.name, "of": of.name if of and own else None, "key": of.column if of and own else None}


def streak_of(entity: EntityView) -> dict[str, Any] | None:
    """The log that says on which days something was done with a row, or the entity itself where it is one."""
    for log in entity.app.entities:
        days = streak(log)
        whole = log.field(days["of"]).target if days and days["of"] else log
        if days and whole is entity:
            given = {days["date"], days["of"]}
            asks = any(f.required and f.name not in given and not f.is_filled for f in log.input_fields)
            return {"log": log.plural, "date": days["date"], "of": days["of"], "asks": asks or not log.takes_rows}
    return None


def quiz(entity: EntityView) -> dict[str, Any] | None:
    """What is asked, what is right, and what else there is to choose."""
    if not entity.answers:
        return None
    answer, *choices = entity.answers
    asked = asked_field(entity, "quiz", "question", {"string", "text"})
    return {"question": asked.name if asked else entity.title.name, "answer": answer, "choices": choices}


def quizzes(entities: list[EntityView]) -> list[EntityView]:
    return [e for e in entities if quiz(e)]


GLOBALS: dict[str, Any] = {f.__name__: f for f in (progress, score, timer, approval, streak, streak_of, quiz, quizzes)}
