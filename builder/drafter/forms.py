"""Say in one way what sentences say in many: "of each book note the title and the year" becomes "each book has …".

Words are moved, left out or put in, and keep their places, so that what is made of them can still be shown. Each form
looks at a sentence once. Knows the small words of English, in which every prompt is read, and no kind of app.
"""

from collections.abc import Callable, Sequence

from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.measures import kind_of
from builder.drafter.text import Word, Words, singular

HAS, KEEPS, PREPOSITIONS, DETERMINERS = (
    grammar("has"),
    grammar("records"),
    grammar("prepositions"),
    grammar("determiners"),
)
STORES, SPEAKERS, PASSIVES = grammar("stores"), grammar("speakers"), grammar("passives")
EACH = frozenset("each every per".split())
ABOUT = frozenset("for of from about per on to in by as with".split())
RELATIVES = frozenset("which that who the of".split())
SHOULD = frozenset("should must shall will would can is are be been to want need needs us it them also please".split())
TIMES = frozenset("date day week month year time night evening morning hour".split())
MOVES = frozenset("move moves moved go goes pass passes moving".split())
JOINS = (frozenset("linking connecting joining between per".split()), frozenset(["by"]))  # next, and behind "placed"
LINKS = frozenset(", : &".split())
LONGEST_HEADING = 14  # words before a colon
OPENING = 6  # words in which a sentence says what it is about
LONGEST_NAME = 4


def in_one_form(sentence: Words) -> tuple[Word, ...]:
    """What stands behind a colon is a sentence of its own."""
    colon = next((at for at, w in enumerate(sentence[:LONGEST_HEADING]) if w.text == ":"), None)
    if colon and len(sentence) > colon + 4:
        return (*_clauses(sentence[: colon + 1]), *_clauses(sentence[colon + 1 :]))
    return _clauses(sentence)


def _clauses(sentence: Words) -> tuple[Word, ...]:
    """ "per device type and cost, and per customer name and phone": each is read by itself."""
    starts = [0, *(at for at in range(2, len(sentence)) if sentence[at].norm == "per" and _is_anew(sentence, at))]
    ends = [*starts[1:], len(sentence)]
    return tuple(w for start, end in zip(starts, ends, strict=True) for w in _formed(list(sentence[start:end])))


def _is_anew(sentence: Words, at: int) -> bool:
    before = sentence[at - 1]
    return before.text == "," or (before.norm == "and" and sentence[at - 2].text == ",")


def _formed(words: list[Word]) -> list[Word]:
    for form in FORMS:
        words = form(words)
    return words


def _put(word: str, beside: Word) -> Word:
    return Word(word if not word[0].isalpha() else "\u2060", word, word, beside.start, beside.start)


def _named_and_has(words: list[Word]) -> list[Word]:
    """ "the first one is called Shelf and has a name" is "each Shelf has a name"."""
    at = _find(words, {"called", "named"})
    if at is None or at + 2 >= len(words):
        return words
    has = _find(words[at + 1 : at + 1 + LONGEST_NAME], HAS)
    if has is None or has == 0:
        return words
    name = [w for w in words[at + 1 : at + 1 + has] if w.norm != "and" and w.text not in "\"'“”«»,"]
    return [_put("each", words[0]), *name, *words[at + 1 + has :]] if name else words


def _one_of(words: list[Word]) -> list[Word]:
    """ "the plan is one of monthly, quarterly or yearly" is "the plan (monthly, quarterly, yearly)"."""
    at = next((n for n in range(1, len(words) - 2) if words[n].norm == "one" and words[n + 1].norm == "of"), None)
    if at is None or words[at - 1].norm not in SHOULD:
        return words
    end = next((n for n in range(at + 2, min(len(words), at + 24)) if words[n].norm == "or"), None)
    if end is None:
        return words
    stop = next((n for n in range(end + 1, len(words)) if words[n].text in LINKS), len(words))
    return [*words[: at - 1], _put("(", words[at]), *words[at + 2 : stop], _put(")", words[stop - 1]), *words[stop:]]


def _relative(words: list[Word]) -> list[Word]:
    """ "beds, which have a length", "beds, each with a length", and with the verb at the end: "Beete, die … haben"."""
    for at, word in enumerate(words[:-2]):
        if at and word.norm in {"which", "that", "who"} and words[at + 1].norm in HAS and words[at - 1].is_word:
            return words[:at] + words[at + 1 :]
        if word.text != "," or at == 0:
            continue
        if words[at + 1].norm == "with" and words[at + 2].norm in {"their", "its"} and words[at - 1].is_plural:
            return words[:at] + words[at + 1 :]
        following = next((n for n in range(1, 4) if words[at + n : at + n + 1] and words[at + n].norm in HAS), None)
        bridge = {"which", "that", "who", "each", "one", "every", "of", "them", "the"}
        if following and following > 1 and all(w.norm in bridge for w in words[at + 1 : at + following]):
            return words[:at] + words[at + following :]
        if words[at + 1].norm in RELATIVES and words[-1].norm in HAS and not _any(words[at + 1 : -1], HAS):
            return [*words[:at], words[-1], *words[at + 2 : -1]]
    return words


def _whose(words: list[Word]) -> list[Word]:
    """ "学生的姓名、年龄": a list of what each of them has, as Chinese says it: "the students' name, age"."""
    if len(words) < 5 or words[1].norm != "of" or words[3].text not in LINKS or words[0].lemma not in lexicon().icons:
        return words
    if words[0].lemma in STORES:  # "catat pelanggan, …" notes, and is no record
        return words
    listed = kind_of(words[2].lemma) and kind_of(words[4].lemma)
    return [_put("each", words[0]), words[0], _put("has", words[1]), *words[2:]] if listed else words


def _belongs(words: list[Word]) -> list[Word]:
    """ "every deal belongs to a company, has a value": has a company, a value."""
    at = next((n for n in range(2, min(LONGEST_NAME + 2, len(words))) if words[n].norm in {"belongs", "belong"}), None)
    if at is None or at + 3 >= len(words) or words[0].norm not in EACH or words[at + 1].norm != "to":
        return words
    has = _find(words[at + 2 :], HAS)
    if has is None:
        return words
    rest = [*words[at + 2 : at + 2 + has], *words[at + 3 + has :]]
    return [*words[:at], words[at + 2 + has]._replace(start=words[at].start, end=words[at].end), *rest]


def _of_each(words: list[Word]) -> list[Word]:
    """ "for each job note the customer and the plate", "per car brand, model, price", "of the members we keep …"."""
    at = _find(words[:OPENING], EACH)
    if at is None:
        return _of_all(words)
    before = words[:at]
    if not all(w.norm in ABOUT | STORES | KEEPS | SPEAKERS | SHOULD | {"and", "then"} for w in before):
        return words
    stored = any(w.norm in STORES | KEEPS for w in before)
    rest = words[at + 1 :]
    if rest and rest[0].norm in {"of", "the", "one"}:
        rest = rest[1:]
    if len(rest) > 3 and rest[0].lemma in TIMES and stored:  # "note every day whether …"
        return [*before, *rest[1:]]
    if len(rest) < 3 or rest[0].lemma in TIMES:
        return words
    if stored and (_any(rest[: OPENING + 2], HAS | SPEAKERS) or not _lists(rest)):
        return words
    if stored:
        return _having(words[at], rest, _name_length(rest))
    verb = _find(rest[:OPENING], STORES)
    opens = (before and before[0].norm in ABOUT) or words[at].norm == "per"
    if verb and _is_said_to(rest[1:verb]) and not _any(rest[:verb], HAS) and _lists(rest[verb + 1 :]):
        name = [w for w in rest[:verb] if w.norm not in SPEAKERS | SHOULD and w.is_word]
        after = rest[verb + 1 :]
        while after and after[0].norm in SPEAKERS | {"us", "it", "down", "in"}:
            after = after[1:]
        return [_each(words[at]), *name, _put("has", rest[verb]), *after] if name and after else words
    colon = any(w.text == ":" for w in rest[: OPENING + 2])
    if opens and not colon and not _any(rest, HAS) and _lists(rest) and not _starts_clause(rest):
        return _having(words[at], rest, _name_length(rest))
    return words


def _of_all(words: list[Word]) -> list[Word]:
    """ "of the members we keep name, phone and whether …": several that are told about."""
    if len(words) < 5 or words[0].norm not in {"of", "for", "about", "from"}:
        return words
    start = next((n for n in (1, 2) if words[n].is_plural), None)
    if start is None or not all(w.norm in DETERMINERS for w in words[1:start]):
        return words
    rest = words[start + 1 :]
    stop = next((n for n, w in enumerate(rest) if w.text in LINKS or w.norm == "and"), len(rest))
    verb = _find(rest[: min(4, stop)], STORES | KEEPS)
    if verb is None:
        known = next((n for n in range(min(5, stop)) if kind_of(rest[n].lemma)), None)
        if known is None or not _lists(rest[known:]) or _any(rest[:known], HAS):
            return words
        verb = known - 1
    after = [w for n, w in enumerate(rest[verb + 1 :]) if n or w.norm not in SPEAKERS]
    has = _find(after[:LONGEST_NAME], HAS)
    if has:  # "for the hives I note visits, which have a date": and each of them has its hive
        return [*after[: has + 1], _one(words[start]), _put(",", after[has]), *after[has + 1 :]]
    return [_each(words[0]), words[start], _put("has", words[start]), *after] if _lists(after) else words


def _tail(words: list[Word]) -> list[Word]:
    """ "record the variety, the family and the year of every seed": what is told about stands at the end."""
    start = next((n for n in range(min(4, len(words))) if words[n].norm in STORES | KEEPS), None)
    passive = next((n for n, w in enumerate(words) if w.norm in PASSIVES), None)
    if start is None and passive is None:
        return words
    at = next((n for n in range(len(words) - 2, 1, -1) if words[n].norm in {"for", "of", "about", "on"}), None)
    if at is None or len(words) - at > LONGEST_NAME + 2 or _any(words, HAS):
        return words
    name = words[at + 1 :]
    if name[0].norm not in {"each", "every", "all", "the", "my", "our"} or not _lists(words[:at]):
        return words
    several = name[-1].is_plural or name[0].norm in {"each", "every"}
    bare = [w for w in name if w.norm not in DETERMINERS]
    if not several or not bare or any(not w.is_word or w.norm in KEEPS | PREPOSITIONS for w in bare):
        return words
    listed = words[: at if start is not None else passive][0 if start is None else start + 1 :]
    while listed and listed[-1].norm in SHOULD:
        listed = listed[:-1]
    return [_each(name[0]), *bare, _put("has", name[-1]), *listed]


def _possessive(words: list[Word]) -> list[Word]:
    """ "every costume's name, size and era should be stored"."""
    at = next((n for n, w in enumerate(words[:5]) if w.norm.endswith(("'s", "’s")) and n), None)
    if at is None or words[at - 1].norm not in {"each", "every", "the", "a", "an"} or len(words) < at + 4:
        return words
    stored = next((n for n in range(at + 1, len(words)) if words[n].norm in PASSIVES | {"should", "must"}), None)
    if stored is None or not _lists(words[at + 1 : stored]):
        return words
    listed = words[at + 1 : stored]
    while listed and listed[-1].norm in SHOULD:
        listed = listed[:-1]
    rest = words[stored:]
    more = next((n for n, w in enumerate(rest) if w.text == "," and rest[n + 1 :]), None)
    along = [w for w in rest[more:] if w.norm not in {"along", "together", "with"}] if more is not None else []
    name = Word(words[at].text, words[at].lemma, words[at].lemma, words[at].start, words[at].end, words[at].text[:-2])
    return [_each(words[at - 1]), name, _put("has", words[at]), *listed, *along]


def _through(words: list[Word]) -> list[Word]:
    """ "they move through open, in progress, solved": the steps of a status."""
    at = _find(words, MOVES)
    end = _find(words[at : at + 4], {"through"}) if at else None
    if not at or not end or sum(w.text == "," for w in words[at + end :]) < 1:
        return words
    before = words[: at - 1] if words[at - 1].norm == "and" else words[:at]
    while before and before[-1].norm in SHOULD | SPEAKERS:
        before = before[:-1]
    status = Word("Status", "status", "status", words[at].start, words[at].end)
    return [*before, _put(",", words[at]), status, _put(":", words[at]), *words[at + end + 1 :]]


def _joining(words: list[Word]) -> list[Word]:
    """ "trips linking car and driver with a purpose", "games between two players with a result", "orders placed by the
    members with a date": what something is between is what it has."""
    for at in range(len(words) - 3):
        if not words[at].is_plural or not words[at].is_word:
            continue
        both = _of_both(words, at)
        if both:
            return both
        start = next((n for n in (1, 2) if words[at + n].norm in JOINS[n - 1]), None)
        if start is None and words[at + 1].norm in {"for", "per", "of", "on"} and words[at + 2].norm in EACH:
            start = 2  # "expenses for each stop with an amount"
        if start is None or (start == 2 and not words[at + 1].is_word):
            continue
        rest = words[at + start + 1 :]
        has = _find(rest[: LONGEST_NAME + 2], HAS)
        ends = next((n for n, w in enumerate(rest) if not w.is_word), len(rest))
        if has is None or has > ends or not has:
            continue
        ones = _several_of(rest[:has])
        if ones:
            return [*words[: at + 1], _put("has", rest[has]), *ones, _put(",", rest[has]), *rest[has + 1 :]]
    return words


def _of_both(words: list[Word], at: int) -> list[Word]:
    """ "registrations of children to activities" have a child and an activity."""
    if words[at].lemma.split()[-1] not in lexicon().about or words[at + 1].norm != "of":
        return []
    end = next((n for n in range(at + 2, len(words)) if not words[n].is_word), len(words))
    link = next((n for n in range(at + 3, end) if words[n].norm in {"to", "for", "in", "at"}), None)
    one = [w for w in words[at + 2 : link or end] if w.norm not in DETERMINERS]
    other = [w for w in words[link + 1 : end] if w.norm not in DETERMINERS] if link else []
    if len(one) != 1 or len(other) != 1 or not one[0].is_plural or not other[0].is_plural:
        return []
    has, comma = _put("has", words[at + 1]), _put(",", words[at + 1])
    return [*words[: at + 1], has, _one(one[0]), comma, _one(other[0]), *words[end:]]


def _several_of(named: list[Word]) -> list[Word]:
    bare = [w for w in named if w.norm not in DETERMINERS]
    if len(bare) == 2 and bare[0].norm in {"two", "2"} and bare[1].is_plural:
        one = _one(bare[1])
        one = one._replace(text=one.single or (singular(one.text.lower()) if one.text.isascii() else one.text))
        own = [one._replace(text=f"{one.text} {n}", norm=f"{one.lemma} {n}", lemma=f"{one.lemma} {n}") for n in (1, 2)]
        return [own[0], _put(",", one), own[1]]
    if not bare or any(w.norm in PREPOSITIONS | KEEPS for w in bare):
        return []
    return [_one(w) if w.is_plural else w for w in bare]


def _one(word: Word) -> Word:
    return word._replace(norm=word.lemma, text=word.single or word.text)


def _each(word: Word) -> Word:
    return word._replace(norm="each", lemma="each")


def _having(each: Word, rest: list[Word], length: int) -> list[Word]:
    return [_each(each), *rest[:length], _put("has", rest[length]), *rest[length:]]


def _name_length(rest: list[Word]) -> int:
    """How many words the thing is called by, before its first field starts."""
    end = next((n for n in range(1, min(LONGEST_NAME, len(rest))) if rest[n].norm in DETERMINERS), None)
    if end:
        return end
    first = next((n for n, w in enumerate(rest) if w.text in LINKS or w.norm == "and"), len(rest))
    return next((n for n in range(1, first) if kind_of(" ".join(w.lemma for w in rest[n:first]))), 1)


def _is_said_to(words: list[Word]) -> bool:
    """ "each job [I want to] note", and not "each member can note": there the thing itself does it."""
    if not words or words[0].norm in SPEAKERS | {"us", "it", "them"}:
        return True
    return not any(w.norm in {"can", "could", "may", "should", "must", "will"} for w in words) and len(words) <= 2


def _lists(words: Sequence[Word]) -> bool:
    return len(words) > 2 and any(w.text == "," or w.norm == "and" for w in words)


def _starts_clause(rest: list[Word]) -> bool:
    """ "for each member I want a page": a wish, and no list."""
    return any(w.norm in SPEAKERS | SHOULD | grammar("verbs") and w.lemma not in lexicon().fields for w in rest[1:3])


def _any(words: Sequence[Word], wanted: frozenset[str]) -> bool:
    return any(w.norm in wanted for w in words)


def _find(words: Sequence[Word], wanted: frozenset[str] | set[str]) -> int | None:
    return next((n for n, w in enumerate(words) if w.norm in wanted), None)


FORMS: tuple[Callable[[list[Word]], list[Word]], ...] = (
    _through,
    _joining,
    _one_of,
    _named_and_has,
    _relative,
    _whose,
    _belongs,
    _of_each,
    _tail,
    _possessive,
)
