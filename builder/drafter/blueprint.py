"""Draft an app without a model: a data set or a blueprint where one fits, and what the sentences say."""

import logging
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from builder import refusal
from builder.answers import say_in
from builder.drafter import Draft
from builder.drafter.abroad import called_blueprint, called_subject
from builder.drafter.anything import holds_anything, take_anything
from builder.drafter.asking import Names, asked
from builder.drafter.assemble import Naming, assemble_entities, assemble_parts, resolve_moments
from builder.drafter.beyond import refuse_beyond
from builder.drafter.brands import Call, take_call
from builder.drafter.companion import join_dataset
from builder.drafter.dataset import Subject, find_subject, sketch_subject
from builder.drafter.doubt import doubt
from builder.drafter.entities import read_entities
from builder.drafter.features import Mention, find_mentions
from builder.drafter.gloss import read_prompt
from builder.drafter.heads import opening_page
from builder.drafter.kind import take_kind, take_like
from builder.drafter.language import HEAD_FIRST, language_of
from builder.drafter.leftover import GENERAL, leftover, lost, shortened, vocabulary
from builder.drafter.localise import localise
from builder.drafter.merge import calculate, derive, merge, unite
from builder.drafter.page import draft_page, find_page
from builder.drafter.reference import forget_unanswered
from builder.drafter.relations import relate
from builder.drafter.requests import Granted, grant, is_opening
from builder.drafter.shelf import SURE, Match, is_by_the_way, is_sure, nearest, shelf
from builder.drafter.sketch import AppSketch
from builder.drafter.tables import fill
from builder.drafter.telling import Source, told
from builder.drafter.text import Prompt, Word, Words
from builder.drafter.theme import ThemeSketch, read_name, read_theme, title_text
from builder.drafter.views import read_views
from builder.drafter.wares import Trade, call_goods, find_trade, stock_shelves
from builder.drafter.wishes import fulfil
from builder.proofs import requirements
from builder.spec import AppKind, AppSpec

log = logging.getLogger(__name__)


class BlueprintDrafter:
    """Needs no model. `today` is asked once a draft, for rows whose days lie around it."""

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        self.today = today

    def draft(self, prompt: str, *, kind: AppKind | None = None, name: str | None = None) -> Draft:
        refusal.screen(prompt)
        text = read_prompt(prompt, language_of(prompt))
        page = find_page(text, kind)
        if page:
            return draft_page(text, page, kind, name)
        refuse_beyond(text)
        text, call = take_call(text)
        mentions, theme = find_mentions(text), read_theme(text)
        given, head = read_name(text, theme.places)
        called = _sketch_called(text, call) if text.language == "und" else None
        title = Prompt.read(given).words if given else head
        sketch, sources = called or _sketch(text, mentions, title, theme.places, call)
        rest = [_after(text, words) for _, words in sources] if called else []
        headline = None if called else title_text(text, head)
        fulfilled, mentions = fulfil(sketch, [m for m in mentions if not is_opening(m, text)], text)
        unite(sketch)
        read_views(text, sketch)
        sketch.home = opening_page(text) or sketch.home
        resolve_moments(sketch, self.today())
        trade = find_trade(text, sketch, theme.places)
        if trade:
            call_goods(sketch, trade)
        localise(sketch, text.language)
        if trade:
            stock_shelves(sketch, trade)
            headline = _shop_name(_with_shop(text, head, sources) or headline, trade, sources)
        naming = Naming(sketch)
        granted = grant(sketch, naming, mentions, text)
        granted.unused += [words for words in rest if words]
        sketch.features = granted.features
        spec = _spec(
            sketch, naming, theme, (name or given or _app_name(headline, sketch))[:120], self.today(), text.language
        )
        return _draft(spec, text, sketch, [*sources, *theme.words, *fulfilled, *granted.used], granted, naming)


def _sketch_called(text: Prompt, call: Call | None) -> tuple[AppSketch, list[Source]] | None:
    """Of a sentence that is not understood only the name of a kind of app is taken."""
    subject = called_subject(text)
    if subject:
        return sketch_subject(subject), [_subject_source(subject)]
    like = next((b for b in shelf() if call and b.name == call.blueprint), None)
    called = (like, call.words) if like and call else called_blueprint(text)
    if called is None:
        return None
    blueprint, words = called
    sketch = blueprint.sketch.copy()
    calculate(sketch)
    return sketch, [("blueprint." + blueprint.sketch.name, words)]


def _sketch(
    text: Prompt, mentions: list[Mention], title: Words, looks: frozenset[int], call: Call | None
) -> tuple[AppSketch, list[Source]]:
    subject = find_subject(text)
    if subject:
        return sketch_subject(subject), [_subject_source(subject)]
    reading = read_entities(text, mentions, looks)
    doubt(reading)
    match = _nearer(nearest(text, tuple(e.key for e in reading.entities), call), _match_abroad(text))
    if match and call is None and is_by_the_way(match, reading.entities):
        match = None
    known, whole = None, False
    if match:
        anything = holds_anything(match)
        known, whole = take_anything(reading, match, title) if anything else take_kind(reading, match, text, mentions)
    if match and call and call.blueprint == match.blueprint.name:
        whole = take_like(reading, match) or whole
    sketch = merge(reading, known, title, whole=whole or (match is not None and is_sure(match)))
    sketch.lost = tuple(words for words in reading.lost.values() if words)
    joined = join_dataset(sketch, text)
    relate(sketch)
    fill(sketch, text.grids)
    calculate(sketch)
    derive(sketch)
    forget_unanswered(sketch)
    sources = _match_source(match) if match and _gave(match, sketch) else []
    return sketch, [*sources, *reading.used, *map(_subject_source, joined)]


def _match_abroad(text: Prompt) -> Match | None:
    """A blueprint by its own name in the prompt's language, where the language's table has no word for it."""
    called = called_blueprint(text) if text.language != "en" else None
    return Match(called[0], called[1], 1.0, frozenset(w.start for w in called[1])) if called else None


def _nearer(near: Match | None, abroad: Match | None) -> Match | None:
    """What is said first says what the app is; a blueprint found by more than a few words is not doubted."""
    if near and abroad and abroad.words[0].start < near.words[0].start and near.score < SURE:
        return abroad
    return near or abroad


def _gave(match: Match, sketch: AppSketch) -> bool:
    return any(match.blueprint.sketch.entity(e.key) for e in sketch.entities)


def _app_name(title: str | None, sketch: AppSketch) -> str:
    """The first words of the prompt, as the blueprint writes them where it has the same."""
    if not title or title.lower() == sketch.name.lower():
        return sketch.name or sketch.entities[0].label_plural
    return title


def _shop_name(title: str | None, trade: Trade, sources: list[Source]) -> str:
    """A title that says it is a shop stays; of the goods alone, as another language bends them, comes the trade's."""
    called = [word.text.lower() for part, words in sources if part.startswith("blueprint.") for word in words]
    bent = trade.language == "ru" and any(word.split()[0].endswith(("магазина", "магазине")) for word in called)
    return title if title and not bent and any(word in title.lower() for word in called) else trade.shop


def _with_shop(text: Prompt, head: Words, sources: list[Source]) -> str | None:
    """Where the word for a shop stands first, right before what it sells, as it is written: "متجر عسل"."""
    called = [words for part, words in sources if part.startswith("blueprint.") and words]
    before = next((words for words in called if head and words[-1].end + 1 == head[0].start), None)
    return text.quote((*before, *head))[:60] if before and text.language in HEAD_FIRST else None


def _subject_source(subject: Subject) -> Source:
    return f"dataset.{subject.dataset}", subject.words


def _match_source(match: Match) -> list[Source]:
    return [("blueprint." + match.blueprint.sketch.name, match.words)] if match.words else []


def _after(text: Prompt, words: Words) -> tuple[Word, ...]:
    """What follows in a sentence of which one word was understood."""
    sentence = next((s for s in text.sentences if s[-1].start >= words[-1].start), ())
    return tuple(w for w in sentence if w.start > words[-1].start)


def _spec(sketch: AppSketch, naming: Naming, theme: ThemeSketch, name: str, today: date, language: str) -> AppSpec:
    features, rules, pages = assemble_parts(sketch, naming)
    parts: dict[str, Any] = {
        "name": name,
        "tagline": sketch.tagline,
        "locale": "en" if language == "und" else language,
        "theme": theme.theme(sketch.style),
        "entities": assemble_entities(sketch, naming, today),
    }
    try:
        return AppSpec.model_validate(parts | {"features": features, "rules": rules, "pages": pages})
    except ValidationError:
        log.exception("a wish that can't be granted as drafted is left out")
        return _without_misfits(parts, features, rules, pages)


def _without_misfits(parts: dict[str, Any], *lists: Sequence[Any]) -> AppSpec:
    """A draft is never lost for one wish: what doesn't fit the rest is left out."""
    kept: dict[str, list[Any]] = {"features": [], "rules": [], "pages": []}
    for name, items in zip(kept, lists, strict=True):
        if _fits(parts | kept | {name: list(items)}):
            kept[name] = list(items)
            continue
        for item in items:
            if _fits(parts | kept | {name: [*kept[name], item]}):
                kept[name].append(item)
    return AppSpec.model_validate(parts | kept)


def _fits(parts: dict[str, Any]) -> bool:
    try:
        AppSpec.model_validate(parts)
    except ValidationError:
        return False
    return True


def _draft(
    spec: AppSpec, text: Prompt, sketch: AppSketch, sources: list[Source], granted: Granted, naming: Naming
) -> Draft:
    used = [words for _, words in sources]
    places = {word.start for words in used for word in words}
    known = vocabulary(sketch, spec.name) - GENERAL
    unsaid = [w for w in granted.unused if not all(word.start in places or word.lemma in known for word in w)]
    unused = [text.quote(words) for words in [*unsaid, *leftover(text, sketch, spec.name, used, granted.unused)]]
    unused += [*lost(text, sketch.lost), *shortened(text.unread, say_in(text.language))]
    wanted = requirements(spec, text.text, asked(text, sources, sketch, Names(naming.entities, naming.fields)))
    notes = (sketch.note,) if sketch.note else ()
    is_known = any(part.startswith(("blueprint.", "dataset.")) for part, _ in sources)
    return Draft(
        spec, told(text, sources, sketch), tuple(dict.fromkeys(unused)), wanted, notes=notes, is_known=is_known
    )
