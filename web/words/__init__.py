"""What the studio says: sentences by key, a file a language, for its pages, its modules and the API's errors alike.

`say = words_for(request)`, then `say("start.promise")`. A value is a sentence, or one for each plural category of the
language; those are chosen in the browser, which knows the rules. What a language lacks is said in English.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape
from starlette.requests import HTTPConnection

from builder.answers import LANGUAGES, RIGHT_TO_LEFT, Say
from builder.yaml_files import read_yaml

FOLDER = Path(__file__).parent
COOKIE = "protodex_language"
NAMES = dict(
    zip(
        LANGUAGES,
        (
            "English",
            "العربية",
            "Deutsch",
            "Español",
            "Français",
            "Bahasa Indonesia",
            "Italiano",
            "Português",
            "Русский",
            "中文",
        ),
        strict=True,
    )
)
# What only the service says: the modules of the pages have no use for it.
SERVED = ("page.", "error.")
MOST_TAGS = 20

Sentences = dict[str, str | dict[str, str]]


@dataclass(frozen=True)
class Words(Say):
    """The studio's sentences in one language."""

    @property
    def direction(self) -> str:
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"

    @property
    def module(self) -> str:
        """Where the modules of a page find their sentences: a change of them is another address."""
        return f"/static/words.js?language={self.code}&version={module_of(self.code)[0]}"

    @property
    def answers(self) -> Say:
        """What is answered about an app, in the same language."""
        return Say(self.code)

    def sentence(self, key: str) -> str:
        found = sentences(self.code)[key]
        assert isinstance(found, str), key
        return found

    def knows(self, key: str) -> bool:
        return key in sentences(self.code)

    def markup(self, key: str, **places: object) -> Markup:
        """A sentence whose places may be markup; the sentence itself and plain texts are escaped."""
        return Markup(escape(self.sentence(key))).format(**places)  # noqa: S704 - escaped before


@dataclass(frozen=True)
class Sentence:
    """A sentence of which it is not known yet in which language it will be said."""

    key: str
    places: tuple[tuple[str, object], ...] = ()

    def said(self, say: Words) -> str:
        return say(self.key, **dict(self.places))


def sentence(key: str, **places: object) -> Sentence:
    return Sentence(key, tuple(places.items()))


def words_for(request: HTTPConnection) -> Words:
    """In the language that was chosen, else the first that the browser prefers, else English."""
    chosen = request.cookies.get(COOKIE)
    return Words(chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", "")))


def preferred(header: str) -> str:
    """The language of an Accept-Language header that is liked best of those that the studio speaks."""
    best, liking = "en", 0.0
    for part in header.split(",")[:MOST_TAGS]:
        tag, _, weight = part.replace(" ", "").partition(";q=")
        code = tag.split("-")[0].lower()
        try:
            liked = float(weight or 1)
        except ValueError:
            continue
        if code in LANGUAGES and liked > liking:
            best, liking = code, liked
    return best


@cache
def sentences(code: str) -> Sentences:
    own: Sentences = read_yaml(FOLDER / f"{code}.yaml")
    return own if code == "en" else {**sentences("en"), **own}


@cache
def module_of(code: str) -> tuple[str, str]:
    """The version and the text of the module that holds a language."""
    said = {key: value for key, value in sentences(code).items() if not key.startswith(SERVED)}
    told = {"code": code, "names": NAMES, "sentences": said}
    text = f"export default {json.dumps(told, ensure_ascii=False)};\n"
    return hashlib.sha256(text.encode()).hexdigest()[:12], text
