"""The subject of a prompt as a headline says it: without quotes, and in the form that a sentence bent it from."""

import re

from builder.drafter.language import lemma_of
from builder.drafter.sheets.spans import Span

_SOFT = tuple("нжшщчх")


def headline(text: str, span: Span, language: str, bent: bool) -> str:
    """`bent` where a word such as "for" stood before it."""
    said = span.of(text).strip("\"“”«»„'‘’ ")
    if bent and language == "ru":
        return cited(said, language)
    if bent and language == "ar":
        said = re.sub(r"^لل(?=\w{3})", "ال", said)
        said = re.sub(r"^ل(?=\w{4})", "", said)
    if bent and language == "de":
        said = re.sub(r"^([A-ZÄÖÜa-zäöüß]\w+)en(?= [A-ZÄÖÜ])", r"\1er", said) if _is_masculine(text, span) else said
    return said[:1].upper() + said[1:]


def cited(said: str, language: str) -> str:
    said = _nominative(said) if language == "ru" else said
    return said[:1].upper() + said[1:]


def _is_masculine(text: str, span: Span) -> bool:
    before = text[: span.start].split()
    return bool(before) and before[-1].lower() in {"den", "einen", "unseren", "meinen", "seinen", "ihren"}


def _nominative(said: str) -> str:
    """ "летней вечеринки" is shown "летняя вечеринка": adjectives and the noun they go with, the rest as it stands."""
    words = said.split()
    at = next((at for at, word in enumerate(words) if not _is_adjective(word)), None)
    if at is None or at > 3 or any(w.lower().endswith(("ых", "их", "ым", "ими", "ыми")) for w in words[:at]):
        return said
    noun = lemma_of(words[at], "ru")
    if not re.fullmatch(r"[а-яё-]+", noun.lower()) or words[at][:1].isupper() != noun[:1].isupper():
        noun = words[at] if words[at][:1].isupper() else noun
    gender = "f" if noun.endswith(("а", "я")) else "n" if noun.endswith(("о", "е")) else "m"
    return " ".join([*(_bend(w, gender) for w in words[:at]), noun, *words[at + 1 :]])


def _is_adjective(word: str) -> bool:
    return len(word) > 4 and word.lower().endswith(
        ("ой", "ей", "ого", "его", "ую", "юю", "ом", "ем", "ому", "ему", "ый", "ий", "ая", "яя")
    )


def _bend(word: str, gender: str) -> str:
    lemma = lemma_of(word, "ru")
    stem = lemma[:-2]
    if not lemma.endswith(("ый", "ий", "ой")) or gender == "m":
        return lemma
    soft = lemma.endswith("ий") and stem.endswith("н")
    if gender == "f":
        return stem + ("яя" if soft else "ая")
    return stem + ("ее" if soft or (lemma.endswith("ий") and stem.endswith(_SOFT)) else "ое")
