"""Say no, kindly and early: to nothing, to noise, to what is no app, to harm, to what needs a model.

The words of harm are data (`refusal.yaml`), in several languages; this file knows how they are weighed.
"""

import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from builder.answers import answer_to
from builder.spec import AppKind
from builder.yaml_files import read_yaml

LONGEST_PROMPT = 20_000
NEAR = 14  # words between an act and what it is done to
GUARDED = 3  # words between what keeps from an act and the act
WHOLE = "."  # what a stem ends in that is a whole word
CLOSE = 6  # words between a tool and what excuses it: a "malware incident log", not "a game" somewhere else
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LAST = chr(sys.maxunicode)  # sorts behind every letter
_WIDE = re.compile(r"[぀-ヿ㐀-鿿가-힯]")  # scripts that put no spaces between words, or few
LONGEST_TALK = 40  # words
_LAUGHTER = re.compile(
    r"(?:ha|he|hi|ja|je|ji|jo|ah|xa|ха|хе|хи|rs|kk|lo|wk){2,10}[a-zхн]?|lol+|x+d+|k{3,}|w{3,}|呵+|哈+"
)
_QUESTION = re.compile(
    r"\s*(?:what|who|when|why|where|which|how (?:many|much|old|far|long|do|does|is|are)|is it|are there|does|do you|"
    r"can you (?:tell|explain)|tell me|explain|translate|hello|hi|hey|thanks?|thank you|good (?:morning|evening)|"
    r"что такое|кто|когда|почему|где|сколько|какая столица|qué es|quién|cuándo|por qué|was ist|wer ist|warum|"
    r"qu'est|qui est|pourquoi|o que é|quem|什么是|谁是|为什么)\b",
    re.IGNORECASE,
)


class RefusalCode(StrEnum):
    EMPTY_PROMPT = "empty_prompt"
    TOO_LONG = "too_long"
    NOT_AN_APP = "not_an_app"
    HARMFUL = "harmful"
    NEEDS_MODEL = "needs_model"
    CONTRADICTION = "contradiction"
    UNCLEAR = "unclear"


class Refusal(ValueError):  # noqa: N818  a refusal is an answer, not a fault
    """`message` is one sentence for the person: what is the matter and what to do."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def screen(prompt: str) -> None:
    """Raise a Refusal unless `prompt` asks for an app that does no harm."""
    if not prompt.strip():
        raise refused(RefusalCode.EMPTY_PROMPT, prompt)
    if len(prompt) > LONGEST_PROMPT:
        raise refused(RefusalCode.TOO_LONG, prompt)
    if is_harmful(prompt):
        raise refused(RefusalCode.HARMFUL, prompt)
    if is_noise(prompt) or is_question(prompt) or is_about_nothing(prompt) or is_small_talk(prompt):
        raise refused(RefusalCode.NOT_AN_APP, prompt)


def refused(code: RefusalCode, prompt: str) -> Refusal:
    """In the language of the prompt."""
    return Refusal(code, answer_to(prompt)(f"refusal.{code}"))


def wants_a_page(prompt: str, kind: AppKind | None) -> bool:
    """Whether a game, a calculator, a drawing or slides are asked for, rather than an app that keeps data."""
    return kind in {AppKind.ARTIFACT, AppKind.SLIDES} or (kind is None and _wants_a_model(prompt))


def is_harmful(prompt: str) -> bool:
    said, rules = _Said(_words(prompt)), _rules()
    if said.places(rules["never"]):
        return True
    guards = said.places(rules["guards"])[:50]
    if any(_does(said, pair, guards) for pair in rules["pairs"]) and not _only_recorded(said, rules):
        return True
    tools, excuses = said.places(rules["tools"]), said.places(rules["context"])
    excused = all(any(abs(tool - excuse) <= CLOSE for excuse in excuses[:50]) for tool in tools[:50])
    return bool(tools) and (not excused or bool(said.places(rules["aimed"])))


def is_about_nothing(prompt: str) -> bool:
    """Only words such as "build a simple app": no word of what it is about."""
    words, rules = list(islice(_words(prompt), 40)), _rules()
    return bool(words) and set(words) <= {
        *rules["bare"],
        "app",
        "application",
        "website",
        "site",
        "page",
        "build",
        "make",
        "create",
    }


def is_small_talk(prompt: str) -> bool:
    """Greetings, thanks and laughter with hardly a word of anything else, in any language."""
    words, rules = list(islice(_words(prompt), LONGEST_TALK + 1)), _rules()
    if not 2 < len(words) <= LONGEST_TALK or _Said(words).places(rules["asks"]):
        return False
    said = sum(1 for word in words if word in _fillers() or _LAUGHTER.fullmatch(word))
    polite = any(word in _courtesies() or _LAUGHTER.fullmatch(word) for word in words)
    return polite and said * 4 > len(words) * 3


@cache
def _courtesies() -> frozenset[str]:
    return frozenset(_rules()["courtesies"].casefold().split())


@cache
def _fillers() -> frozenset[str]:
    return _courtesies() | frozenset(_rules()["fillers"].casefold().split())


def is_noise(prompt: str) -> bool:
    """No word of any language in it: no vowels, keyboard rows, one letter over and over."""
    if _WIDE.search(prompt):
        return False
    words = [word for word in islice(_words(prompt), 200) if any(c.isalpha() for c in word)]
    words = [word for word in words if len(word) > 1] or words  # "D&D campaigns"
    return sum(1 for word in words if not _is_gibberish(word)) * 2 <= len(words)


def is_question(prompt: str) -> bool:
    """A question or a greeting, in which nothing is to be built or kept."""
    if not _QUESTION.match(prompt) or len(prompt) > 400:
        return False
    return not _Said(_words(prompt)).places(_rules()["asks"])


def _wants_a_model(prompt: str) -> bool:
    return bool(_Said(islice(_words(prompt), 16)).places(_rules()["needs_model"])) and not keeps_data(prompt)


def keeps_data(prompt: str) -> bool:
    """Whether its start speaks of lists, logs, collections and the like."""
    return bool(_Said(islice(_words(prompt), 16)).places(_rules()["keeps_data"]))


def _only_recorded(said: "_Said", rules: Mapping[str, Any]) -> bool:
    """A register of what happened ("stolen bike reports") speaks of acts without doing them."""
    return bool(said.places(rules["records"])) and not said.places(rules["aimed"])


def _does(said: "_Said", pair: Mapping[str, Sequence[str]], guards: Sequence[int]) -> bool:
    """An act and its object within a few words of each other, and what makes it harm where that is listed.

    What a course is to protect from, in "protection from stealing passwords", is no act.
    """
    acts = [act for act in said.places(pair["acts"])[:50] if not any(0 < act - guard <= GUARDED for guard in guards)]
    things = said.places(pair["things"])[:50] if acts else []
    near = any(abs(act - thing) <= NEAR for act in acts for thing in things)
    return near and ("needs" not in pair or bool(said.places(pair["needs"])))


class _Said:
    """The words of a text, sorted as well, so that those that start with a stem are found without reading them all."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = list(words)
        self._order = sorted(range(len(self._words)), key=self._words.__getitem__)
        self._sorted = [self._words[at] for at in self._order]

    def places(self, stems: Iterable[str]) -> list[int]:
        """Where a word starts with one of the stems, or is one, or a phrase of them does."""
        found = (at for first, rest in _cut(tuple(stems)) for at in self._starting(first) if self._goes_on(at, rest))
        return sorted(set(found))

    def _starting(self, stem: str) -> list[int]:
        bare = stem.removesuffix(WHOLE)
        first = bisect_left(self._sorted, bare)
        found = self._order[first : bisect_left(self._sorted, bare + _LAST, first)]
        return found if bare == stem else [at for at in found if _is_meant(self._words[at], stem)]

    def _goes_on(self, at: int, rest: Sequence[str]) -> bool:
        following = self._words[at + 1 : at + 1 + len(rest)]
        return len(following) == len(rest) and all(_is_meant(w, r) for w, r in zip(following, rest, strict=True))


def _is_meant(word: str, stem: str) -> bool:
    bare = stem.removesuffix(WHOLE)
    return word.startswith(bare) and (bare == stem or word[len(bare) :] in {"", "'s", "’s"})


@cache
def _cut(stems: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    cut = (stem.casefold().replace("-", " ").split() for stem in stems)
    return tuple((first, tuple(rest)) for first, *rest in cut)


def _words(prompt: str) -> Iterator[str]:
    """Words in small letters; in scripts without spaces every ending of a word, so that stems are found within."""
    for match in _WORD.finditer(prompt.casefold()):
        word = match.group()
        if _WIDE.search(word):
            yield from (word[at : at + 8] for at in range(len(word)))
        else:
            yield word


def _is_gibberish(word: str) -> bool:
    if len(word) < 3 or not word.isascii():
        return len(word) < 2
    if any(word in row or word[::-1] in row for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")):
        return True
    letters = [c for c in word if c.isalpha()]
    vowels = sum(1 for c in letters if c in "aeiouy")
    return (vowels == 0 and len(letters) > 3) or len(set(letters)) == 1


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml"))
    return rules
