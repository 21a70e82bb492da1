"""The phrases that sentences about an app are made of: what has fields, what a list names, what stands in brackets."""

from collections.abc import Sequence
from itertools import pairwise, zip_longest

from builder.drafter.features import ACTIONS, VERBS
from builder.drafter.fields import CLAUSES, DETERMINERS, MANY, split_on
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.measures import kind_of
from builder.drafter.sketch import EntitySketch
from builder.drafter.text import Word, Words, singular
from builder.spec import FieldType

HAS, PREPOSITIONS, PRONOUNS = grammar("has"), grammar("prepositions"), grammar("pronouns")
OPENERS, KEEPS, VIEWS, LINKS = grammar("openers"), grammar("keeps"), grammar("views"), grammar("links")
NO_THINGS, NOT_TYPED_IN, COMMENTS = grammar("no_things"), grammar("not_typed_in"), grammar("comments")
GROUPS, TRAILING, LOOKS = grammar("groups"), grammar("trailing"), grammar("background") | grammar("outward")
TIMES = frozenset("day week month year time night evening morning".split())
MODALS = frozenset("can could would will should must may might".split())
DEALINGS, SELLERS = grammar("dealings"), frozenset("shop store boutique rental marketplace webshop".split())
PAIRS = {("date", "time"), ("terms", "conditions"), ("lost", "found"), ("bed", "breakfast"), ("arts", "crafts")}
OWNS = frozenset("my our their his her your".split())
STORES, SPEAKERS = grammar("stores"), grammar("speakers")
HAS_OR_STORES = HAS | STORES
PEOPLE = frozenset(["user", "users"])  # the icons of those who can be shared with
ENDS_OBJECT = PREPOSITIONS | VERBS | DETERMINERS | HAS | PRONOUNS | CLAUSES | MODALS
ENDS_PHRASE = PREPOSITIONS | DETERMINERS | HAS
LONGEST_CODE, FEWEST_CODES = 4, 3
CALLING = frozenset("name title".split())  # what nothing else is one of: a list that starts so is of fields
DEEDS, NO_NOUNS = VERBS | KEEPS, PREPOSITIONS | PRONOUNS


def verb_of_having(words: list[Word]) -> int | None:
    """Where "with", "has" or "each … I store" stands, outside brackets."""
    depth, each = 0, False
    if words[0].norm in {"whether", "if"} or not any(word.norm in HAS_OR_STORES for word in words):
        return None
    for at, word in enumerate(words):
        depth += (word.text in "([") - (word.text in ")]")
        each = each or word.norm in {"each", "every"}
        stores = each and word.norm in STORES and words[at - 1].norm in {"i", "we"}
        following = words[at + 1].norm if at + 1 < len(words) else ""
        if word.norm in {"have", "has"} and at and words[at - 1].norm == "can":  # "so that one can have"
            continue
        if word.norm == "with" and _is_shared(words, at):
            continue
        if following in {"for", "in"} and any(w.norm == "what" for w in words[:at]):  # "what we have for sale"
            continue
        if (
            word.norm in {"records", "stores", "needs"} and at and following in {"with", "have", "has"}
        ):  # "vinyl records with"
            continue
        if depth == 0 and (word.norm in HAS or stores):
            return at + (stores and at + 1 < len(words) and words[at + 1].norm in {"down", "in"})
    return None


def _is_shared(words: list[Word], at: int) -> bool:
    """ "share documents with my team": those with whom, and nothing that the documents have."""
    shares = any(w.norm in {"share", "shared", "sharing", "shares"} for w in words[:at])
    others = [w for w in words[at + 1 :] if w.norm not in DETERMINERS]
    return shares and (not others or others[0].norm in PRONOUNS or lexicon().icon(others[0].lemma) in PEOPLE)


def without_determiners(words: Sequence[Word]) -> list[Word]:
    return [w for w in words if w.norm not in DETERMINERS]


def subject_of(words: list[Word], last: EntitySketch | None) -> tuple[str, str, list[Word], bool] | None:
    """What has the fields: key, label, words, and whether it is surely a thing rather than the app itself."""
    words = [w for w in outside_brackets(words) if w.is_word]
    words = _whole_of(without_relative(_as_grouped(words)))
    while len(words) > 1 and words[-1].norm in TRAILING:
        words = words[:-1]
    if len(words) > 2 and words[-1].lemma in TIMES and words[-2].norm in {"a", "an", "per", "each", "every"}:
        words = words[:-2]  # "one entry a day"
    for at in range(len(words) - 1, 1, -1):  # "the guests we see in a list with …" speaks of the guests
        if (
            words[at].lemma in VIEWS
            and words[at - 1].norm in {"a", "the", "one"}
            and words[at - 2].norm in {"as", "in"}
        ):
            words = words[: at - 2]
            while len(words) > 1 and words[-1].norm in TRAILING | VERBS:
                words = words[:-1]
            break
    for at in range(len(words) - 1, 0, -1):  # "books as cards with …" speaks of the books
        if words[at].lemma in VIEWS and words[at - 1].norm in {"as", "in"}:
            words = words[: at - 1]
            break
    if not words or words[-1].norm in {"it", "they", "them", "one"}:
        return (last.key, last.label, list(last.words), True) if last else None
    phrase, surely = noun_phrase(words)
    if not phrase or phrase[-1].lemma in LOOKS:
        return None
    if not surely:
        while phrase and phrase[-1].lemma in lexicon().app_words:
            phrase.pop()
    if not phrase:
        return "", "", words, False
    label = side_by_side([*(w.text for w in phrase[:-1]), singular_as_written(phrase[-1])])
    return " ".join(w.lemma for w in phrase), titled(label), phrase, surely


def _as_grouped(words: list[Word]) -> list[Word]:
    """ "my expenses by category" are expenses."""
    at = next((n for n in range(1, len(words)) if words[n].norm == "by" and words[n - 1].is_plural), len(words))
    return words[:at]


def side_by_side(texts: list[str]) -> str:
    """With spaces between them, but for scripts that put none."""
    return "".join(texts) if all("\u3400" <= text[:1] <= "\u9fff" for text in texts) else " ".join(texts)


def outside_brackets(words: list[Word]) -> list[Word]:
    """ "services (cut, colour) have a price": examples are no name."""
    depth, outside = 0, []
    for word in words:
        depth += word.text in "(["
        if depth == 0:
            outside.append(word)
        depth -= word.text in ")]" and depth > 0
    return outside


def _whole_of(words: list[Word]) -> list[Word]:
    """ "the members of our club" are members; "a list of films" is about films."""
    for at in range(len(words) - 1, 0, -1):
        before = words[at - 1]
        if words[at].norm != "of" or len(words) - at > 5:
            continue
        if at > 1 and words[at - 2].norm in {"i", "we", "they", "you"}:  # "je saisis des questions"
            return words[at + 1 :]
        one = at > 1 and words[at - 2].norm in {"a", "an"}  # "a request of adoption": no verb
        is_app = before.lemma in lexicon().app_words or (before.norm in VERBS | KEEPS | PREPOSITIONS and not one)
        if not is_app and words[at + 1 : at + 2] and words[at + 1].norm in OWNS and not words[-1].is_plural:
            return words[:at]  # "a cookbook of my grandmother"
        if is_app or not (before.is_plural or (at > 1 and words[at - 2].norm in {"each", "every", "a", "an"})):
            return words
        return words[:at] if is_thing(before.lemma) or before.lemma in lexicon().icons else words
    return words


def without_relative(words: list[Word]) -> list[Word]:
    """ "the board games we own": what is said of a thing behind it is not its name."""
    for at in range(1, len(words)):
        before = words[at - 1]
        named = before.is_plural or (at > 1 and words[at - 2].norm in {"each", "every", "a", "an", "the"})
        if words[at].norm in {"i", "we", "they", "you"} and named and len(words) - at <= 3:
            return words[:at]
    return words


def noun_phrase(words: list[Word]) -> tuple[list[Word], bool]:
    """The last words up to a verb, a preposition or an article; "each plant" and "plants" are surely things."""
    phrase: list[Word] = []
    surely = False
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        if word.norm in DETERMINERS or word.norm in MANY:
            surely = word.norm in {"each", "every", "all"} or word.norm in MANY
            if at and words[at - 1].norm == "for" and phrase and not surely and _are_people_or_one(phrase):
                return _before_for(words[: at - 1]) or phrase, phrase[-1].is_plural
            break
        named = not phrase and (word.lemma in lexicon().app_words or (at > 0 and words[at - 1].norm in DETERMINERS))
        named = named or (at > 0 and words[at - 1].norm in DEEDS and word.lemma in lexicon().icons and not phrase)
        if (word.norm in DEEDS and not named) or word.norm in NO_NOUNS or len(phrase) == 3:
            if word.norm == "for" and at and words[at - 1].lemma in SELLERS and not are_people(phrase):
                return phrase, True
            if word.norm == "for" and phrase and not surely and _are_people_or_one(phrase):
                return _before_for(words[:at]) or phrase, phrase[-1].is_plural
            break
        if phrase and (word.norm in DEALINGS or (at and _owns(word, words[at - 1]))):
            break
        if phrase and at and words[at - 1].norm in SPEAKERS:  # "where I publish tours": a verb
            break
        phrase.insert(0, word)
    if len(phrase) == 3 and phrase[0].is_plural and are_people(phrase[:1]):
        phrase = phrase[2:]  # "employees open tickets": they are no kind of tickets
    return phrase, surely or (bool(phrase) and phrase[-1].is_plural)


def _owns(word: Word, before: Word) -> bool:
    """ "our band's gigs" are gigs, and "children's books" another kind of books."""
    return word.norm.endswith(("'s", "’s")) and before.norm in DETERMINERS


def _are_people_or_one(phrase: list[Word]) -> bool:
    return not phrase[-1].is_plural or are_people(phrase)


def are_people(phrase: list[Word]) -> bool:
    return lexicon().icon(phrase[-1].lemma) in PEOPLE


def _before_for(words: list[Word]) -> list[Word]:
    """ "a recipe box for the family": what the app is about stands before those it is for."""
    phrase, _ = noun_phrase(words)
    while phrase and (phrase[-1].lemma in lexicon().app_words or phrase[-1].norm in OPENERS | VERBS):
        phrase.pop()
    return phrase


def are_things(rest: list[list[Word]]) -> bool:
    """Whether a list names things ("companies, contacts and deals") rather than fields of one thing."""
    heads: list[list[Word]] = []
    for words in rest[:6]:
        bare = [w for w in without_determiners(outside_brackets(words)) if w.norm not in MANY and w.is_word]
        if not bare or bare[0].norm in VERBS or (heads and any(w.norm in HAS for w in words)):
            break
        heads.append(bare)
    fields = sum(1 for head in heads if head[0].norm == "who" or _is_measured(head))
    things = [head for head in heads if any(w.is_plural and may_be_thing(w.lemma) for w in (head[0], head[-1]))]
    return bool(things) and things[0] is heads[0] and len(things) * 2 >= len(heads) and len(things) > fields


def _is_measured(head: list[Word]) -> bool:
    """ "amounts", "ratings", "due dates": in the plural too they are fields of one thing."""
    kind = kind_of(" ".join(w.lemma for w in head))
    texts = {FieldType.STRING, FieldType.TEXT, FieldType.INTEGER, FieldType.BOOLEAN}
    return kind is not None and kind.type not in texts


def may_be_thing(lemma: str) -> bool:
    kind = kind_of(lemma)
    if lemma in NO_THINGS or lemma == "tag":
        return False
    known = lemma in lexicon().icons and kind is not None and kind.type is FieldType.INTEGER
    texts = {FieldType.STRING, FieldType.BOOLEAN}
    return is_thing(lemma) or known or (kind is not None and kind.type in texts)


def is_thing(lemma: str) -> bool:
    feature = lexicon().features.get(lemma)
    return kind_of(lemma) is None and lemma not in NO_THINGS and (feature is None or feature in ACTIONS)


def object_of(words: list[Word]) -> list[Word]:
    """The plural that follows a verb, or the one after "every"."""
    head: list[Word] = []
    every = False
    for at, word in enumerate(words):
        if word.norm in DETERMINERS and not head:
            every = every or word.norm in {"each", "every"}
            continue
        if (word.text in "'’" and head) or (at and _owns(word, words[at - 1])):  # "my kids' chores"
            head = []
            continue
        if not word.is_word or word.norm in ENDS_OBJECT or len(head) == 3:
            break
        head.append(word)
    return head if head and (head[-1].is_plural or every) and is_thing(head[-1].lemma) else []


def kept_head(words: list[Word]) -> list[Word]:
    """The first thing that is kept: "keep track of the medicines my father takes: …"."""
    things = lexicon().icons
    keeps = (
        at
        for at, word in enumerate(words)  # not the family of "expenses of the family"
        if word.norm in KEEPS and not (word.norm == "of" and words[at - 1].is_plural and words[at - 1].lemma in things)
    )
    heads = (object_of(words[at + 1 :]) for at in keeps)
    return next((head for head in heads if head), [])


def is_field(words: list[Word]) -> bool:
    bare = without_determiners(words)
    return 0 < len(bare) <= 3 and not bare[-1].is_plural and kind_of(" ".join(w.lemma for w in bare)) is not None


def bracket_parts(inside: list[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = [[]]
    depth = 0
    for word in inside:
        depth += (word.text in "([") - (word.text in ")]")
        if depth == 0 and (word.text in {",", "/", "|"} or word.norm == "and"):
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def with_codes(parts: list[list[Word]]) -> list[list[Word]]:
    """ "blood group A+, A-, 0+", "size S, M, L": short codes are choices of the field that the first stands behind."""
    found: list[list[Word]] = []
    codes: list[Word] = []
    for part, following in zip_longest(parts, parts[1:]):
        code, head = _code_of(part), codes or _code_at_end(part)
        if codes and code:
            codes.append(code)
        elif head and following and _code_of(following) and not codes:
            first = _code_at_end(part)
            named = [w for w in part if first and w.end <= first.start]
            found.append(named)
            codes = [first] if first else []
        else:
            found, codes = _closed(found, codes), []
            found.append(part)
    return _closed(found, codes)


def _closed(parts: list[list[Word]], codes: list[Word]) -> list[list[Word]]:
    if len(codes) < FEWEST_CODES or not parts:
        return parts
    listed = [word for code in codes for word in (Word(",", ",", ",", code.start, code.start), code)][1:]
    edges = (Word("(", "(", "(", codes[0].start, codes[0].start), Word(")", ")", ")", codes[-1].end, codes[-1].end))
    return [*parts[:-1], [*parts[-1], edges[0], *listed, edges[1]]]


def _code_of(part: list[Word]) -> Word | None:
    """ "AB+", "XL", "N5" in one word."""
    text = "".join(w.text for w in part)
    tied = all(one.end == other.start for one, other in pairwise(part))
    short = len(text) <= LONGEST_CODE and tied and any(c.isalnum() for c in text)
    if not short or text != text.upper() or (text.isdecimal() and len(part) == 1):
        return None
    return Word(text, text.lower(), text.lower(), part[0].start, part[-1].end)


def _code_at_end(part: list[Word]) -> Word | None:
    start = next((at for at in range(1, len(part)) if _code_of(part[at:])), None)
    return _code_of(part[start:]) if start else None


def inside_brackets(words: list[Word]) -> list[Word]:
    """What stands in the outermost brackets."""
    start = next(at for at, word in enumerate(words) if word.text in "([")
    depth = 0
    for at in range(start, len(words)):
        depth += (words[at].text in "([") - (words[at].text in ")]")
        if depth == 0:
            return words[start + 1 : at]
    return words[start + 1 :]


def bracket_list(words: list[Word]) -> bool:
    return (
        any(w.text in "([" for w in words[1:])
        and len(split_on(inside_brackets(words), {","})) > 1
        and bool(phrase_before_bracket(words))
    )


def lists_fields(words: list[Word]) -> bool:
    """Whether what stands in brackets are fields ("plans (name, price)") and not choices or examples of it."""
    parts = [part for part in map(without_determiners, bracket_parts(inside_brackets(words))) if part]
    known = sum(1 for part in parts if _is_named(part))
    named = bool(parts) and known > 1 and len(parts[0]) == 1 and parts[0][0].lemma in CALLING
    return (
        named
        or known * 3 >= len(parts)
        or any(w.lemma in {"table", "entity"} for w in words[:-1] if w.text not in "([")
    )


def holds_fields(words: list[Word]) -> bool:
    """Whether a thing that may be a field as well ("appointments (date, time)") has fields of its own in brackets."""
    if not lists_fields(words):
        return False
    heads = [outside_brackets(part) for part in map(without_determiners, bracket_parts(inside_brackets(words))) if part]
    kinds = [kind_of(" ".join(w.lemma for w in head if w.is_word) or " ") for head in heads if head]
    return sum(kind is not None and kind.type is not FieldType.BOOLEAN for kind in kinds) > 1


def _is_named(part: list[Word]) -> bool:
    outside = outside_brackets(part) or part
    coded = next((at for at, w in enumerate(outside) if at and any(map(str.isdecimal, w.text))), len(outside))
    key = " ".join(w.lemma for w in outside[:coded] if w.is_word)  # "score 1, score 2", "level N5 to N1"
    key = key or " ".join(w.lemma for w in outside if w.is_word)
    kind = kind_of(key) if key else None
    return bool(key) and kind is not None and (key in lexicon().fields or kind.type is not FieldType.BOOLEAN)


def phrase_before_bracket(words: list[Word]) -> list[Word]:
    start = next((at for at, word in enumerate(words) if word.text in "(["), 0)
    phrase: list[Word] = []
    for word in reversed(words[:start]):
        if word.norm in ENDS_PHRASE or (phrase and word.norm in DEEDS) or len(phrase) == 4:
            break
        phrase.insert(0, word)
    while len(phrase) > 1 and phrase[0].lemma in {"table", "create", "exists", "entity"}:  # as databases are told
        phrase.pop(0)
    return phrase


def singular_as_written(word: Word) -> str:
    """The singular with the person's own accents and capitals."""
    if not word.is_plural or word.single:
        return word.single or word.text
    own = singular(word.text.lower())
    return own.capitalize() if word.text[0].isupper() else own


def titled(text: str) -> str:
    text = text.strip("\"'“”«» ")[:80]
    return text[:1].upper() + text[1:]


def belongs_together(sentence: Words, at: int) -> bool:
    """ "date and time", "between 1 and 10"."""
    before, after = sentence[at - 1] if at else None, sentence[at + 1] if at + 1 < len(sentence) else None
    if before is None or after is None:
        return False
    return (before.norm, after.norm) in PAIRS or (before.norm.isdecimal() and after.norm.isdecimal())


def without_openers(words: list[Word]) -> list[Word]:
    at = 0
    while at < len(words) and (words[at].norm in OPENERS or words[at].text in "\"'“”«»-–"):
        if words[at].norm in HAS and at == 0 and len(words) > 1:
            break
        if words[at].norm in {"it", "they"} and at + 1 < len(words) and words[at + 1].norm in HAS:
            break
        at += 1
    return words[at:]
