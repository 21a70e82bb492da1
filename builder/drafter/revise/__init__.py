"""Change an app by a sentence, without a model: things, fields, choices, features, looks, names; and back again.

`revise` takes the AppSpec and the message and gives the changed one, with what it did in words. What was renamed says
what it was called before (`was`), so that the database keeps its rows.
"""

from dataclasses import dataclass
from datetime import date

from builder.drafter.gloss import read_prompt
from builder.drafter.language import CODES, language_of
from builder.drafter.revise.editor import Editor
from builder.drafter.revise.orders import Order, Verb, read_orders
from builder.refusal import Refusal, RefusalCode
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


def is_undo(message: str) -> bool:
    orders = _orders(message, "en")
    return len(orders) == 1 and orders[0].verb is Verb.UNDO


def revise(spec: AppSpec, message: str, today: date) -> Revision:
    """Raises Refusal where nothing of the message was understood, or where it contradicts itself."""
    if spec.kind is not AppKind.FULLSTACK:
        raise Refusal(RefusalCode.NEEDS_MODEL, "Changing a page or a deck in words needs a model. " + HELP)
    code = language_of(message)
    code = spec.locale.split("-")[0] if code == "en" and not _orders(message, "en") else code
    prompt = read_prompt(message, code if code in CODES else "en")
    editor = Editor(spec, prompt, today)
    for order in read_orders(prompt):
        editor.obey(order)
    if editor.contradiction:
        raise Refusal(RefusalCode.CONTRADICTION, f"This says to add “{editor.contradiction}” and to take it away.")
    if not editor.said:
        raise Refusal(RefusalCode.NEEDS_MODEL, HELP)
    return Revision(editor.finished(), tuple(editor.said), tuple(editor.unused))


def _orders(message: str, code: str) -> list[Order]:
    return read_orders(read_prompt(message, code))
