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


Places = set[tuple[int, int]]  # (sentence, word)


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
        current = SentenceReader(prompt, reading, items, taken, current).read()
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


class SentenceReader:
    """Walks the items of one sentence. `current` takes fields, `last` is what "it" speaks of.

    `loose` says that the open thing is the app itself, so that bare plurals may be its things.
    """

    def __init__(
        self,
        prompt: Prompt,
        reading: Reading,
        items: list[Item],
        taken: set[tuple[int, int]],
        last: EntitySketch | None,
    ) -> None:
        self.prompt, self.reading, self.items, self.taken = prompt, reading, items, taken
        self.current: EntitySketch | None = None
        self.last, self.loose = last, False

    def read(self) -> EntitySketch | None:
        for position, item in enumerate(self.items):
            words = without_openers(item.words)
            if not words:
                continue
            is_request = _is_request(item, words, self.taken)
            only_request = is_request and words[0].norm not in KEEPS
            if not (
                self._called(words)
                or (not only_request and self._having(words, position))
                or (item.opens and self._heading(words, position, only_request))
                or self._grouping(words)
                or (position == 0 and self._storing(words))
                or (is_request and self._request(words))
            ):
                self._plain(words)
        return self.last

    def _called(self, words: list[Word]) -> bool:
        """ "a table called Index (key, value)"."""
        called = _called(words)
        if called:
            self.current, self.loose = None, False
            self.last = _bracketed(self.prompt, self.reading, *called)
        return called is not None

    def _having(self, words: list[Word], position: int) -> bool:
        """ "tasks with a title", "each plant has a name", "an app with teams and players"."""
        at = verb_of_having(words)
        subject = subject_of(words[:at], self.last) if at is not None and at + 1 < len(words) else None
        if at is None or subject is None:
            return False
        key, label, source, surely = subject
        first = without_determiners(words[at + 1 :])
        several = bool(first) and first[0].norm in MANY
        if not surely and not several and are_things([words[at + 1 :], *self._following(position)]):
            self.current, self.loose = None, True
            _thing(self.prompt, self.reading, words[at + 1 :])
            return True
        self.current = self.last = self.reading.open(key, label, source)
        self.loose = False
        if len(first) > 1 and first[0].norm in {"columns", "stages", "statuses", "lanes"}:
            stages = [first[1:], *(item.words for item in self.items[position + 1 :])]
            _add_stages(self.prompt, self.reading, self.current, stages)
            self.items[position + 1 :] = []
        else:
            _add_field(self.prompt, self.reading, self.current, words[at + 1 :])
        return True

    def _heading(self, words: list[Word], position: int, only_request: bool) -> bool:
        """What stands before a colon: a thing whose fields follow, or the app whose things do."""
        kept = kept_head(words)
        if kept:
            self.current = self.last = _open_plural(self.reading, kept)
            self.loose = False
            return True
        if only_request:
            return False
        subject, rest = subject_of(words, None), self._following(position)
        if subject and rest and not are_things(rest):
            self.current = self.last = self.reading.open(*subject[:3])
            self.loose = False
        elif subject:
            self.current, self.loose = None, True
        return True

    def _grouping(self, words: list[Word]) -> bool:
        if words[0].norm not in GROUPS or self.last is None or not _grouped(self.reading, words, self.last):
            return False
        self.current = None
        return True

    def _storing(self, words: list[Word]) -> bool:
        """ "Store the title, the author …": fields of what was spoken of, or of the app's own thing."""
        if words[0].norm not in STORES or not is_field(words[1:]):
            return False
        self.current = self.last = self.last or self.reading.open("", "", [])
        _add_field(self.prompt, self.reading, self.current, words[1:])
        return True

    def _request(self, words: list[Word]) -> bool:
        self.current, self.loose = None, self.loose and words[0].norm in KEEPS
        _kept(self.reading, words)
        return True

    def _plain(self, words: list[Word]) -> None:
        """A field of the open thing, a thing of the app, or a thing with its fields in brackets."""
        if self.current is not None:
            if bracket_list(words) and words[0].is_plural and not kind_of(words[0].lemma):
                self.current = self.last = self._in_brackets(words)
            else:
                _add_field(self.prompt, self.reading, self.current, words)
        elif bracket_list(words):
            head = phrase_before_bracket(words)
            if head[-1].is_plural or head[0].text[0].isupper() or any(w.norm in KEEPS for w in words):
                self.last = self._in_brackets(words)
        elif self.loose:
            _thing(self.prompt, self.reading, words)
        else:
            _kept(self.reading, words)

    def _in_brackets(self, words: list[Word]) -> EntitySketch:
        return _bracketed(self.prompt, self.reading, phrase_before_bracket(words), inside_brackets(words))

    def _following(self, position: int) -> list[list[Word]]:
        return [item.words for item in self.items[position + 1 : position + 8]]


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
