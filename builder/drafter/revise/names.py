"""Find in an AppSpec what a message speaks of: things, fields, choices, pages. By name, label or meaning."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
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
LONGEST_NAME = 60  # words: a label has 120 letters
LONGEST_THING = 4  # words of a thing's name within a sentence


class Field(NamedTuple):
    entity: App
    field: App


class Chosen(NamedTuple):
    entity: App
    field: App
    choice: App


class Names:
    """Of an app as it is now: what changes it is followed by names of its own."""

    def __init__(self, app: App, code: str) -> None:
        self.app, self.code = app, code
        auth: App = next((f["options"] for f in app["features"] if f["name"] == "auth"), {})
        self.people = auth.get("entity")
        self._fields: dict[str | None, tuple[list[Field], Index]] = {}

    def bare(self, words: Words, also: frozenset[str] = frozenset()) -> list[Word]:
        """Without articles, quotes and words that only say what kind of part is meant."""
        return [w for w in bare(words, also) if not is_article(w.text, self.code)]

    @cached_property
    def things(self) -> "Index":
        return _things_called(*self.called)

    @cached_property
    def called(self) -> tuple[tuple[tuple[str, str, str, str], ...], int | None, str]:
        """How all things are called, and which of them are the people."""
        keys = tuple((e["name"], e["plural"], e["label"], e["label_plural"]) for e in self.app["entities"])
        return keys, next((at for at, key in enumerate(keys) if key[0] == self.people), None), self.code

    def entity(self, words: Words) -> App | None:
        """The thing that these words are, and nothing else."""
        return self._spelled(self.bare(words, THING_WORDS), self.things)

    def entity_in(self, words: Words) -> App | None:
        """The first thing that is named somewhere in these words, the longest name first."""
        found = self.entities_in(words)
        return found[0][2] if found else None

    def entities_in(self, words: Words) -> list[tuple[int, int, App]]:
        found: list[tuple[int, int, App]] = []
        things, at = self.things, 0
        while at < len(words):
            for end in range(min(len(words), at + LONGEST_THING), at, -1) if self._may_open(words[at], things) else ():
                own = self._spelled(words[at:end], things)
                if own:
                    found.append((at, end, own))
                    at = end - 1
                    break
            at += 1
        return found

    def _may_open(self, word: Word, things: "Index") -> bool:
        """Whether a name may start with the word: most words of a text are passed with one look."""
        said = _openings(word.text.lower(), word.lemma, self.code)
        return word.end <= word.start or not things.opens.isdisjoint(said)

    def _spelled(self, words: Words, things: "Index") -> App | None:
        places = [at for form in self._said(list(words)) for at in things.called.get(form, ())]
        return self.app["entities"][min(places)] if places else None

    def fields(self, words: Words, entity: App | None = None, drop: frozenset[str] = NAMES) -> list[Field]:
        """Every field that is called so, of one thing or of all; else the one whose last word it is."""
        said = self._said(self.bare(words, drop))
        if not said:
            return self.fields(words, entity, frozenset()) if drop else []
        every, index = self._fields_of(entity)
        found = [every[at] for at in index.all(said)]
        if not found:
            ends = [every[at] for at in index.ending(said)]
            found = ends if len(ends) == 1 else []
        return found or (self.fields(words, entity, frozenset()) if drop else [])

    def _fields_of(self, entity: App | None) -> tuple[list[Field], "Index"]:
        """The fields of one thing or of all, and what they are called."""
        name = str(entity["name"]) if entity else None
        if name not in self._fields:
            every = [Field(e, f) for e in ([entity] if entity else self.app["entities"]) for f in e["fields"]]
            called = tuple((own.field["name"], own.field["label"]) for own in every)
            self._fields[name] = every, _fields_called(called, self.code)
        return self._fields[name]

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
        for at in range(1, min(len(words), LONGEST_NAME)):
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

    def _forms(self, label: str) -> frozenset[str]:
        return _forms(label, self.code)

    def _said(self, words: list[Word]) -> set[str]:
        if not 0 < len(words) <= LONGEST_NAME:
            return set()
        written = ("" if self.code == "zh" else " ").join(w.text for w in words if w.end > w.start).lower()
        lemma = " ".join(w.lemma for w in words if w.end > w.start)
        return {written, normal(written), lemma, self._cited(written)} - {""}

    def _cited(self, text: str) -> str:
        return _cited(text, self.code)


class Index:
    """What each of several parts is called, so that one is found without asking all of them."""

    def __init__(self, forms: Iterable[Iterable[str]], code: str) -> None:
        self.called: dict[str, list[int]] = {}
        self._ends: dict[str, list[int]] = {}
        for at, own in enumerate(forms):
            for form in own:
                self.called.setdefault(form, []).append(at)
                for place, letter in enumerate(form):
                    if letter == " ":
                        self._ends.setdefault(form[place + 1 :], []).append(at)
        self.opens = frozenset(_opening(form, code) for form in self.called)

    def all(self, said: set[str]) -> list[int]:
        return sorted({at for form in said for at in self.called.get(form, ())})

    def ending(self, said: set[str]) -> list[int]:
        """Those whose last words are these."""
        return sorted({at for form in said for at in self._ends.get(form, ())})


@lru_cache(maxsize=256)
def _things_called(keys: tuple[tuple[str, str, str, str], ...], people: int | None, code: str) -> Index:
    forms = [
        {name.replace("_", " "), plural.replace("_", " "), *_forms(one, code), *_forms(many, code)}
        | (PEOPLE if at == people else frozenset())
        for at, (name, plural, one, many) in enumerate(keys)
    ]
    return Index(forms, code)


@lru_cache(maxsize=1_000)
def _fields_called(keys: tuple[tuple[str, str], ...], code: str) -> Index:
    named = ((name.replace("_", " "), label) for name, label in keys)
    forms = ({name, name.removesuffix(" field"), lemmas(name)} | _forms(label, code) for name, label in named)
    return Index(forms, code)


@lru_cache(maxsize=20_000)
def _openings(written: str, lemma: str, code: str) -> frozenset[str]:
    """The first words, in Chinese letters, of what is said with a word."""
    return frozenset(_opening(form, code) for form in (written, normal(written), lemma, _cited(written, code)))


def _opening(form: str, code: str) -> str:
    return form[:1] if code == "zh" else form.partition(" ")[0]


@lru_cache(maxsize=10_000)
def _forms(label: str, code: str) -> frozenset[str]:
    written = label.lower()
    return frozenset({written, normal(written), lemmas(label), _cited(written, code)} - {""})


def _cited(text: str, code: str) -> str:
    return Language.load(code).cited(text) if code in CODES else text


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


def ends_of_names(words: Words) -> range:
    """Where a name may start that ends with the words: from the last word on."""
    return range(len(words) - 1, max(0, len(words) - 1 - LONGEST_NAME), -1)


def starts_of_names(words: Words) -> range:
    """Where a name may end that starts with the words: the longest first."""
    return range(min(len(words) - 1, LONGEST_NAME), 0, -1)


def splits(words: Words, joins: Callable[[Word], bool]) -> Iterator[tuple[list[Word], list[Word]]]:
    """Every way to cut the words in two at one that joins them."""
    for n, word in enumerate(words[: LONGEST_NAME + 1]):
        if 0 < n < len(words) - 1 and joins(word):
            yield list(words[:n]), list(words[n + 1 :])


def several(found: list[Any]) -> bool:
    return len({id(part[1]) for part in found}) > 1
