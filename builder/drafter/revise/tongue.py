"""Which language a message is in, beside the app that it is about: to read it, and to answer it."""

from builder.answers import Say, say_in
from builder.drafter.gloss import read_prompt
from builder.drafter.language import CODES, SURE, language_of, small_words
from builder.drafter.revise.orders import read_orders
from builder.drafter.revise.speech import speaks


def tongue_of(message: str, locale: str) -> str:
    """The language whose words of changing are in the message; the app's own where none are."""
    code, own = language_of(message), locale.split("-")[0]
    if code not in {"en", own} and not speaks(message, code):
        code = own if speaks(message, own) else "en" if _is_english(message) else code
    if code == "en" and not _is_english(message):
        code = next((c for c in (own, *CODES) if c in CODES and speaks(message, c)), own)
    return code if code in CODES else "en"


def answering(message: str, locale: str) -> Say:
    """In the language of the message; in that of the app where its few words don't tell, and else in English."""
    is_english = language_of(message) == "en" and small_words(message, "en") >= SURE
    return say_in("en" if is_english else tongue_of(message, locale))


def _is_english(message: str) -> bool:
    return bool(read_orders(read_prompt(message, "en")))
