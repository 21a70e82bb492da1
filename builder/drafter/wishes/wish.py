"""One wish and the app it is for: finds things and fields, adds what is missing. Knows no feature."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from builder.drafter.features import Mention
from builder.drafter.lexicon import lexicon
from builder.drafter.reference import Named
from builder.drafter.sketch import AppSketch, EntitySketch, FeatureSketch, FieldSketch, RuleSketch
from builder.drafter.text import Prompt, plural
from builder.names import identifier
from builder.spec import FeatureName, FieldType, RuleKind

MOMENTS = frozenset({FieldType.DATE, FieldType.DATETIME})
NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.RATING})
NEAR = 8  # words around a wish in which the thing it is about is named
ACCOUNTS = frozenset("user member employee staff student teacher player participant teammate author volunteer".split())
DOERS = ("assignee", "assigned to", "responsible", "owner", "agent", "worker", "person", "employee")
HAPPENINGS = frozenset(
    "booking reservation appointment visit signup registration enrollment enrolment rental loan lesson session shift "
    "event meeting class workout attendance lending shoot viewing".split()
)


@dataclass(frozen=True)
class Wish:
    app: AppSketch
    mention: Mention
    prompt: Prompt

    @property
    def subject(self) -> EntitySketch:
        """The thing that is named near the wish, else the one the app is about."""
        return self.named() or main(self.app)

    def named(self) -> EntitySketch | None:
        sentence = self.prompt.sentences[self.mention.sentence]
        behind = sentence[self.mention.end : self.mention.end + NEAR]
        before = reversed(sentence[max(0, self.mention.start - NEAR) : self.mention.start])
        keys = {key.split()[-1]: e for e in reversed(self.app.entities) for key in (e.key, *e.synonyms) if key}
        return next((keys[w.lemma] for w in (*behind, *before) if w.lemma in keys), None)

    @property
    def feature(self) -> FeatureName:
        return FeatureName(self.mention.name)

    def said(self) -> set[str]:
        """Every word of the sentence that the wish stands in, in the singular."""
        return {part for w in self.prompt.sentences[self.mention.sentence] for part in w.lemma.split()}


def main(app: AppSketch) -> EntitySketch:
    """What the app is about: the first thing that is no account."""
    return next((e for e in app.entities if e.key not in {"user", "tag"}), app.entities[0])


def last(key: str) -> str:
    return key.split()[-1] if key else ""


def is_person(entity: EntitySketch) -> bool:
    return lexicon().icon(entity.key) == "user"


def entity(app: AppSketch, words: Collection[str]) -> EntitySketch | None:
    return next((e for e in app.entities if last(e.key) in words), None)


def made(app: AppSketch, label: str, fields: list[FieldSketch], **more: Any) -> EntitySketch:
    """A thing that the app can't do without."""
    key = label.lower()
    found = EntitySketch(label, key, **({"label_plural": plural(label), "fields": fields} | more))
    app.entities.append(found)
    return found


def field(label: str, type: FieldType, key: str | None = None, **more: Any) -> FieldSketch:
    return FieldSketch(label, key or label.lower(), type, **more)


def text(label: str, **more: Any) -> FieldSketch:
    return field(label, FieldType.STRING, **more)


def pointer(target: EntitySketch, label: str | None = None, **more: Any) -> FieldSketch:
    label = label or target.label
    key = target.key if label == target.label else label.lower()
    return FieldSketch(label, key, FieldType.RELATION, target=target.key, **more)


def of_type(own: EntitySketch, types: Collection[FieldType]) -> Iterator[FieldSketch]:
    return (f for f in own.fields if f.type in types)


def called(own: EntitySketch, words: Collection[str], types: Collection[FieldType] | None = None) -> FieldSketch | None:
    """The field one of whose words is among these, the whole name before a part of it."""
    fields = [f for f in own.fields if types is None or f.type in types]
    whole = (f for f in fields if f.key in words or any(s in words for s in f.synonyms))
    return next(whole, None) or next((f for f in fields if set(f.key.split()) & set(words)), None)


def relation(own: EntitySketch, target: EntitySketch | None) -> FieldSketch | None:
    return next((f for f in own.fields if target and f.target == target.key and not f.many), None)


def ensure(own: EntitySketch, wanted: FieldSketch, at: int | None = None) -> FieldSketch:
    """The field of that key, made where there is none."""
    found = next((f for f in own.fields if f.key == wanted.key), None)
    if found is None:
        found = wanted
        own.fields.insert(len(own.fields) if at is None else at, found)
    return found


def at(own: EntitySketch, own_field: FieldSketch, then: tuple[EntitySketch, FieldSketch] | None = None) -> Named:
    """A field as an option names it, or one behind a relation."""
    spans = [(own.key, own_field.key), *([(then[0].key, then[1].key)] if then else [])]
    written = ".".join(key for _, key in spans)
    ends = [0]
    for _, key in spans:
        ends.append(ends[-1] + len(key) + 1)
    places = ((start, end - 1, span) for start, end, span in zip(ends, ends[1:], spans, strict=False))
    return Named.of(written, places)


def chosen(own: FieldSketch, label: str) -> str:
    """The value that a choice is kept as, whatever its label becomes in another language."""
    if len(own.values) != len(own.choices):
        taken: list[str] = []
        for text, _ in own.choices:
            taken.append(identifier(text, taken))
        own.values = tuple(taken)
    return own.values[[text for text, _ in own.choices].index(label)]


def thing(own: EntitySketch) -> Named:
    return Named.of(own.key, iter([(0, len(own.key), (own.key, None))]))


def put(app: AppSketch, name: FeatureName, own: EntitySketch | None = None, /, **options: Any) -> bool:
    """The feature, once for each thing; later options are added to earlier ones."""
    key = own.key if own else None
    before = next((f for f in app.features if f.name is name and f.entity == key), None)
    if before is None:
        app.features.append(FeatureSketch(name, key, {k: v for k, v in options.items() if v is not None}))
    else:
        before.options |= {k: v for k, v in options.items() if v is not None and k not in before.options}
    return True


def has(app: AppSketch, name: FeatureName) -> bool:
    return any(f.name is name for f in app.features)


def rule(app: AppSketch, kind: RuleKind, own: EntitySketch, *fields: FieldSketch, **options: Any) -> bool:
    keys = tuple(f.key for f in fields)
    options = {k: v for k, v in options.items() if v is not None}
    if not any(r.kind is kind and r.entity == own.key and r.fields == keys for r in app.rules):
        app.rules.append(RuleSketch(kind, own.key, keys, options))
    return True


def ruled(app: AppSketch, kind: RuleKind, own: EntitySketch) -> bool:
    return any(r.kind is kind and r.entity == own.key for r in app.rules)
