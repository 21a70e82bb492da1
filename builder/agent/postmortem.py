"""How a run ended, in words for the person: what was done, or what was tried, what it failed of, and what to do now."""

from collections.abc import Sequence
from dataclasses import dataclass

from builder.agent.ledger import Ledger
from builder.agent.state import RunState
from builder.events import Noted

DATA_ANSWERS = ("Yes, this data may be removed.", "No, keep it.")
MAX_DIFF, MAX_FINDING, MAX_TRIED = 1_200, 400, 6


@dataclass(frozen=True)
class Ending:
    """`why` ends a sentence that begins with “The model stopped early:”; None when it finished by itself."""

    why: str | None = None
    summary: str = ""


def ending_note(ending: Ending, state: RunState, ledger: Ledger, last_diff: str) -> Noted:
    if ending.why is None:
        return Noted(_finished(ending.summary, ledger))
    lines = [f"The model stopped early: {ending.why}.", ""]
    if state.summary:
        lines += ["What it tried last:", *(f"- {line}" for line in state.summary[-MAX_TRIED:]), ""]
    if state.findings:
        lines += ["Likely cause:", f"- {state.findings[0][:MAX_FINDING]}", ""]
    if last_diff:
        lines += ["Its last change:", "```diff", last_diff[:MAX_DIFF], "```", ""]
    lines += ["You can:", *(f"{n}. {choice}" for n, choice in enumerate(_choices(state, ledger), 1))]
    return Noted("\n".join(lines), level="warning")


def _finished(summary: str, ledger: Ledger) -> str:
    total = len(ledger.items)
    counted = f"{ledger.proven} of {total} requirements proven." if total else ""
    given_up = [f"Not possible here: {item.text} {item.reason}" for item in ledger.items.values() if item.reason]
    return "\n\n".join(part for part in (summary.strip(), counted, *given_up) if part)


def _choices(state: RunState, ledger: Ledger) -> Sequence[str]:
    open_items = ledger.unsettled
    smaller = (
        f"Ask for one thing at a time, such as: “{open_items[0].text}”" if open_items else "Ask for a smaller change."
    )
    keep = f"Keep release {state.best.release}, which works, and change it in the Design tab." if state.best else None
    again = "Say what you would try differently, and send it as your next message."
    return [choice for choice in (smaller, keep, again, "Connect another model.") if choice][:3]


def data_question(losses: Sequence[str]) -> Noted:
    """What only the person can decide; the answer comes as the next message."""
    named = "; ".join(dict.fromkeys(losses))
    question = {"text": f"May this be removed for good? {named}", "choices": DATA_ANSWERS, "skip": False}
    return Noted("A change would remove data.", level="question", questions=(question,))
