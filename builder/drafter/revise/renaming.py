"""Give fields, things, choices, pages and the app other names."""

from builder.drafter.lexicon import lexicon
from builder.drafter.phrases import titled
from builder.drafter.revise import changes
from builder.drafter.revise.draft import Draft
from builder.drafter.revise.names import NAMES, QUOTES, STOPS, Field, bare, splits, starts_of_names
from builder.drafter.revise.references import App
from builder.drafter.text import Word, Words, lemmas, plural
from builder.names import identifier

TO = frozenset("to into as →".split())
OF_THE_APP = frozenset("name title".split())


def rename(draft: Draft, words: list[Word]) -> None:
    """ "notes to remarks"; "call the notes remarks"."""
    for old, new in splits(words, lambda w: draft.joins(w, TO)):
        if _name(draft, old, new):
            return
    for at in starts_of_names(words):
        if words[at - 1].norm not in STOPS and _name(draft, words[:at], words[at:]):
            return


def _name(draft: Draft, old: list[Word], new: list[Word]) -> bool:
    inner = [w for w in new if w.text not in QUOTES]
    if not inner or not bare(old):
        return False
    label = titled(draft.prompt.quote(inner) if draft.prompt.language == "en" else draft.prompt.phrase(inner))[:80]
    if _is_app(draft, old):
        label = titled(draft.prompt.quote(inner))[:120]
        draft.once("name", label, "call_app", name=label)
        draft.app["name"] = label
        draft.tell("app_named", name=label)
        return True
    explicit = old[0].lemma in NAMES or (len(old) > 1 and old[0].norm in STOPS and old[1].lemma in NAMES)
    entity = None if explicit else draft.names.entity(old)
    fields = draft.names.fields(old) if entity else []
    if fields and not bare(old)[-1].is_plural and not fields[0].field.get("target"):
        entity = None
    if entity:
        _thing(draft, entity, inner)
    elif found := draft.field_at(old):
        _field(draft, found, label)
    else:
        return _choice(draft, old, label) or _page(draft, old, label)
    return True


def _is_app(draft: Draft, words: list[Word]) -> bool:
    """ "the app", "its name", "the title of the site"."""
    inner = [w for w in bare(words) if w.norm not in {"of"}]
    if not inner or draft.names.entity(words):
        return False
    if all(w.lemma in OF_THE_APP for w in inner):
        return words[0].norm in {"its", "the"} and not draft.names.fields(words) if len(words) > 1 else False
    return all(w.lemma in lexicon().app_words | OF_THE_APP for w in inner) and not draft.names.fields(words)


def _field(draft: Draft, found: Field, label: str) -> None:
    entity, field = found
    old = field["label"]
    taken = {f["name"] for f in entity["fields"] if f is not field}
    if any(f["label"].lower() == label.lower() for f in entity["fields"] if f is not field):
        draft.complain("field_taken", things=entity["label_plural"], field=label)
        return
    if old == label:
        draft.complain("field_same", field=label)
        return
    draft.once(("field", lemmas(old)), "there", "rename_field", field=old)
    draft.once(("label", field["name"]), label, "call_field", old=old, new=label)
    changes.rename_field(draft.app, entity, field, identifier(label, taken), label)
    draft.tell("field_renamed", old=old, things=entity["label_plural"], new=label)


def _thing(draft: Draft, entity: App, words: Words) -> None:
    """Its name, and so its table, stays: only what people read changes."""
    one = words[-1].single or " ".join(
        [*(w.text for w in words[:-1]), words[-1].lemma if words[-1].is_plural else words[-1].text]
    )
    single, before, many_before = titled(one), entity["label"], entity["label_plural"]
    english = draft.prompt.language == "en"
    many = titled(words[-1].many or (plural(single) if english else draft.prompt.quote(words)))
    draft.once(("thing", lemmas(before)), "there", "rename_things", things=many_before)
    draft.once(("things", entity["name"]), many, "call_things", old=many_before, new=many)
    entity["label"], entity["label_plural"] = single, many
    for page in draft.app["pages"]:
        if page["label"] == many_before:
            page["label"] = many
    for other in draft.app["entities"]:
        for field in other["fields"]:
            if field.get("target") == entity["name"] and field["label"] in {before, many_before}:
                field["label"] = single if field["label"] == before else many
    draft.tell("things_renamed", old=many_before, new=many)


def _choice(draft: Draft, words: list[Word], label: str) -> bool:
    found = draft.names.choice_of(words)
    if not found:
        return False
    _, field, choice = found[0]
    if any(c["label"].lower() == label.lower() for c in field["choices"] if c is not choice):
        draft.complain("choice_there", field=field["label"], choice=label)
        return True
    draft.once(("choice", choice["label"].lower()), "there", "rename_choice", choice=choice["label"])
    draft.tell("choice_renamed", old=choice["label"], new=label)
    choice["label"] = label
    return True


def _page(draft: Draft, words: list[Word], label: str) -> bool:
    pages = draft.names.pages(words)
    if pages:
        draft.tell("page_renamed", old=pages[0]["label"], new=label)
        pages[0]["label"] = label
    return bool(pages)
