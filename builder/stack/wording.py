"""The texts that a stack adds to a person's own: the words of its interface, nouns inside sentences, a first line.

Knows no page and no template.
"""

import re
from collections.abc import Mapping
from typing import Any

from builder.stack.locales import words
from builder.stack.views import EntityView, FieldView, SpecView, Words

CAPITAL_NOUNS = {"de", "lb"}  # languages whose nouns keep their capital anywhere in a sentence
PLAIN = {"en", "id", "ms"}  # languages whose own words have no accents: one that has some is a name or borrowed


def used_words(locale: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The words that the pages among the files name."""
    pages = b"".join(content for path, content in files.items() if path.endswith((".ts", ".tsx")))
    named = set(re.findall(r'"([a-z_]+)"', pages.decode()))
    return {key: text for key, text in words(locale).items() if key in named}


def spoken_words(locale: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """The sentences of the server: those that its code names, like `words.ERROR_TAKEN`, in the order of the table."""
    code = b"".join(content for path, content in files.items() if path.endswith(".py"))
    named = {name.lower() for name in re.findall(r"\bwords\.([A-Z_]+)", code.decode())}
    assert named <= words("en").keys(), f"no word for {named - words('en').keys()}"
    return {key.upper(): text for key, text in words(locale).items() if key in named}


def called(app: SpecView) -> dict[str, Words]:
    """What people call fields and tables, where their names, which are English, say nothing to them.

    Of two fields with the same name that of the earlier entity counts.
    """
    if app.locale.split("-")[0] == "en":
        return {}
    labels: dict[str, Words] = {}
    for entity in app.entities:
        labels |= {field.name: field.label for field in entity.fields if field.name not in labels}
    return labels | {entity.table: entity.label_plural for entity in app.entities}


def noun(label: str, locale: str) -> Words:
    """A label as it stands inside a sentence: "Add task". Names, like "Pokémon", and abbreviations stay as they are.

    A name can't be told from a noun for sure; in a language without accents, one that is written with them, or in
    another script, is left alone.
    """
    first, rest = label[:1], label[1:]
    language = locale.split("-")[0]
    is_plain = first.isupper() and not any(letter.isupper() for letter in rest)
    is_own = label.isascii() or language not in PLAIN
    is_word = is_plain and is_own and len(rest) > 1 and language not in CAPITAL_NOUNS
    return Words(first.lower() + rest if is_word else label)


def tagline(app: SpecView) -> Words:
    """What the app is for: in the person's words, else in those of what can be done with its first kind of thing."""
    if app.spec.tagline or not app.entities:
        return Words(app.spec.tagline)
    things = [page.entity for page in app.pages if page.entity and not page.entity.is_people]
    entity = next(iter(things), app.entities[0])
    own = words(app.locale)
    start = own["tagline_keep" if entity.has("create") else "tagline_browse"]
    parts = [start.format(label=noun(entity.label_plural, app.locale))]
    grouped = _grouped_by(entity)
    if grouped is not None:
        parts[0] += own["tagline_by"].format(field=noun(_one_of(grouped), app.locale))
    parts += [own[f"tagline_{name}"] for name in ("compare", "favorites") if entity.has(name)]
    *earlier, last = parts
    return Words(own["tagline_and"].format(start=", ".join(earlier), end=last) if earlier else last)


def _grouped_by(entity: EntityView) -> FieldView | None:
    fields = [entity.field(name) for name in entity.options("filter").get("fields", ())]
    return next((f for f in fields if f.is_relation or f.type == "choice"), None)


def _one_of(field: FieldView) -> Words:
    return field.target.label if field.many and field.target else field.label
