"""Read a prompt of another language as the drafter reads English: each word with its English meaning beside it.

The words keep their text and place, so labels are the person's own. Only meanings are looked up; the order of words
stays, and the grammar copes with it. An English prompt passes through unchanged.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from builder.drafter.forms import in_one_form
from builder.drafter.language import HEAD_FIRST, LONGEST, UNMARKED, Language, Shown, is_written
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.tables import as_sentence, find_tables, grid_of, split_text
from builder.drafter.text import Prompt, Word, Words, lemmas, normal, plural, sentences, singular, tokens

JUXTAPOSED = {"ru", "id", "ar"}  # "дата просмотра": one noun stands behind another with no word between
OF = Word("\u2060", "of", "of", 0, 0)
AND = Word("\u2060", "and", "and", 0, 0)
# Several English words for one written word, where sentences are read by each of them: "combien", "how many".
SPELLED_OUT = frozenset("how what who when why belongs".split())
ONE_NEXT = frozenset("a each every".split())
NOUN_NEXT = frozenset("my our their each every a".split())
MODALS = frozenset("can must want need".split())
_HAN = re.compile(r"[㐀-鿿]+|[^㐀-鿿]+")
_RUSSIAN_SEVERAL = tuple("ы и ов ев ёв ей ам ям ами ями ах ях".split())
_CLITICS = re.compile(r"^(?:[وف])?(?:[بكل])?(?:ال)?(?=..)|^(?:و)?لل(?=..)")


def read_prompt(text: str, code: str) -> Prompt:
    """`code` as `language_of` tells it."""
    tables = find_tables(text)
    rest, inside = split_text(text, tables)
    found = list(sentences(_meanings(rest, code)))
    cells = list(_meanings(inside, code)) if tables else []
    found += [as_sentence(table, cells) for table in tables]
    found.sort(key=lambda sentence: sentence[0].start)
    grids = tuple(grid for table in tables if (grid := grid_of(table, text, cells)))
    return Prompt(text, tuple(map(in_one_form, found)), code, grids)


def _meanings(text: str, code: str) -> list[Word]:
    if code in {"en", "und"}:
        return list(tokens(text))
    language = Language.load(code)
    found = list(_glossed(list(_cut(text, language)), language))
    if code in UNMARKED:
        found = [_several(found, at) for at in range(len(found))]
    return list(_with_of(found)) if code in JUXTAPOSED else found


def _cut(text: str, language: Language) -> Iterator[Word]:
    """Words as they are written; in Chinese, where nothing stands between them, the longest that are known."""
    for token in tokens(text):
        if language.code == "ar" and _is_joined(token.text, language):
            yield replace(AND, text=token.text[0], start=token.start, end=token.start + 1)
            yield _word(token.text[1:], token.start + 1)
            continue
        if language.code != "zh" or not _HAN.search(token.text):
            yield token
            continue
        for run in _HAN.finditer(token.text):
            start = token.start + run.start()
            pieces = _segments(run.group(), language) if _is_han(run.group()) else [run.group()]
            for piece in pieces:
                yield _word(piece, start)
                start += len(piece)


def _is_joined(word: str, language: Language) -> bool:
    """ "والسعر": Arabic writes "and" onto the word that follows."""
    if len(word) < 4 or word[0] != "و" or language.meaning(word):
        return False
    if word[1:3] == "ال":
        return True
    return not is_written(word, "ar") and (
        bool(language.meaning(_bare(word[1:], language))) or is_written(word[1:], "ar")
    )


def _segments(run: str, language: Language) -> Iterator[str]:
    unknown, at = "", 0
    while at < len(run):
        known = next((run[at:end] for end in range(min(len(run), at + language.longest), at, -1)
                      if run[at:end] in language.meanings), None)  # fmt: skip
        if known:
            if unknown:
                yield unknown
            yield known
            unknown, at = "", at + len(known)
        else:
            unknown, at = unknown + run[at], at + 1
    if unknown:
        yield unknown


def _is_han(text: str) -> bool:
    return "㐀" <= text[0] <= "鿿"


def _word(text: str, start: int) -> Word:
    norm = normal(text)
    return Word(text, norm, singular(norm), start, start + len(text))


def _glossed(words: Words, language: Language) -> Iterator[Word]:
    at, before = 0, ""
    longest = LONGEST if language.code != "zh" else 1  # there a phrase is one word already
    while at < len(words):
        length = next(
            (n for n in range(min(longest, len(words) - at), 1, -1) if _phrase(words[at : at + n], language)), 1
        )
        meaning = _phrase(words[at : at + length], language)
        if meaning and length == 1 and before in NOUN_NEXT and meaning in grammar("auxiliaries") | MODALS:
            meaning = None  # "mes devoirs": no verb stands behind "my"
        if meaning == "to" and language.code == "pt" and not _is_number(words, at + 1):
            meaning = "the" if words[at].text.lower() == "a" else meaning  # "guardo a espécie"; "de 1 a 10"
        if meaning and meaning.endswith(" by") and length > 1:  # "сортировка по": what it goes by follows
            yield _meant(words[at : at + length - 1], meaning.removesuffix(" by"), language)
            yield _meant(words[at + length - 1 : at + length], "by", language)
        elif meaning and meaning.split()[0] in SPELLED_OUT and " " in meaning:
            first, *rest = meaning.split()
            yield replace(_meant(words[at : at + length], first, language), norm=first, lemma=first, single="", many="")
            yield from (Word("\u2060", word, word, words[at].end, words[at].end) for word in rest)
        elif meaning:
            yield _meant(words[at : at + length], meaning, language, one=before in ONE_NEXT)
        elif language.code in {"es", "pt"} and _is_we(words[at], language):
            yield replace(words[at], norm="we", lemma="we")
        else:
            yield _unknown(words[at], language, one=before in ONE_NEXT)
        before = meaning or ""
        at += length


def _phrase(words: Words, language: Language) -> str | None:
    if len(words) == 1:
        return _single(words[0], language)
    if not all(word.is_word for word in words):
        return None
    written = " ".join(word.text.lower() for word in words)
    if language.code == "zh":
        return None
    bare = _bare(words[0].text.lower(), language)
    if not {words[0].text.lower(), bare, language.cited(bare)} & language.starts:
        return None
    return language.meaning(written) or language.meaning(" ".join(_bare(w, language) for w in written.split()))


def _single(word: Word, language: Language) -> str | None:
    if not word.is_word or word.norm.isdecimal():
        return None
    return language.meaning(word.text) or language.meaning(_bare(word.text.lower(), language))


def _bare(word: str, language: Language) -> str:
    """Without what Arabic writes onto a word: and, with, for, the; without French and Italian elisions."""
    if language.code == "ar":
        return _CLITICS.sub("", word)
    if language.code in {"fr", "it"}:
        return re.sub(r"^(?:[cdjlmnst]|qu|dell|nell|sull|all|un)['’]", "", word)
    return word


def _said(word: str, language: Language) -> str:
    """The word as a label says it: "فواتير" is no "and" with a rest, for it is a word itself and the rest is none."""
    bare = _bare(word, language)
    written_on = word.removesuffix(bare)
    if language.code != "ar" or not written_on or written_on.endswith("ل"):
        return bare
    is_whole = word in language.meanings or is_written(word, "ar")
    return bare if not is_whole and (bare in language.meanings or is_written(bare, "ar")) else word


def _is_number(words: Words, at: int) -> bool:
    return at < len(words) and words[at].norm.isdecimal()


def _is_we(word: Word, language: Language) -> bool:
    """ "Recibimos donaciones": a verb that says who does it."""
    return word.text.lower().endswith("mos") and language.cited(word.text.lower()).endswith(("ar", "er", "ir"))


def _meant(words: Words, english: str, language: Language, one: bool = False) -> Word:
    first, last = words[0], words[-1]
    written = " ".join(word.text for word in words) if language.code != "zh" else "".join(w.text for w in words)
    written = language.tied.get(written.lower(), written)
    shown = language.shown(english)
    lemma = lemmas(english)
    several = _is_several(written.split()[-1 if language.code not in HEAD_FIRST else 0], language)
    several = several and not one and lemma[-1:].isalpha() and _is_noun(lemma)
    norm = plural(lemma) if several else normal(english)
    if shown and _is_same(written, shown, language):
        single, many = shown.single, shown.many
    else:
        single, many = _single_form(written, language, several), ""
    return Word(written, norm, lemma, first.start, last.end, single, many)


def _is_same(written: str, shown: Shown, language: Language) -> bool:
    """Whether the table shows this very word, and not another with the same meaning."""
    bare, single = _bare(written.lower(), language), shown.single.lower()
    return bare in {single, shown.many.lower()} or language.cited(bare) == language.cited(single)


def _is_noun(lemma: str) -> bool:
    small = grammar("verbs") | grammar("has") | grammar("prepositions") | grammar("determiners") | grammar("clauses")
    small |= {"called", "named", "there", "which"}
    return (
        lemma not in small | grammar("pronouns") | grammar("keeps") | grammar("auxiliaries") or lemma in lexicon().icons
    )


def _unknown(word: Word, language: Language, one: bool = False) -> Word:
    if not word.is_word or not word.text[0].isalpha() or (word.text.isascii() and word.text.isupper()):
        return word
    several = not one and _is_several(word.text, language)
    single = _single_form(word.text, language, several or (one and language.code == "ru"))
    lemma = normal(single) if single else word.norm  # so that one and several are the same thing
    norm = plural(lemma) if several else lemma
    return Word(word.text, norm, lemma, word.start, word.end, single, "")


def _single_form(written: str, language: Language, several: bool) -> str:
    """The word as a label says it in the singular; empty where it may stay as it is written."""
    bare = _said(written, language)
    if " " in bare or language.code == "zh":
        return bare if bare != written and language.code in {"fr", "it"} else ""
    if several or (language.code == "ru" and _is_bent(bare.lower(), language)):
        lemma = language.single(bare.lower())
        return lemma.capitalize() if written[0].isupper() and language.code == "de" else lemma
    return bare if bare != written else ""


def _is_bent(word: str, language: Language) -> bool:
    lemma = language.cited(word)
    bent = word.endswith(tuple("ом ем ём ой ей ью у ю ию".split())) or (word.endswith("е") and not lemma.endswith("е"))
    return bent and word.replace("ё", "е") != lemma.replace("ё", "е")


def _is_several(written: str, language: Language) -> bool:
    """Whether a noun is in the plural, as far as its ending tells."""
    word = _bare(written.lower(), language) if language.code in {"fr", "it"} else written.lower()
    if len(word) < 3:
        return False
    lemma = language.cited(_bare(word, language))
    match language.code:
        case "ru":
            neuter = lemma.endswith(("о", "е")) and word.endswith(("а", "я"))
            return word.replace("ё", "е") != lemma.replace("ё", "е") and (word.endswith(_RUSSIAN_SEVERAL) or neuter)
        case "es" | "pt" | "fr":
            return word.endswith(("s", "x")) and word != lemma
        case "it":
            return word.endswith(("i", "e")) and word != lemma
        case "de":
            return (word != lemma and not word.startswith(lemma + "s") and word not in {lemma + "n", lemma + "es"}) or (
                word in {lemma + "n"} and lemma.endswith(("e", "er", "el"))
            )
        case "ar":
            return _bare(word, language) not in {lemma, lemma + "ة"}
        case "id":
            first, _, second = word.partition("-")
            return first == second
        case _:
            return False


def _several(words: Words, at: int) -> Word:
    """In a language that does not mark the plural, a thing is meant as a kind of things where it stands like one."""
    word = words[at]
    if word.lemma not in lexicon().icons or word.is_plural:
        return word
    before = words[at - 1].norm if at else ""
    after = words[at + 1].norm if at + 1 < len(words) else ""
    opens = after in {"(", ":"} | grammar("has") or before in grammar("keeps") | grammar("many") | {
        "each",
        "every",
        "all",
    }
    if word.lemma in lexicon().fields and not opens:
        return word
    return Word(word.text, plural(word.lemma), word.lemma, word.start, word.end, word.single, word.many)


def _with_of(words: Words) -> Iterator[Word]:
    """ "список задач", "дата последнего полива": what the first noun is of, said as English says it."""
    small = _small()
    for at, word in enumerate(words):
        yield word
        following = words[at + 1] if at + 1 < len(words) else None
        opens = word.lemma in lexicon().app_words or word.lemma in lexicon().fields
        opens = opens and word.norm not in {"light", "dark", "medium"}  # "light cyan": a colour's own name
        opens = opens and word.norm not in (grammar("records") | grammar("verbs")) - lexicon().app_words
        if (
            opens
            and following
            and following.is_word
            and not following.norm[:1].isdecimal()
            and following.norm not in small
        ):
            yield replace(OF, start=following.start, end=following.start)


@cache
def _small() -> frozenset[str]:
    sets = "determiners has prepositions clauses verbs keeps auxiliaries pronouns openers"
    return frozenset("and or not".split()).union(*map(grammar, sets.split()))
