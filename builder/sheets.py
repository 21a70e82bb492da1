"""What stands on a sheet of paper or on the slides of a deck, as an AppSpec keeps it. Knows no prompt."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=600)]
FactKind = Literal["date", "time", "place", "price", "contact", "programme", "item", "signature", "detail"]
Layout = Literal["date", "shout", "quiet", "notice", "statement", "card", "menu", "certificate"]
Motif = Literal["notes", "stars", "hearts", "confetti", "hills", "waves", "stripes", "grid", "rings"]
SlideLayout = Literal["title", "list", "statement", "number", "numbers", "bars", "timeline", "closing"]
SHEET, DECK = "sheet", "deck"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(_Part):
    """`lead` is what stands before the text: the time of an item of the programme; `figure` a price behind it."""

    kind: FactKind
    text: Text
    label: Text = ""
    lead: Text = ""
    figure: Text = ""


class Sheet(_Part):
    """A poster, flyer, invitation, menu or certificate. `day` and `month` are set large where the layout does so."""

    genre: Literal["poster", "flyer", "invitation", "menu", "certificate"] = "poster"
    layout: Layout = "date"
    paper: Literal["A3", "A4", "A5", "A6", "Letter"] = "A3"
    landscape: bool = False
    motif: Motif = "rings"
    headline: Text
    eyebrow: Text = ""
    day: Text = ""
    month: Text = ""
    facts: Annotated[tuple[Fact, ...], Field(max_length=80)] = ()

    def of(self, *kinds: FactKind) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if fact.kind in kinds)


class Item(_Part):
    """`figure` is set large or drawn as a bar of `value` percent; `lead` is a date of a timeline."""

    text: Text = ""
    figure: Text = ""
    lead: Text = ""
    value: float = 0


class Slide(_Part):
    layout: SlideLayout = "list"
    heading: Text
    lead: Text = ""
    items: Annotated[tuple[Item, ...], Field(max_length=40)] = ()
    notes: Annotated[str, StringConstraints(max_length=4000)] = ""

    @property
    def is_names(self) -> bool:
        """A few words each, fit for cards."""
        return 2 <= len(self.items) <= 4 and all(len(item.text) <= 24 for item in self.items)


class Deck(_Part):
    motif: Motif = "rings"
    slides: Annotated[tuple[Slide, ...], Field(min_length=1, max_length=80)]


def opened_sheet(name: str, options: dict[str, Any]) -> Sheet | Deck | None:
    """What a starter of the kind slides holds; None for one that is neither. Raises ValueError for a misfit."""
    kinds: dict[str, type[Sheet] | type[Deck]] = {SHEET: Sheet, DECK: Deck}
    kind = kinds.get(name)
    try:
        return kind.model_validate(options) if kind else None
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))} of the {name}: {first['msg']}") from None
