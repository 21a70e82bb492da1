"""How people ask for a change in other languages: the words of changing put into English, all others left."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from builder.yaml_files import read_yaml

# As a message names them, in English first.
LANGUAGES = {
    "en": "english inglés englisch englische englischen anglais inglese inglês "
    "английский английском inggris الإنجليزية 英语 英文",
    "es": "spanish español spanisch espagnol spanische spanischen spagnolo "
    "espanhol испанский spanyol الإسبانية 西班牙语",
    "de": "german alemán deutsch deutsche deutschen allemand tedesco alemão немецкий jerman الألمانية 德语",
    "fr": "french francés französisch französische französischen français francese "
    "francês французский prancis الفرنسية 法语",
    "it": "italian italiano italienisch italien итальянский italia الإيطالية 意大利语",
    "pt": "portuguese portugués portugiesisch portugais portoghese português "
    "португальский portugis البرتغالية 葡萄牙语",
    "ru": "russian ruso russisch russe russo русский rusia الروسية 俄语",
    "zh": "chinese chino chinesisch chinois cinese chinês китайский cina mandarin الصينية 中文 汉语",
    "ar": "arabic árabe arabisch arabe arabo арабский arab العربية 阿拉伯语",
    "id": "indonesian indonesio indonesisch indonésien indonesiano indonésio "
    "индонезийский indonesia الإندونيسية 印尼语",
}
ELIDED = "(?:[ldmn]|dell|all|nell|sull|un)['’]"  # "l'option", "dell'opzione"
# Small words that stand before what is added to, taken from or become: as they are written.
JOINS = {
    "de": "zu zum zur in ins im von vom aus bei für",
    "es": "a al en de del para por como",
    "fr": "à au aux en dans de des du pour par",
    "it": "a al alla alle ai agli in nel di del della delle dei per da dalla",
    "pt": "a à ao às aos em no na nos nas de do da dos das para por",
    "ru": "в во к ко на из для у от с",
    "id": "ke pada menjadi untuk dari di",
    "ar": "إلى في من على",
    "zh": "to 从 到 给 中",
}
ARTICLES = {
    "de": "der die das den dem des ein eine einen einem einer",
    "es": "el la los las un una unos unas lo",
    "fr": "le la les l un une des du",
    "it": "il lo la i gli le un uno una",
    "pt": "o a os as um uma uns umas",
}
_SMALL_JOINS, _SMALL_ARTICLES = (
    {code: frozenset(words.split()) for code, words in table.items()} for table in (JOINS, ARTICLES)
)
CODE_OF = {word: code for code, words in LANGUAGES.items() for word in words.split()}


def in_english(message: str, code: str) -> str:
    """The message with the words of changing in English."""
    pattern, english = _table(code)
    if pattern is None:
        return message
    space = " " if code == "zh" else ""
    return pattern.sub(lambda m: f"{space}{english[m.group(1).lower()]}{space}", message)


def is_join(text: str, code: str) -> bool:
    return text.lower() in _SMALL_JOINS.get(code, ())


def is_article(text: str, code: str) -> bool:
    return text.lower() in _SMALL_ARTICLES.get(code, ())


def code_named(text: str, code: str) -> str | None:
    """The language that a word names; in Chinese one that is within it."""
    if code == "zh":
        return next((named for word, named in CODE_OF.items() if word in text), None)
    return CODE_OF.get(text.lower())


def spoken(message: str, code: str) -> int:
    """How many words of changing of that language are in it."""
    pattern, _ = _table(code)
    return len(pattern.findall(message)) if pattern else 0


@cache
def _table(code: str) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    raw: dict[str, dict[str, list[str]]] = _read()
    english = {form.lower(): word for word, forms in raw.get(code, {}).items() for form in forms}
    if not english:
        return None, {}
    forms = "|".join(re.escape(form) for form in sorted(english, key=len, reverse=True))
    if code == "zh":
        return re.compile(rf"({forms})"), english
    return re.compile(rf"(?<!\w)(?:{ELIDED})?({forms})(?!\w)", re.IGNORECASE), english


@cache
def _read() -> Any:
    return read_yaml(Path(__file__).with_suffix(".yaml"))
