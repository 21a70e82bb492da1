"""Posters, invitations, menus, certificates and decks, laid out from the facts that a prompt holds.

`find_sheet` tells what a prompt calls for; `draft_sheet` makes it, or refuses where knowledge is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.answers import say_in
from builder.drafter import Draft
from builder.drafter.sheets.asked import sheet_requirements
from builder.drafter.sheets.deck import make_deck
from builder.drafter.sheets.genres import Genre, find_genre, whole_deck
from builder.drafter.sheets.sheet import Made, make_sheet, relaid
from builder.drafter.sheets.spans import Span
from builder.drafter.text import Prompt
from builder.drafter.theme import ThemeSketch, colors_in, read_name, read_theme
from builder.refusal import Refusal, RefusalCode, keeps_data
from builder.sheets import DECK, SHEET, Deck, opened_sheet
from builder.sheets import Sheet as SheetParts
from builder.spec import AppKind, AppSpec, Starter
from builder.stack.sheets import words
from builder.theme import contrast

ASKED_OF = {"deck", "menu", "certificate"}  # genres that ask for facts of their own
TOLD = 2.5  # contrast at which two named colours make a ground and what stands on it


@dataclass(frozen=True)
class Called:
    """What a prompt calls for; `made` already, where only the sheet itself could tell."""

    genre: Genre
    made: Made | None = None


def find_sheet(prompt: Prompt, kind: AppKind | None) -> Called | None:
    """The kind of sheet that a prompt calls for, and means: a word that may be else only where facts follow it."""
    if kind not in {None, AppKind.SLIDES}:
        return None
    genre = find_genre(prompt.text)
    if genre is None:
        return Called(whole_deck(prompt.text)) if kind is AppKind.SLIDES else None
    if not genre.linked and prompt.language == "en" and kind is None:
        made = _make(prompt, genre)
        return Called(genre, made) if _is_an_event(made) else None
    if kind is AppKind.SLIDES or (genre.subject and not genre.is_weak and not keeps_data(prompt.text)):
        return Called(genre)
    made = _make(prompt, genre)
    return Called(genre, made) if made else None


def _is_an_event(made: Made | None) -> bool:
    """ "poster summer party, 12 July, 7 pm" is in a hurry; "poster sessions: title, author" is about else."""
    kinds = {fact.get("kind") for fact in made.options.get("facts", ())} if made else set()
    return "date" in kinds and bool(kinds & {"time", "place", "price"})


def draft_sheet(prompt: Prompt, called: Called, name: str | None) -> Draft:
    genre = called.genre
    made = called.made or _make(prompt, genre)
    if made is None:
        say = say_in(prompt.language)
        wanted = say(f"sheet.{genre.name if genre.name in ASKED_OF else 'facts'}")
        raise Refusal(RefusalCode.NEEDS_MODEL, f"{wanted} {say('sheet.connect')}")
    look = _look(prompt, genre, made)
    theme = look.theme(made.style)
    given, _ = read_name(prompt)
    starter = Starter(name=DECK if genre.is_deck else SHEET, options=_relaid(made.options, genre, theme.style))
    spec = AppSpec(
        name=(name or given or made.name)[:120],
        tagline=_tagline(starter)[:200],
        kind=AppKind.SLIDES,
        locale=_locale(prompt),
        theme=theme,
        starter=starter,
    )
    unused = tuple(s.of(prompt.text) for s in made.unused)
    asked = sheet_requirements(prompt, spec, genre, made, look)
    return Draft(spec, tuple(_told(prompt, genre, made, look)), unused, asked, is_known=True)


def _make(prompt: Prompt, genre: Genre) -> Made | None:
    return make_deck(prompt, genre, words(_locale(prompt))) if genre.is_deck else make_sheet(prompt, genre)


def _locale(prompt: Prompt) -> str:
    return "en" if prompt.language == "und" else prompt.language


def _relaid(options: dict[str, object], genre: Genre, style: str) -> dict[str, object]:
    """A style that the prompt asks for may have a layout of its own."""
    if genre.is_deck:
        return options
    return relaid(SheetParts.model_validate(options), style).model_dump(exclude_defaults=True)


def _look(prompt: Prompt, genre: Genre, made: Made) -> ThemeSketch:
    """Colours as on any page; those that are said of nothing count where the words around them are of the look, too."""
    look = read_theme(prompt)
    said = [Span(0, genre.called.end), *made.looks]
    free = []
    for sentence in prompt.sentences:
        for start, end, color in colors_in(sentence):
            ending = genre.subject.holds(sentence[start].start) and start and sentence[start - 1].norm == "in"
            if color not in {look.background, look.component} and (
                ending or any(s.holds(sentence[start].start) for s in said)
            ):
                free.append((color, tuple(sentence[start:end])))
    if (
        look.background is None
        and look.component is None
        and len(free) > 1
        and contrast(free[0][0], free[1][0]) >= TOLD
    ):
        (look.background, on), *free = free
        look.words.append(("theme.background", on))
    if free and look.component is None:
        look.component, on = free[0]
        look.words.append(("theme.component", on))
    return look


def _told(prompt: Prompt, genre: Genre, made: Made, look: ThemeSketch) -> Iterator[tuple[str, str]]:
    say = say_in(prompt.language)
    called = prompt.text[genre.called.start : genre.called.end] if genre.called else ""
    pairs: dict[str, str] = {say("page.whole"): called} if called else {}
    for part, span in made.sources:
        said = span.of(prompt.text)
        pairs[part] = f"{pairs[part]}, {said}"[:300] if part in pairs else said[:300]
    pairs |= {say(f"page.{part.partition('.')[2]}"): prompt.quote(said).strip(" (),") for part, said in look.words}
    yield from pairs.items()


def _tagline(starter: Starter) -> str:
    opened = opened_sheet(starter.name, starter.options)
    if isinstance(opened, Deck):
        return opened.slides[0].lead
    return " · ".join(fact.text for fact in opened.of("date", "time", "place")) if opened else ""
