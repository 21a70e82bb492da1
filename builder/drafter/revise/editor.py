"""Obey the orders of a message, each by the part that knows its verb."""

from builder.drafter.features import find_mentions
from builder.drafter.leftover import shortened
from builder.drafter.revise.adding import add
from builder.drafter.revise.changing import become, change, look
from builder.drafter.revise.draft import Draft
from builder.drafter.revise.linking import have, link
from builder.drafter.revise.names import FIELD_WORDS, STOPS
from builder.drafter.revise.orders import LONGEST_ORDER, Order, Verb
from builder.drafter.revise.removing import remove
from builder.drafter.revise.renaming import rename
from builder.drafter.revise.wishing import wish
from builder.drafter.text import Word, Words

LONGEST_NAME = 9  # words
MOST_SENTENCES = 100  # without orders


def obey(draft: Draft, order: Order) -> None:
    before = len(draft.said) + len(draft.problems)
    words = _without_small(order.words)
    draft.unused += shortened(draft.prompt.quote(order.further), draft.say)
    match order.verb:
        case Verb.ADD:
            add(draft, order)
        case Verb.HAVE:
            if not have(draft, order.before, list(order.words)):
                add(draft, order)
        case Verb.LINK:
            link(draft, order)
        case Verb.REMOVE:
            remove(draft, list(order.words))
        case Verb.RENAME:
            rename(draft, list(order.words))
            if len(draft.said) + len(draft.problems) == before:
                change(draft, order, words)
        case Verb.CHANGE:
            change(draft, order, words)
    if len(draft.said) + len(draft.problems) == before and order.words and order.verb is not Verb.UNDO:
        draft.unused.append(draft.prompt.quote(order.words))
        if order.verb in {Verb.REMOVE, Verb.RENAME, Verb.LINK} and len(order.words) < LONGEST_NAME:
            draft.unknown = draft.prompt.quote(order.words)


def read_without_orders(draft: Draft) -> None:
    """ "buttons in teal", "export contacts as CSV": what is said with no verb of changing."""
    for sentence in (sentence[:LONGEST_ORDER] for sentence in draft.prompt.sentences[:MOST_SENTENCES]):
        look(draft, list(sentence))
        if not draft.said and not become(draft, list(sentence)):
            part = draft.part(sentence)
            found = [m for m in find_mentions(part) if not m.is_action]
            if found:
                wish(draft, found, part, draft.names.entity_in(sentence))


def _without_small(words: Words) -> list[Word]:
    found = list(words)
    while found and (found[0].norm in STOPS or found[0].lemma in FIELD_WORDS):
        found.pop(0)
    return found
