"""What a sentence starts with before it says of what: "a kanban board for orders", "a gallery of paintings".

Knows the words for views and pages, and no thing that is shown on one.
"""

from dataclasses import dataclass

from builder.drafter.fields import DETERMINERS
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.text import Prompt, Words
from builder.spec import FeatureName

PAGES = {  # features that show all rows their own way, and the page of each
    FeatureName.KANBAN: "board",
    FeatureName.CALENDAR: "calendar",
    FeatureName.DASHBOARD: "dashboard",
    FeatureName.LEADERBOARD: "leaderboard",
}
BEFORE = DETERMINERS | grammar("title_openers")
OF = frozenset("of for".split())
LONGEST_OPENING, LONGEST_VIEW = 8, 3


@dataclass(frozen=True)
class Head:
    """`end` is the place of the "of" or "for" behind it; `page` the view that the app opens with, if it is one."""

    end: int
    page: str


def view_head(sentence: Words) -> Head | None:
    start = next((at for at, w in enumerate(sentence[:LONGEST_OPENING]) if w.norm not in BEFORE), len(sentence))
    for length in range(min(LONGEST_VIEW, len(sentence) - start), 0, -1):
        words = sentence[start : start + length]
        page = _page(" ".join(w.norm for w in words))
        if page is None or words[-1].is_plural:
            continue
        end = start + length
        while end < len(sentence) and sentence[end].norm in {"board", "view", "page", "app"}:
            end += 1
        return Head(end, page) if end < len(sentence) and sentence[end].norm in OF else None
    return None


def opening_page(prompt: Prompt) -> str:
    head = view_head(prompt.sentences[0]) if prompt.sentences else None
    return head.page if head else ""


def _page(phrase: str) -> str | None:
    name = lexicon().features.get(phrase)
    if isinstance(name, FeatureName) and name in PAGES:
        return PAGES[name]
    return "" if lexicon().views.get(phrase) == "cards" else None
