"""Read the things an app keeps, and their fields, from ordinary sentences. Knows words, no kind of app.

A sentence is cut into items at its commas and "and"s. An item opens a thing ("tasks with a title", "each plant has
a name", "a table called Index (key, value)"), adds a field to the open one, or is a request and closes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from builder.drafter.features import VERBS, Mention
from builder.drafter.fields import DETERMINERS, MANY, choices_from, kind_of, read_field
from builder.drafter.lexicon import lexicon
from builder.drafter.phrases import (
    COMMENTS,
    GROUPS,
    KEEPS,
    LINKS,
    NO_THINGS,
    NOT_TYPED_IN,
    STORES,
    are_things,
    belongs_together,
    bracket_list,
    bracket_parts,
    inside_brackets,
    is_field,
    is_thing,
    kept_head,
    object_of,
    phrase_before_bracket,
    singular_as_written,
    subject_of,
    titled,
    verb_of_having,
    without_determiners,
    without_openers,
)
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.text import Prompt, Word, Words, plural
from builder.spec import FieldType

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
                found.key, found.label, found.label_plural = key, label, titled(plural(label))
        if words and key:
            self.used.append((f"things.{found.key if found else key}", tuple(words)))
        if found is None:
            found = EntitySketch(label, key, label_plural=titled(plural(label)) if label else "", words=tuple(words))
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
        if splits and word.norm == "and" and belongs_together(sentence, at):
            splits = False
        if splits:
            if words:
                yield Item(words, number, start, opens=word.text == ":")
            words, start = [], at + 1
        else:
            words.append(word)
    if words:
        yield Item(words, number, start)


def _read_sentence(
    prompt: Prompt, reading: Reading, items: list[Item], taken: set[tuple[int, int]], before: EntitySketch | None
) -> EntitySketch | None:
    """Walk the items of one sentence; what is open at its end, "it has …" in the next one speaks of."""
    current: EntitySketch | None = None
    last = before
    loose = False  # the open thing is the app itself, so bare plurals may be its things
    for position, item in enumerate(items):
        words = without_openers(item.words)
        if not words:
            continue
        called = _called(words)
        if called:
            current, loose = None, False
            last = _bracketed(prompt, reading, *called)
            continue
        at = verb_of_having(words)
        is_request = _is_request(item, words, taken)
        if at is not None and not (is_request and words[0].norm not in KEEPS) and at + 1 < len(words):
            subject = subject_of(words[:at], last)
            if subject is not None:
                key, label, source, strict = subject
                rest = [words[at + 1 :], *(i.words for i in items[position + 1 : position + 8])]
                several = without_determiners(rest[0])[:1] and without_determiners(rest[0])[0].norm in MANY
                if not strict and not several and are_things(rest):
                    current, loose = None, True
                    _thing(prompt, reading, words[at + 1 :])
                    continue
                current = last = reading.open(key, label, source)
                loose = False
                columns = without_determiners(words[at + 1 :])
                if len(columns) > 1 and columns[0].norm in {"columns", "stages", "statuses", "lanes"}:
                    _add_stages(prompt, reading, current, [columns[1:], *(i.words for i in items[position + 1 :])])
                    return last
                _add_field(prompt, reading, current, words[at + 1 :])
                continue
        kept = kept_head(words) if item.opens else []
        if kept:
            current, loose = _open_plural(reading, kept), False
            last = current
            continue
        if item.opens and not (is_request and words[0].norm not in KEEPS):
            subject = subject_of(words, None)
            rest = [i.words for i in items[position + 1 : position + 8]]
            if subject and rest and not are_things(rest):
                current, loose = reading.open(*subject[:3]), False
                last = current
            elif subject:
                current, loose = None, True
            continue
        if words[0].norm in GROUPS and last is not None and _grouped(reading, words, last):
            current = None
            continue
        if position == 0 and words[0].norm in STORES and is_field(words[1:]):  # "Store the title, the author …"
            current = last = last or reading.open("", "", [])
            _add_field(prompt, reading, current, words[1:])
            continue
        if is_request:
            current, loose = None, loose and words[0].norm in KEEPS
            _kept(reading, words)
            continue
        if current is not None:
            if bracket_list(words) and words[0].is_plural and not kind_of(words[0].lemma):
                current = last = _bracketed(prompt, reading, phrase_before_bracket(words), inside_brackets(words))
            else:
                _add_field(prompt, reading, current, words)
        elif bracket_list(words):
            head = phrase_before_bracket(words)
            if head and (head[-1].is_plural or head[0].text[0].isupper() or any(w.norm in KEEPS for w in words)):
                last = _bracketed(prompt, reading, head, inside_brackets(words))
        elif loose:
            _thing(prompt, reading, words)
        else:
            _kept(reading, words)
    return last


def _grouped(reading: Reading, words: list[Word], last: EntitySketch) -> bool:
    """ "put them into collections": each points at one of these."""
    at = next((at for at, w in enumerate(words) if w.norm in {"in", "into", "under", "by"} and at), None)
    head = without_determiners(words[at + 1 :]) if at else []
    if not head or not head[-1].is_plural or len(head) > 3:
        return False
    reading.links.append((last.key, _open_plural(reading, head).key))
    return True


def _is_request(item: Item, words: list[Word], taken: set[tuple[int, int]]) -> bool:
    if words[0].norm in VERBS:
        return True
    skipped = len(item.words) - len(words)
    start = item.at + skipped
    if words[-1].is_plural and words[-1].lemma in COMMENTS and len(without_determiners(words)) == 1:
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
    if at is None or not bracket_list(words):
        return None
    head = [w for w in phrase_before_bracket(words[at + 1 :]) if w.text not in "\"'“”«»"]
    return (head, inside_brackets(words)) if head else None


def _bracketed(prompt: Prompt, reading: Reading, head: Sequence[Word], inside: list[Word]) -> EntitySketch:
    head = [w for w in head if w.norm not in DETERMINERS] or list(head)
    if len(head) > 1 and head[-1].lemma in {"information", "info", "data", "detail"}:
        head = head[:-1]  # "customer information" is about customers
    text = prompt.quote(head)
    single = " ".join(w.text if w is not head[-1] or not w.is_plural else singular_as_written(w) for w in head)
    entity = reading.open(" ".join(w.lemma for w in head), titled(single if head[-1].is_plural else text), head)
    for part in bracket_parts(inside):
        _add_field(prompt, reading, entity, part)
    return entity


def _thing(prompt: Prompt, reading: Reading, words: list[Word]) -> None:
    """A bare plural in a list of things: "companies", "posts in categories"."""
    if bracket_list(words):
        _bracketed(prompt, reading, phrase_before_bracket(words), inside_brackets(words))
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
    label = " ".join([w.text for w in head[:-1]] + [singular_as_written(head[-1])])
    entity = reading.open(key, titled(label), head)
    reading.used.append((f"entities.{key}", tuple(head)))
    return entity


def _kept(reading: Reading, words: list[Word]) -> None:
    """ "track my expenses", "a catalogue of stamps": the thing that is kept, its fields unsaid."""
    for at, word in enumerate(words):
        if word.norm in KEEPS:
            head = object_of(words[at + 1 :])
            if head:
                _open_plural(reading, head)


def _add_field(prompt: Prompt, reading: Reading, entity: EntitySketch, words: list[Word]) -> None:
    bare = without_determiners(words)
    asks = any(
        " ".join(w.norm for w in bare[:length]) in lexicon().features for length in (3, 2) if len(bare) >= length
    )
    names_app = asks or all(w.lemma in lexicon().app_words - {"index", "page", "record"} for w in bare)
    if len(entity.fields) >= MOST_FIELDS or names_app or {w.norm for w in words} & NOT_TYPED_IN:
        return
    if [w.norm for w in bare] == ["when"] and entity.fields and entity.fields[-1].key.endswith(" by"):
        _add_moment(reading, entity, words)
        return
    if bare and bare[0].norm in MANY and len(bare) > 1 and bare[-1].is_plural and is_thing(bare[-1].lemma):
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
    entity.fields.append(FieldSketch(titled(mark), mark, FieldType.BOOLEAN, words=tuple(words)))
    reading.used.append((f"entities.{entity.key or 'main'}.fields.{mark}", tuple(words)))
