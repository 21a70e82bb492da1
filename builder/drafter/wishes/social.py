"""What people say of rows, and to each other."""

from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.wishes import wish as w
from builder.drafter.wishes.wish import Wish, at, ensure, field, pointer, put, rule, text, thing
from builder.spec import FeatureName, FieldType, RuleKind

REPLIES = frozenset("comment reply answer review feedback".split())
CHANGES = frozenset("edit revision change version history modification".split())
BALLOTS, OPTIONS = frozenset("vote ballot".split()), frozenset("option choice answer candidate".split())
POLLS = frozenset("poll survey question vote election".split())
DUE = ("due date", "deadline", "due", "due back", "return date", "expiry date", "expiry", "best before", "next service",
       "start date", "date", "next visit", "follow-up", "next date", "until")  # fmt: skip


def on_main(wish: Wish) -> bool:
    subject = wish.subject
    return put(wish.app, wish.feature, w.main(wish.app) if w.last(subject.key) in {"user", "tag"} else subject)


def whole_app(wish: Wish) -> bool:
    return put(wish.app, wish.feature)


def tags(wish: Wish) -> bool:
    subject = w.main(wish.app)
    tag = w.entity(wish.app, {"tag", "label", "keyword"})
    tag = tag or w.made(wish.app, "Tag", [text("Name", required=True, unique=True)])
    found = next((f for e in wish.app.entities for f in e.fields if f.target == tag.key and f.many), None)
    if found is None:
        ensure(subject, FieldSketch("Tags", "tag", FieldType.RELATION, target=tag.key, many=True, plural=True))
    return True


def categories(wish: Wish) -> bool:
    for entity in (wish.subject, *wish.app.entities):
        grouped = w.called(
            entity, {"category", "genre", "type", "section", "topic"}, {FieldType.CHOICE, FieldType.RELATION}
        )
        if grouped and not grouped.many:
            return put(wish.app, FeatureName.CATEGORIES, entity, field=at(entity, grouped))
    subject = wish.subject
    category = w.made(wish.app, "Category", [text("Name", required=True, unique=True)])
    grouped = ensure(subject, pointer(category))
    return put(wish.app, FeatureName.CATEGORIES, subject, field=at(subject, grouped))


def comments(wish: Wish) -> bool:
    return put(wish.app, FeatureName.COMMENTS, w.main(wish.app)) if not _replies(wish.app) else True


def _replies(app: AppSketch) -> bool:
    """Comments that the person named as a thing of their own are shown below what they are about."""
    found = False
    for reply in app.entities:
        words = next((f for f in reply.fields if f.type in {FieldType.TEXT, FieldType.STRING}), None)
        about = next((f for f in reply.fields if f.target and not f.many and w.last(f.target) != "user"), None)
        if w.last(reply.key) in REPLIES and about and words:
            words = w.called(reply, {"content", "text", "body", "message", "comment"}) or words
            target = next(e for e in app.entities if e.key == about.target)
            found = put(app, FeatureName.COMMENTS, target, entity=thing(reply), text=at(reply, words))
    return found


def usual(app: AppSketch) -> None:
    """Comments, tags and what the server fills in, wherever an app has the fields for it."""
    _replies(app)
    for entity in app.entities:
        for one in entity.fields:
            if one.many and w.last(one.target or "") == "tag":
                put(app, FeatureName.TAGS, entity, field=at(entity, one))
    for entity in app.entities:
        _filled_in(app, entity)


SOURCES = {
    "created_by": ("created by", "made by", "written by", "added by", "posted by", "submitted by", "entered by"),
    "changed_by": ("modified by", "changed by", "edited by", "updated by", "touched by", "last modified by",
                   "last changed by"),
    "created_at": ("created at", "created on", "posted at", "posted on", "submitted at", "submitted on"),
    "changed_at": ("modified at", "changed at", "edited at", "updated at", "modified on", "changed on", "updated on",
                   "touched at", "last modified", "last changed", "last updated", "last modified at"),
}  # fmt: skip


NAMES = {"changed_by": "modified_by", "changed_at": "modified_at"}  # as databases call them


def _filled_in(app: AppSketch, entity: EntitySketch) -> None:
    for source, keys in SOURCES.items():
        own = next((f for f in entity.fields if f.key in keys and f.type is not FieldType.RELATION), None)
        if own and not entity.dataset:
            own.type = FieldType.STRING if source.endswith("by") else FieldType.DATETIME
            own.required, own.choices = False, []
            own.name = NAMES.get(source)
            rule(app, RuleKind.COMPUTED, entity, own, source=source)


def history(wish: Wish) -> bool:
    log = next((e for e in wish.app.entities if w.last(e.key) in CHANGES and not _is_first(wish.app, e)), None)
    subject = next((e for e in (wish.named(), w.main(wish.app)) if e and e is not log), w.main(wish.app))
    wants_summary = not wish.prompt.lemmas.isdisjoint(("summary", "reason", "why", "explanation"))
    if log is None:
        log = w.made(wish.app, "Revision", [], icon="history", aside=True)
    entry = w.relation(log, subject) or ensure(log, pointer(subject), 0)
    summary = w.called(log, {"summary", "reason", "note", "description"}, {FieldType.STRING, FieldType.TEXT})
    summary = summary or ensure(log, text("Summary"))
    by = w.called(log, {"author", "editor", "by", "user"}, {FieldType.STRING, FieldType.RELATION})
    by = by or ensure(log, text("Changed by", key="modified by", name="modified_by"))
    moment = w.called(log, {"at", "date", "when"}, w.MOMENTS)
    moment = moment or ensure(log, field("Changed at", FieldType.DATETIME, key="modified at", name="modified_at"))
    log.seed = []
    subject.fields = [f for f in subject.fields if not _is_of_log(f, wants_summary)]
    return put(
        wish.app, FeatureName.HISTORY, subject, log=thing(log), entry=at(log, entry),
        summary=at(log, summary) if wants_summary else None, by=at(log, by), at=at(log, moment),
    )  # fmt: skip


def _is_of_log(one: FieldSketch, wants_summary: bool) -> bool:
    """ "changing an entry needs a summary": that of the change, not of the entry."""
    text = one.type is FieldType.TEXT and not wants_summary
    return one.key in {"summary", "history", "change"} and not text


def _is_first(app: AppSketch, entity: EntitySketch) -> bool:
    return app.entities[0] is entity


def poll(wish: Wish) -> bool:
    app = wish.app
    subject = w.entity(app, POLLS - {"vote"}) or w.main(app)
    option = next((e for e in app.entities if w.last(e.key) in OPTIONS and e is not subject), None)
    if option is None:
        option = w.made(app, "Option", [text("Text", required=True)], icon="list")
    about = w.relation(option, subject) or ensure(option, pointer(subject, required=True))
    about.required = True
    vote = next((e for e in app.entities if w.last(e.key) in BALLOTS), None)
    if vote is None:
        vote = w.made(app, "Vote", [], icon="vote", aside=True)
    vote.fields = [f for f in vote.fields if f.type is FieldType.RELATION]
    vote.seed = []
    chosen = w.relation(vote, option) or ensure(vote, pointer(option, required=True), 0)
    vote.fields = [f for f in vote.fields if f is chosen or w.last(f.target or "") in w.ACCOUNTS]
    rule(app, RuleKind.AT_MOST_ONCE, vote, chosen, per=at(vote, chosen, (option, about)))
    put(app, FeatureName.CHART, vote, scope="list", by=at(vote, chosen), measure="count")
    put(app, FeatureName.STATS, vote, by=at(vote, chosen), measure="count")
    option.aside = vote.aside = True
    return put(app, FeatureName.POLL, subject, options=thing(option), votes=thing(vote))


def at_most_once(wish: Wish) -> bool:
    """ "each person once": a vote is a poll's; else a sign-up or a rating is once for each thing."""
    app = wish.app
    if w.entity(app, POLLS) or w.entity(app, BALLOTS):
        return poll(wish)
    subject = next((e for e in app.entities if w.last(e.key) in w.HAPPENINGS | REPLIES), None)
    about = next((f for f in subject.fields if f.target and not f.many), None) if subject else None
    return bool(subject and about) and rule(app, RuleKind.AT_MOST_ONCE, subject, about)  # type: ignore[arg-type]


def chat(wish: Wish) -> bool:
    app = wish.app
    message = w.entity(app, {"message"})
    room = next((e for e in app.entities if e is not message and not w.is_person(e)), None)
    if room is None or (message and len(app.entities) == 1):
        room = w.made(app, "Room", [text("Name", required=True)], icon="messages-square")
    if message is None:
        author = text("Author", required=True)
        message = w.made(
            app, "Message", [field("Text", FieldType.TEXT, required=True), author], icon="message-circle", aside=True
        )
    where = w.relation(message, room) or ensure(message, pointer(room))
    return put(app, FeatureName.CHAT, room, messages=thing(message), room=at(message, where))


def notifications(wish: Wish) -> bool:
    due = []
    for entity in wish.app.entities:
        date = next((f for key in DUE for f in w.of_type(entity, w.MOMENTS) if f.key == key), None)
        if date and not entity.dataset:
            due.append({"entity": thing(entity), "date": at(entity, date), "before": 3})
    return put(wish.app, FeatureName.NOTIFICATIONS, due=due or None)


def contact_form(wish: Wish) -> bool:
    form = w.entity(wish.app, {"message", "enquiry", "inquiry", "request"})
    if form is None:
        fields = [text("Name", required=True), field("Email", FieldType.EMAIL, required=True)]
        fields += [
            field("Message", FieldType.TEXT, required=True),
            field("Sent at", FieldType.DATETIME, key="created at"),
        ]
        form = w.made(wish.app, "Enquiry", fields, icon="mail", label_plural="Enquiries")
    return put(wish.app, FeatureName.CONTACT_FORM, entity=thing(form))
