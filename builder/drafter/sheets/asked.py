"""The requirements of a sheet or a deck: its headline, each fact of the prompt, its colours, and what else was said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from builder.agent.flow import FlowStep
from builder.agent.ledger import Requirement
from builder.answers import say_in
from builder.drafter.sheets.genres import Genre
from builder.drafter.sheets.sheet import Made
from builder.drafter.sheets.spans import Span
from builder.drafter.telling import opened
from builder.drafter.text import Prompt
from builder.drafter.theme import ThemeSketch
from builder.proofs import MOST, NO_PROBE
from builder.proofs.pages import ON_THE_SCREEN, page_parts, page_proof
from builder.proofs.sheets import fact_stands, headline_stands, prints, slides_stand, slides_turn
from builder.sheets import Deck, Sheet, opened_sheet
from builder.spec import AppSpec

NEAR = 60  # letters between what a sheet is called and its headline
_PRINTED = re.compile(r"\b(print|drucke?n?|imprim|stampa|печат|cetak)|打印|طباعة", re.IGNORECASE)
_TURNED = re.compile(r"\b(arrow|pfeil|flecha|fl[eè]che|seta|frecc|стрелк|panah)|方向键|箭头|أسهم|الأسهم", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    span: Span
    flow: tuple[FlowStep, ...] = ()
    colors: tuple[str, ...] = ()


def sheet_requirements(
    prompt: Prompt, spec: AppSpec, genre: Genre, made: Made, look: ThemeSketch
) -> tuple[Requirement, ...]:
    found: dict[Span, Asked] = {}
    for asked in sorted(_asked(prompt, spec, genre, made, look), key=lambda asked: asked.span):
        found.setdefault(asked.span, asked)
    return tuple(
        Requirement(
            id=f"r{number}",
            text=opened(one.span.of(prompt.text)[:300]),
            source=(one.span.start, one.span.end),
            flow=one.flow,
            reason=None if one.flow else say_in(spec.locale)(NO_PROBE),
            about=page_parts(spec, (), one.colors),
        )
        for number, one in enumerate([*found.values()][:MOST], 1)
    )


def _asked(prompt: Prompt, spec: AppSpec, genre: Genre, made: Made, look: ThemeSketch) -> Iterator[Asked]:
    assert spec.starter
    sheet = opened_sheet(spec.starter.name, spec.starter.options)
    assert sheet
    title, *rest = [span for _, span in made.sources]
    called = genre.called if genre.called and title.start - genre.called.end < NEAR else title
    yield Asked(Span(min(called.start, title.start), max(called.end, title.end)), headline_stands(sheet))
    deck = sheet if isinstance(sheet, Deck) else None
    facts = [fact_stands(fact) for fact in sheet.facts] if isinstance(sheet, Sheet) else []
    for at, span in enumerate(rest):
        stands = slides_stand(deck, span.of(prompt.text)) if deck else facts[at]
        yield Asked(span, _of_the_whole(span.of(prompt.text), spec, deck) or stands)
    for part, said in look.words:
        role = part.partition(".")[2]
        colors = (role,) if role in ON_THE_SCREEN else ()
        yield Asked(Span(said[0].start, said[-1].end), page_proof(spec, (), colors), colors)
    for span in made.unused:
        yield Asked(span, _of_the_whole(span.of(prompt.text), spec, deck))


def _of_the_whole(said: str, spec: AppSpec, deck: Deck | None) -> tuple[FlowStep, ...]:
    """What is said in a few words of a deck or a sheet rather than on it."""
    if len(said) > NEAR:
        return ()
    if deck and _TURNED.search(said):
        return slides_turn(deck)
    return prints(spec.locale) if not deck and _PRINTED.search(said) else ()
