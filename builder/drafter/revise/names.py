"""Find in an AppSpec what a message speaks of: things, fields, choices, pages. By name, label or meaning."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from builder.drafter.language import CODES, Language
from builder.drafter.lexicon import grammar
from builder.drafter.revise.references import App
from builder.drafter.revise.speech import is_article
from builder.drafter.text import Word, Words, lemmas, normal

QUOTES = frozenset("\"'“”«»‘’„「」")
FIELD_WORDS = frozenset("field column attribute property".split())
NAMES = FIELD_WORDS | {"entry", "value"}
CHOICE_WORDS = frozenset("choice option status stage value".split())
THING_WORDS = frozenset("table entity section list tab thing".split())
PAGE_WORDS = frozenset("page tab view screen".split())
PEOPLE = frozenset("person user member account teammate colleague somebody someone".split())
STOPS = grammar("determiners") | frozenset("new called named another please again".split())


class Field(NamedTuple):
    entity: App
    field: App


class Chosen(NamedTuple):
    entity: App
    field: App
    choice: App


class Names:
    def __init__(self, app: App, code: str) -> None:
        self.app, self.code = app, code
        auth: App = next((f["options"] for f in app["features"] if f["name"] == "auth"), {})
        self.people = auth.get("entity")

    def bare(self, words: Words, also: frozenset[str] = frozenset()) -> list[Word]:
        """Without articles, quotes and words that only say what kind of part is meant."""
        return [w for w in bare(words, also) if not is_article(w.text, self.code)]

    def entity(self, words: Words) -> App | None:
        """The thing that these words are, and nothing else."""
        said = self._said(self.bare(words, THING_WORDS))
        return next((e for e in self.app["entities"] if said & self._entity_forms(e)), None)

    def entity_in(self, words: Words) -> App | None:
        """The first thing that is named somewhere in these words, the longest name first."""
        found = self.entities_in(words)
        return found[0][2] if found else None

    def entities_in(self, words: Words) -> list[tuple[int, int, App]]:
        found: list[tuple[int, int, App]] = []
        at = 0
        while at < len(words):
            for end in range(min(len(words), at + 4), at, -1):
                own = self._spelled(words[at:end])
                if own:
                    found.append((at, end, own))
                    at = end - 1
                    break
            at += 1
        return found

    def _spelled(self, words: Words) -> App | None:
        said = self._said(list(words))
        return next((e for e in self.app["entities"] if said & self._entity_forms(e)), None)

    def fields(self, words: Words, entity: App | None = None, drop: frozenset[str] = NAMES) -> list[Field]:
        """Every field that is called so, of one thing or of all; else the one whose last word it is."""
        said = self._said(self.bare(words, drop))
        if not said:
            return self.fields(words, entity, frozenset()) if drop else []
        within = [entity] if entity else self.app["entities"]
        found = [Field(e, f) for e in within for f in e["fields"] if said & self._field_forms(f)]
        if not found:
            every = [Field(e, f) for e in within for f in e["fields"]]
            ends = [own for own in every if any(_ends(form, said) for form in self._field_forms(own.field))]
            found = ends if len(ends) == 1 else []
        return found or (self.fields(words, entity, frozenset()) if drop else [])

    def choices(self, words: Words, field: App | None = None) -> list[Chosen]:
        said = self._said(self.bare(words, frozenset({"choice", "option"})))
        return [
            Chosen(e, f, c)
            for e in self.app["entities"]
            for f in e["fields"]
            if f["type"] == "choice" and (field is None or f is field)
            for c in f["choices"]
            if said & (self._forms(c["label"]) | {c["value"].replace("_", " ")})
        ]

    def choice_of(self, words: list[Word]) -> list[Chosen]:
        """A choice by its name alone, or behind its field's: "the stage won"."""
        found = self.choices(words)
        for at in range(1, len(words)):
            of = [] if found else [f for f in self.fields(words[:at]) if f.field["type"] == "choice"]
            found = found or (self.choices(words[at:], of[0].field) if of else [])
        return found or (self.choices(words[1:]) if words and words[0].lemma in CHOICE_WORDS else [])

    def pages(self, words: Words) -> list[App]:
        said = self._said(self.bare(words, PAGE_WORDS | {"board"})) | self._said(self.bare(words, PAGE_WORDS))
        return [
            p
            for p in self.app["pages"]
            if said & (self._forms(p["label"]) | {p["name"].replace("_", " "), str(p["view"] or p["name"])})
        ]

    def _entity_forms(self, entity: App) -> set[str]:
        one, many = entity["name"].replace("_", " "), entity["plural"].replace("_", " ")
        own = PEOPLE if entity["name"] == self.people else frozenset()
        return {one, many} | own | self._forms(entity["label"]) | self._forms(entity["label_plural"])

    def _field_forms(self, field: App) -> set[str]:
        name = field["name"].replace("_", " ")
        return {name, name.removesuffix(" field"), lemmas(name)} | self._forms(field["label"])

    def _forms(self, label: str) -> set[str]:
        written = label.lower()
        return {written, normal(written), lemmas(label), self._cited(written)} - {""}

    def _said(self, words: list[Word]) -> set[str]:
        if not words:
            return set()
        written = ("" if self.code == "zh" else " ").join(w.text for w in words if w.end > w.start).lower()
        lemma = " ".join(w.lemma for w in words if w.end > w.start)
        return {written, normal(written), lemma, self._cited(written)} - {""}

    def _cited(self, text: str) -> str:
        return Language.load(self.code).cited(text) if self.code in CODES else text


def bare(words: Words, also: frozenset[str] = frozenset()) -> list[Word]:
    return [w for w in words if w.norm not in STOPS and w.lemma not in also and w.text not in QUOTES]


def listed(words: Words) -> list[list[Word]]:
    """The items of a list, brackets kept together."""
    depth, parts = 0, [[]]  # type: tuple[int, list[list[Word]]]
    for word in words:
        depth += (word.text in "([") - (word.text in ")]")
        if depth <= 0 and (word.text == "," or word.norm in {"and", "plus"}):
            parts.append([])
        else:
            parts[-1].append(word)
    return [found for part in parts if (found := _without_small(part))]


def _without_small(words: Words) -> list[Word]:
    found = list(words)
    while found and (found[0].norm in STOPS or found[0].lemma in FIELD_WORDS):
        found.pop(0)
    return found


def _ends(form: str, said: set[str]) -> bool:
    return any(form.endswith(" " + one) for one in said)


def splits(words: Words, joins: Callable[[Word], bool]) -> Iterator[tuple[list[Word], list[Word]]]:
    """Every way to cut the words in two at one that joins them."""
    for n, word in enumerate(words):
        if 0 < n < len(words) - 1 and joins(word):
            yield list(words[:n]), list(words[n + 1 :])


def several(found: list[Any]) -> bool:
    return len({id(part[1]) for part in found}) > 1
