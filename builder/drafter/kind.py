"""Where the kind of app itself is what was said to have things: "a blog with comments", "a restaurant's site"."""

from collections.abc import Sequence

from builder.drafter.features import Mention
from builder.drafter.fields import DETERMINERS
from builder.drafter.lexicon import lexicon
from builder.drafter.measures import kind_of
from builder.drafter.merge import rename_thing
from builder.drafter.reading import Reading
from builder.drafter.shelf import APPS, HOLDERS, TRADE, Blueprint, Match
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import Prompt
from builder.drafter.things import take_things
from builder.spec import FieldType

FOR = frozenset("for selling sell sells".split())
HOMES = frozenset("home household kitchen house".split())
FEWEST = 2  # fields that describe a thing
COUNTED = {FieldType.STRING, FieldType.TEXT, FieldType.INTEGER, FieldType.BOOLEAN, FieldType.FILE, FieldType.IMAGE}


def take_kind(reading: Reading, match: Match, prompt: Prompt, mentions: Sequence[Mention]) -> tuple[AppSketch, bool]:
    """The blueprint with the fields said of the app itself, and whether there were such words.

    What else the app was said to have become things of its own. Where a thing is described by fields, all stays.
    """
    _call_as_known(reading, match, prompt)
    known, asked = match.blueprint.sketch, {word.start for mention in mentions for word in mention.words}
    kinds, found = [e for e in reading.entities if _is_kind(e, match, prompt)], False
    circles = [e for e in reading.entities if e not in kinds and _is_circle(e, match, prompt)]
    take_things(reading, match.blueprint, kinds, asked)
    kinds += [e for e in circles if _belongs_to_app(e, match.blueprint, asked)]
    offered = [e for e in circles if e not in kinds and _is_offered(e, match)]
    if any(not _starts(f) & asked for e in reading.entities if e not in kinds + offered for f in e.fields):
        return known, False
    for entity in [e for e in circles if e not in kinds]:
        known, found = _about(known, entity, match), True
        main = known.entities[0]
        main.fields += [f for f in entity.fields if f.key not in {own.key for own in main.fields}]
        reading.hand_on(entity, main) if entity in offered else reading.forget(entity)
    for entity in kinds:
        own = [f for f in entity.fields if not _starts(f) & asked and _is_field(f, known.entities[0])]
        if len(own) >= FEWEST and len(own) * 2 > len(entity.fields):
            if _is_held(entity, match.blueprint, prompt) and any(known.entities[0].find(f.key) for f in own):
                reading.rename(entity, known.entities[0])
            continue
        known, found = known.copy(), True
        main = known.entities[0]
        main.fields += [f for f in own if main.find(f.key) is None]
        reading.forget(entity)
        for field in entity.fields:
            if field not in own and not _starts(field) & asked and not _is_known(field.key, match.blueprint):
                reading.name(field)
    return known, found


def _call_as_known(reading: Reading, match: Match, prompt: Prompt) -> None:
    """Where what is kept stands first, and then of which kind it is: "consulta médica" is a consultation."""
    for entity in reading.entities if prompt.language != "en" else ():
        thing, words = match.blueprint.sketch.entity, entity.key.split()
        first = thing(words[0]) if len(words) > 1 and entity.fields and not thing(entity.key) else None
        if first and entity.words[0].start not in match.places:
            reading.rename(entity, first)


def take_like(reading: Reading, match: Match) -> bool:
    """Whether the whole blueprint is meant, as nothing was described that the app has in its place.

    What it is for, in "Uber for dog walkers", is no thing that it keeps.
    """
    described = [e for e in reading.entities if e.fields]
    if described:
        return False
    for entity in reading.entities:
        if match.blueprint.sketch.entity(entity.key) is None and entity.key not in reading.listed:
            reading.forget(entity)
    return True


def _is_kind(entity: EntitySketch, match: Match, prompt: Prompt) -> bool:
    """Whether its name is what calls the blueprint, and nothing that the blueprint keeps.

    Only English tells surely that there are several: "restaurants" are rated, "a restaurant" takes orders.
    """
    main = match.blueprint.sketch.entities[0]
    if not entity.key or match.blueprint.sketch.entity(entity.key):
        return False
    thing = match.blueprint.sketch.entity(entity.key.split()[-1])
    if thing and thing is not main and not entity.guessed:
        return False  # "medical appointments" of a clinic
    if prompt.language == "en" and entity.words[-1:] and entity.words[-1].is_plural:
        return not main.generic and main.answers_to(entity.words[-1].lemma)  # "bakery orders"
    return bool({word.start for word in entity.words} & match.places) or _is_place(entity, match, prompt)


def _is_place(entity: EntitySketch, match: Match, prompt: Prompt) -> bool:
    """Whether it is where the things are: a "home inventory" is of items, a "tool inventory" of tools."""
    after = next((w for w in prompt.words if entity.words and w.start > entity.words[-1].start), None)
    place = entity.key.split()[-1] in lexicon().places | HOMES
    return entity.guessed and place and after is not None and after.start in match.places


def _is_held(entity: EntitySketch, blueprint: Blueprint, prompt: Prompt) -> bool:
    """Whether its name is that of what holds the things: a "reading list" with authors and pages is of books."""
    after = next((w for w in prompt.words if entity.words and w.start > entity.words[-1].start), None)
    known = any(blueprint.sketch.entity(word) for word in entity.key.split())
    return entity.guessed and not known and after is not None and after.lemma in HOLDERS - APPS


def _is_circle(entity: EntitySketch, match: Match, prompt: Prompt) -> bool:
    """Whether it is whom or what the app is for: "a forum for gardeners", "a shop selling shoes", "a candle shop".

    What holds things of any kind is about those: "a library of sounds" keeps sounds.
    """
    main = match.blueprint.sketch.entities[0]
    named = main.generic and entity.key != main.key and main.answers_to(entity.key)
    if not entity.words or not match.places or (_is_known(entity.key, match.blueprint) and not named):
        return False
    start = entity.words[0].start
    after = next((w for w in prompt.words if w.start > entity.words[-1].start), None)
    if after and after.start in match.places and after.lemma in TRADE:
        return True
    behind = [w for w in prompt.words if w.end <= start]
    while behind and behind[-1].norm in DETERMINERS:
        behind.pop()
    link = behind[-1].norm if behind and behind[-1].start > min(match.places) else ""
    link = entity.words[0].norm if entity.words[0].norm in FOR and start > min(match.places) else link
    called = " ".join(w.lemma for w in prompt.words if w.start in match.places and w.start < start)
    return link in FOR | {"of"} if called not in HOLDERS else link in FOR


def _belongs_to_app(entity: EntitySketch, blueprint: Blueprint, asked: set[int]) -> bool:
    """Whether what those for whom an app is were said to have is the app's: "a forum for gardeners with topics"."""
    if blueprint.sketch.entities[0].generic or not entity.fields:
        return False
    return any(bool(_starts(f) & asked) or (f.plural and _is_known(f.key, blueprint)) for f in entity.fields)


def _is_offered(entity: EntitySketch, match: Match) -> bool:
    """Whether it is what a shop sells or a rental lends, so that its fields are those of each."""
    if lexicon().icon(entity.key) in {"user", "users"}:
        return False
    main, called = match.blueprint.sketch.entities[0], {word for word in match.blueprint.words if word in TRADE}
    named = any(main.answers_to(w.lemma) for w in match.words if w not in entity.words)
    return bool(called) or (bool(main.generic) and not named)


def _about(known: AppSketch, entity: EntitySketch, match: Match) -> AppSketch:
    """What the blueprint calls "Item" is called what it is about, and is none of the blueprint's own rows."""
    known = known.copy()
    main = known.entities[0]
    if _is_offered(entity, match):
        several = bool(entity.words) and entity.words[-1].is_plural
        main.label, main.label_plural = entity.label, entity.label_plural if several else entity.label
        rename_thing(main, entity.key)
        for field in (f for e in known.entities for f in e.fields if f.target == main.key and not f.many):
            field.label, field.name = (main.label, None) if field.key == main.key else (field.label, field.name)
    return known


def _is_known(key: str, blueprint: Blueprint) -> bool:
    return key in blueprint.words or blueprint.sketch.entity(key) is not None


def _is_field(field: FieldSketch, main: EntitySketch) -> bool:
    kind = kind_of(field.key)
    known = kind is not None and (not field.plural or kind.type not in COUNTED)
    return bool(known or field.said or field.choices or main.find(field.key))


def _starts(field: FieldSketch) -> set[int]:
    return {word.start for word in field.words}
