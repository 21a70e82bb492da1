"""Take away fields, choices, things, pages and features, with what can't be without them."""

from builder.drafter.features import find_mentions
from builder.drafter.revise import changes
from builder.drafter.revise.draft import INTO, Draft
from builder.drafter.revise.names import NAMES, PAGE_WORDS, THING_WORDS, Chosen, Field, ends_of_names, listed
from builder.drafter.revise.references import App
from builder.drafter.text import Word, Words, lemmas

EVERYTHING = frozenset("everything all anything".split())


def remove(draft: Draft, words: list[Word]) -> None:
    for at in ends_of_names(words):
        if draft.joins(words[at], INTO):
            where, field = draft.names.entity(words[at + 1 :]), draft.names.fields(words[at + 1 :])
            if where or (field and field[0].field["type"] == "choice"):
                for part in listed(words[:at]):
                    _one(draft, part, where, None if where else field[0])
                return
    for part in listed(words):
        _one(draft, part, None, None)


def _one(draft: Draft, words: list[Word], where: App | None, of: Field | None) -> None:
    inner = draft.names.bare(words)
    if not inner:
        return
    if of:
        _choice(draft, draft.names.choices(words, of.field))
        return
    if len(inner) == 1 and inner[0].norm in EVERYTHING:
        draft.complain("everything_stays")
        return
    entity = draft.names.entity(words) if where is None else None
    thing = entity and (inner[-1].is_plural or any(w.lemma in THING_WORDS for w in words))
    found = draft.one_field(words, where) if not thing and not _is_page(words) else None
    if where is None and found is None and not entity and not _is_page(words):
        found = draft.field_at(words)
    if entity and not _is_page(words) and (thing or found is None):
        _thing(draft, entity)
    elif found and not (words[0].lemma not in NAMES and _feature(draft, words, where, dry=True)):
        _field(draft, found)
    elif not (_choice(draft, draft.names.choice_of(words)) or _page(draft, words) or _feature(draft, words, where)):
        _renamed_meanwhile(draft, inner)


def _is_page(words: Words) -> bool:
    return any(w.lemma in PAGE_WORDS for w in words) and len(words) > 1


def _thing(draft: Draft, entity: App) -> None:
    label = entity["label_plural"]
    draft.once(("thing", lemmas(entity["label"])), "gone", "remove_things", things=label)
    if entity["name"] == draft.people:
        draft.complain("people_stay", things=label)
    elif len([e for e in draft.app["entities"] if e["name"] != draft.people]) == 1:
        draft.complain("things_stay", things=label)
    else:
        gone = changes.remove_entity(draft.app, entity)
        draft.tell("things_removed", things=label, also=_also(draft, gone))


def _field(draft: Draft, found: Field) -> None:
    entity, field = found
    draft.once(("field", lemmas(field["label"])), "gone", "remove_field", field=field["label"])
    auth: App = next((f["options"] for f in draft.app["features"] if f["name"] == "auth"), {})
    if entity["name"] == draft.people and field["name"] in auth.values():
        draft.complain("login_stays", field=field["label"])
    elif len(entity["fields"]) == 1:
        draft.complain("last_field_stays", field=field["label"], things=entity["label_plural"])
    else:
        gone = changes.remove_field(draft.app, entity, field)
        draft.tell("field_removed", field=field["label"], things=entity["label_plural"], also=_also(draft, gone))


def _choice(draft: Draft, found: list[Chosen]) -> bool:
    if not found:
        return False
    entity, field, choice = found[0]
    draft.once(("choice", choice["label"].lower()), "gone", "remove_choice", choice=choice["label"])
    if len(field["choices"]) == 1:
        draft.complain("choice_stays", choice=choice["label"], field=field["label"])
    else:
        gone = changes.remove_choice(draft.app, entity, field, choice)
        draft.tell("choice_removed", choice=choice["label"], field=field["label"], also=_also(draft, gone))
    return True


def _page(draft: Draft, words: list[Word]) -> bool:
    """A page of a feature goes with the feature; that of a thing only leaves the navigation."""
    pages = draft.names.pages(words)
    if not pages:
        return False
    page = pages[0]
    if feature := changes.PAGE_OF.get(page["view"]):
        draft.app["features"] = [f for f in draft.app["features"] if f["name"] != feature]
    elif len(draft.app["pages"]) == 1:
        draft.complain("page_stays", page=page["label"])
        return True
    draft.app["pages"].remove(page)
    changes.drop_orphaned_pages(draft.app)
    draft.tell("page_removed", page=page["label"])
    return True


def _feature(draft: Draft, words: list[Word], where: App | None, *, dry: bool = False) -> bool:
    names = {str(m.name) for m in find_mentions(draft.part(words))}
    of = where["name"] if where else None
    features = [f for f in draft.app["features"] if f["name"] in names and (of is None or f["entity"] == of)]
    if dry or not features:
        return bool(features)
    if any(f["name"] == "auth" for f in features):
        draft.complain("accounts_stay")
        return True
    for name in dict.fromkeys(f["name"] for f in features):
        feature = draft.say(f"feature.{name}")
        draft.once(("feature", name), "gone", "remove_feature", feature=feature)
        draft.tell("feature_removed", feature=feature)
    draft.app["features"] = [f for f in draft.app["features"] if f not in features]
    changes.drop_orphaned_pages(draft.app)
    return True


def _renamed_meanwhile(draft: Draft, words: list[Word]) -> None:
    label = " ".join(w.lemma for w in words if w.lemma not in NAMES)
    draft.once(("field", label), "gone", "remove_field", field=draft.prompt.quote(words))


def _also(draft: Draft, gone: list[changes.Taken]) -> str:
    """What went with it, as the end of a sentence."""
    names = [draft.say(key, **places) for key, places in gone]
    return draft.say("also", gone=draft.say.both(names)) if names else ""
