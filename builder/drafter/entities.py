"""Read the things an app keeps, and their fields, from ordinary sentences. Knows words, no kind of app.

A sentence is cut into items at its commas and "and"s. An item opens a thing ("tasks with a title", "each plant has
a name", "a table called Index (key, value)"), adds a field to the open one, or is a request and closes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from builder.drafter.features import ACTIONS, VERBS, Mention
from builder.drafter.fields import DETERMINERS, MANY, choices_from, kind_of, read_field, split_on
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.text import Prompt, Word, Words, plural, singular
from builder.spec import FieldType

HAS, PREPOSITIONS, PRONOUNS = grammar("has"), grammar("prepositions"), grammar("pronouns")
OPENERS, KEEPS, VIEWS, LINKS = grammar("openers"), grammar("keeps"), grammar("views"), grammar("links")
NO_THINGS, NOT_TYPED_IN, COMMENTS = grammar("no_things"), grammar("not_typed_in"), grammar("comments")
GROUPS, TRAILING, LOOKS = grammar("groups"), grammar("trailing"), grammar("background") | grammar("outward")
STORES = grammar("stores")
MOST_ENTITIES, MOST_FIELDS = 24, 40


@dataclass
class Item:
    """Words between two commas. `opens` marks one that a colon ends, `at` is the place of its first word."""

    words: list[Word]
    sentence: int
    at: int
    opens: bool = False


@dataclass
class Reading:
    """What the sentences say, and which words said it."""

    entities: list[EntitySketch] = field(default_factory=list)
    used: list[tuple[str, tuple[Word, ...]]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # (the many, the one)

    def open(self, key: str, label: str, words: Words) -> EntitySketch:
        found = next((e for e in self.entities if e.key == key), None)
        if found is None and key:  # "house plants", then "each plant has …"
            found = next((e for e in self.entities if e.key.endswith(" " + key)), None)
            if found:
                found.key, found.label, found.label_plural = key, label, _title(plural(label))
        if words and key:
            self.used.append((f"things.{found.key if found else key}", tuple(words)))
        if found is None:
            found = EntitySketch(label, key, label_plural=_title(plural(label)) if label else "", words=tuple(words))
            if len(self.entities) < MOST_ENTITIES:
                self.entities.append(found)
        return found


def read_entities(prompt: Prompt, mentions: Sequence[Mention]) -> Reading:
    reading = Reading()
    taken = {(m.sentence, at) for m in mentions if not m.is_action for at in range(m.start, m.end)}
    current: EntitySketch | None = None
    for number, sentence in enumerate(prompt.sentences):
        items = list(_items(number, sentence))
        current = _read_sentence(prompt, reading, items, taken, current)
    _read_marks(prompt, reading)
    _read_belonging(prompt, reading)
    reading.entities = [e for e in reading.entities if e.fields or e.key]
    return reading


def _items(number: int, sentence: Words) -> Iterator[Item]:
    words: list[Word] = []
    start = depth = 0
    for at, word in enumerate(sentence):
        depth += (word.text in "([") - (word.text in ")]")
        splits = depth <= 0 and (word.text in {",", ":", "&", "→"} or word.norm in {"and", "plus"})
        if splits and word.norm == "and" and _belongs_together(sentence, at):
            splits = False
        if splits:
            if words:
                yield Item(words, number, start, opens=word.text == ":")
            words, start = [], at + 1
        else:
            words.append(word)
    if words:
        yield Item(words, number, start)


def _belongs_together(sentence: Words, at: int) -> bool:
    """ "date and time", "between 1 and 10"."""
    before, after = sentence[at - 1] if at else None, sentence[at + 1] if at + 1 < len(sentence) else None
    if before is None or after is None:
        return False
    return (before.norm, after.norm) in {("date", "time"), ("terms", "conditions")} or (
        before.norm.isdecimal() and after.norm.isdecimal()
    )


def _read_sentence(
    prompt: Prompt, reading: Reading, items: list[Item], taken: set[tuple[int, int]], before: EntitySketch | None
) -> EntitySketch | None:
    """Walk the items of one sentence; what is open at its end, "it has …" in the next one speaks of."""
    current: EntitySketch | None = None
    last = before
    loose = False  # the open thing is the app itself, so bare plurals may be its things
    for position, item in enumerate(items):
        words = _without_openers(item.words)
        if not words:
            continue
        called = _called(words)
        if called:
            current, loose = None, False
            last = _bracketed(prompt, reading, *called)
            continue
        at = _verb_of_having(words)
        is_request = _is_request(item, words, taken)
        if at is not None and not (is_request and words[0].norm not in KEEPS) and at + 1 < len(words):
            subject = _subject(words[:at], last)
            if subject is not None:
                key, label, source, strict = subject
                rest = [words[at + 1 :], *(i.words for i in items[position + 1 : position + 8])]
                several = _bare(rest[0])[:1] and _bare(rest[0])[0].norm in MANY
                if not strict and not several and _are_things(rest):
                    current, loose = None, True
                    _thing(prompt, reading, words[at + 1 :])
                    continue
                current = last = reading.open(key, label, source)
                loose = False
                columns = _bare(words[at + 1 :])
                if len(columns) > 1 and columns[0].norm in {"columns", "stages", "statuses", "lanes"}:
                    _add_stages(prompt, reading, current, [columns[1:], *(i.words for i in items[position + 1 :])])
                    return last
                _add_field(prompt, reading, current, words[at + 1 :])
                continue
        kept = _kept_head(words) if item.opens else []
        if kept:
            current, loose = _open_plural(reading, kept), False
            last = current
            continue
        if item.opens and not (is_request and words[0].norm not in KEEPS):
            subject = _subject(words, None)
            rest = [i.words for i in items[position + 1 : position + 8]]
            if subject and rest and not _are_things(rest):
                current, loose = reading.open(*subject[:3]), False
                last = current
            elif subject:
                current, loose = None, True
            continue
        if words[0].norm in GROUPS and last is not None and _grouped(reading, words, last):
            current = None
            continue
        if position == 0 and words[0].norm in STORES and _is_field(words[1:]):  # "Store the title, the author …"
            current = last = last or reading.open("", "", [])
            _add_field(prompt, reading, current, words[1:])
            continue
        if is_request:
            current, loose = None, loose and words[0].norm in KEEPS
            _kept(reading, words)
            continue
        if current is not None:
            if _bracket_list(words) and words[0].is_plural and not kind_of(words[0].lemma):
                current = last = _bracketed(prompt, reading, _phrase_before_bracket(words), _inside(words))
            else:
                _add_field(prompt, reading, current, words)
        elif _bracket_list(words):
            head = _phrase_before_bracket(words)
            if head and (head[-1].is_plural or head[0].text[0].isupper() or any(w.norm in KEEPS for w in words)):
                last = _bracketed(prompt, reading, head, _inside(words))
        elif loose:
            _thing(prompt, reading, words)
        else:
            _kept(reading, words)
    return last


def _grouped(reading: Reading, words: list[Word], last: EntitySketch) -> bool:
    """ "put them into collections": each points at one of these."""
    at = next((at for at, w in enumerate(words) if w.norm in {"in", "into", "under", "by"} and at), None)
    head = _bare(words[at + 1 :]) if at else []
    if not head or not head[-1].is_plural or len(head) > 3:
        return False
    reading.links.append((last.key, _open_plural(reading, head).key))
    return True


def _without_openers(words: list[Word]) -> list[Word]:
    at = 0
    while at < len(words) and (words[at].norm in OPENERS or words[at].text in "\"'“”«»-–"):
        if words[at].norm in HAS and at == 0 and len(words) > 1:
            break
        if words[at].norm in {"it", "they"} and at + 1 < len(words) and words[at + 1].norm in HAS:
            break
        at += 1
    return words[at:]


def _is_request(item: Item, words: list[Word], taken: set[tuple[int, int]]) -> bool:
    if words[0].norm in VERBS:
        return True
    skipped = len(item.words) - len(words)
    start = item.at + skipped
    if words[-1].is_plural and words[-1].lemma in COMMENTS and len(_bare(words)) == 1:
        return False
    covered = any((item.sentence, start + offset) in taken for offset in range(min(2, len(words))))
    if not covered:
        return False
    bare = [w for w in words if w.norm not in DETERMINERS]
    return not (len(bare) <= 2 and " ".join(w.lemma for w in bare) in lexicon().fields)


def _called(words: list[Word]) -> tuple[list[Word], list[Word]] | None:
    """ "a table called Index (key, value, order)", with or without brackets."""
    at = next(
        (at for at, word in enumerate(words) if word.norm in {"called", "named"} and 0 < at < len(words) - 1), None
    )
    if at is None or not _bracket_list(words):
        return None
    head = [w for w in _phrase_before_bracket(words[at + 1 :]) if w.text not in "\"'“”«»"]
    return (head, _inside(words)) if head else None


def _bracketed(prompt: Prompt, reading: Reading, head: Sequence[Word], inside: list[Word]) -> EntitySketch:
    head = [w for w in head if w.norm not in DETERMINERS] or list(head)
    if len(head) > 1 and head[-1].lemma in {"information", "info", "data", "detail"}:
        head = head[:-1]  # "customer information" is about customers
    text = prompt.quote(head)
    single = " ".join(w.text if w is not head[-1] or not w.is_plural else _singular_as_written(w) for w in head)
    entity = reading.open(" ".join(w.lemma for w in head), _title(single if head[-1].is_plural else text), head)
    for part in _parts(inside):
        _add_field(prompt, reading, entity, part)
    return entity


def _subject(words: list[Word], last: EntitySketch | None) -> tuple[str, str, list[Word], bool] | None:
    """What has the fields: key, label, words, and whether it is surely a thing rather than the app itself."""
    words = [w for w in words if w.is_word]
    while len(words) > 1 and words[-1].norm in TRAILING:
        words = words[:-1]
    for at in range(len(words) - 1, 0, -1):  # "books as cards with …" speaks of the books
        if words[at].lemma in VIEWS and words[at - 1].norm in {"as", "in"}:
            words = words[: at - 1]
            break
    if not words or words[-1].norm in {"it", "they", "them", "one"}:
        return (last.key, last.label, list(last.words), True) if last else None
    phrase, surely = _noun_phrase(words)
    if not phrase or phrase[-1].lemma in LOOKS:
        return None
    if not surely:
        while phrase and phrase[-1].lemma in lexicon().app_words:
            phrase.pop()
    if not phrase:
        return "", "", words, False
    label = " ".join([w.text for w in phrase[:-1]] + [_singular_as_written(phrase[-1])])
    return " ".join(w.lemma for w in phrase), _title(label), phrase, surely


def _noun_phrase(words: list[Word]) -> tuple[list[Word], bool]:
    """The last words up to a verb, a preposition or an article; "each plant" and "plants" are surely things."""
    phrase: list[Word] = []
    surely = False
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        if word.norm in DETERMINERS or word.norm in MANY:
            surely = word.norm in {"each", "every", "all"} or word.norm in MANY
            break
        named = not phrase and (word.lemma in lexicon().app_words or (at > 0 and words[at - 1].norm in DETERMINERS))
        if (word.norm in VERBS | KEEPS and not named) or word.norm in PREPOSITIONS | PRONOUNS or len(phrase) == 3:
            break
        phrase.insert(0, word)
    return phrase, surely or (bool(phrase) and phrase[-1].is_plural)


def _are_things(rest: list[list[Word]]) -> bool:
    """Whether a list names things ("companies, contacts and deals") rather than fields of one thing."""
    heads: list[list[Word]] = []
    for words in rest[:6]:
        bare = [w for w in _bare(words) if w.norm not in MANY and w.is_word]
        if not bare or bare[0].norm in VERBS or (heads and any(w.norm in HAS for w in words)):
            break
        heads.append(bare)
    things = [head for head in heads if any(w.is_plural and _may_be_thing(w.lemma) for w in (head[0], head[-1]))]
    return bool(things) and things[0] is heads[0] and len(things) * 2 >= len(heads)


def _may_be_thing(lemma: str) -> bool:
    kind = kind_of(lemma)
    if lemma in NO_THINGS or lemma == "tag":
        return False
    known = lemma in lexicon().icons and kind is not None and kind.type is FieldType.INTEGER
    return _is_thing(lemma) or known or (kind is not None and kind.type is FieldType.STRING)


def _is_thing(lemma: str) -> bool:
    feature = lexicon().features.get(lemma)
    return kind_of(lemma) is None and lemma not in NO_THINGS and (feature is None or feature in ACTIONS)


def _thing(prompt: Prompt, reading: Reading, words: list[Word]) -> None:
    """A bare plural in a list of things: "companies", "posts in categories"."""
    if _bracket_list(words):
        _bracketed(prompt, reading, _phrase_before_bracket(words), _inside(words))
        return
    bare = [w for w in words if w.norm not in DETERMINERS and w.norm not in MANY and w.is_word]
    link = next((at for at, w in enumerate(bare) if w.norm in LINKS and 0 < at < len(bare) - 1), None)
    heads = [bare[:link], bare[link + 1 :]] if link else [bare]
    keys = []
    for head in heads:
        if not head or len(head) > 3 or not head[-1].is_plural or head[-1].lemma in NO_THINGS:
            break
        entity = _open_plural(reading, head)
        keys.append(entity.key)
    if len(keys) == 2:
        reading.links.append((keys[0], keys[1]))
    elif keys and keys[0] in COMMENTS and reading.entities[0].key != keys[0]:
        reading.links.append((keys[0], reading.entities[0].key))


def _open_plural(reading: Reading, head: list[Word]) -> EntitySketch:
    key = " ".join(w.lemma for w in head)
    label = " ".join([w.text for w in head[:-1]] + [_singular_as_written(head[-1])])
    entity = reading.open(key, _title(label), head)
    reading.used.append((f"entities.{key}", tuple(head)))
    return entity


def _kept(reading: Reading, words: list[Word]) -> None:
    """ "track my expenses", "a catalogue of stamps": the thing that is kept, its fields unsaid."""
    for at, word in enumerate(words):
        if word.norm in KEEPS:
            head = _object(words[at + 1 :])
            if head:
                _open_plural(reading, head)


def _kept_head(words: list[Word]) -> list[Word]:
    """The first thing that is kept: "keep track of the medicines my father takes: …"."""
    heads = (_object(words[at + 1 :]) for at, word in enumerate(words) if word.norm in KEEPS)
    return next((head for head in heads if head), [])


def _object(words: list[Word]) -> list[Word]:
    """The plural that follows a verb."""
    head: list[Word] = []
    for word in words:
        if word.norm in DETERMINERS and not head:
            continue
        ends = word.norm in PREPOSITIONS | VERBS | DETERMINERS | HAS | PRONOUNS
        if not word.is_word or ends or len(head) == 3:
            break
        head.append(word)
    return head if head and head[-1].is_plural and _is_thing(head[-1].lemma) else []


def _is_field(words: list[Word]) -> bool:
    bare = _bare(words)
    return 0 < len(bare) <= 3 and not bare[-1].is_plural and kind_of(" ".join(w.lemma for w in bare)) is not None


def _verb_of_having(words: list[Word]) -> int | None:
    """Where "with", "has" or "each … I store" stands, outside brackets."""
    depth, each = 0, False
    for at, word in enumerate(words):
        depth += (word.text in "([") - (word.text in ")]")
        each = each or word.norm in {"each", "every"}
        stores = each and word.norm in STORES and words[at - 1].norm in {"i", "we"}
        if depth == 0 and (word.norm in HAS or stores):
            return at
    return None


def _bare(words: Sequence[Word]) -> list[Word]:
    return [w for w in words if w.norm not in DETERMINERS]


def _add_field(prompt: Prompt, reading: Reading, entity: EntitySketch, words: list[Word]) -> None:
    bare = _bare(words)
    asks = any(
        " ".join(w.norm for w in bare[:length]) in lexicon().features for length in (3, 2) if len(bare) >= length
    )
    names_app = asks or all(w.lemma in lexicon().app_words - {"index", "page", "record"} for w in bare)
    if len(entity.fields) >= MOST_FIELDS or names_app or {w.norm for w in words} & NOT_TYPED_IN:
        return
    if [w.norm for w in bare] == ["when"] and entity.fields and entity.fields[-1].key.endswith(" by"):
        _add_moment(reading, entity, words)
        return
    if bare and bare[0].norm in MANY and len(bare) > 1 and bare[-1].is_plural and _is_thing(bare[-1].lemma):
        child = _open_plural(reading, [w for w in bare if w.norm not in MANY])
        reading.links.append((child.key, entity.key))
        return
    sketch = read_field(words, prompt)
    if sketch is None or (
        entity.find(sketch.key) in [f for f in entity.fields if f.key == sketch.key]
        and any(f.key == sketch.key for f in entity.fields)
    ):
        return
    entity.fields.append(sketch)
    reading.used.append((f"entities.{entity.key or 'main'}.fields.{sketch.key}", tuple(words)))


def _add_stages(prompt: Prompt, reading: Reading, entity: EntitySketch, parts: list[list[Word]]) -> None:
    """ "with columns To do, In progress and Done": the choices of one status."""
    choices = [choices_from(part, prompt)[0] for part in parts[:12]]
    words = tuple(word for part in parts[:12] for word in part)
    entity.fields.append(FieldSketch("Status", "status", FieldType.CHOICE, choices=choices, said=True, words=words))
    reading.used.append((f"entities.{entity.key or 'main'}.fields.status", words))


def _add_moment(reading: Reading, entity: EntitySketch, words: list[Word]) -> None:
    """ "who changed it and when": the day and hour beside the person."""
    before = entity.fields[-1]
    key = before.key.removesuffix(" by") + " at"
    entity.fields.append(
        FieldSketch(before.label.removesuffix(" by") + " at", key, FieldType.DATETIME, words=tuple(words))
    )
    reading.used.append((f"entities.{entity.key or 'main'}.fields.{key}", tuple(words)))


def _read_marks(prompt: Prompt, reading: Reading) -> None:
    """ "mark them done", "tick them off", "mark as paid": a yes-or-no field of the thing that has fields."""
    known = lexicon().fields
    for sentence in prompt.sentences:
        for at, word in enumerate(sentence):
            if word.norm not in {"mark", "marked", "marking", "tick", "check"}:
                continue
            for end, following in enumerate(sentence[at + 1 : at + 6], at + 2):
                if following.text == ",":
                    break
                kind = known.get(following.lemma)
                mark = "done" if word.norm in {"tick", "check"} and following.norm == "off" else following.norm
                if mark == "done" or (kind and kind.type is FieldType.BOOLEAN):
                    _mark(reading, sentence[at:end], mark)
                    break


def _read_belonging(prompt: Prompt, reading: Reading) -> None:
    """ "each ticket is assigned to an agent", "a task belongs to a project"."""
    keys = {e.key for e in reading.entities}
    for sentence in prompt.sentences:
        for at, word in enumerate(sentence[:-1]):
            if word.norm in {"assigned", "belongs", "belong", "linked", "attached"} and sentence[at + 1].norm == "to":
                before = next((w.lemma for w in reversed(sentence[max(0, at - 12) : at]) if w.lemma in keys), None)
                after = next((w.lemma for w in sentence[at + 2 : at + 6] if w.lemma in keys), None)
                if before and after and before != after:
                    reading.links.append((before, after))


def _mark(reading: Reading, words: Words, mark: str) -> None:
    entity = next((e for e in reading.entities if e.fields), None) or next(iter(reading.entities), None)
    if entity is None or not entity.fields or any(f.key == mark for f in entity.fields):
        return
    entity.fields.append(FieldSketch(_title(mark), mark, FieldType.BOOLEAN, words=tuple(words)))
    reading.used.append((f"entities.{entity.key or 'main'}.fields.{mark}", tuple(words)))


def _parts(inside: list[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = [[]]
    depth = 0
    for word in inside:
        depth += (word.text in "([") - (word.text in ")]")
        if depth == 0 and (word.text in {",", "/", "|"} or word.norm == "and"):
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _inside(words: list[Word]) -> list[Word]:
    """What stands in the outermost brackets."""
    start = next(at for at, word in enumerate(words) if word.text in "([")
    depth = 0
    for at in range(start, len(words)):
        depth += (words[at].text in "([") - (words[at].text in ")]")
        if depth == 0:
            return words[start + 1 : at]
    return words[start + 1 :]


def _bracket_list(words: list[Word]) -> bool:
    return (
        any(w.text in "([" for w in words[1:])
        and len(split_on(_inside(words), {","})) > 1
        and bool(_phrase_before_bracket(words))
    )


def _phrase_before_bracket(words: list[Word]) -> list[Word]:
    start = next((at for at, word in enumerate(words) if word.text in "(["), 0)
    phrase: list[Word] = []
    for word in reversed(words[:start]):
        if word.norm in PREPOSITIONS | DETERMINERS | VERBS | KEEPS | HAS or len(phrase) == 4:
            break
        phrase.insert(0, word)
    return phrase


def _singular_as_written(word: Word) -> str:
    """The singular with the person's own accents and capitals."""
    if not word.is_plural:
        return word.text
    own = singular(word.text.lower())
    return own.capitalize() if word.text[0].isupper() else own


def _title(text: str) -> str:
    text = text.strip("\"'“”«» ")[:80]
    return text[:1].upper() + text[1:]
