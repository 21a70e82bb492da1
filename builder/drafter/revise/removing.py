"""Take away fields, choices, things, pages and features, with what can't be without them."""

from builder.drafter.features import find_mentions
from builder.drafter.revise import changes
from builder.drafter.revise.draft import INTO, Draft
from builder.drafter.revise.names import NAMES, PAGE_WORDS, THING_WORDS, Chosen, Field, listed
from builder.drafter.revise.references import App
from builder.drafter.revise.wishing import shown
from builder.drafter.text import Word, Words, lemmas

EVERYTHING = frozenset("everything all anything".split())


def remove(draft: Draft, words: list[Word]) -> None:
    for at in range(len(words) - 1, 0, -1):
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
        draft.problems.append("An app keeps at least one kind of thing. Say what should go.")
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
    draft.once(("thing", lemmas(entity["label"])), "gone", f"remove {label}")
    if entity["name"] == draft.people:
        draft.problems.append(f"{label} stay: they are who signs in. Remove the accounts first.")
    elif len([e for e in draft.app["entities"] if e["name"] != draft.people]) == 1:
        draft.problems.append(f"{label} stay: an app keeps at least one kind of thing.")
    else:
        _tell(draft, f"Removed {label}", changes.remove_entity(draft.app, entity))


def _field(draft: Draft, found: Field) -> None:
    entity, field = found
    draft.once(("field", lemmas(field["label"])), "gone", f"remove “{field['label']}”")
    auth: App = next((f["options"] for f in draft.app["features"] if f["name"] == "auth"), {})
    if entity["name"] == draft.people and field["name"] in auth.values():
        draft.problems.append(f"“{field['label']}” stays: nobody could sign in without it.")
    elif len(entity["fields"]) == 1:
        draft.problems.append(f"“{field['label']}” stays: {entity['label_plural']} have nothing else.")
    else:
        gone = changes.remove_field(draft.app, entity, field)
        _tell(draft, f"Removed “{field['label']}” from {entity['label_plural']}", gone)


def _choice(draft: Draft, found: list[Chosen]) -> bool:
    if not found:
        return False
    entity, field, choice = found[0]
    draft.once(("choice", choice["label"].lower()), "gone", f"remove the choice “{choice['label']}”")
    if len(field["choices"]) == 1:
        draft.problems.append(f"“{choice['label']}” stays: {field['label']} has no other choice.")
    else:
        gone = changes.remove_choice(draft.app, entity, field, choice)
        _tell(draft, f"Removed the choice “{choice['label']}” from {field['label']}", gone)
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
        draft.problems.append(f"“{page['label']}” stays: it is the only page.")
        return True
    draft.app["pages"].remove(page)
    changes.drop_orphaned_pages(draft.app)
    draft.said.append(f"Removed the page “{page['label']}”.")
    return True


def _feature(draft: Draft, words: list[Word], where: App | None, *, dry: bool = False) -> bool:
    names = {str(m.name) for m in find_mentions(draft.part(words))}
    of = where["name"] if where else None
    features = [f for f in draft.app["features"] if f["name"] in names and (of is None or f["entity"] == of)]
    if dry or not features:
        return bool(features)
    if any(f["name"] == "auth" for f in features):
        draft.problems.append("The accounts stay: what each person owns is told apart by them.")
        return True
    for name in dict.fromkeys(f["name"] for f in features):
        draft.once(("feature", name), "gone", f"remove {shown(name)}")
        draft.said.append(f"Removed {shown(name)}.")
    draft.app["features"] = [f for f in draft.app["features"] if f not in features]
    changes.drop_orphaned_pages(draft.app)
    return True


def _renamed_meanwhile(draft: Draft, words: list[Word]) -> None:
    label = " ".join(w.lemma for w in words if w.lemma not in NAMES)
    draft.once(("field", label), "gone", f"remove “{draft.prompt.quote(words)}”")


def _tell(draft: Draft, what: str, gone: list[str]) -> None:
    also = f", and with it {', '.join(gone[:-1]) + ' and ' if gone[1:] else ''}{gone[-1]}" if gone else ""
    draft.said.append(f"{what}{also}.")
