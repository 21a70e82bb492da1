"""Bring together what a person said and what a blueprint knows: said wins, known fills, rows follow the fields."""

from copy import copy

from builder.drafter.doubt import is_sure
from builder.drafter.fields import read_field
from builder.drafter.lexicon import lexicon
from builder.drafter.measures import kind_of
from builder.drafter.parts import take_parts
from builder.drafter.phrases import COMMENTS, side_by_side, singular_as_written, titled
from builder.drafter.reading import Reading
from builder.drafter.reference import Named, Place
from builder.drafter.relations import NAMELESS, close, is_about, link, open_tags
from builder.drafter.seeds import people
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import Prompt, Words, lemmas, plural
from builder.formula import Formula
from builder.names import identifier, is_reserved
from builder.spec import FieldType

SHORTEST_THING = 3  # letters
KINDS = frozenset("kind type category".split())
TITLED = {FieldType.STRING, FieldType.EMAIL}
CHOSEN = {FieldType.STRING, FieldType.TEXT, FieldType.BOOLEAN}  # what a choice of the blueprint's may stand for
VAGUE = frozenset("got had did done get wa".split())
MAKERS = frozenset("artist author director composer painter photographer sculptor writer poet maker".split())
MEASURES = frozenset("unit size currency".split())  # texts that call nothing
UNKNOWN = ("name", "category", "notes", "added on")  # of a thing of no known kind


def merge(reading: Reading, known: AppSketch | None, title: Words, *, whole: bool = False) -> AppSketch:
    """The app: a person's things with their fields, and the blueprint's own where none were said or it is `whole`."""
    if known:
        take_parts(reading, known)
    said = [e for e in reading.entities if e.fields or _is_wanted(e, reading, known)]
    known = _as_called(known, reading, title) if known else None
    if not said:
        return known if known else AppSketch(entities=[_something(title)])
    if known and not _has_fields(reading) and (whole or any(known.entity(e.key) for e in said)):
        return _whole(known, said, reading)
    sketch = AppSketch()
    if known:
        sketch = AppSketch(known.name, style=known.style, blueprint=known.blueprint, home=known.home)
    untold = {e.key for e in said if not e.fields}
    for entity in said:
        model = _model(entity, known)
        sketch.entities.append(_filled(entity, model, title))
    unite(sketch)
    if known:
        _belong(sketch, known)
    if known and sketch.entity(known.entities[0].key):
        sketch.tagline = known.tagline
    if known:
        _bring_parts(sketch, known, untold)
    close(sketch, known)
    open_tags(sketch)
    if known:
        names = {own.key: key for key in untold if (own := known.entity(key))}
        sketch.features = [f for f in known.copy().features if f.entity is None or f.entity in names]
        for feature in sketch.features:
            feature.entity = names.get(feature.entity or "")
        sketch.rules = [r for r in known.copy().rules if r.entity in names]
    link(sketch, reading)
    return sketch


def _belong(sketch: AppSketch, known: AppSketch) -> None:
    """A card is in a deck also where a person said only what else is on it, and that there are decks."""
    for entity in sketch.entities:
        model = known.entity(entity.key)
        for field in model.fields if model and entity.fields else ():
            target = sketch.entity(field.target or "") if field.required else None
            if target is None or target is entity or any(entity.key in {f.target, f.key} for f in target.fields):
                continue
            if not any(target.key in {f.target, f.key} for f in entity.fields):
                entity.fields.append(_copy(field))


def _whole(known: AppSketch, said: list[EntitySketch], reading: Reading) -> AppSketch:
    """The blueprint as it is, where things were named and none was described; with the listed ones it lacks."""
    main = known.entities[0]
    for entity in said:
        if known.entity(entity.key) or entity.key not in reading.listed:
            continue
        kind = kind_of(entity.key)
        if kind is None or kind.type is not FieldType.STRING:
            known.entities.append(_filled(entity, None, ()))
        elif main.find(entity.key) is None:  # "stock with barcodes": each has one
            main.fields.append(FieldSketch(entity.label, entity.key, kind.type, words=entity.words))
            main.fields[-1].fill(kind)
    unite(known)
    close(known, None)
    link(known, reading)
    return known


def calculate(sketch: AppSketch) -> None:
    """ "total" beside quantity and price is worked out, not typed in."""
    for entity in sketch.entities:
        numbers = [f for f in entity.fields if f.type.is_number and f.type is not FieldType.COMPUTED]
        stored = {identifier(f.name or f.label) for f in numbers}
        for field in entity.fields:
            for words, formula in lexicon().formulas:
                parts = Formula.parse(formula).fields if field.key in words else frozenset()
                if parts and parts <= stored and identifier(field.name or field.label) not in parts:
                    field.type, field.formula, field.min, field.max = FieldType.COMPUTED, formula, None, None
                    field.required = False
                    break


def derive(sketch: AppSketch) -> None:
    """Choices that follow from how late something is: the first while it is in time, the last when it is long overdue.

    Without a day it was last done and an interval they are choices like any other.
    """
    for entity in sketch.entities:
        day = next((f for f in entity.fields if f.type is FieldType.DATE and f.key.startswith("last ")), None)
        day = day or next((f for f in entity.fields if f.type is FieldType.DATE), None)
        every = next((f for f in entity.fields if f.type is FieldType.INTEGER and f.unit in {"days", "day"}), None)
        for field in entity.fields:
            if field.derived and day and every and len(field.choices) > 1:
                field.type, field.required = FieldType.COMPUTED, False
                field.formula = _lateness(entity, field, day, every)
                for row in entity.seed:
                    row.pop(field.key, None)


def _lateness(entity: EntitySketch, field: FieldSketch, day: FieldSketch, every: FieldSketch) -> Named:
    values = [identifier(label) for label, _ in field.choices]
    parts: list[str | Place] = []
    for times in range(len(values) - 1, 0, -1):
        factor = "" if times == 1 else f"{times} * "
        parts += [
            "if(days_since(",
            (entity.key, day.key),
            f") > {factor}",
            (entity.key, every.key),
            f', "{values[times]}", ',
        ]
    return Named.made((*parts, f'"{values[0]}"' + ")" * (len(values) - 1)))


def _as_called(known: AppSketch, reading: Reading, title: Words) -> AppSketch:
    """The blueprint with a person's word for what it calls "Item": "bike rental" rents bikes."""
    known = known.copy()
    spoken = {part for word in title for part in (word.lemma, *word.lemma.split())}
    spoken |= {e.key for e in reading.entities} | reading.spoken
    for entity in known.entities:
        word = next((word for word in entity.synonyms if word in spoken), None)
        if word is None or not entity.generic or entity.key in spoken:
            continue
        entity.label, entity.label_plural = word.capitalize(), plural(word).capitalize()
        rename_thing(entity, word)
        for other in known.entities:
            for field in other.fields:
                if field.target == entity.key and field.key == entity.key:
                    field.label, field.name = entity.label, None
    return known


def rename_thing(entity: EntitySketch, word: str) -> None:
    """What is called by another's name has none of its rows, nor its kinds: a boat is no city bike."""
    if lexicon().icon(word) in {entity.icon, lexicon().icon(entity.key)} and entity.generic:
        return
    entity.seed, entity.renamed = [], True
    for kind in (f for f in entity.fields if f.key in KINDS and f.choices):
        kind.type, kind.choices, kind.values = FieldType.STRING, [], ()


def unite(sketch: AppSketch) -> None:
    """Two names that the blueprint knows as one thing are one: the first keeps its name, and takes the fields."""
    kept: list[EntitySketch] = []
    for entity in sketch.entities:
        same = next((e for e in kept if e.key == entity.key), None)
        if same is None:
            kept.append(entity)
        else:
            same.fields += [f for f in entity.fields if not any(own.key == f.key for own in same.fields)]
    for entity in kept:
        entity.fields = list({field.key: field for field in reversed(entity.fields)}.values())[::-1]
    sketch.entities = kept


def _bring_parts(sketch: AppSketch, known: AppSketch, untold: set[str]) -> None:
    """A poll nothing more was said of has its options and votes; one that was described has what was said."""
    for part in known.copy().entities:
        wholes = [own for f in part.fields if f.required and (own := sketch.entity(f.target or ""))]
        called = any(own.label == part.label for own in sketch.entities)
        if part.aside and not called and not sketch.entity(part.key) and any(own.key in untold for own in wholes):
            sketch.entities.append(part)
            untold.add(part.key)


def _is_wanted(entity: EntitySketch, reading: Reading, known: AppSketch | None) -> bool:
    """A thing without fields counts where it was named as a thing, not as a word for the app."""
    named = any(part == f"entities.{entity.key}" for part, _ in reading.used)
    linked = any(entity.key in link for link in (*reading.links, *reading.many_links))
    return (
        linked
        or entity.key in reading.listed
        or bool(named and (known is None or known.entity(entity.key) or not _has_fields(reading)))
    )


def _has_fields(reading: Reading) -> bool:
    return any(e.fields for e in reading.entities)


def _model(entity: EntitySketch, known: AppSketch | None) -> EntitySketch | None:
    if known is None:
        return None
    if not entity.key:
        return _most_alike(entity, known)
    if entity.guessed:  # "family expense tracker" keeps expenses
        return known.entity(entity.key) or next(
            (own for own in map(known.entity, reversed(entity.key.split())) if own), None
        )
    return known.entity(entity.key) or known.entity(entity.key.split()[-1])


def _most_alike(entity: EntitySketch, known: AppSketch) -> EntitySketch:
    """Of what was never called by a name: the blueprint's first thing, unless most of what was said is another's."""

    def shared(own: EntitySketch) -> int:
        return sum(1 for f in entity.fields if any(known.answers_to(f.key) for known in own.fields))

    main, best = known.entities[0], max(known.entities, key=shared)
    more = shared(best) > max(shared(main), 1) and shared(main) * 2 <= len(entity.fields) < shared(best) * 2
    return best if more else main


def _filled(entity: EntitySketch, model: EntitySketch | None, title: Words) -> EntitySketch:
    if not entity.key:
        _name_after(entity, model, title)
    elif entity.guessed:
        _rename_guess(entity, model)
    if not entity.fields:
        entity.fields = [_copy(f) for f in (model.fields if model else _usual(entity.key))]
        entity.seed = [dict(row) for row in model.seed] if model else []
    elif model:
        _recall(entity, model)
        sure = is_sure(entity)
        _learn(entity, model)
        entity.fields += [_copy(f) for f in model.fields if (not sure or _is_it(f, entity)) and _is_news(f, entity)]
    _show(entity)
    _give_title(entity, model)
    if model and is_reserved(identifier(entity.label).removesuffix("_item"), entity=True):
        entity.name = model.key  # a name that code can have is better than one with a suffix
    entity.icon = model.icon if model else None
    entity.view = model.view if model else None
    entity.synonyms = (*model.synonyms, model.key) if model else ()
    return entity


def _show(entity: EntitySketch) -> None:
    """A photo has the picture itself, and a document the file."""
    kind = kind_of(entity.key.split()[-1])
    if kind and kind.type in {FieldType.IMAGE, FieldType.FILE} and not any(f.type is kind.type for f in entity.fields):
        label = entity.label if kind.type is FieldType.IMAGE else "File"
        entity.fields.append(FieldSketch(label, label.lower(), kind.type))


def _recall(entity: EntitySketch, model: EntitySketch) -> None:
    """ "when it last got some": what was done last is what the blueprint calls so."""
    known = [f for f in model.fields if f.type is FieldType.DATE and f.key.startswith("last ")]
    vague = [f for f in entity.fields if f.type is FieldType.DATE and f.key in {f"last {verb}" for verb in VAGUE}]
    if len(known) == len(vague) == 1:
        vague[0].key, vague[0].label = known[0].key, known[0].label


def _is_news(known: FieldSketch, entity: EntitySketch) -> bool:
    """Whether the blueprint knows more of a thing that a person hardly described; other things are not brought in."""
    same = any(known.answers_to(own.key) or own.answers_to(known.key) or _rate(known, own) for own in entity.fields)
    return not same and known.type not in {FieldType.RELATION, FieldType.COMPUTED}


def _is_it(known: FieldSketch, entity: EntitySketch) -> bool:
    """What the app is about even unsaid: an "expense tracker" with who paid has the amounts."""
    return entity.guessed and known.required and known.type is FieldType.MONEY


def _rate(one: FieldSketch, other: FieldSketch) -> bool:
    """Stars and ratings are the same by another name."""
    return one.type is other.type is FieldType.RATING


def _rated(model: EntitySketch, field: FieldSketch) -> FieldSketch | None:
    return next((own for own in model.fields if _rate(own, field)), None)


def _learn(entity: EntitySketch, model: EntitySketch) -> None:
    """Take the choices, units and rows of the blueprint for the fields that both have."""
    pairs = [(field, model.find(field.key.split(" per ")[0]) or _rated(model, field)) for field in entity.fields]
    taken: set[str] = set()
    for field, own in pairs:
        if own is None or own.key in taken:
            continue
        taken.add(own.key)
        if field.said:
            continue
        if own.type is FieldType.RELATION:
            if own.key != field.key and field.key.split()[-1] in NAMELESS:
                continue  # "donor name" is a name, and no donor
            field.type, field.target, field.many = own.type, own.target, own.many
            continue
        same = own.key == field.key or (own.type is FieldType.TEXT and own.answers_to(field.key))
        vague = same or kind_of(field.key) is None or field.type in {FieldType.STRING, FieldType.CHOICE}
        if own.type is FieldType.CHOICE and field.type not in CHOSEN and field.type is not own.type:
            continue  # a price is no "Free, Trial, Paid"
        if own.type is not FieldType.COMPUTED and (vague or own.type is field.type):
            field.type, field.choices, field.unit = own.type, list(own.choices), field.unit or own.unit
            field.values = own.values
            field.min, field.max = own.min, own.max
    rows = [
        {f.key: row[own.key] for f, own in pairs if own and f.type is own.type and not f.said and own.key in row}
        for row in model.seed
    ]
    entity.seed = rows if any(rows) else []


def _give_title(entity: EntitySketch, model: EntitySketch | None) -> None:
    """Every row needs something to be called by."""
    own = next((f for f in entity.fields if f.type in TITLED and (set(f.key.split()) & NAMELESS)), None)
    own = own or next((f for f in entity.fields if f.type in TITLED and f.key == entity.key), None)
    texts = [f for f in entity.fields if f.type in TITLED and f.key.split()[-1] not in people()]
    if own is None and model:
        title = next(
            (f for f in model.fields if f.type in TITLED and (f.required or set(f.key.split()) & NAMELESS)), None
        )
        if (
            title
            and _is_alike(entity, model)
            and not any(f.key == title.key for f in entity.fields)
            and (lexicon().icon(entity.key) == "user" or not (texts and texts[0] is entity.fields[0]))
        ):
            entity.fields.insert(0, _copy(title))
            for row, known in zip(entity.seed, model.seed, strict=False):
                row[title.key] = known[title.key]
            return
    if own is None and not model and _is_reading(entity):
        own = FieldSketch("Date", "date", FieldType.DATE, required=True)
        entity.fields.insert(0, own)
    elif own is None and _is_nameless(entity, model):
        label = "Title" if _is_work(entity) else "Name"
        own = FieldSketch(label, label.lower(), FieldType.STRING)
        entity.fields.insert(0, own)
    first = own or next(iter(texts), None) or next((f for f in entity.fields if f.type in TITLED), None)
    if first:
        first.required = True


def _is_alike(entity: EntitySketch, model: EntitySketch) -> bool:
    """Whether what was described is what the blueprint means: a plumber's jobs are no positions one applies for."""
    shared = sum(1 for f in entity.fields if any(own.answers_to(f.key) for own in model.fields))
    return not is_sure(entity) or shared * 3 >= len(entity.fields) or entity.key not in {model.key, *model.synonyms}


def _is_nameless(entity: EntitySketch, model: EntitySketch | None) -> bool:
    """A person has a name; another thing is named by its first words, or by what it points at or happened to."""
    if lexicon().icon(entity.key) == "user" and model is None:
        return True
    if _is_measured(entity):
        return False
    if _is_work(entity):
        return True
    told = any((f.type in TITLED and f.key not in MEASURES) or f.type is FieldType.RELATION for f in entity.fields)
    return not told and not is_about(entity) and entity.fields[0].type is not FieldType.TEXT


def _is_reading(entity: EntitySketch) -> bool:
    """ "a blood pressure log": what is measured has no name, but a day."""
    kind = kind_of(entity.key) if lexicon().icon(entity.key) != "user" else None
    moments = any(f.type.is_moment for f in entity.fields)
    figures = all(f.type in {FieldType.DECIMAL, FieldType.INTEGER, FieldType.TEXT} for f in entity.fields)
    return kind is not None and kind.type in {FieldType.DECIMAL, FieldType.INTEGER} and figures and not moments


def _is_measured(entity: EntitySketch) -> bool:
    """ "runs with date, distance and time": a day's figures are called by the day."""
    first, *rest = entity.fields
    figures = [f for f in rest if f.type in {FieldType.DECIMAL, FieldType.INTEGER}]
    return first.type is FieldType.DATE and first.key in {"date", "day"} and bool(figures)


def _is_work(entity: EntitySketch) -> bool:
    """ "paintings with artist and year": whoever made a thing does not name it, but names a concert of one evening."""
    texts = [f for f in entity.fields if f.type in TITLED]
    days = {FieldType.DATE, FieldType.DATETIME}
    return bool(texts) and all(f.key in MAKERS for f in texts) and not any(f.type in days for f in entity.fields)


def _name_after(entity: EntitySketch, model: EntitySketch | None, title: Words) -> None:
    if model:
        entity.key, entity.label, entity.label_plural = model.key, model.label, model.label_plural
        return
    words = [w for w in title if w.lemma not in lexicon().app_words and w.is_word]
    while len(words) > 1 and words[-1].lemma in lexicon().places:
        words.pop()
    entity.label = (
        titled(side_by_side([*(w.text for w in words[:-1]), singular_as_written(words[-1])])) if words else "Entry"
    )
    entity.key = " ".join(w.lemma for w in words) or "entry"
    entity.label_plural = titled(words[-1].many) if len(words) == 1 and words[-1].many else plural(entity.label)


def _rename_guess(entity: EntitySketch, model: EntitySketch | None) -> None:
    """What only the app's name calls it: as the blueprint does in the person's word, else without the place's."""
    if model:
        word = next((w for w in entity.key.split() if model.answers_to(w)), model.key)
        entity.key, entity.label = model.key, model.label if word == model.key else word.capitalize()
        entity.label_plural = model.label_plural if word == model.key else plural(entity.label)
        return
    words = _without_place(entity.label.split())
    label = " ".join([*words[:-1], _one(words[-1])])
    if label != entity.label:
        entity.key, entity.label, entity.label_plural = lemmas(label), label, plural(label)


def _without_place(words: list[str]) -> list[str]:
    while len(words) > 1 and lemmas(words[-1]) in lexicon().places:
        words = words[:-1]
    return [*words[:-1], _without_ending(words[-1])] if words else words


def _without_ending(word: str) -> str:
    """ "Ersatzteillager", "Notenarchiv": what German writes onto the name of the things."""
    end = next((end for end in lexicon().place_endings if word.lower().endswith(end)), "")
    return word[: -len(end)] if end and len(word) - len(end) > SHORTEST_THING else word


def _one(word: str) -> str:
    single = lemmas(word)
    return (
        word if single == word.lower() or not word.isascii() else single.capitalize() if word[0].isupper() else single
    )


def _something(title: Words) -> EntitySketch:
    """A thing nobody described: what is usual for its kind."""
    entity = EntitySketch("", "")
    _name_after(entity, None, title)
    entity.fields = _usual(entity.key)
    return entity


def _usual(key: str) -> list[FieldSketch]:
    if key in COMMENTS and key not in lexicon().usual:
        return [
            FieldSketch("Author", "author", FieldType.STRING, required=True),
            FieldSketch("Text", "text", FieldType.TEXT, required=True),
            FieldSketch("Written on", "written on", FieldType.DATE),
        ]
    usual = lexicon().usual
    words = usual.get(key.split()[-1]) or usual.get(lexicon().icon(key), UNKNOWN)
    prompts = [Prompt.read(text) for text in words]
    fields = [field for prompt in prompts if (field := read_field(prompt.words, prompt))]
    fields[0].required = fields[0].type is FieldType.STRING
    for field in fields:
        field.said = True  # "notes" here are words, whatever else the app has
    return fields


def _copy(field: FieldSketch) -> FieldSketch:
    twin = copy(field)
    twin.choices = list(field.choices)
    return twin
