"""Which thing of an app points at which: said, named alike, or because one happens to the other."""

from builder.drafter.doubt import is_sure
from builder.drafter.lexicon import lexicon
from builder.drafter.reading import Reading
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.spec import FieldType

PEOPLE = frozenset(["user", "users"])
TAKEN = frozenset("booking reservation rental loan".split())
NAMELESS = frozenset("name title".split())


def relate(sketch: AppSketch) -> None:
    """A field called like a thing of the app points at it; several of them when it is in the plural."""
    for entity in sketch.entities:
        for field in entity.fields:
            target = _named_thing(sketch, entity, field)
            if target:
                field.type, field.target, field.choices = FieldType.RELATION, target.key, []
                for row in entity.seed:
                    row.pop(field.key, None)  # a name in a row is no position
                field.many, field.min, field.max, field.unit = field.plural, None, None, None


def close(sketch: AppSketch, known: AppSketch | None) -> None:
    """Blueprint things that a kept field points at come along; a pointer at nothing becomes words."""
    for entity in sketch.entities:
        for field in entity.fields:
            if field.type is not FieldType.RELATION:
                continue
            own = sketch.entity(field.target or "") or _stand_in(sketch, known, entity, field)
            known_one = known.entity(field.target or "") if own is None and known else None
            if known_one and field.words and is_sure(entity) and lexicon().icon(known_one.key) not in PEOPLE:
                known_one = None  # "a wine has a winery": a word of a person's list, and nothing they spoke of
            if known_one and known:
                own = known.copy().entity(field.target or "")
                if own:
                    sketch.entities.append(own)
            if own is None:
                field.type, field.target, field.many = FieldType.STRING, None, False
            else:
                field.target = own.key


def _stand_in(
    sketch: AppSketch, known: AppSketch | None, entity: EntitySketch, field: FieldSketch
) -> EntitySketch | None:
    """A booking of a blueprint's main thing is one of the person's: of hotel rooms, not of bikes."""
    if known is None or known.entity(field.target or "") is not known.entities[0]:
        return None
    main = _spoken_before(sketch, entity)
    if main is None or known.entity(main.key):
        return None
    field.synonyms = (*field.synonyms, field.key)  # what a blueprint's rules call it
    field.label, field.key, field.name, field.target = main.label, main.key, None, main.key
    return main


def _spoken_before(sketch: AppSketch, entity: EntitySketch) -> EntitySketch | None:
    """The thing named last before this one that is no happening itself; else the first such thing."""
    things = [e for e in sketch.entities if not is_about(e)]
    at = sketch.entities.index(entity)
    before = [e for e in things if sketch.entities.index(e) < at]
    return next(iter([*reversed(before), *things]), None)


def open_tags(sketch: AppSketch) -> None:
    """ "tags" are things of their own, so that one can be renamed everywhere."""
    for entity in list(sketch.entities):
        for field in entity.fields:
            if field.key not in {"tag", "label"} or not field.plural or field.type is not FieldType.STRING:
                continue
            if not sketch.entity(field.key):
                one = field.key.capitalize()
                sketch.entities.append(EntitySketch(one, field.key, f"{one}s", fields=[name_field()]))


def name_field() -> FieldSketch:
    return FieldSketch("Name", "name", FieldType.STRING, required=True)


def link(sketch: AppSketch, reading: Reading) -> None:
    for many, one in reading.links:
        child, parent = sketch.entity(many), sketch.entity(one)
        if child and parent and not any(f.target == parent.key or f.key == parent.key for f in child.fields):
            child.fields.append(FieldSketch(parent.label, parent.key, FieldType.RELATION, target=parent.key))
    for one, other in reading.many_links:
        child, parent = sketch.entity(one), sketch.entity(other)
        if child and parent and not any(f.target == parent.key for f in child.fields):
            child.fields.append(
                FieldSketch(parent.label_plural, parent.key, FieldType.RELATION, target=parent.key, many=True)
            )
    _attach(sketch)


def _attach(sketch: AppSketch) -> None:
    """A booking, a visit or a loan is of something: of the thing spoken of before, where nothing says of what."""
    for entity in sketch.entities:
        main = _spoken_before(sketch, entity) if entity is not sketch.entities[0] else None
        named = [sketch.entity(f.key.removesuffix(" id")) for f in entity.fields]
        points = any(f.type is FieldType.RELATION for f in entity.fields) or any(e not in (None, entity) for e in named)
        if entity.key.split()[-1] in TAKEN and points:
            _take(sketch, entity)
        if main and is_about(entity) and not points and lexicon().icon(main.key) != lexicon().icon(entity.key):
            place = 1 if entity.fields and entity.fields[0].type is FieldType.STRING else 0
            for other in (main, _counterpart(sketch, entity, main)):
                if other:
                    pointer = FieldSketch(other.label, other.key, FieldType.RELATION, target=other.key)
                    entity.fields.insert(place, pointer)


def _take(sketch: AppSketch, entity: EntitySketch) -> None:
    """A booking that says only who booked is of the thing that was spoken of before."""
    pointed = [
        e for f in entity.fields if (e := sketch.entity(f.target or f.key.removesuffix(" id"))) and e is not entity
    ]
    before = sketch.entities[: sketch.entities.index(entity)]
    things = [e for e in before if lexicon().icon(e.key) != "user" and not is_about(e) and e.key != "tag"]
    if things and pointed and all(lexicon().icon(e.key) == "user" for e in pointed):
        pointer = FieldSketch(things[-1].label, things[-1].key, FieldType.RELATION, target=things[-1].key)
        entity.fields.insert(0, pointer)


def _counterpart(sketch: AppSketch, entity: EntitySketch, main: EntitySketch) -> EntitySketch | None:
    """What somebody borrows where the one who does was named last, and the other way round."""
    at, person = sketch.entities.index(entity), lexicon().icon(main.key) == "user"
    others = [e for e in sketch.entities[:at] if e is not main and not is_about(e) and e.key != "tag"]
    found = next((e for e in reversed(others) if (lexicon().icon(e.key) == "user") is not person), None)
    if found is None or any(f.target == found.key for f in main.fields):
        return None
    linked = any(f.target == main.key or f.key == main.key for f in found.fields)
    return None if linked or any(f.key == found.key for f in main.fields) else found


def is_about(entity: EntitySketch) -> bool:
    """Whether it happens to something; a service that has a price is on offer instead."""
    if entity.key.split()[-1] == "service" and any(f.type is FieldType.MONEY for f in entity.fields):
        return False
    return bool({entity.key, entity.key.split()[-1]} & lexicon().about)


def _named_thing(sketch: AppSketch, entity: EntitySketch, field: FieldSketch) -> EntitySketch | None:
    if field.type not in {FieldType.STRING, FieldType.TEXT, FieldType.INTEGER} or field.said or field.choices:
        return None
    key = field.key.removeprefix("assigned to ").removeprefix("linked ").removeprefix("related ")
    if key in NAMELESS:
        return None
    if key[-2:] in {" 1", " 2"}:  # "player 1" and "player 2" of a game
        key = key[:-2]
    if key.endswith(" id") and any(e.key == key.removesuffix(" id") for e in sketch.entities):  # "student_id"
        key, field.label = key.removesuffix(" id"), field.label.removesuffix(" id").removesuffix(" ID")
    found = next((e for e in sketch.entities if e.key == key), None)
    return found if found is not entity or field.plural else None
