"""Change what a field is, how the app looks and which language it speaks."""

from builder.drafter.assemble import choice_value
from builder.drafter.fields import choices_from
from builder.drafter.phrases import bracket_list
from builder.drafter.revise import changes
from builder.drafter.revise.draft import Draft
from builder.drafter.revise.look import Look, told
from builder.drafter.revise.names import CHOICE_WORDS, Field, starts_of_names
from builder.drafter.revise.orders import Order
from builder.drafter.revise.renaming import TO, rename
from builder.drafter.revise.speech import code_named, is_join
from builder.drafter.revise.translating import translate
from builder.drafter.text import Word
from builder.spec import FieldType as T

TYPES = {"number": T.INTEGER, "text": T.TEXT, "date": T.DATE, "day": T.DATE, "checkbox": T.BOOLEAN,
         "yes or no": T.BOOLEAN, "yes / no": T.BOOLEAN, "boolean": T.BOOLEAN, "money": T.MONEY, "price": T.MONEY,
         "amount": T.MONEY, "currency": T.MONEY, "decimal": T.DECIMAL, "decimal number": T.DECIMAL,
         "integer": T.INTEGER, "whole number": T.INTEGER, "time": T.TIME, "email": T.EMAIL, "link": T.URL,
         "url": T.URL, "phone": T.PHONE, "phone number": T.PHONE, "picture": T.IMAGE, "image": T.IMAGE,
         "photo": T.IMAGE, "file": T.FILE, "rating": T.RATING, "color": T.COLOR, "colour": T.COLOR,
         "date and time": T.DATETIME, "datetime": T.DATETIME, "long text": T.TEXT, "short text": T.STRING,
         "string": T.STRING, "line": T.STRING}  # fmt: skip
SMALL = frozenset("to into be a an as is it in on for".split())
ANOTHER_NAME = frozenset("name title".split())


def change(draft: Draft, order: Order, words: list[Word]) -> None:
    before = len(draft.said) + len(draft.problems)
    if become(draft, words) or _language(draft, words):
        return
    if any(w.norm in ANOTHER_NAME for w in words[:3]) and any(w.norm in {"to", "into", "as"} for w in words):
        if words[0].norm in ANOTHER_NAME and words[1].norm in {"to", "into", "as"}:  # the app's own
            words = [*draft.prompt.read("the app").words, *words[1:]]
        rename(draft, [w for w in words if not (w.norm in ANOTHER_NAME and _followed_by_of(words, w))])
        if len(draft.said) + len(draft.problems) > before:
            return
    look(draft, [*order.before, *order.words])
    if len(draft.said) + len(draft.problems) == before and any(draft.joins(w, TO) for w in words):
        rename(draft, words)  # "change notes to remarks"


def _followed_by_of(words: list[Word], word: Word) -> bool:
    at = words.index(word)
    return at + 1 < len(words) and words[at + 1].norm == "of"


def look(draft: Draft, words: list[Word]) -> None:
    """Colours, style, light and dark."""
    looks = Look(draft.app["theme"], draft.prompt.language)
    for part, value, name in looks.changes(draft.part(words)):
        look = draft.say(f"look.{value}") if draft.say.knows(f"look.{value}") else value
        draft.once(("theme", part), value, "look", part=draft.say(f"look.part.{part}"), look=look)
        if draft.app["theme"].get(part) != value:
            draft.app["theme"][part] = value
            draft.said.append(told(draft.say, "app", part, value, name))
        else:
            draft.problems.append(told(draft.say, "app", part, value, name, again=True))


def _language(draft: Draft, words: list[Word]) -> bool:
    own = draft.prompt.language
    code = next((found for w in words if (found := code_named(w.text, own) or code_named(w.norm, own))), None)
    if code is None:
        return False
    name = draft.say(f"language.{code}")
    draft.once("language", code, "speak", language=name)
    if code == draft.app["locale"].split("-")[0]:
        draft.complain("app_language_already", language=name)
    else:
        translate(draft.app, code)
        draft.tell("app_language", language=name)
    return True


def become(draft: Draft, words: list[Word]) -> bool:
    """The longest start of the words that is a field, and what it is to be."""
    for at in starts_of_names(words):
        what = [w for w in words[at:] if w.norm not in SMALL and not is_join(w.text, draft.prompt.language)]
        if not what or not _is_kind(what):
            continue
        found = draft.field_at(list(words[:at])) if draft.names.fields(words[:at]) or at > 2 else None
        if found:
            _become(draft, found, what)
            return True
    return False


def _is_kind(words: list[Word]) -> bool:
    said = " ".join(w.lemma for w in words)
    flags = {"required", "mandatory", "optional", "unique"}
    return (
        bool(flags & set(said.split()))
        or bool(bracket_list(words))
        or words[0].lemma in CHOICE_WORDS | {"list"}
        or (said in TYPES)
    )


def _become(draft: Draft, found: Field, words: list[Word]) -> None:
    field, said = found.field, {w.lemma for w in words}
    label, key = field["label"], (found.entity["name"], field["name"])
    if said & {"required", "mandatory", "optional"}:
        needed = "optional" not in said
        if {"required", "mandatory"} & said and "optional" in said:
            draft.once(("required", *key), True, "require", field=label)
        draft.once(("required", *key), needed, "require" if needed else "not_require", field=label)
        field["required"] = needed
        draft.tell("field_required" if needed else "field_optional", field=label)
    elif "unique" in said:
        field["unique"] = not said & {"not", "no"}
        draft.tell("field_unique" if field["unique"] else "field_not_unique", field=label)
    elif field["type"] in {"relation", "computed"}:
        draft.complain(f"{field['type']}_stays", field=label)
    else:
        _retype(draft, found, words)


def _retype(draft: Draft, found: Field, words: list[Word]) -> None:
    field, said = found.field, " ".join(w.lemma for w in words)
    if bracket_list(words) or (any(w.text in ",/" for w in words) and said not in TYPES):
        skip = CHOICE_WORDS | {"list"}
        inside = [
            w for w in words if w.text not in "()[]" and w.lemma not in skip and w.norm not in {"with", "from", "of"}
        ]
        _as_choice(draft, found, choices_from(inside, draft.prompt))
        return
    kind = TYPES.get(said)
    if kind is None and words[0].lemma in CHOICE_WORDS | {"list"}:
        draft.complain("which_choices", field=field["label"])
        return
    if kind is None:
        return
    label, name = field["label"], draft.say(f"type.{kind}")
    draft.once(("type", found.entity["name"], field["name"]), str(kind), "retype", field=label, type=name)
    if field["type"] == kind.value:
        draft.complain("field_type_already", field=label, type=name)
        return
    changes.retype(field, kind.value)
    changes.forget_values(found.entity, field)
    draft.tell("field_type", field=label, type=name)


def _as_choice(draft: Draft, found: Field, choices: list[tuple[str, str | None]]) -> None:
    """Choices that are there already keep their values."""
    field = found.field
    known = {c["label"].lower(): c["value"] for c in field["choices"]}
    taken: list[str] = []
    fresh = []
    for label, color in choices:
        value = known.get(label.lower()) or choice_value(label, [*taken, *known.values()])
        taken.append(value)
        fresh.append({"value": value, "label": label, "color": color})
    draft.once(("type", found.entity["name"], field["name"]), tuple(taken), "make_choice", field=field["label"])
    changes.retype(field, "choice", choices=fresh)
    for row in found.entity["seed"]:
        if row.get(field["name"]) not in {None, *taken}:
            del row[field["name"]]
    draft.tell("field_choices", field=field["label"], choices=draft.say.listed([str(c["label"]) for c in fresh]))
