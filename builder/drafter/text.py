"""Cut a prompt into sentences of words. Every word keeps its place, so that what is made of it can be shown.

Linear in the length of the prompt: one pass of one expression without nested repeats. Knows nothing of apps.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import inflection
from anyascii import anyascii

_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,80}>")  # HTML is no word of a sentence
_WORD = (  # "Q&A", "e-mail", "3.5", and words of Arabic with their signs for vowels
    r"[A-Za-z]{1,2}&[A-Za-z]{1,2}\b|[^\W_]+(?:(?:\.(?=[a-z0-9])|['’\-]|[\u064b-\u0652])[^\W_]+|[\u064b-\u0652])*"
)
_TOKEN = re.compile(rf"#[0-9A-Fa-f]{{3,8}}\b|\b{_WORD}|\n|[^\w\s]")
_TIED = re.compile(r"(?<=\w)-(?=(?:tracker|app|planner|manager|organi[sz]er|log)\b)", re.IGNORECASE)  # "habit-tracker"
_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "geese": "goose",
    "feet": "foot", "teeth": "tooth", "leaves": "leaf", "cookies": "cookie", "caches": "cache", "axes": "axe",
    "heroes": "hero", "lens": "lens", "bonus": "bonus", "plus": "plus", "notes": "note", "movies": "movie",
    "does": "does", "has": "has", "is": "is", "was": "was", "its": "its", "this": "this", "us": "us", "gas": "gas",
    "yes": "yes", "as": "as", "always": "always", "across": "across", "sms": "sms", "css": "css", "bus": "bus",
    "canvas": "canvas", "atlas": "atlas", "tennis": "tennis", "chess": "chess", "goods": "goods", "details": "detail",
    "gps": "gps", "ids": "id", "pros": "pro", "wolves": "wolf", "shelves": "shelf", "dice": "dice", "iris": "iris",
    "indexes": "index",
}  # fmt: skip
_IRREGULAR_PLURALS = {one: many for many, one in _IRREGULAR.items() if one != many and many not in {"axes", "details"}}
# Marks of other scripts, one for one, so that every word keeps its place.
_MARKS = str.maketrans("，、：；。（）！？【】［］《》،؛؟¿¡：·٠١٢٣٤٥٦٧٨٩", ',,:;;()!?()()"",;?  :,0123456789')
# The rules of `inflection`, which looks each up by its text for every word.
Rules = tuple[tuple[re.Pattern[str], str], ...]
_SINGULARS: Rules = tuple((re.compile(rule), other) for rule, other in inflection.SINGULARS)
_PLURALS: Rules = tuple((re.compile(rule), other) for rule, other in inflection.PLURALS)
_UNCOUNTABLE = tuple(re.compile(rf"(?i)\b({word})\Z") for word in inflection.UNCOUNTABLES)
TRADES = frozenset(["IT"])  # written as they are they are no small words
_LONGEST_WORD = 40  # nothing longer is a word of a language


class Word(NamedTuple):  # which is made three times as fast as a dataclass
    """`norm` and `lemma` are English. In another language `single` and `many` are what a label says in place of `text`,
    which may be bent by its sentence; empty ones leave it as it is."""

    text: str
    norm: str
    lemma: str
    start: int
    end: int
    single: str = ""
    many: str = ""

    @property
    def is_plural(self) -> bool:
        return self.norm != self.lemma and self.norm.replace(" ", "").isalpha()

    @property
    def as_label(self) -> str:
        return (self.many if self.is_plural else self.single) or self.text

    @property
    def is_word(self) -> bool:
        return self.norm[:1].isalnum() or self.text[:1].isalpha()  # Latin letters have no sign for every letter: "عقد"


Words = Sequence[Word]


@dataclass(frozen=True)
class Prompt:
    text: str
    sentences: tuple[tuple[Word, ...], ...] = field(default=())
    language: str = "en"
    grids: tuple[Any, ...] = ()  # the tables of data, as `tables.py` reads them
    end: int | None = None  # where reading stopped, in a prompt that says more than an app holds

    @classmethod
    def read(cls, text: str) -> "Prompt":
        return cls(text, tuple(sentences(tokens(text))))

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for sentence in self.sentences for word in sentence)

    @cached_property
    def lemmas(self) -> frozenset[str]:
        return frozenset(word.lemma for word in self.words)

    @property
    def unread(self) -> str:
        return self.text[self.end :] if self.end is not None else ""

    def quote(self, words: Words) -> str:
        """The person's own words from the first to the last of these."""
        if not words:
            return ""
        return " ".join(self.text[min(w.start for w in words) : max(w.end for w in words)].split())

    def phrase(self, words: Words) -> str:
        """These words alone, as a label says them: what stands between two of them stays only where it joins them."""
        words = [w for w in words if w.end > w.start] or words
        text = words[0].as_label if words else ""
        if self.language == "de" and len(words) > 1 and words[0].end == words[1].start:
            text = self.text[words[0].start : words[0].end]  # a compound as it is written: "Bootsverleih"
        for before, word in pairwise(words):
            between = self.text[before.end : word.start]
            text += (between if between in {"/", "-", ".", "&", ""} else " ") + word.text
        return text


def normal(text: str) -> str:
    """Lower case without accents, so that "Café" and "cafe" are one word."""
    if text.isascii():
        return text.lower()
    return _transliterated(text) if len(text) <= _LONGEST_WORD else anyascii(text).lower()


@lru_cache(maxsize=50_000)
def _transliterated(word: str) -> str:
    return str(anyascii(word)).lower()


@lru_cache(maxsize=20_000)
def lemmas(text: str) -> str:
    """A phrase as the lexicon writes it: normal, each word in the singular."""
    return " ".join(singular(normal(word)) for word in text.split())


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.endswith("s") or word.endswith("ss") or not 3 < len(word) <= _LONGEST_WORD:
        return word
    if any(rule.search(word) for rule in _UNCOUNTABLE):
        return word
    return _inflected(word, _SINGULARS)


@lru_cache(maxsize=5_000)
def plural(word: str) -> str:
    """The plural of the last word of a phrase in the singular; never the same as the singular."""
    head, _, last = word.rpartition(" ")
    many = _IRREGULAR_PLURALS.get(last.lower()) or _pluralized(last)
    if last.endswith(("um", "ex", "ix", "us")) and not many.startswith(last):  # "aquariums", as most people write
        many = last + ("s" if last.endswith("um") else "es")
    if many == last:
        many = last + ("es" if last.endswith("s") else "s")
    if last[:1].isupper() and many[:1].islower():
        many = many[0].upper() + many[1:]
    return f"{head} {many}" if head else many


def _pluralized(word: str) -> str:
    return word if not word or word.lower() in inflection.UNCOUNTABLES else _inflected(word, _PLURALS)


def _inflected(word: str, rules: Rules) -> str:
    return next((rule.sub(other, word) for rule, other in rules if rule.search(word)), word)


def parts(words: Words) -> set[str]:
    """Every English word of them; one written word of another language may mean several."""
    return {part for word in words for part in word.norm.split()}


def sentences(found: Iterable[Word]) -> Iterator[tuple[Word, ...]]:
    sentence: list[Word] = []
    for token in _joined(found):
        if token.text in ".!?;\n":
            if sentence:
                yield tuple(sentence)
            sentence = []
        else:
            sentence.append(token)
    if sentence:
        yield tuple(sentence)


def tokens(text: str) -> Iterator[Word]:
    return (word_of(found, start) for found, start in written(text))


def word_of(token: str, start: int) -> Word:
    norm, lemma = _read(token)
    return Word(token, norm, lemma, start, start + len(token))


def written(text: str) -> Iterator[tuple[str, int]]:
    """Words and marks as they are written, and where."""
    plain = untied(text.translate(_MARKS))
    for match in _TOKEN.finditer(_TAG.sub(lambda tag: " " * len(tag.group()), plain)):
        found = match.group()
        if found not in "*`_~|":
            yield found, match.start()


@lru_cache(maxsize=50_000)
def _read(token: str) -> tuple[str, str]:
    if token in TRADES:  # the trade, and not "it"
        return "i.t.", "i.t."
    norm = normal(token).strip("'") if token[0] != "#" else token.lower()
    return norm, singular(norm.removesuffix("'s"))


def untied(text: str) -> str:
    """What an app is about, and the word that says it is one, are two words also where a hyphen ties them."""
    return _TIED.sub(" ", text)


def _joined(tokens: Iterable[Word]) -> Iterator[Word]:
    """Lines of a list under "… :" are one sentence with commas; any other new line ends its sentence."""
    lines: list[list[Word]] = [[]]
    for token in tokens:
        lines[-1].append(token)
        if token.text == "\n":
            lines.append([])
    listing = False
    for line in lines:
        words = [token for token in line if token.text != "\n"]
        is_bullet = bool(words) and words[0].text in "-•–" and len(words) > 1
        content = words[1:] if is_bullet else words
        ends_open = bool(content) and content[-1].text in ":,"
        short = len(content) <= 8 and not any(word.text == ":" for word in content[:-1])
        if not content:
            continue
        if is_bullet and listing and short:
            yield from content
            yield _mark(",", content[-1].end)
            continue
        if listing:
            yield _mark("\n", content[0].start)
        yield from content
        listing = ends_open
        if not ends_open:
            yield _mark("\n", content[-1].end)


def _mark(text: str, at: int) -> Word:
    return Word(text, text, text, at, at)
