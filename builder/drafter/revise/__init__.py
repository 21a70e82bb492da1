"""Change an app by a sentence, without a model: things, fields, choices, features, looks, names; and back again.

`revise` takes the AppSpec and the message and gives the changed one, with what it did in words. What was renamed says
what it was called before (`was`), so that the database keeps its rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from builder.answers import Say
from builder.drafter.gloss import read_prompt
from builder.drafter.leftover import shortened
from builder.drafter.revise.draft import Draft
from builder.drafter.revise.editor import MOST_SENTENCES, obey, read_without_orders
from builder.drafter.revise.orders import MOST_ORDERS, Order, Verb, read_orders
from builder.drafter.revise.page import PageDraft
from builder.drafter.revise.speech import in_english
from builder.drafter.revise.tongue import answering, tongue_of
from builder.drafter.text import Prompt
from builder.refusal import Refusal, RefusalCode
from builder.sound import check_sound
from builder.spec import AppKind, AppSpec


@dataclass(frozen=True)
class Revision:
    """`said` tells what was done, a sentence each, in the message's language; of `unused` words nothing was made."""

    spec: AppSpec
    said: tuple[str, ...]
    unused: tuple[str, ...] = ()


def is_undo(message: str, locale: str = "en") -> bool:
    orders = read_orders(_read(message, locale))
    return len(orders) == 1 and orders[0].verb is Verb.UNDO and len(orders[0].words) < 6


def revise(spec: AppSpec, message: str, today: date) -> Revision:
    """Raises Refusal where nothing of the message was understood, or where it contradicts itself."""
    say = answering(message, spec.locale)
    if spec.kind is not AppKind.FULLSTACK:
        return _revise_page(spec, _read(message, spec.locale), say)
    draft = Draft(spec, _read(message, spec.locale), today, say)
    orders = read_orders(draft.prompt)
    try:
        for order in orders[:MOST_ORDERS]:
            obey(draft, order)
        if not orders:
            read_without_orders(draft)
    except ValidationError as error:
        raise _cannot_be(error, say) from error
    if not draft.said:
        raise _refused(draft)
    return Revision(_held(draft), (*draft.said, *draft.problems), (*draft.unused, *_unread(draft.prompt, orders, say)))


def _unread(prompt: Prompt, orders: list[Order], say: Say) -> Iterator[str]:
    """What stands behind the last order that was obeyed, and behind the last word that was read."""
    further = [word.start for order in orders[MOST_ORDERS:] for word in order.words]
    if not orders:
        further = [word.start for sentence in prompt.sentences[MOST_SENTENCES:] for word in sentence]
    start = min(further, default=prompt.end)
    if start is not None:
        yield from shortened(prompt.text[start:], say)


def _revise_page(spec: AppSpec, prompt: Prompt, say: Say) -> Revision:
    page = PageDraft(spec, prompt, say)
    page.revise()
    if not page.said:
        raise Refusal(RefusalCode.NEEDS_MODEL, say("message.page_help"))
    return Revision(page.finished(), tuple(page.said), tuple(page.unused))


def _held(draft: Draft) -> AppSpec:
    """The AppSpec, if what the message asks for can be."""
    try:
        spec = AppSpec.model_validate(draft.app)
        check_sound(spec)
    except ValueError as error:
        raise _cannot_be(error, draft.say) from error
    return spec


def _refused(draft: Draft) -> Refusal:
    say = draft.say
    if draft.problems:
        return Refusal(RefusalCode.CONTRADICTION, " ".join(draft.problems))
    if draft.unknown:
        unknown = say("message.unknown", words=draft.unknown)
        return Refusal(RefusalCode.UNCLEAR, f"{unknown} {say('message.help')}")
    return Refusal(RefusalCode.NEEDS_MODEL, say("message.help"))


def _cannot_be(error: ValueError, say: Say) -> Refusal:
    reason = str(error.errors()[0]["msg"]) if isinstance(error, ValidationError) else str(error)
    told = reason.removeprefix("Value error, ")
    return Refusal(RefusalCode.CONTRADICTION, say("message.cannot_be", reason=told))


def _read(message: str, locale: str) -> Prompt:
    code = tongue_of(message, locale)
    return read_prompt(in_english(message, code), code)


__all__ = ["Order", "Revision", "answering", "is_undo", "revise"]
