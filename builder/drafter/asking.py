"""What a prompt asks for, clause by clause: which parts of the app each clause names, for a proof of each.

A thing with its fields is one clause as long as nothing else is asked between them; a feature takes its clause from
comma to comma, and the page of a row the fields that are said to stand on it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from builder.drafter.sketch import AppSketch, EntitySketch
from builder.drafter.telling import Source
from builder.drafter.text import Prompt, Word, lemmas
from builder.spec import FieldType

LONGEST_GAP = 60  # letters between two parts of what is said of a thing
LONGEST_NAME = 3  # words
MOST_GROUPS = 60  # of fields
MOST_SENTENCES = 60  # that are searched for fields which the app has by itself: a ledger has no room for more
BREAKS = frozenset(",:;")
SHOWING = ("features.detail", "features.create")  # what is shown or typed there belongs to it
WHOLE = ("blueprint", "dataset", "things")


@dataclass(frozen=True)
class Asked:
    """`part` is "features.search", "entities.book" or "theme.background"; `fields` are those named beside it. What is
    done to a thing, "mark them done", stands alone.
    """

    part: str
    start: int
    end: int
    fields: tuple[str, ...] = ()
    alone: bool = False

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


@dataclass(frozen=True)
class Names:
    """The safe names that keys of the sketch got."""

    entities: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]]


def asked(prompt: Prompt, sources: Sequence[Source], sketch: AppSketch, names: Names) -> list[Asked]:
    """In the order of the prompt; no part twice, but a thing whose fields stand in several places."""
    features = list(_features(prompt, sources))
    breaks = [one.start for one in features]
    said = list(_groups(sorted(_fields(sources, sketch, names), key=_start), breaks))[:MOST_GROUPS]
    known = list(_groups(sorted(_known_fields(prompt, sources, sketch, names), key=_start), breaks))
    heads = [(w[0].start, w[-1].end) for part, w in sources if w and part.startswith("things.")]
    things = [_opened(prompt, heads, one, [*features, *said]) for one in said]
    things += [_widened(prompt, one) for one in known]
    found = sorted([*_joined(features, things), *_colours(prompt, sources)], key=lambda one: one.span)
    return [_closed(prompt, one) for one in found or _whole(prompt, sources, names)]


def _closed(prompt: Prompt, one: Asked) -> Asked:
    """With the bracket that a list of fields ends with."""
    said, after = prompt.text[one.start : one.end], prompt.text[one.end : one.end + 1]
    opening = {")": "(", "]": "[", "）": "（", "】": "【", "»": "«"}.get(after)
    return replace(one, end=one.end + 1) if opening and said.count(opening) > said.count(after) else one


def _start(one: Asked) -> int:
    return one.start


def _features(prompt: Prompt, sources: Sequence[Source]) -> Iterator[Asked]:
    found: dict[str, Asked] = {}
    for part, words in sources:
        if part.startswith("features.") and words:
            start, end = _clause(prompt, words)
            before = found.get(part)
            if before is None:
                found[part] = Asked(part, start, end)
            elif 0 < start - before.end < LONGEST_GAP and _same_sentence(prompt, before.start, end):
                found[part] = replace(before, end=max(before.end, end))
    yield from found.values()


def _same_sentence(prompt: Prompt, start: int, end: int) -> bool:
    return any(s and s[0].start <= start and s[-1].end >= end for s in prompt.sentences)


def _fields(sources: Sequence[Source], sketch: AppSketch, names: Names) -> Iterator[Asked]:
    """What is said of things: a field at a time, or a thing as such."""
    for part, words in sources:
        kind, _, rest = part.partition(".")
        key, _, field = rest.partition(".fields.")
        if kind != "entities" or not words or key not in names.entities:
            continue
        name = names.fields.get(key, {}).get(field)
        yield Asked(
            f"entities.{names.entities[key]}",
            min(w.start for w in words),
            max(w.end for w in words),
            (name,) if name else (),
            len(words) > 1 and _is_ticked(sketch, key, field),
        )


def _is_ticked(sketch: AppSketch, thing: str, key: str) -> bool:
    fields = (f for e in sketch.entities if e.key == thing for f in e.fields)
    return any(f.key == key and f.type is FieldType.BOOLEAN for f in fields)


def _known_fields(prompt: Prompt, sources: Sequence[Source], sketch: AppSketch, names: Names) -> Iterator[Asked]:
    """Fields that the app has by itself and the prompt names all the same: "shows its height, weight and abilities".

    One alone may be a word like any other; two of a thing in a sentence are meant.
    """
    taken = _covered([(min(w.start for w in words), max(w.end for w in words)) for _, words in sources if words])
    begun = [start for start, _ in taken]
    entities = [(e, _Called.of(e, names)) for e in sketch.entities if e.key in names.entities]
    for sentence in prompt.sentences[:MOST_SENTENCES]:
        words = [w for w in sentence if not _is_inside(w.start, taken, begun)]
        runs = [(e, list(_named(words, called))) for e, called in entities]
        entity, found = max(runs, key=lambda pair: len({field for field, _ in pair[1]}), default=(None, []))
        if entity and len({field for field, _ in found}) > 1:
            for field, run in found:
                yield Asked(f"entities.{names.entities[entity.key]}", run[0].start, run[-1].end, (field,))


def _covered(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans one after the other, those that overlap as one, so that a place is looked up and not searched for."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _is_inside(place: int, spans: Sequence[tuple[int, int]], begun: Sequence[int]) -> bool:
    at = bisect_right(begun, place) - 1
    return at >= 0 and place < spans[at][1]


@dataclass(frozen=True)
class _Called:
    """What the fields of a thing are called, and the words that such a name can begin with."""

    names: Mapping[str, str]
    firsts: frozenset[str]

    @classmethod
    def of(cls, entity: EntitySketch, names: Names) -> "_Called":
        own = names.fields.get(entity.key, {})
        pairs = ((lemmas(text), own.get(f.key)) for f in entity.fields for text in (f.key, f.label, *f.synonyms))
        called = {text: name for text, name in pairs if text and name}
        return cls(called, frozenset(text.split(" ")[0] for text in called))


def _named(words: Sequence[Word], called: _Called) -> Iterator[tuple[str, Sequence[Word]]]:
    at = 0
    while at < len(words):
        if words[at].lemma.split(" ")[0] not in called.firsts:
            at += 1
            continue
        runs = (words[at : at + length] for length in range(LONGEST_NAME, 0, -1))
        run = next((run for run in runs if " ".join(w.lemma for w in run) in called.names), ())
        if run:
            yield called.names[" ".join(w.lemma for w in run)], run
        at += len(run) or 1


def _groups(fields: Sequence[Asked], breaks: Sequence[int]) -> Iterator[Asked]:
    """What is said of one thing in a row."""
    now: Asked | None = None
    for one in fields:
        near = now is not None and now.part == one.part and one.start - now.end < LONGEST_GAP
        near = near and not (one.alone or (now and now.alone))
        if now and near and not any(now.end <= at < one.start for at in breaks):
            now = Asked(now.part, now.start, max(now.end, one.end), tuple(dict.fromkeys((*now.fields, *one.fields))))
        else:
            if now:
                yield now
            now = one
    if now:
        yield now


def _opened(prompt: Prompt, heads: Sequence[tuple[int, int]], one: Asked, others: Sequence[Asked]) -> Asked:
    """From the thing's own name on, where that stands before its fields: "Each plant has a name and a species"."""
    starts = (start for start, end in heads if 0 <= one.start - end < LONGEST_GAP)
    start = max(starts, default=None)
    if start is None:
        return _widened(prompt, one)
    between = any(start < other.end and other.end <= one.start for other in others)
    return replace(one, start=start) if not between and _same_sentence(prompt, start, one.start) else one


def _widened(prompt: Prompt, one: Asked) -> Asked:
    """The whole clause in which the first and the last of its words stand."""
    sentence = next((s for s in prompt.sentences if s and s[0].start <= one.start and one.end <= s[-1].end), ())
    words = [w for w in sentence if one.start <= w.start and w.end <= one.end]
    start, end = _clause(prompt, words) if words else one.span
    return replace(one, start=start, end=end)


def _joined(features: Sequence[Asked], things: Sequence[Asked]) -> Iterator[Asked]:
    """The fields that a row's page is said to show belong to its proof; what lies within a feature's clause is no thing
    of its own.
    """
    left = list(things)
    for one in features:
        for thing in things:
            if (thing.start < one.end and thing.end > one.start) or _follows(one, thing, features):
                if one.part in SHOWING:
                    one = replace(one, end=max(one.end, thing.end), fields=(*one.fields, *thing.fields))
                    left = [other for other in left if other is not thing]
                elif one.start <= thing.start and thing.end <= one.end:
                    left = [other for other in left if other is not thing]
        yield one
    yield from left


def _follows(one: Asked, thing: Asked, features: Sequence[Asked]) -> bool:
    between = any(one.end <= other.start < thing.start for other in features)
    return one.part == "features.detail" and 0 <= thing.start - one.end < LONGEST_GAP // 2 and not between


def _colours(prompt: Prompt, sources: Sequence[Source]) -> Iterator[Asked]:
    for part, words in sources:
        if part in {"theme.background", "theme.component"} and words:
            yield Asked(part, *_clause(prompt, words))


def _whole(prompt: Prompt, sources: Sequence[Source], names: Names) -> Iterator[Asked]:
    """A prompt that only says what kind of app it wants: its first thing."""
    first = next(iter(names.entities.values()), None)
    words = next((words for part, words in sources if words and part.partition(".")[0] in WHOLE), None)
    if first and words:
        yield Asked(f"entities.{first}", *_clause(prompt, words))


def _clause(prompt: Prompt, words: Sequence[Word]) -> tuple[int, int]:
    """From comma to comma around the words, or the whole sentence where it is short."""
    sentence = next((s for s in prompt.sentences if _holds(s, words[0], words[-1])), tuple(words))
    at, last = sentence.index(words[0]), sentence.index(words[-1])
    while at and not _parts(sentence[at - 1]):
        at -= 1
    while last + 1 < len(sentence) and not _parts(sentence[last + 1]):
        last += 1
    said = sentence[at : last + 1] or words
    return min(w.start for w in said), max(w.end for w in said)


def _holds(sentence: Sequence[Word], first: Word, last: Word) -> bool:
    around = bool(sentence) and sentence[0].start <= first.start and last.end <= sentence[-1].end
    return around and first in sentence and last in sentence


def _parts(word: Word) -> bool:
    return word.text in BREAKS or word.norm == "and"
