"""The requirements of a draft: numbered, each with the place in the person's message that it came from."""

import re
from collections.abc import Iterable, Sequence

from builder.agent.ledger import Ledger, Requirement
from builder.drafter.model_reply import RequirementForm

MOST = 999  # ids have three digits
LONGEST = 300
MAX_SENTENCES = 20
# A full stop ends a sentence before a space (not in 3.5); those of scripts that put no spaces always do.
_SENTENCE = re.compile(r"(?:[^.!?;\n\u3002\uff01\uff1f\uff1b]|[.!?;](?!\s|$))+[.!?\u3002\uff01\uff1f]*")


def drawn(forms: Iterable[RequirementForm], message: str) -> tuple[Requirement, ...]:
    """As the model drew them, or, where it drew none, the sentences themselves."""
    return merged((), forms, (), message) or sentences(message)


def merged(
    before: Sequence[Requirement], forms: Iterable[RequirementForm], removed: Iterable[str], message: str
) -> tuple[Requirement, ...]:
    """`before` without those removed; a form with a known id changes that one, any other is new."""
    ledger = Ledger.of(before)
    for key in set(removed) & ledger.items.keys():
        del ledger.items[key]
    new = Ledger.of(before)  # ids of what was removed are not given again
    for form in forms:
        if any(_same(form.text, known.text) for known in ledger.items.values()):
            continue
        key = form.id if form.id in ledger.items else new.next_id()
        if int(key[1:]) <= MOST:
            made = Requirement(id=key, text=form.text, source=place(form.words, message))
            ledger.put(made)
            new.put(made)
    return tuple(ledger.items.values())


def asked(before: Sequence[Requirement], message: str) -> tuple[Requirement, ...]:
    """`before` and the message itself, where no model could say what it asks for."""
    text = " ".join(message.split())[:LONGEST]
    form = RequirementForm(text=text) if text else None
    return merged(before, [form] if form else [], (), message)


def sentences(message: str) -> tuple[Requirement, ...]:
    found = [match.group().strip() for match in _SENTENCE.finditer(message)]
    spoken = [sentence for sentence in found if any(c.isalnum() for c in sentence)]
    forms = [RequirementForm(text=sentence, words=sentence) for sentence in spoken[:MAX_SENTENCES]]
    return merged((), forms, (), message)


def place(words: str, message: str) -> tuple[int, int] | None:
    """Where the message says `words`: as they stand, else with other capitals or spaces."""
    words = words.strip()
    if not words:
        return None
    at = message.find(words)
    if at >= 0:
        return at, at + len(words)
    match = re.search(r"\s+".join(map(re.escape, words.split())), message, re.IGNORECASE)
    return match.span() if match else None


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
