"""Read a prompt of another language as the drafter reads English: each word with its English meaning beside it.

The words keep their text and place, so labels are the person's own. Only meanings are looked up; the order of words
stays, and the grammar copes with it. An English prompt passes through unchanged.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice

from builder.drafter.forms import in_one_form
from builder.drafter.language import HEAD_FIRST, UNMARKED, Language, Shown, is_written
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.tables import as_sentence, find_tables, grid_of, split_text
from builder.drafter.text import (
    Prompt,
    Word,
    Words,
    lemmas,
    normal,
    plural,
    sentences,
    singular,
    tokens,
    word_of,
    written,
)
from builder.spec import FieldType

JUXTAPOSED = {"ru", "id", "ar"}  # "дата просмотра": one noun stands behind another with no word between
OF = Word("\u2060", "of", "of", 0, 0)
AND = Word("\u2060", "and", "and", 0, 0)
WITH = Word("\u2060", "with", "with", 0, 0)
# Several English words for one written word, where sentences are read by each of them: "combien", "how many".
SPELLED_OUT = frozenset("how what who when why belongs".split())
ONE_OF = {FieldType.STRING, FieldType.CHOICE}  # what stands before choices in brackets: "kategori (kopi, teh)"
ONE_NEXT = frozenset("a each every".split())
OPENS_ANEW = frozenset([":", ",", ";", ".", "and", "with", "has", "\n", "manage", "keep"])
NOUN_NEXT = frozenset("my our their each every a".split())
MODALS = frozenset("can must want need".split())
# With marks: more than a prompt in a language with spaces has. An app holds 24 things with 40 fields; Chinese could say
# three times as many in the letters that a prompt may have.
MOST_WORDS = 5_000
_MOST = 50_000  # words that stay known: long texts say most of theirs more than once
_VOWELS = re.compile(r"\u064b\u0627$|\u0627\u064b$|[\u064b-\u0652]")  # and the ending of "تطبيقًا"
MARKS = frozenset(",.:;!?()\n")
_HAN = re.compile(r"[㐀-鿿]+|[^㐀-鿿]+")
# How verbs of several end, and how a dictionary lists them.
VERB_ENDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ru": (("ют", "ут", "ят", "ются", "утся", "ятся"), ("ть", "ться", "ти", "чь")),
    "es": (("an", "en"), ("ar", "er", "ir", "arse", "erse", "irse")),
    "pt": (("am", "em"), ("ar", "er", "ir")),
    "fr": (("ent",), ("er", "ir", "re")),
    "it": (("ano", "ono"), ("are", "ere", "ire")),
    "ar": (("ون",), ()),
}
_RUSSIAN_SEVERAL = tuple("ы и ов ев ёв ей ам ям ами ями ах ях".split())
_CLITICS = re.compile(r"^(?:[وف])?(?:[بكل])?(?:ال)?(?=..)|^(?:و)?لل(?=..)")


@lru_cache(maxsize=2)
def read_prompt(text: str, code: str) -> Prompt:
    """`code` as `language_of` tells it. What is asked of a text at several places is answered of one reading."""
    tables = find_tables(text)
    rest, inside = split_text(text, tables)
    words, end = _meanings(rest, code)
    found = list(sentences(words))
    cells = _meanings(inside, code)[0] if tables else []
    found += [as_sentence(table, cells) for table in tables]
    found.sort(key=lambda sentence: sentence[0].start)
    grids = tuple(grid for table in tables if (grid := grid_of(table, text, cells)))
    return Prompt(text, tuple(map(in_one_form, found)), code, grids, end)


def _meanings(text: str, code: str) -> tuple[list[Word], int | None]:
    """The words of a text, and where reading stopped if there are more than are read."""
    language = None if code in {"en", "und"} else Language.load(code)
    cut = _cut(text, language) if language else tokens(text)
    found = list(islice(cut, MOST_WORDS))
    end = found[-1].end if len(found) == MOST_WORDS and next(cut, None) else None
    if language is None:
        return found, end
    found = list(_glossed(found, language))
    if code in UNMARKED:
        things = lexicon().icons
        found = [_several(found, at) if word.lemma in things else word for at, word in enumerate(found)]
    return list(_with_of(found)) if code in JUXTAPOSED else found, end


def _cut(text: str, language: Language) -> Iterator[Word]:
    """Words as they are written; in Chinese, where nothing stands between them, the longest that are known."""
    match language.code:
        case "ar":
            return _without_and(text, language)
        case "zh":
            return _without_spaces(text, language)
        case "de":
            return (word for token in tokens(text) for word in _holder_apart(token, language))
        case _:
            return tokens(text)


def _without_and(text: str, language: Language) -> Iterator[Word]:
    for found, start in written(text):
        bare = _VOWELS.sub("", found)
        if _holds_with(bare, language):
            yield WITH._replace(text=bare[0], start=start, end=start + 1)
            yield _word(bare[1:], start + 1)
        elif _is_joined(bare, language):
            yield AND._replace(text=bare[0], start=start, end=start + 1)
            yield _word(bare[1:], start + 1)
        elif bare != found:
            yield _word(bare, start)._replace(end=start + len(found))
        else:
            yield word_of(found, start)


def _without_spaces(text: str, language: Language) -> Iterator[Word]:
    for found, start in written(text):
        if found in MARKS:
            yield Word(found, found, found, start, start + 1)
            continue
        for run in _HAN.findall(found):
            for piece in _segments(run, language) if _is_han(run) else (run,):
                yield _word(piece, start)
                start += len(piece)


def _holder_apart(token: Word, language: Language) -> Iterator[Word]:
    """ "Plattensammlung" is a collection of records: what it holds, and the word for what holds it."""
    at, _, head = language.parted(token.text) or (0, "", "")
    if head not in lexicon().app_words | lexicon().places:
        yield token
        return
    held = token.text[:at].removesuffix("-")
    joined = held.endswith("s") and not language.meaning(held) and is_written(held[:-1], "de")
    yield _word(held[:-1] if joined else held, token.start)._replace(end=token.start + at)
    yield _word(token.text[at:], token.start + at)


def _holds_with(word: str, language: Language) -> bool:
    """ "بعنوان": Arabic writes "with" onto a noun that stands without its article."""
    if len(word) < 4 or word[0] != "ب" or word[1:3] == "ال" or word in language.meanings:
        return False
    return language.meanings.get(word[1:]) in lexicon().fields


def _is_joined(word: str, language: Language) -> bool:
    """ "والسعر": Arabic writes "and" onto the word that follows."""
    if len(word) < 4 or word[0] != "و" or word in language.meanings:
        return False
    if word[1:3] == "ال" or language.meaning(word[1:]):
        return True
    return not is_written(word, "ar") and (
        bool(language.meaning(_bare(word[1:], language))) or is_written(word[1:], "ar")
    )


def _segments(run: str, language: Language) -> Iterator[str]:
    known, lengths = language.meanings, language.lengths
    at = begun = 0  # where what is looked at starts, and the letters before it that no word has
    while at < len(run):
        length = next((n for n in lengths.get(run[at], ()) if run[at : at + n] in known), 0)
        if length and begun < at:
            yield run[begun:at]
        if length:
            yield run[at : at + length]
            begun = at + length
        at += length or 1
    if begun < at:
        yield run[begun:at]


def _is_han(text: str) -> bool:
    return "㐀" <= text[0] <= "鿿"


def _word(text: str, start: int) -> Word:
    norm, lemma = _read(text)
    return Word(text, norm, lemma, start, start + len(text))


@lru_cache(maxsize=_MOST)
def _read(text: str) -> tuple[str, str]:
    norm = normal(text)
    return norm, singular(norm)


def _glossed(words: Words, language: Language) -> Iterator[Word]:
    at, before = 0, ""
    while at < len(words):
        length, meaning = _longest(words, at, language)
        if meaning and length == 1 and before in NOUN_NEXT and meaning in grammar("auxiliaries") | MODALS:
            meaning = None  # "mes devoirs": no verb stands behind "my"
        if meaning == "to" and language.code == "pt" and not _is_number(words, at + 1):
            meaning = "the" if words[at].text.lower() == "a" else meaning  # "guardo a espécie"; "de 1 a 10"
        if language.code == "fr" and meaning == "of" and words[at].text.lower() == "des" and before in OPENS_ANEW:
            meaning = "some"  # "des paniers avec prix, des commandes avec date": no "of"
        if meaning and meaning.endswith(" by") and length > 1:  # "сортировка по": what it goes by follows
            yield _meant(words[at : at + length - 1], meaning.removesuffix(" by"), language)
            yield _meant(words[at + length - 1 : at + length], "by", language)
        elif meaning and " " in meaning and meaning.split()[0] in SPELLED_OUT:
            first, *rest = meaning.split()
            word = _meant(words[at : at + length], first, language)
            yield word._replace(norm=first, lemma=first, single="", many="")
            yield from (Word("\u2060", word, word, words[at].end, words[at].end) for word in rest)
        elif meaning:
            yield _meant(words[at : at + length], meaning, language, one=before in ONE_NEXT)
        elif language.code in {"es", "pt"} and _is_we(words[at], language):
            yield words[at]._replace(norm="we", lemma="we")
        else:
            yield _unknown(words[at], language, one=before in ONE_NEXT)
        before = meaning or ("" if words[at].is_word else words[at].text)
        at += length


def _longest(words: Words, at: int, language: Language) -> tuple[int, str | None]:
    """How many words from here on have a meaning together, and which; of one word its own, if it has any."""
    longest, alone = _look_up(words[at].text.lower(), language.code)
    if longest and at + 1 < len(words) and _goes_on(words[at + 1].text.lower(), language.code):
        for length in range(min(longest, len(words) - at), 1, -1):
            meaning = _phrase(words[at : at + length], language)
            if meaning:
                return length, meaning
    return 1, alone if alone and words[at].is_word and not words[at].norm.isdecimal() else None


@lru_cache(maxsize=_MOST)
def _look_up(word: str, code: str) -> tuple[int, str | None]:
    """How many words a phrase may have that starts with the word, and what the word means by itself."""
    language = Language.load(code)
    bare = _bare(word, language)
    return language.longest(word, bare), language.meaning(word) or language.meaning(bare) or _of_parts(word, language)


def _of_parts(word: str, language: Language) -> str | None:
    """ "Kundennummer": what both parts mean together."""
    parted = language.parted(word)
    return f"{parted[1]} {parted[2]}" if parted else None


@lru_cache(maxsize=_MOST)
def _goes_on(word: str, code: str) -> bool:
    language = Language.load(code)
    return language.goes_on(word, _bare(word, language))


def _phrase(words: Words, language: Language) -> str | None:
    if not all(word.is_word for word in words):
        return None
    written = " ".join([word.text.lower() for word in words])
    bare = " ".join([_bare(word, language) for word in written.split()])
    return language.meaning(written) or (language.meaning(bare) if bare != written else None)


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
    written = ("" if language.code == "zh" else " ").join([word.text for word in words])
    written = language.tied.get(written.lower(), written)
    norm, lemma, single, many = _form(written, english, language.code, one)
    return Word(written, norm, lemma, words[0].start, words[-1].end, single, many)


@lru_cache(maxsize=_MOST)
def _form(written: str, english: str, code: str, one: bool) -> tuple[str, str, str, str]:
    """What is written as the English that it means, and as labels show it: one and several."""
    language = Language.load(code)
    shown = language.shown(english)
    lemma = lemmas(english)
    several = _is_several(written.split()[-1 if language.code not in HEAD_FIRST else 0], language)
    several = several and not one and lemma[-1:].isalpha() and _is_noun(lemma)
    several = several and not _is_done(lemma) and not _is_deed(written, english, code)
    norm = plural(lemma) if several else normal(english)
    if shown and _is_same(written, shown, language):
        return norm, lemma, shown.single, shown.many
    return norm, lemma, _single_form(written, language, several) or _as_listed(written, english, language), ""


def _as_listed(written: str, english: str, language: Language) -> str:
    """ "сроком возврата": several words of Russian as the table has them."""
    if language.code != "ru" or " " not in written:
        return ""
    cited = language.cited(written.lower())
    forms = (form.strip() for form in re.split(r"[,/]", language.words.get(english, "")))
    return next((form for form in forms if " " in form and language.cited(form.lower()) == cited), "")


def _is_same(written: str, shown: Shown, language: Language) -> bool:
    """Whether the table shows this very word, and not another with the same meaning."""
    bare, single = _bare(written.lower(), language), shown.single.lower()
    return bare in {single, shown.many.lower()} or language.cited(bare) == language.cited(single)


def _is_done(lemma: str) -> bool:
    """What became of a thing is no thing: "entregados", "pagate"."""
    kind = lexicon().fields.get(lemma)
    is_flag = kind is not None and kind.type is FieldType.BOOLEAN
    return is_flag and (lemma.endswith("ed") or lemma in {"paid", "bought", "sold", "sent", "done"})


def _is_deed(written: str, english: str, code: str) -> bool:
    """A verb has no plural: "folgen", "notiere"; German writes its nouns with a capital."""
    if english in lexicon().features and english not in lexicon().icons and english not in lexicon().fields:
        return True
    return code == "de" and written[0].islower() and english in grammar("records") | grammar("verbs")


def _is_noun(lemma: str) -> bool:
    small = grammar("verbs") | grammar("has") | grammar("prepositions") | grammar("determiners") | grammar("clauses")
    small |= {"called", "named", "there", "which"}
    return (
        lemma not in small | grammar("pronouns") | grammar("keeps") | grammar("auxiliaries") or lemma in lexicon().icons
    )


def _unknown(word: Word, language: Language, one: bool = False) -> Word:
    if not word.is_word or not word.text[0].isalpha() or (word.text.isascii() and word.text.isupper()):
        return word
    norm, lemma, single = _own_form(word.text, word.norm, language.code, one)
    return Word(word.text, norm, lemma, word.start, word.end, single, "")


@lru_cache(maxsize=_MOST)
def _own_form(written: str, norm: str, code: str, one: bool) -> tuple[str, str, str]:
    language = Language.load(code)
    if not one and _is_verb(written, language):
        return "do", "do", ""
    several = not one and _is_several(written, language)
    single = _single_form(written, language, several or (one and code == "ru"))
    lemma = normal(single) if single else norm  # so that one and several are the same thing
    return plural(lemma) if several else lemma, lemma, single


def _is_verb(written: str, language: Language) -> bool:
    """Whether an unknown word says what several do: "публикуют", "proponen", "يسجلون"."""
    ends, infinitives = VERB_ENDS.get(language.code, ((), ()))
    if not written.endswith(ends) or (not written[0].islower() and language.code != "ar") or len(written) < 5:
        return False
    if language.code == "ar":
        return written.startswith("ي")
    lemma = language.cited(written)
    return lemma != written and lemma.endswith(infinitives)


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
            if lemma.endswith(("а", "я")) and word.endswith(("ей", "ой", "ёй")):
                return False  # "категорией": with one of them
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
    if word.is_plural:
        return word
    before = words[at - 1].norm if at else ""
    after = words[at + 1].norm if at + 1 < len(words) else ""
    opens = after in {"(", ":"} or after in grammar("has")
    opens = opens or before in {"each", "every", "all"} or before in grammar("keeps") or before in grammar("many")
    kind = lexicon().fields.get(word.lemma)
    if kind and (not opens or (after == "(" and before in {"", ",", "and"} and kind.type in ONE_OF)):
        return word
    return Word(word.text, plural(word.lemma), word.lemma, word.start, word.end, word.single, word.many)


def _with_of(words: Words) -> Iterator[Word]:
    """ "список задач", "дата последнего полива": what the first noun is of, said as English says it."""
    small, known = _small(), lexicon()
    deeds = (grammar("records") | grammar("verbs")) - known.app_words
    for at, word in enumerate(words):
        yield word
        following = words[at + 1] if at + 1 < len(words) else None
        opens = word.lemma in known.app_words or word.lemma in known.fields
        opens = opens and word.norm not in {"light", "dark", "medium"}  # "light cyan": a colour's own name
        opens = opens and word.norm not in deeds and not _is_recorded(word)
        if (
            opens
            and following
            and following.is_word
            and not following.norm[:1].isdecimal()
            and following.norm not in small
        ):
            yield OF._replace(start=following.start, end=following.start)


def _is_recorded(word: Word) -> bool:
    """ "записываем клиента", "mencatat hasil": somebody records, and speaks of no record of something."""
    written = word.text.lower()
    return word.lemma in grammar("stores") and (
        written.endswith(("ем", "ём", "им", "ить", "ать", "ую", "аю", "яю", "ет")) or written.startswith(("men", "mem"))
    )


@cache
def _small() -> frozenset[str]:
    sets = "determiners has prepositions clauses verbs keeps auxiliaries pronouns openers"
    return frozenset("and or not".split()).union(*map(grammar, sets.split()))
