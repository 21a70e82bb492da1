"""From what was asked for and what the data is to the features of each entity. Says what it can't give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from builder.drafter.assemble import Naming
from builder.drafter.features import Mention, count_near, size_near
from builder.drafter.lexicon import lexicon
from builder.drafter.reference import Place, named
from builder.drafter.sketch import AppSketch, EntitySketch, FeatureSketch, FieldSketch
from builder.drafter.text import Prompt, Word, Words, parts
from builder.spec import FeatureName, FieldType, RuleKind

SEARCHED = {FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE}
BORN = frozenset("born birth birthday birthdate".split())  # no order of people
UNSORTED = {FieldType.TEXT, FieldType.IMAGE, FieldType.FILE, FieldType.URL, FieldType.RELATION, FieldType.COLOR}
FILTERED = {FieldType.CHOICE, FieldType.BOOLEAN, FieldType.RELATION}
BINNED = {FieldType.CHOICE, FieldType.RELATION, FieldType.STRING, FieldType.BOOLEAN, FieldType.RATING}
PERIODS = {"month": "month", "monthly": "month", "week": "month", "year": "month", "day": "month", "date": "month"}
OPPOSITES = {
    "done": "Open", "completed": "Open", "complete": "Open", "finished": "Open", "paid": "Unpaid", "read": "Unread",
    "bought": "To buy", "available": "Unavailable", "active": "Inactive",
}  # fmt: skip
FEATURE = FeatureName


@dataclass
class Granted:
    """The features, which words asked for them, and the words that nothing could be made of."""

    features: list[FeatureSketch] = field(default_factory=list)
    used: list[tuple[str, tuple[Word, ...]]] = field(default_factory=list)
    unused: list[tuple[Word, ...]] = field(default_factory=list)

    def find(self, name: FeatureName, entity: str | None) -> FeatureSketch | None:
        return next((f for f in self.features if f.name is name and f.entity == entity), None)

    def put(self, name: FeatureName, entity: str | None, **options: Any) -> None:
        found = self.find(name, entity)
        if found is None:
            self.features.append(FeatureSketch(name, entity, options))
        else:
            found.options |= options


def grant(sketch: AppSketch, naming: Naming, mentions: Sequence[Mention], prompt: Prompt) -> Granted:
    granted = Granted(list(sketch.features))
    _put_defaults(granted, sketch, naming, mentions)
    for mention in mentions:
        if mention.name in lexicon().features_to_come or not _put(granted, sketch, naming, mention):
            granted.unused.append(mention.words)
        else:
            granted.used.append((f"features.{mention.name}", _as_far_as_used(sketch, mention)))
    _put_neighbours(granted, sketch, prompt)
    return granted


def _as_far_as_used(sketch: AppSketch, mention: Mention) -> tuple[Word, ...]:
    """The words up to the last field that the feature goes by: "browsing by category", not what follows."""
    ends = [by[-1].end for by in mention.by if any(next(_resolved(e, [by]), None) for e in sketch.entities)]
    return tuple(word for word in mention.words if not ends or word.end <= max(ends))


def _put_neighbours(granted: Granted, sketch: AppSketch, prompt: Prompt) -> None:
    said = parts(prompt.words)
    detail = granted.find(FEATURE.DETAIL, sketch.entities[0].key) or granted.find(FEATURE.DETAIL, None)
    if detail and {"previous", "next"} <= said:
        detail.options["previous_next"] = True


def is_opening(mention: Mention, prompt: Prompt) -> bool:
    """ "Create a site …" asks for the app, not for a way to create."""
    if not mention.is_action or mention.sentence or mention.start > 5:
        return False
    following = prompt.sentences[0][mention.end : mention.end + 5]
    return any(w.lemma in lexicon().app_words for w in following) or mention.start == 0


def _put_defaults(granted: Granted, sketch: AppSketch, naming: Naming, asked: Sequence[Mention]) -> None:
    """Data a person enters can be changed and found; the rows of a data set are for reading unless asked."""
    entered = [e for e in sketch.entities if not e.dataset]
    everywhere = len(entered) == len(sketch.entities)
    if everywhere:
        for name in (FEATURE.CREATE, FEATURE.EDIT, FEATURE.DELETE, FEATURE.VALIDATION):
            granted.put(name, None)
    for entity in () if everywhere else entered:
        for name in (FEATURE.CREATE, FEATURE.EDIT, FEATURE.DELETE, FEATURE.VALIDATION):
            granted.put(name, entity.key)
    if entered:
        granted.put(FEATURE.DETAIL, None)
        granted.put(FEATURE.PAGINATION, None, size=24, style="pages")
    if any(f.type is FieldType.RELATION for e in sketch.entities for f in e.fields):
        granted.put(FEATURE.RELATIONS, None)
    for entity in sketch.entities:
        _put_own(granted, entity, naming.fields[entity.key])
    if not everywhere and any(m.is_action for m in asked):
        granted.put(FEATURE.VALIDATION, sketch.entities[0].key)


def _put_own(granted: Granted, entity: EntitySketch, names: dict[str, str]) -> None:
    secret = _secret(granted)
    shown = [f for f in entity.fields if (entity.key, f.key) not in secret]
    searched = [names[f.key] for f in shown if f.type in SEARCHED]
    if searched and not granted.find(FEATURE.SEARCH, entity.key):
        granted.put(FEATURE.SEARCH, entity.key, fields=searched[:8])
    ordered = [f for f in shown if f.type not in UNSORTED and f.type is not FieldType.BOOLEAN]
    if ordered and not granted.find(FEATURE.SORT, entity.key):
        ranked = _ranked(granted, entity)
        first = _default_sort(ordered, names)
        chosen = {*(f.key for f in ordered[:8]), *ranked}
        known = [names[f.key] for f in ordered if f.key in chosen or names[f.key] == first.lstrip("-")]
        granted.put(FEATURE.SORT, entity.key, fields=known, **({} if ranked else {"default": first}))
    filtered = [names[f.key] for f in entity.fields if f.type in FILTERED]
    if filtered and not entity.dataset and not granted.find(FEATURE.FILTER, entity.key):
        granted.put(FEATURE.FILTER, entity.key, fields=filtered[:6])


def _secret(granted: Granted) -> set[Place]:
    """Passwords are never shown, let alone searched."""
    accounts = granted.find(FEATURE.AUTH, None)
    return {place for text in named(accounts.options.get("secret")) for place in text.places} if accounts else set()


def _ranked(granted: Granted, entity: EntitySketch) -> set[str]:
    """What a leaderboard ranks the rows themselves by: their list then opens in its order."""
    board = granted.find(FEATURE.LEADERBOARD, entity.key)
    asked = named(board.options.get("by")) if board and not board.options.get("of") else ()
    return {key for text in asked for key in (place[1] for place in text.places) if key is not None}


def _default_sort(ordered: list[FieldSketch], names: dict[str, str]) -> str:
    """What is due comes first, what happened lately comes first, all else by name."""
    days = [f for f in ordered if f.type in {FieldType.DATE, FieldType.DATETIME} and not BORN & set(f.key.split())]
    if days:
        ahead = {"due", "deadline", "start", "begin", "event", "appointment", "next", "expiry"} & set(
            days[0].key.split()
        )
        return names[days[0].key] if ahead else "-" + names[days[0].key]
    first = next((f for f in ordered if f.type is FieldType.STRING), ordered[0])
    return ("-" if first.type is FieldType.RATING else "") + names[first.key]


def _put(granted: Granted, sketch: AppSketch, naming: Naming, mention: Mention) -> bool:
    main, name = sketch.entities[0], mention.name
    if isinstance(name, RuleKind):
        return False
    match name:
        case FEATURE.SEARCH | FEATURE.FILTER | FEATURE.SORT:
            return _put_by(granted, sketch, naming, mention, name)
        case FEATURE.CHART | FEATURE.STATS:
            return _put_chart(granted, sketch, naming, mention, name)
        case FEATURE.PAGINATION:
            feature = granted.find(FEATURE.PAGINATION, main.key) or granted.find(FEATURE.PAGINATION, None)
            if feature:
                feature.options["size"] = size_near(mention) or feature.options.get("size", 24)
                if parts(mention.words) & {"load", "infinite"}:
                    feature.options["style"] = "load_more"
        case FEATURE.EXPORT:
            said = parts((*mention.words, *mention.rest)) & {"csv", "json"}
            before = granted.find(FEATURE.EXPORT, None)
            formats = {*(before.options["formats"] if before else ()), *said} or {"csv", "json"}
            granted.put(FEATURE.EXPORT, None, formats=sorted(formats))
        case FEATURE.COMPARE:
            granted.put(FEATURE.COMPARE, main.key, max=count_near(mention) or _compared(granted, main.key))
        case FEATURE.FAVORITES:
            granted.put(FEATURE.FAVORITES, main.key)
        case FEATURE.CREATE | FEATURE.EDIT | FEATURE.DELETE:
            if not granted.find(name, None):
                granted.put(name, main.key)
        case FEATURE.DETAIL:
            if not granted.find(FEATURE.DETAIL, main.key):
                granted.put(FEATURE.DETAIL, None)
        case _:
            granted.put(name, None)
    return True


def _compared(granted: Granted, key: str) -> int:
    before = granted.find(FEATURE.COMPARE, key)
    return before.options.get("max", 2) if before else 2


def _put_by(granted: Granted, sketch: AppSketch, naming: Naming, mention: Mention, name: FeatureName) -> bool:
    """ "filter by price and city": on the entity that has most of these fields."""
    if not mention.by:
        return True
    found = [(entity, list(_resolved(entity, mention.by))) for entity in sketch.entities]
    entity, fields = max(found, key=lambda pair: len(pair[1]))
    if not fields:
        return False
    _label_values(entity, mention.by)
    names = [naming.fields[entity.key][f.key] for f in fields]
    options: dict[str, Any] = {"fields": names}
    before = granted.find(name, entity.key)
    if name is FEATURE.SORT:
        kept = before.options.get("default") if before else None
        best_first = "-" if fields[0].type in {FieldType.RATING, FieldType.DATE, FieldType.DATETIME} else ""
        options["default"] = kept if str(kept).lstrip("-") in names else best_first + names[0]
    if name is FEATURE.FILTER and before and (name, entity.key) in _asked_before(granted):
        options["fields"] = list(dict.fromkeys([*before.options["fields"], *names]))
    granted.put(name, entity.key, **options)
    return True


def _asked_before(granted: Granted) -> set[tuple[FeatureName, str | None]]:
    used = {part for part, _ in granted.used}
    return {(f.name, f.entity) for f in granted.features if f"features.{f.name}" in used}


def _resolved(entity: EntitySketch, by: Sequence[Words]) -> Iterator[FieldSketch]:
    seen: set[str] = set()
    for words in by:
        key = " ".join(w.lemma for w in words if w.norm not in {"the", "a", "its", "their", "my"})
        field = entity.find(key) or entity.find(words[-1].lemma) if words else None
        field = field or next((f for f in entity.fields for c in f.choices if c[0].lower() == key), None)
        if field and field.key not in seen and field.type not in {FieldType.IMAGE, FieldType.FILE}:
            seen.add(field.key)
            yield field


def _label_values(entity: EntitySketch, by: Sequence[Words]) -> None:
    """ "by all, open and done": the labels of a yes-or-no field, the one that is no field being its "no"."""
    values = [" ".join(w.norm for w in words) for words in by]
    yes = next((f for f in entity.fields if f.type is FieldType.BOOLEAN and f.key in values), None)
    if yes is None or yes.choices:
        return
    rest = [v for v in values if v not in {yes.key, "all", "any", "both"} and entity.find(v) is None]
    no = rest[0].capitalize() if rest else OPPOSITES.get(yes.key)
    if no:
        yes.choices = [(yes.label, None), (no, None)]


def _put_chart(granted: Granted, sketch: AppSketch, naming: Naming, mention: Mention, name: FeatureName) -> bool:
    has_row_chart = any(f.name is FEATURE.CHART and f.options.get("scope") == "row" for f in granted.features)
    if not mention.by and has_row_chart:
        return True
    for entity in sketch.entities:
        by = _group(entity, mention, naming.fields[entity.key])
        if by:
            options = {"by": by, "measure": _measure(entity, mention, naming.fields[entity.key])}
            scope = {"scope": "list"} if name is FEATURE.CHART else {}
            granted.put(name, entity.key, **scope, **options)
            return True
    return False


def _group(entity: EntitySketch, mention: Mention, names: dict[str, str]) -> str | None:
    days = [f for f in entity.fields if f.type in {FieldType.DATE, FieldType.DATETIME}]
    for words in mention.by:
        if days and words[-1].lemma in PERIODS:
            return f"month:{names[days[0].key]}"
        field = next(_resolved(entity, [words]), None)
        if field:
            if field.type.is_number and field.type not in BINNED and days:
                return f"month:{names[days[0].key]}"  # "progress by weight" is how that changes
            day = field.type in {FieldType.DATE, FieldType.DATETIME}
            return f"month:{names[field.key]}" if day else names[field.key] if field.type in BINNED else None
    if mention.by:
        return None
    groups = [f for f in entity.fields if f.type in {FieldType.CHOICE, FieldType.RELATION}]
    if groups:
        return names[groups[0].key]
    return f"month:{names[days[0].key]}" if days else None


def _measure(entity: EntitySketch, mention: Mention, names: dict[str, str]) -> str:
    """Money is added up unless a number of things was asked for."""
    around = {w.lemma for w in (*mention.words, *mention.rest)}
    said = {w.lemma for w in mention.words}
    named = next((f for f in entity.fields if f.type.is_number and f.key in said), None)
    if named and not around & {"many", "number", "count"}:  # "a chart of weight by month"
        adds_up = named.type in {FieldType.MONEY, FieldType.INTEGER, FieldType.COMPUTED}
        return f"{'sum' if adds_up and not around & {'average', 'mean'} else 'avg'}:{names[named.key]}"
    money = next((f for f in entity.fields if f.type is FieldType.MONEY), None)
    if money is None or around & {"many", "number", "count"}:
        return "count"
    return f"{'avg' if around & {'average', 'mean'} else 'sum'}:{names[money.key]}"
