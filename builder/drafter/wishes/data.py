"""Getting data in, out and summed up."""

from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.wishes import wish as w
from builder.drafter.wishes.wish import Wish, at, ensure, field, put
from builder.spec import FeatureName, FieldType

GROUPS = frozenset({FieldType.RELATION, FieldType.CHOICE})


def on_main(wish: Wish) -> bool:
    subject = wish.subject
    return put(wish.app, wish.feature, w.main(wish.app) if w.last(subject.key) in {"user", "tag"} else subject)


def upload(wish: Wish) -> bool:
    """Files and pictures are chosen and sent; one of them is made where the thing has none."""
    subject = wish.subject
    if not any(True for e in wish.app.entities for _ in w.of_type(e, {FieldType.IMAGE, FieldType.FILE})):
        pictures = wish.said() & {"photo", "picture", "image", "cover", "avatar", "screenshot"}
        ensure(subject, field("Photo", FieldType.IMAGE) if pictures else field("File", FieldType.FILE))
    return put(wish.app, FeatureName.UPLOAD)


def report(wish: Wish) -> bool:
    """Of what happens: by whom or what kind, and when."""
    entity = next((e for e in (wish.named(), *wish.app.entities) if e and _happens(e)), w.main(wish.app))
    by = [f for f in entity.fields if f.type in GROUPS and not f.many][:3]
    day = next(w.of_type(entity, w.MOMENTS), None)
    groups: list[str] = [at(entity, f) for f in by] or ([f"month:{day.key}"] if day else [])
    if not groups:
        return False
    return put(wish.app, FeatureName.REPORT, entity, by=groups, date=at(entity, day) if day else None,
               measure=measure(entity))  # fmt: skip


def _happens(entity: EntitySketch) -> bool:
    return not w.is_person(entity) and any(True for _ in w.of_type(entity, w.MOMENTS))


def measure(entity: EntitySketch) -> str:
    money: FieldSketch | None = next(w.of_type(entity, {FieldType.MONEY}), None)
    hours = w.called(entity, {"hour", "minute", "duration"}, {FieldType.INTEGER, FieldType.DECIMAL, FieldType.COMPUTED})
    summed = money or hours
    return f"sum:{summed.name or summed.key.replace(' ', '_')}" if summed else "count"
