"""The steps that prove a sheet of paper or a deck: its facts stand on it, its slides turn, it can be printed."""

import re
from collections.abc import Iterator
from functools import cache

from builder.agent.flow import MAX_FLOW_STEPS, FlowStep
from builder.sheets import Deck, Fact, Sheet, Slide
from builder.stack.sheets import FOLDER

OPEN = FlowStep(do="open", path="/")
_ENGINE = FOLDER / "base" / "deck.js"


def headline_stands(sheet: Sheet | Deck) -> tuple[FlowStep, ...]:
    """The headline, large; a deck's other slides are turned to as well."""
    if isinstance(sheet, Sheet):
        return OPEN, FlowStep(do="expect_control", role="heading", name=sheet.headline[:200])
    heading = FlowStep(do="expect_control", role="heading", name=sheet.slides[0].heading[:200])
    return OPEN, heading, *slides_turn(sheet)[1:]


def slides_turn(deck: Deck) -> tuple[FlowStep, ...]:
    count = len(deck.slides)
    return (
        OPEN,
        FlowStep(do="expect_text", text=f"1 / {count}"),
        FlowStep(do="press", key="ArrowRight"),
        FlowStep(do="expect_text", text=f"{min(2, count)} / {count}"),
        FlowStep(do="press", key="ArrowLeft"),
        FlowStep(do="expect_text", text=f"1 / {count}"),
    )


def prints(locale: str) -> tuple[FlowStep, ...]:
    """Its own button is there; what a printer makes of it no browser can tell."""
    return OPEN, FlowStep(do="expect_control", role="button", name=_print_word(locale))


def fact_stands(fact: Fact) -> tuple[FlowStep, ...]:
    return OPEN, *_shown(fact.lead, fact.text, fact.figure)


def slides_stand(deck: Deck, said: str) -> tuple[FlowStep, ...]:
    """The slides that were made of these words, one after the other; none where they became notes."""
    steps: list[FlowStep] = []
    for number, slide in enumerate(deck.slides, 1):
        if number > 1 and slide.notes.startswith(said[:4000]):
            steps += [FlowStep(do="open", path=f"/#{number}"), *_shown(*_texts(slide))]
    return tuple(steps[:MAX_FLOW_STEPS])


def _texts(slide: Slide) -> Iterator[str]:
    yield slide.heading
    yield slide.lead
    for item in slide.items:
        yield from (item.lead, item.figure, item.text)


def _shown(*texts: str) -> list[FlowStep]:
    return [FlowStep(do="expect_text", text=text) for text in dict.fromkeys(texts) if text]


@cache
def _print_word(locale: str) -> str:
    """As the deck's engine says it."""
    written = re.search(r"const PRINT = \{(.*?)\}", _ENGINE.read_text(encoding="utf-8"))
    words = dict(re.findall(r'(\w+): "([^"]+)"', written[1] if written else ""))
    return str(words.get(locale.split("-")[0], words["en"]))
