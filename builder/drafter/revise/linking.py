"""Relate two things: one of them to each, or several to several."""

from builder.drafter.lexicon import grammar
from builder.drafter.revise.draft import Draft
from builder.drafter.revise.orders import Order
from builder.drafter.revise.references import App
from builder.drafter.text import Word, Words, lemmas
from builder.names import identifier
from builder.spec import SpecField

JOINS = frozenset("to with and into by in".split())


def link(draft: Draft, order: Order) -> bool:
    """ "link deals to contacts", "each deal belongs to a company"."""
    words = [*order.before, *order.words]
    found = draft.names.entities_in(words)
    if len(found) < 2:
        return False
    (_, end, one), (start, _, other) = found[0], found[1]
    return _relate(draft, one, other, many=_is_many(words[end:start]))


def have(draft: Draft, before: Words, words: list[Word]) -> bool:
    """ "each deal has a contact", "a contact can have many deals", "deals can have several contacts"."""
    owners, owned = draft.names.entities_in(before), draft.names.entities_in(words)
    if not owners or not owned:
        return False
    start, end, one = owners[-1]
    at, _, other = owned[0]
    if any(w.is_word and w.norm not in grammar("determiners") | grammar("many") for w in words[:at]):
        return False  # "deals have a contact date"
    each = not before[end - 1].is_plural or any(w.norm in {"each", "every", "a", "an"} for w in before[:start])
    several = _is_many(words[:at]) or words[at].is_plural
    if several and each:
        return _relate(draft, other, one, many=False)
    return _relate(draft, one, other, many=several)


def _is_many(words: Words) -> bool:
    return any(w.norm in grammar("many") | {"multiple"} for w in words)


def _relate(draft: Draft, one: App, other: App, *, many: bool) -> bool:
    if any(f.get("target") == other["name"] and f["many"] == many for f in one["fields"]):
        draft.complain("related_already", things=one["label_plural"], others=other["label_plural"])
        return True
    label = other["label_plural"] if many else other["label"]
    name = identifier(other["plural"] if many else other["name"], {f["name"] for f in one["fields"]})
    one["fields"].append(_relation(name, label, other["name"], many))
    draft.once(("field", lemmas(label)), "there", "relate", things=one["label_plural"])
    how = "related_to_several" if many else "related_to_one"
    draft.tell(how, things=one["label_plural"], others=other["label_plural"])
    shown = next((f for f in draft.app["features"] if f["name"] == "filter" and f["entity"] == one["name"]), None)
    if shown and not many and isinstance(shown["options"].get("fields"), list):
        shown["options"]["fields"] = [*shown["options"]["fields"], name]
    if not any(f["name"] == "relations" for f in draft.app["features"]):
        draft.app["features"].append({"name": "relations", "entity": None, "options": {}})
    return True


def _relation(name: str, label: str, target: str, many: bool) -> App:
    field = SpecField.model_validate({"name": name, "type": "relation", "label": label, "target": target, "many": many})
    return field.model_dump(mode="json")
