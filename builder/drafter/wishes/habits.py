"""Getting better at something: days in a row, progress, points, ranks, questions."""

from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.wishes import wish as w
from builder.drafter.wishes.wish import Wish, at, ensure, field, pointer, put, rule
from builder.spec import FeatureName, FieldType, RuleKind

MARKS = frozenset("check-in checkin mark completion log entry day check".split())
DAYS = frozenset(("date", "day", "done on", "written on", "entry date"))
COUNTED = frozenset(("streak", "best streak", "longest streak", "current streak"))
ASKED = frozenset("question front text word term statement stem task".split())
ANSWERS = frozenset("answer back translation definition meaning solution correct right key".split())
WRONG = frozenset("option choice alternative wrong distractor".split())
SCORES = frozenset("score point points rating win wins result total".split())
TIMES = frozenset(("time", "best time", "finish time", "finishing time", "race time", "lap time", "pace", "strokes"))
LOWEST = frozenset("fastest quickest lowest fewest least shortest golf".split())
VALUES = frozenset("current saved value amount done page read progress raised spent so".split())
GOALS = frozenset("goal target goal amount total pages budget".split())


TEXTS = frozenset({FieldType.STRING, FieldType.TEXT})


def leaderboard(wish: Wish) -> bool:
    """The highest is first, but for times and the like, and where somebody says "fastest first"."""
    app = wish.app
    best = {"best": "lowest"} if LOWEST & {word.norm for word in wish.prompt.words} else {}
    if w.has(app, FeatureName.LEADERBOARD):  # of a blueprint: it knows what is ranked
        return True
    for entity in (wish.subject, *app.entities):
        score = w.called(entity, SCORES, w.NUMBERS | {FieldType.COMPUTED}) or w.called(entity, TIMES, w.NUMBERS)
        if score:
            person = next((f for f in entity.fields if f.target and w.is_person(_target(app, f))), None)
            of = at(entity, person) if person else None
            return put(app, FeatureName.LEADERBOARD, entity, by=at(entity, score), of=of, **best)
    entity = wish.subject
    score = ensure(entity, field("Score", FieldType.INTEGER, min=0))
    return put(app, FeatureName.LEADERBOARD, entity, by=at(entity, score), **best)


def _target(app: AppSketch, one: FieldSketch) -> EntitySketch:
    return next(e for e in app.entities if e.key == one.target)


def streak(wish: Wish) -> bool:
    """Marks are rows of their own, one a day: what is kept every day."""
    app = wish.app
    mark = next(
        (e for e in app.entities if w.last(e.key) in MARKS and any(True for _ in w.of_type(e, w.MOMENTS))), None
    )
    for entity in app.entities:  # "with streaks": they are counted, not typed in
        if len(entity.fields) > 1:
            entity.fields = [f for f in entity.fields if f.key not in COUNTED]
    log = None if mark else next((e for e in (wish.subject, w.main(app)) if _day(e)), None)
    if log:  # a diary is its own log
        return put(app, FeatureName.STREAK, log, date=at(log, w.called(log, DAYS, {FieldType.DATE}) or log.fields[0]))
    habit = next((e for e in (wish.subject, w.main(app)) if e is not mark), w.main(app))
    if mark is None:
        mark = w.made(app, "Check-in", [], name="check_in", plural="check_ins", icon="calendar-check", aside=True)
    of = w.relation(mark, habit) or ensure(mark, pointer(habit, required=True), 0)
    day = next(w.of_type(mark, {FieldType.DATE}), None) or ensure(mark, field("Date", FieldType.DATE, required=True))
    rule(app, RuleKind.UNIQUE, mark, of, day)
    return put(app, FeatureName.STREAK, mark, date=at(mark, day), of=at(mark, of))


def _day(entity: EntitySketch) -> bool:
    """Whether its rows are each of a day: a run, a session, an entry."""
    return any(f.type is FieldType.DATE and f.key in DAYS for f in entity.fields)


def progress(wish: Wish) -> bool:
    app = wish.app
    for entity in (wish.subject, *app.entities):
        percent = w.called(entity, {"progress", "percent", "percentage", "completion"}, w.NUMBERS)
        if percent:
            return put(app, FeatureName.PROGRESS, entity, value=at(entity, percent), goal=percent.max or 100)
        value, goal = w.called(entity, VALUES, w.NUMBERS), w.called(entity, GOALS, w.NUMBERS)
        if value and goal and value is not goal:
            return put(app, FeatureName.PROGRESS, entity, value=at(entity, value), goal=at(entity, goal))
    entity = wish.subject
    percent = ensure(entity, field("Progress", FieldType.INTEGER, min=0, max=100, unit="%"))
    return put(app, FeatureName.PROGRESS, entity, value=at(entity, percent), goal=100)


def scoring(wish: Wish) -> bool:
    for entity in (wish.subject, *wish.app.entities):
        score = w.called(entity, SCORES, {FieldType.INTEGER})
        if score:
            return put(wish.app, FeatureName.SCORING, entity, field=at(entity, score))
    score = ensure(wish.subject, field("Points", FieldType.INTEGER, key="point", min=0))
    return put(wish.app, FeatureName.SCORING, wish.subject, field=at(wish.subject, score))


def quiz(wish: Wish) -> bool:
    app = wish.app
    question = w.entity(app, {"question", "card", "flashcard", "word", "term"})
    if question is None:
        subject = w.main(app)
        question = w.made(app, "Question", [], icon="circle-help")
        if w.last(subject.key) in {"quiz", "deck", "topic", "category", "test"}:
            ensure(question, pointer(subject))
    answer = w.called(question, ANSWERS, {FieldType.STRING, FieldType.TEXT, FieldType.BOOLEAN})
    answer = answer or ensure(question, field("Answer", FieldType.STRING, required=True))
    answer.type, answer.choices = FieldType.STRING, []  # "which is the right one": one of the options, no yes or no
    wrong = [f for f in question.fields if f is not answer and set(f.key.split()) & WRONG and f.type in TEXTS]
    texts = [f for f in question.fields if f.type in TEXTS and f is not answer and f not in wrong]
    asked = next((f for f in texts if set(f.key.split()) & ASKED), None)
    asked = asked or ensure(question, field("Question", FieldType.STRING, required=True), 0)
    for one in wrong:
        one.type = FieldType.TEXT if one.plural else one.type
    options = {"choices": [at(question, f) for f in (answer, *wrong)]} if wrong else {}
    return put(app, FeatureName.QUIZ, question, question=at(question, asked), answer=at(question, answer), **options)
