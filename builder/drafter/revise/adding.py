"""Add fields, choices, things, pages and features."""

from builder.drafter.assemble import choice_value
from builder.drafter.doubt import is_field
from builder.drafter.entities import read_entities
from builder.drafter.features import find_mentions
from builder.drafter.fields import choices_from, read_field
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.phrases import bracket_list, titled
from builder.drafter.revise.changing import TYPES
from builder.drafter.revise.draft import Draft
from builder.drafter.revise.names import (
    CHOICE_WORDS,
    FIELD_WORDS,
    PAGE_WORDS,
    QUOTES,
    STOPS,
    THING_WORDS,
    bare,
    listed,
)
from builder.drafter.revise.orders import Order
from builder.drafter.revise.references import App
from builder.drafter.revise.sketched import add_fields, add_thing
from builder.drafter.revise.wishing import add_feature
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.text import Word, Words, lemmas
from builder.spec import MAX_FIELDS, FieldType

# What sounds like a field and is none: only code can do it.
CHOSEN_IN = frozenset("to in as for of".split())
DEEDS = frozenset(
    "chatbot bot ai assistant integration stripe paypal payment webhook api oauth sso login google slack whatsapp sms "
    "newsletter push email-reminder automation animation video map gps scanner barcode".split()
)


def add(draft: Draft, order: Order) -> None:
    words = _opened(order.words)
    if not words:
        return
    entity, rest = draft.target(order.before, words)
    rest = _opened(rest)
    named = any(w.lemma in FIELD_WORDS for w in order.words[:4])
    if not named and (add_feature(draft, rest, entity, whole=True) or _page(draft, words)):
        return
    if _choices(draft, words) or _thing(draft, words):
        return
    if named or not add_feature(draft, rest, entity, whole=False):
        _fields(draft, rest, entity or draft.main())


def _opened(words: Words) -> list[Word]:
    """Without what opens a phrase: articles, "field", "called"."""
    found = list(words)
    while found and (found[0].norm in STOPS or found[0].lemma in FIELD_WORDS or found[0].text in QUOTES):
        found.pop(0)
    return found


# pages


def _page(draft: Draft, words: list[Word]) -> bool:
    """ "a page for suppliers": a thing that has none in the navigation."""
    if not any(w.lemma in PAGE_WORDS for w in words[:1] + words[-1:]):
        return False
    entity = draft.names.entity([w for w in words if w.lemma not in PAGE_WORDS and w.norm not in {"for", "of", "with"}])
    if entity is None:
        return False
    if any(p["entity"] == entity["name"] and p["view"] in {None, "cards", "table", "list"} for p in draft.app["pages"]):
        draft.complain("page_there", things=entity["label_plural"])
        return True
    page = {"name": entity["plural"], "label": entity["label_plural"], "entity": entity["name"], "view": None}
    draft.app["pages"].append(page)
    draft.tell("page_added", things=entity["label_plural"])
    return True


# choices


def _choices(draft: Draft, words: list[Word]) -> bool:
    """ "the status blocked", "a choice 'blocked' to status"."""
    at = next((at for at, w in enumerate(words) if draft.joins(w, CHOSEN_IN) and at), None)
    ends = ((words[:at], words[at + 1 :]) if at else (words, []), (words[1:], words[:1]))
    for what, where in ends:
        found = [f for f in draft.names.fields(where) if f.field["type"] == "choice"] if where else []
        if not found or not what or not (at or words[0].lemma in CHOICE_WORDS or len(words) == 2):
            continue
        _, field = found[0]
        skipped = CHOICE_WORDS | {field["name"].replace("_", " ")}
        words_of = [w for w in draft.names.bare(what) if w.lemma not in skipped]
        new = choices_from(words_of, draft.prompt)
        known = {c["label"].lower() for c in field["choices"]}
        for label, color in new:
            if label.lower() in known:
                draft.complain("choice_there", field=field["label"], choice=label)
                continue
            draft.once(("choice", label.lower()), "there", "add_choice", choice=label)
            value = choice_value(label, [c["value"] for c in field["choices"]])
            field["choices"].append({"value": value, "label": label, "color": color})
            draft.tell("choice_added", choice=label, field=field["label"])
        return bool(new)
    return False


# things


def _thing(draft: Draft, words: list[Word]) -> bool:
    """ "a table suppliers with name and phone", "suppliers (name, phone)"."""
    named = words[0].lemma in THING_WORDS | {"page"}
    inner = [w for w in (words[1:] if named else words) if not (named and w.norm in {"for", "of"} | STOPS)]
    has = any(w.norm in grammar("has") for w in inner[1:])
    if not inner or not (named or ((has or bracket_list(inner)) and inner[0].is_plural)):
        return False
    if known := (draft.names.entity(inner[:1]) or draft.names.entity(inner[:2])):
        if has or bracket_list(inner):
            return False
        draft.complain("things_there", things=known["label_plural"])
        return True
    part = draft.part(inner)
    reading = read_entities(part, find_mentions(part))
    if not reading.entities and named and (head := bare(inner)):
        reading.open(" ".join(w.lemma for w in head), titled(draft.prompt.phrase(head)), head)
    for entity in reading.entities:
        _add_thing(draft, entity)
    return bool(reading.entities)


def _add_thing(draft: Draft, entity: EntitySketch) -> None:
    if not entity.fields:
        entity.fields = [FieldSketch("Name", "name", FieldType.STRING, required=True)]
    entity.fields[0].required = entity.fields[0].type is FieldType.STRING
    entity.language = draft.prompt.language
    draft.once(("thing", lemmas(entity.label)), "there", "add_things", things=entity.label_plural)
    add_thing(draft.app, entity, draft.today)
    draft.tell("things_added", things=entity.label_plural)


# fields


def _fields(draft: Draft, words: list[Word], entity: App) -> None:
    fresh: list[FieldSketch] = []
    for field in (f for part in listed(words) if (f := _read(draft, part))):
        known = field.choices or field.said or field.key in lexicon().fields or len(field.key.split()) <= 3
        if known and is_field(field) and not _is_sentence(field) and not set(field.key.split()) & DEEDS:
            fresh += [field] if _is_new(draft, entity, field, fresh) else []
        if len(entity["fields"]) + len(fresh) > MAX_FIELDS:
            break
    if fresh:
        add_fields(draft.app, entity, fresh, draft.today)
    for field in fresh:
        draft.tell("field_added", field=field.label, things=entity["label_plural"])


def _is_sentence(field: FieldSketch) -> bool:
    return any(w.norm in grammar("pronouns") for w in field.words)


def _read(draft: Draft, words: list[Word]) -> FieldSketch | None:
    """ "priority (low, high)", "a yes/no field vip", "a checkbox archived", "estimate field"."""
    words, kind = _spelled_type(_opened(words))
    while len(words) > 1 and words[-1].lemma in FIELD_WORDS:
        words = words[:-1]
    field = read_field(words, draft.prompt) if words else None
    if field and kind:
        field.type, field.choices, field.min, field.max, field.unit = kind, [], None, None, None
        field.said = True
    return field


def _spelled_type(words: list[Word]) -> tuple[list[Word], FieldType | None]:
    for length in (3, 2, 1):
        kind = TYPES.get(" ".join(w.lemma for w in words[:length]))
        rest = words[length:]
        if kind and rest and (rest[0].lemma in FIELD_WORDS or words[0].lemma == "checkbox"):
            return _opened(rest), kind
    return words, None


def _is_new(draft: Draft, entity: App, field: FieldSketch, others: list[FieldSketch]) -> bool:
    """Whether the thing has no such field yet, nor gets another by the same words."""
    label, name = field.label.lower(), field.key.replace(" ", "_")
    there = any(f["label"].lower() == label or f["name"] == name for f in entity["fields"])
    twice = any(f.label.lower() == label or f.key == field.key for f in others)
    if twice or (there and draft.names.fields(field.words, entity)):
        draft.complain("field_there", things=entity["label_plural"], field=field.label)
        return False
    draft.once(("field", lemmas(field.label)), "there", "add_field", field=field.label)
    return True
