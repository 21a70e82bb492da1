"""Change an app by a sentence, without a model: things, fields, choices, features, looks, names; and back again.

`revise` takes the AppSpec and the message and gives the changed one, with what it did in words. What was renamed says
what it was called before (`was`), so that the database keeps its rows.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from builder.drafter.gloss import read_prompt
from builder.drafter.language import CODES, language_of
from builder.drafter.revise.draft import Draft
from builder.drafter.revise.editor import obey, read_without_orders
from builder.drafter.revise.orders import Order, Verb, read_orders
from builder.drafter.revise.page import HELP as PAGE_HELP
from builder.drafter.revise.page import PageDraft
from builder.drafter.revise.speech import in_english, speaks
from builder.drafter.text import Prompt
from builder.refusal import Refusal, RefusalCode
from builder.sound import check_sound
from builder.spec import AppKind, AppSpec

HELP = (
    "Without a model, changes are understood like “add a field priority (low, high) to tasks”, “rename notes to "
    "remarks”, “remove the price”, “make the background lavender” or “undo”. The Design tab can change everything, "
    "and a model (PROTODEX_MODEL_URL) understands any words."
)


@dataclass(frozen=True)
class Revision:
    """`said` tells what was done, a sentence each; of `unused` words nothing was made."""

    spec: AppSpec
    said: tuple[str, ...]
    unused: tuple[str, ...] = ()


def is_undo(message: str, locale: str = "en") -> bool:
    orders = read_orders(_read(message, locale))
    return len(orders) == 1 and orders[0].verb is Verb.UNDO and len(orders[0].words) < 6


def revise(spec: AppSpec, message: str, today: date) -> Revision:
    """Raises Refusal where nothing of the message was understood, or where it contradicts itself."""
    if spec.kind is not AppKind.FULLSTACK:
        return _revise_page(spec, _read(message, spec.locale))
    draft = Draft(spec, _read(message, spec.locale), today)
    orders = read_orders(draft.prompt)
    try:
        for order in orders:
            obey(draft, order)
        if not orders:
            read_without_orders(draft)
    except ValidationError as error:
        raise _cannot_be(error) from error
    if not draft.said and draft.problems:
        raise Refusal(RefusalCode.CONTRADICTION, " ".join(draft.problems))
    if not draft.said and draft.unknown:
        raise Refusal(RefusalCode.UNCLEAR, f"Nothing in the app is called “{draft.unknown}”. {HELP}")
    if not draft.said:
        raise Refusal(RefusalCode.NEEDS_MODEL, HELP)
    return Revision(_held(draft), (*draft.said, *draft.problems), tuple(draft.unused))


def _revise_page(spec: AppSpec, prompt: Prompt) -> Revision:
    page = PageDraft(spec, prompt)
    page.revise()
    if not page.said:
        raise Refusal(RefusalCode.NEEDS_MODEL, PAGE_HELP)
    return Revision(page.finished(), tuple(page.said), tuple(page.unused))


def _held(draft: Draft) -> AppSpec:
    """The AppSpec, if what the message asks for can be."""
    try:
        spec = AppSpec.model_validate(draft.app)
        check_sound(spec)
    except ValueError as error:
        raise _cannot_be(error) from error
    return spec


def _cannot_be(error: ValueError) -> Refusal:
    reason = str(error.errors()[0]["msg"]) if isinstance(error, ValidationError) else str(error)
    told = reason.removeprefix("Value error, ")
    return Refusal(RefusalCode.CONTRADICTION, f"That can't be: {told}. The Design tab shows it.")


def _read(message: str, locale: str) -> Prompt:
    code = language_of(message)
    own = locale.split("-")[0]
    if code not in {"en", own} and not speaks(message, code) and speaks(message, own):
        code = own
    if code == "en" and not read_orders(read_prompt(message, "en")):
        code = next((c for c in (own, *CODES) if c in CODES and speaks(message, c)), own)
    code = code if code in CODES else "en"
    return read_prompt(in_english(message, code), code)


__all__ = ["HELP", "Order", "Revision", "is_undo", "revise"]
