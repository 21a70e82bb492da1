"""Read from whole sentences what no list of fields says: what is marked, and what belongs to what."""

from collections.abc import Iterator

from builder.drafter.lexicon import lexicon
from builder.drafter.phrases import titled
from builder.drafter.reading import Reading
from builder.drafter.sketch import FieldSketch
from builder.drafter.text import Prompt, Words
from builder.spec import FieldType

NEAR = 12  # words before, in which the thing that belongs is named
BELONGS = frozenset("assigned belongs belong linked attached".split())
IS = frozenset("is are be".split())
JOINS = frozenset("sign register enrol enroll attend join borrow book".split())
JOINTS = BELONGS | IS | JOINS | {"which"}
SEVERAL = frozenset("many several multiple different".split())


def read_marks(prompt: Prompt, reading: Reading) -> None:
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


def read_belonging(prompt: Prompt, reading: Reading) -> None:
    """ "each ticket is assigned to an agent", "an actor can be in many plays", "a performance is of one play"."""
    keys = {name: e.key for e in reading.entities if e.key for name in (e.key.split()[-1], e.key)}
    for sentence in prompt.sentences:
        for at, end, links in _joints(reading, sentence):
            before = next((w.lemma for w in reversed(sentence[max(0, at - NEAR) : at]) if w.lemma in keys), None)
            after = next((w.lemma for w in sentence[end : end + 4] if w.lemma in keys), None)
            if before and after and before != after:
                links.append((keys[before], keys[after]))
                reading.used.append((f"things.{before}", tuple(sentence[at : end + 1])))


def _joints(reading: Reading, sentence: Words) -> Iterator[tuple[int, int, list[tuple[str, str]]]]:
    """Where one thing is said to belong to another: from, to, and the list that the pair goes to."""
    for at, word in enumerate(sentence[:-1]):
        if word.norm not in JOINTS:
            continue
        following = [*(w.norm for w in sentence[at + 1 : at + 3]), ""]
        if word.norm in BELONGS and following[0] == "to":
            yield at, at + 2, reading.links
        elif word.norm == "which" and "which" in [w.norm for w in sentence[max(0, at - NEAR) : at]]:
            yield at, at + 1, reading.many_links  # "which singers sing in which concert"
        elif word.norm in JOINS and at:
            yield at, at + 1, reading.many_links
        elif word.norm in IS and following[0] in {"in", "of", "for", "at"} and following[1] in SEVERAL:
            yield at, at + 3, reading.many_links
        elif word.norm in IS and following[0] in {"of", "for"} and following[1] in {"one", "a", "an", "exactly"}:
            yield at, at + 3, reading.links


def _mark(reading: Reading, words: Words, mark: str) -> None:
    entity = next((e for e in reading.entities if e.fields), None) or next(iter(reading.entities), None)
    if entity is None or not entity.fields or any(f.key == mark for f in entity.fields):
        return
    entity.fields.append(FieldSketch(titled(mark), mark, FieldType.BOOLEAN, words=tuple(words)))
    reading.used.append((f"entities.{entity.key or 'main'}.fields.{mark}", tuple(words)))
