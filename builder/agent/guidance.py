"""What the loop says to the model between its steps. Short, and always with what to do next."""

from collections.abc import Sequence

from builder.agent.checkpoint import Verdict
from builder.agent.ledger import Requirement
from builder.agent.state import Best, Stage

NO_CALL = (
    "Nothing was done: only tool calls change the app. Go on with a tool call, or call `finish` when every requirement "
    "is proven."
)
CUT_OFF = "Your reply was cut off by the token limit before a call was complete. Write less at once: smaller edits."
FEW_LEFT = "Only {left} steps are left. Bring what you have to a good end, then call `finish`."


def after_checkpoint(verdict: Verdict, unsettled: Sequence[Requirement], *, polish: bool) -> str:
    """What follows from a checkpoint."""
    if not verdict.gate:
        return "Mend the first finding, look at it with `run_checks`, then go on."
    if unsettled:
        ids = ", ".join(item.id for item in unsettled[:20])
        return f"Still to prove or to give up with a reason: {ids}."
    if polish:
        return "All requirements are settled. Polish once: mend what is found above, look at the pages, then `finish`."
    return "All requirements are settled. `finish` ends the work."


def turned_back(why: str, best: Best | None, *, lost: bool) -> str:
    where = f"as in release {best.release}" if best else "as they were at the start"
    gone = "your edits since then are gone" if lost else "that is with all your edits"
    return (
        f"You are stuck: {why}. All files are now {where}; {gone}. Take a different approach: "
        "say in one sentence what the cause must be if your assumption so far is wrong, read that code, and make the "
        "smallest change that shows it."
    )


def stage_after(verdict: Verdict, unsettled: Sequence[Requirement], now: Stage) -> Stage:
    if not verdict.gate:
        return now
    return Stage.VERIFY if unsettled else Stage.POLISH
