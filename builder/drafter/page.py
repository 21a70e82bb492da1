"""Draft what is one page rather than an app: a ready starter, or a poster or deck of the facts that the prompt holds.

Raises a Refusal where neither is what was asked for: nothing is invented here.
"""

from dataclasses import dataclass

from builder import refusal
from builder.answers import say_in
from builder.drafter import Draft
from builder.drafter.beyond import refuse_beyond
from builder.drafter.clauses import page_requirements
from builder.drafter.gloss import read_prompt
from builder.drafter.heads import opening_page
from builder.drafter.language import language_of
from builder.drafter.sheets import Called, draft_sheet, find_sheet
from builder.drafter.sheets.headline import cited
from builder.drafter.starters import Found, calls_starter, find_starter, shaped
from builder.drafter.telling import Source
from builder.drafter.text import Prompt
from builder.drafter.theme import ThemeSketch, read_name, read_page_theme
from builder.spec import AppKind, AppSpec, Feature
from builder.stack.starters import about


def refuse_without_model(prompt: str, kind: AppKind | None) -> None:
    """Raise a Refusal for what can't be made without a model: pages that have no starter, apps beyond a ready one."""
    read = read_prompt(prompt, language_of(prompt))
    page = find_page(read, kind)
    if page:
        draft_page(read, page, kind, None)
    else:
        refuse_beyond(read)


@dataclass(frozen=True)
class Page:
    """One page that is asked for: a sheet, or what may be a starter."""

    sheet: Called | None = None


def find_page(prompt: Prompt, kind: AppKind | None) -> Page | None:
    """The page that is asked for, by its kind or by a page's name; None where it is an app that keeps data."""
    sheet = find_sheet(prompt, kind)
    if kind is None and not sheet and opening_page(prompt):  # "a leaderboard for our ping pong" is of what was played
        return None
    if sheet or refusal.wants_a_page(prompt.text, kind):
        return Page(sheet)
    called = calls_starter(prompt) if kind is None else ()
    if called and not refusal.keeps_data(prompt.text[: called[0].start] + prompt.text[called[-1].end :]):
        return Page()
    return None


def draft_page(prompt: Prompt, page: Page, kind: AppKind | None, name: str | None) -> Draft:
    if page.sheet:
        return draft_sheet(prompt, page.sheet, name)
    refuse_beyond(prompt)
    found = find_starter(prompt) if kind is not AppKind.SLIDES else None
    if found is None:
        raise refusal.refused(refusal.RefusalCode.NEEDS_MODEL, prompt.text)
    starter, sources = shaped(found, prompt)
    known, theme = about(found.name), read_page_theme(prompt)
    given, _ = read_name(prompt)
    spec = AppSpec(
        name=(name or given or _called(prompt, found) or known.name)[:120],
        tagline=known.tagline,
        kind=AppKind.ARTIFACT,
        locale="en" if prompt.language == "und" else prompt.language,
        theme=theme.theme(known.style),
        starter=starter,
        features=tuple(Feature(name=feature) for feature in known.features),
    )
    wanted = page_requirements(prompt, spec, [*sources, *theme.words])
    return Draft(spec, _told(prompt, sources, theme), (), wanted, is_known=True)


def _called(prompt: Prompt, found: Found) -> str:
    """In another language than English the page is named as the person named it."""
    if prompt.language in {"en", "und"}:
        return ""
    return cited(prompt.quote(found.words).lower(), prompt.language)


def _told(prompt: Prompt, sources: list[Source], theme: ThemeSketch) -> tuple[tuple[str, str], ...]:
    say = say_in(prompt.language)
    (whole, called), *options = sources
    pairs = [(whole.partition(".")[2].capitalize() if say.code == "en" else say("page.whole"), prompt.quote(called))]
    pairs += [(say(f"option.{part.partition('.')[2]}"), prompt.quote(words)) for part, words in options]
    pairs += [(say(f"page.{part.partition('.')[2]}"), prompt.quote(words)) for part, words in theme.words]
    return tuple(dict(pairs).items())
