"""Which language a message is in, beside the app that it is about: to read it, and to answer it."""

from functools import lru_cache

from builder.answers import Say, say_in
from builder.drafter.gloss import read_prompt
from builder.drafter.language import CODES, SURE, language_of, small_words
from builder.drafter.revise.orders import read_orders
from builder.drafter.revise.speech import spoken

LONGEST_START = 2_000  # letters, which tell a language as well as all of them


@lru_cache(maxsize=32)
def tongue_of(message: str, locale: str) -> str:
    """The language that has the most words of changing in the message; the app's own where there is nothing to tell."""
    code, own = language_of(message), locale.split("-")[0]
    is_sure = _is_english(message) if code == "en" else code == own
    if not is_sure:
        start = message[:LONGEST_START]
        most = max((code, own, *CODES), key=lambda one: spoken(start, one))  # of several the first
        if spoken(start, most):
            code = most
        elif code == "en":
            code = own
        elif _is_english(message):
            code = "en"
    return code if code in CODES else "en"


def answering(message: str, locale: str) -> Say:
    """In the language of the message; in that of the app where its few words don't tell, and else in English."""
    is_english = language_of(message) == "en" and small_words(message, "en") >= SURE
    return say_in("en" if is_english else tongue_of(message, locale))


def _is_english(message: str) -> bool:
    return bool(read_orders(read_prompt(message, "en")))
