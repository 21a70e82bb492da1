"""Read what people do with the things of an app: "members book a place", "customers rent a tool from … to …".

Each such deed is kept as a thing of its own that points at who did it and at what. Knows verbs, no kind of app.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.drafter.fields import DETERMINERS, MANY
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.measures import kind_of
from builder.drafter.reading import Reading
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.text import Prompt, Word, Words
from builder.spec import FieldType

DEEDS = dict(pair.split("/") for pair in grammar("deeds"))  # the verb, and what is then kept
MEANWHILE = frozenset("can may could should will must want to be able also then for in up".split())
ANYBODY = frozenset("user people person visitor everyone everybody anyone staff admin".split())
PARTS = frozenset("place seat spot slot".split())  # of what was spoken of before
PEOPLE = frozenset(["user", "users"])
LONGEST, LONGEST_RANGE = 6, 9  # words from the verb to what it is done with, and of "from a day to a day"


@dataclass(frozen=True)
class Deed:
    who: Word
    what: str
    object: Word
    words: tuple[Word, ...]
    moments: tuple[tuple[Word, ...], ...] = ()


def read_deals(prompt: Prompt, reading: Reading) -> None:
    """Only where things are described: a known kind of app has what is done in it."""
    if not any(e.fields for e in reading.entities):
        return
    for sentence in prompt.sentences:
        for deed in _deeds(sentence):
            _keep(prompt, reading, deed)


def _deeds(sentence: Words) -> Iterator[Deed]:
    for at, word in enumerate(sentence[:-2]):
        if not word.is_plural or lexicon().icon(word.lemma) not in PEOPLE | {"box"} or not _starts(sentence, at):
            continue
        verb = next((n for n in range(at + 1, min(at + 5, len(sentence))) if sentence[n].norm not in MEANWHILE), at)
        what = DEEDS.get(sentence[verb].norm) if verb > at else None
        if what is None or (lexicon().icon(word.lemma) == "box" and kind_of(word.lemma) is not None):
            continue
        end = next((n for n in range(verb + 1, len(sentence)) if not sentence[n].is_word), len(sentence))
        bare = [w for w in sentence[verb + 1 : min(end, verb + LONGEST)] if w.norm not in MEANWHILE]
        named = next((w for w in bare if w.norm not in DETERMINERS | MANY), None)
        if named is not None and (len(bare) == 1 or bare[0].norm in DETERMINERS | MANY or named.is_plural):
            yield Deed(word, what, named, tuple(sentence[at:end]), tuple(_moments(sentence[verb:end])))


def _starts(sentence: Words, at: int) -> bool:
    before = sentence[at - 1] if at else None
    return before is None or not before.is_word or before.norm in {"and", "where", "so", "that", "which", "the", "when"}


def _moments(words: Words) -> Iterator[tuple[Word, ...]]:
    """ "from a start date to an end date": when it begins and ends."""
    start = next((n for n, w in enumerate(words) if w.norm == "from"), None)
    end = next((n for n, w in enumerate(words) if start is not None and n > start and w.norm in {"to", "until"}), None)
    if start is None or end is None:
        return
    for part in (words[start + 1 : end], words[end + 1 : end + LONGEST_RANGE - 4]):
        named = tuple(w for w in part if w.norm not in DETERMINERS)
        kind = kind_of(" ".join(w.lemma for w in named)) if named else None
        if kind and kind.type.is_moment:
            yield named


def _keep(prompt: Prompt, reading: Reading, deed: Deed) -> None:
    target = _target(reading, deed)
    if target is None or target.key.split()[-1] == deed.what or target.key == deed.who.lemma:
        return
    own = next((e for e in reading.entities if e.key.split()[-1:] == [deed.what]), None)
    if own is None:
        own = reading.open(deed.what, deed.what.capitalize(), deed.words)
    if own.lost:
        return
    reading.listed.add(own.key)
    if deed.who.lemma not in ANYBODY:
        who = reading.open_plural([deed.who])
        reading.listed.add(who.key)
        _point(own, who)
    _point(own, target)
    for moment in deed.moments:
        reading.add_field(prompt, own, list(moment))


def _target(reading: Reading, deed: Deed) -> EntitySketch | None:
    """The thing that is named, or that a place is taken in: what was described last and is nobody."""
    found = next((e for e in reading.entities if e.key.split()[-1:] == [deed.object.lemma]), None)
    if found or deed.object.lemma not in PARTS:
        return found
    known = [e for e in reading.entities if e.fields and lexicon().icon(e.key) != "user" and e.key != deed.what]
    before = [e for e in known if not e.words or e.words[0].start < deed.object.start]
    return next(reversed(before), None)


def _point(own: EntitySketch, target: EntitySketch) -> None:
    if own is not target and not any(f.key == target.key for f in own.fields):
        own.fields.append(FieldSketch(target.label, target.key, FieldType.RELATION, target=target.key))
