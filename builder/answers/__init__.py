"""What people read in answer where no model speaks: sentences by key, a file a language, all with the same places.

`say = answer_to(message)`, then `say("field_added", field="Price", things="Recipes")`. A sentence is written so that
whatever stands in its places needs no agreement. Knows no app.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from builder.yaml_files import read_yaml

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "ar", "de", "es", "fr", "id", "it", "pt", "ru", "zh")
RIGHT_TO_LEFT = frozenset({"ar"})
LONGEST_TOLD = 2000  # letters that tell a language
_ISOLATE, _END = "\u2068", "\u2069"


@dataclass(frozen=True)
class Say:
    """The sentences of one language."""

    code: str = "en"

    def __call__(self, key: str, **places: object) -> str:
        return self.sentence(key).format(**{name: self._isolated(value) for name, value in places.items()})

    def sentence(self, key: str) -> str:
        return sentences(self.code)[key]

    def knows(self, key: str) -> bool:
        return key in sentences(self.code)

    def listed(self, items: Sequence[str]) -> str:
        return self("comma").join(items)

    def both(self, items: Sequence[str]) -> str:
        """ "a, b and c"."""
        return self("and").join(part for part in (self.listed(items[:-1]), items[-1]) if part)

    def count(self, number: int, noun: str) -> str:
        return self(noun if number == 1 else f"{noun}s", n=number)

    def _isolated(self, value: object) -> object:
        """Words that are read the other way than the sentence would pull its quotes and stops along."""
        opposite = {"L"} if self.code in RIGHT_TO_LEFT else {"R", "AL"}
        turns = isinstance(value, str) and any(unicodedata.bidirectional(letter) in opposite for letter in value)
        return f"{_ISOLATE}{value}{_END}" if turns else value


ENGLISH = Say()


def say_in(locale: str) -> Say:
    """In English where the language has no sentences."""
    code = locale.split("-")[0]
    return Say(code if code in LANGUAGES else "en")


def answer_to(text: str) -> Say:
    """In the language that the text is written in."""
    from builder.drafter.language import language_of  # the drafter answers with this, too

    return say_in(language_of(text[:LONGEST_TOLD]))


@cache
def sentences(code: str) -> dict[str, str]:
    found: dict[str, str] = read_yaml(FOLDER / f"{code}.yaml")
    return found
