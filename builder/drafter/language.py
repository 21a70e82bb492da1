"""The languages that prompts are written in: which one a text is in, and what its words mean and are shown as.

A language is a file `languages/CODE.yaml`: English words and phrases as keys, the language's own as values. The same
table reads prompts ("режиссёр" means "director") and labels what a blueprint brings ("Director" is shown "Режиссёр").
What is only ever shown, such as "Seats taken", stands in `languages/labels/CODE.yaml`: nothing is read by it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from builder.drafter.text import lemmas, normal, untied
from builder.yaml_files import read_yaml

FOLDER = Path(__file__).with_name("languages")
CODES = ("ar", "de", "es", "fr", "id", "it", "pt", "ru", "zh")
SCRIPTED = {"ar", "ru", "zh"}  # told by their letters
UNMARKED = {"zh", "id"}  # languages whose nouns don't say whether they are several
HEAD_FIRST = {"ar", "es", "fr", "id", "it", "pt", "ru"}  # "дата просмотра": what a phrase is about stands first
LONGEST = 5  # words of a phrase
FEW = 7  # words of a text that has hardly any small ones
LONG = 5  # letters of a word by which a dictionary tells the language
SHORTEST_PART, LONGEST_COMPOUND = 3, 40  # letters of a compound and of its parts
NO_HEADS = frozenset(["daten"])  # data, not dates
JOINING = ("s", "es", "n", "en", "er", "e")  # between the parts of a German compound
SURE = 2  # small words of a language that leave no doubt
SMALL = 4  # letters that a small word weighs as much as
_INFINITIVES = ("ar", "er", "ir", "re", "ear", "izar")
_ENDINGS = {  # of nouns in the plural, and what they are in the singular
    "es": (("ces", "z"), ("iones", "ión"), ("ones", "ón"), ("res", "r"), ("les", "l"), ("des", "d"), ("s", "")),
    "pt": (("ões", "ão"), ("ães", "ão"), ("ais", "al"), ("éis", "el"), ("res", "r"), ("zes", "z"), ("ns", "m"),
           ("s", "")),
    "fr": (("eaux", "eau"), ("s", ""), ("x", "")),
}  # fmt: skip
_BENDS = {  # of adjectives the endings, and with what a dictionary lists them
    "ru": (("ыми", "ими", "ого", "его", "ому", "ему", "ым", "им", "ой", "ей", "ую", "юю", "ая", "яя", "ое", "ее", "ые",
            "ие", "ых", "их", "ом", "ем"), ("ый", "ий", "ой")),
    "de": (("en", "em", "er", "es", "e"), ("",)),
}  # fmt: skip
_SHADES = {"hell": "light", "dunkel": "dark", "pastell": "pastel"}  # "hellgrau"
_SHADED = frozenset("red green blue yellow orange purple violet pink brown gray turquoise beige".split())
_WORDS = re.compile(r"[^\W\d_]+")
KEPT = 10  # dictionaries: all of them are 75 MB as they are stored, and would be 600 MB taken apart
_ALL_LATIN = re.compile(r"[\0-\u024f]*")
_LATIN = re.compile(r"[\0-\u024f]")
_SCRIPTS = {
    "kana": re.compile(r"[぀-ヿ]"),
    "hangul": re.compile(r"[가-힯]"),
    "han": re.compile(r"[㐀-鿿]"),
    "arabic": re.compile(r"[؀-ۿ]"),
    "cyrillic": re.compile(r"[Ѐ-ӿ]"),
}


@dataclass(frozen=True)
class Shown:
    """A word as a label shows it, one and several."""

    single: str
    many: str


@dataclass(frozen=True)
class Language:
    code: str
    tells: frozenset[str]
    words: Mapping[str, str]
    texts: Mapping[str, str]
    labels: Mapping[str, str]

    @classmethod
    @cache
    def load(cls, code: str) -> "Language":
        raw: dict[str, Any] = read_yaml(FOLDER / f"{code}.yaml")
        words = {str(k): str(v) for k, v in raw["words"].items()}
        labels = read_yaml(FOLDER / "labels" / f"{code}.yaml")
        return cls(code, frozenset(str(raw["tells"]).split()), words, raw.get("texts") or {}, labels)

    @cached_property
    def meanings(self) -> dict[str, str]:
        """English by the language's own words: as written, and each word in its citation form. Lower case."""
        found: dict[str, str] = {}
        for english, forms in self.words.items():
            for form in _forms(forms):
                found.setdefault(untied(form).lower(), english)
        for form, english in list(found.items()):
            found.setdefault(self.cited(form), english)
            found.setdefault(_plain(form), english)
        return found

    @cached_property
    def tied(self) -> dict[str, str]:
        """The names that hold a hyphen, by how they are read without it."""
        forms = (form for several in self.words.values() for form in _forms(several))
        return {untied(form).lower(): form for form in forms if untied(form) != form}

    @cached_property
    def starts(self) -> dict[str, int]:
        """The first words of phrases and how many the longest has, so that most words are looked up once only."""
        found: dict[str, int] = {}
        for first, *rest in (form.split() for form in self.meanings if " " in form):
            found[first] = max(found.get(first, 0), 1 + len(rest))
        return found

    @cached_property
    def seconds(self) -> frozenset[str]:
        """The words that go on in phrases."""
        return frozenset(form.split()[1] for form in self.meanings if " " in form)

    def longest(self, word: str, bare: str) -> int:
        """How many words a phrase may have that starts with the word, written in one way or another."""
        forms = (word, bare, self.cited(bare))
        if self.starts.keys().isdisjoint(forms):
            return 0
        return min(LONGEST, max(self.starts.get(form, 0) for form in (*forms, _plain(word), _plain(bare))))

    def goes_on(self, word: str, bare: str) -> bool:
        """Whether a phrase may go on with the word, written in one way or another."""
        return any(
            not self.seconds.isdisjoint((form, _plain(form), self.cited(form))) for form in dict.fromkeys((word, bare))
        )

    @cached_property
    def lengths(self) -> dict[str, tuple[int, ...]]:
        """How long the words are that start with a letter, the longest first: what to look for where nothing stands
        between words.
        """
        found: dict[str, set[int]] = {}
        for word in self.meanings:
            found.setdefault(word[0], set()).add(len(word))
        return {letter: tuple(sorted(lengths, reverse=True)) for letter, lengths in found.items()}

    def meaning(self, written: str) -> str | None:
        return _meaning(self.code, written.lower())

    def parted(self, word: str) -> tuple[int, str, str] | None:
        """Where the head of a German compound starts, what the parts mean: of "Rezeptverwaltung" recipe, management.

        What stands before the head may be unknown, and means itself, where the head says enough: a date of something.
        """
        return _parted(word.lower()) if self.code == "de" else None

    def shown(self, english: str) -> Shown | None:
        """How the language writes an English label; None where the table has no word for it."""
        key = english.lower()
        own = self.labels.get(key) or self.words.get(key)
        entry = own or self.words.get(lemmas(key))
        if entry is None:
            return None
        single, _, many = (part.strip() for part in entry.split(",")[0].partition("/"))
        return Shown(single if own else many or single, many or single)

    def single(self, word: str) -> str:
        """The singular of a noun in the plural; a dictionary takes some of them for verbs."""
        lemma = self.cited(word)
        if self.code in _ENDINGS and lemma.endswith(_INFINITIVES):
            return next((word.removesuffix(end) + one for end, one in _ENDINGS[self.code] if word.endswith(end)), word)
        return lemma

    def cited(self, words: str) -> str:
        """The words as a dictionary lists them, in lower case; of scripts without spaces as they are."""
        if self.code == "zh":
            return words
        if " " not in words:
            return _lemma(words, self.code)
        return " ".join(_lemma(word, self.code) for word in words.split())


def language_of(text: str) -> str:
    """One of CODES, "en", or "und" for any other language."""
    letters = "".join(filter(str.isalpha, text))
    share = {name: len(pattern.findall(letters)) for name, pattern in _SCRIPTS.items()}
    most = max(share, key=lambda name: share[name])
    if share["kana"] or share["hangul"] > len(letters) / 4:
        return "und"
    if share[most] * 2 > len(letters) or (most == "han" and share[most] * 5 > len(letters)):
        return {"han": "zh", "arabic": _arabic(text), "cyrillic": _cyrillic(text)}.get(most, "und")
    if len(_LATIN.findall(letters)) * 2 < len(letters):
        return "und"
    return _latin(text)


def small_words(text: str, code: str) -> int:
    """How many of the small words that tell a language are in it."""
    return sum(1 for word in _WORDS.findall(text) if word.lower() in _tells()[code])


def _arabic(text: str) -> str:
    return "und" if re.search(r"[پچژگکیےٹڈ]", text) else "ar"


def _cyrillic(text: str) -> str:
    return "und" if re.search(r"[іїєґўђћњљџјқғүұһә]", text.lower()) else "ru"


def _latin(text: str) -> str:
    """By the small words; where there are none of them, by the words that a language's table knows."""
    words = [word.lower() for word in _WORDS.findall(text)]
    own = Counter(code for word in words for code in _told_by().get(word, ()))
    english = own.pop("en", 0)
    most = max(own.values(), default=0)
    if most == 1 and not english and _are_mostly_english(words):
        return "en"  # "opened on": a small word of French by chance
    if most > english or (most and most == english and _is_sooner_foreign(words)):
        near = most - (len(words) <= FEW)  # in a few words a small word that two languages share tells little
        told = {code: _fit(code, count, words) for code, count in own.items() if count >= max(near, 1)}
        best = max((code for code in told if told[code] == max(told.values())), key=lambda code: _spelt(code, words))
        if best not in CODES and most == 1 and max(_known(words).values()):
            return _most_known(words)  # "librairie en ligne": a small word of Dutch by chance
        return best if best in CODES else "und"
    if english or not _is_sooner_foreign(words):
        return "en" if english or any(map(_is_english, words)) else _by_dictionary(words)
    return _most_known(words)


def _by_dictionary(words: list[str]) -> str:
    """Of a few words that no table knows: "Haushaltsbuch"; what no dictionary has is a name, and taken for English."""
    long = [word for word in words if len(word) > LONG]
    if not long or len(words) > FEW or any(is_written(word, "en") for word in long):
        return "en"
    spelt = {code: _spelt(code, words) for code in CODES if code not in SCRIPTED}
    best = max(spelt, key=lambda code: spelt[code])
    return best if spelt[best] * 2 > sum(map(len, words)) else "en"


def _most_known(words: list[str]) -> str:
    """The language whose table has most of them; of two that share a word the one whose dictionary has the rest."""
    known = _known(words)
    return max((code for code in known if known[code] == max(known.values())), key=lambda code: _spelt(code, words))


def _is_sooner_foreign(words: list[str]) -> bool:
    """ "App per sondaggi": of words that tables know, more are no English ones."""
    english = sum(1 for word in words if len(word) > 3 and (_is_english(word) or is_written(word, "en")))
    return max(_known(words).values()) > english


def _are_mostly_english(words: list[str]) -> bool:
    english = sum(1 for word in words if len(word) > 3 and _is_english(word))
    return english > 1 and english > max(_known(words).values())


def _known(words: list[str]) -> dict[str, int]:
    return {code: sum(1 for word in words if _knows(code, word)) for code in CODES if code not in SCRIPTED}


def _fit(code: str, told: int, words: list[str]) -> int:
    """The small words that tell it, and the letters of those that its table knows."""
    return told * SMALL + sum(len(word) for word in words[:40] if code in CODES and _knows(code, word))


def _spelt(code: str, words: list[str]) -> int:
    """How many letters the longer words have that a dictionary of the language lists."""
    return sum(len(word) for word in words[:40] if len(word) > 3 and code in CODES and is_written(word, code))


def _knows(code: str, word: str) -> bool:
    return len(word) > 3 and (word in _written(code) or (code == "de" and _parted(word) is not None))


@cache
def _written(code: str) -> frozenset[str]:
    """Every single word of a language's table, as it is written there."""
    language = Language.load(code)
    return frozenset(
        word for forms in language.words.values() for f in _forms(forms) for word in untied(f).lower().split()
    )


def _is_english(word: str) -> bool:
    return lemmas(word) in _english()


@cache
def _english() -> frozenset[str]:
    """The words that the tables translate, and those that the lexicon and the blueprints know."""
    from builder.drafter.lexicon import lexicon
    from builder.drafter.shelf import shelf

    phrases = [key for code in CODES for key in Language.load(code).words]
    phrases += [*lexicon().fields, *lexicon().icons, *lexicon().app_words]
    phrases += [word for blueprint in shelf() for word in blueprint.words]
    return frozenset(word for phrase in phrases for word in lemmas(phrase).split())


@cache
def _tells() -> dict[str, frozenset[str]]:
    others = read_yaml(FOLDER / "others.yaml")
    own = {code: Language.load(code).tells for code in CODES}
    return {**own, **{code: frozenset(words) for code, words in others.items()}}


@cache
def _told_by() -> dict[str, list[str]]:
    """The languages that each small word tells."""
    found: dict[str, list[str]] = {}
    for code, told in _tells().items():
        for word in told:
            found.setdefault(word, []).append(code)
    return found


def _forms(entry: str) -> Iterator[str]:
    for form in re.split(r"[,/]", entry):
        if form.strip():
            yield form.strip()


def _plain(text: str) -> str:
    """Without accents where the letters are Latin, and without ё, as people in a hurry write."""
    if text.isascii():
        return text.lower()
    return normal(text) if _ALL_LATIN.fullmatch(text) else text.replace("ё", "е")


@cache
def _dictionaries() -> Any:
    """Read once for all who look words up, up to half a second each; a word is found in some microseconds."""
    from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamDictionaryFactory

    return StreamDictionaryFactory(KEPT)


@cache
def _lemmatizer() -> tuple[Any, Any]:
    """What finds a word's citation form, and what stands in where there is none."""
    from simplemma.strategies import DefaultStrategy, ToLowercaseFallbackStrategy

    return DefaultStrategy(dictionary_factory=_dictionaries()), ToLowercaseFallbackStrategy()


@cache
def _lookup() -> Any:
    from simplemma.strategies import DictionaryLookupStrategy

    return DictionaryLookupStrategy(_dictionaries())


@lru_cache(maxsize=50_000)
def is_written(word: str, code: str) -> bool:
    """Whether a dictionary of the language has the word."""
    return 2 < len(word) < 40 and _lookup().get_lemma(unicodedata.normalize("NFC", word), code) is not None


def lemma_of(word: str, code: str) -> str:
    """The word as a dictionary lists it, as it is written there."""
    found, word = _lemmatizer(), unicodedata.normalize("NFC", word)
    return str(next(lemma for way in found if (lemma := way.get_lemma(word, code)) is not None))


@lru_cache(maxsize=50_000)
def _meaning(code: str, lower: str) -> str | None:
    """Long texts say most of their words more than once."""
    language = Language.load(code)
    known = language.meanings
    found = known.get(lower) or known.get(_plain(lower)) or known.get(language.cited(lower))
    return found or (_bent(code, lower, known) if code in _BENDS else None)


def _bent(code: str, lower: str, known: Mapping[str, str]) -> str | None:
    """What an adjective of the table means in another of its forms, and of German colours how light they are."""
    ends, bases = _BENDS[code]
    stems = (lower.removesuffix(end) for end in ends if lower.endswith(end) and len(lower) > len(end) + SHORTEST_PART)
    found = next((known[stem + base] for stem in stems for base in bases if stem + base in known), None)
    how = next((how for how in _SHADES if code == "de" and lower.startswith(how)), "")
    color = _meaning(code, lower.removeprefix(how)) if how and len(lower) > len(how) + SHORTEST_PART else None
    return f"{_SHADES[how]} {color}" if color in _SHADED else found


@lru_cache(maxsize=50_000)
def _parted(word: str) -> tuple[int, str, str] | None:
    from builder.drafter.lexicon import lexicon

    known = Language.load("de").meanings
    if word in known or not SHORTEST_PART * 2 <= len(word) <= LONGEST_COMPOUND:
        return None
    for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        head = known.get(word[at:], "")
        if not head.isalpha():
            continue
        before, is_end = _before_head(word[:at], known), word[at:] in lexicon().place_endings
        if before and (is_end or f"{before} {head}" in lexicon().fields or {before, head} <= lexicon().nouns):
            return at, before, head
        if at > SHORTEST_PART and (is_end or (word[at:] not in NO_HEADS and lexicon().is_told_by(head))):
            return at, word[:at].removesuffix("-"), head  # of a "Lieferdatum" only that it is a day
    return None


def _before_head(written: str, known: Mapping[str, str]) -> str:
    """What the first part of a compound means, without the letters that join it to the second."""
    bare = written.removesuffix("-")
    joined = [bare, *(bare.removesuffix(end) for end in JOINING if bare.endswith(end)), bare + "e"]
    return next((known[form] for form in joined if len(form) >= SHORTEST_PART and form in known), "")


@lru_cache(maxsize=50_000)
def _lemma(word: str, code: str) -> str:
    if len(word) < 3 or len(word) > 40:
        return word
    return lemma_of(word.capitalize() if code == "de" else word, code).lower()
