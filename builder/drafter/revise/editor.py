"""Obey orders on an app: find what they are about, change the sketch, say what was done."""

from dataclasses import replace
from datetime import date
from typing import Any

from builder.drafter.assemble import Naming, assemble_entities, assemble_parts
from builder.drafter.entities import read_entities
from builder.drafter.features import find_mentions
from builder.drafter.fields import choices_from, read_field
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.localise import localise
from builder.drafter.merge import unite
from builder.drafter.phrases import bracket_list, titled
from builder.drafter.reading import Reading
from builder.drafter.relations import relate
from builder.drafter.requests import grant
from builder.drafter.revise.look import Look
from builder.drafter.revise.opened import opened
from builder.drafter.revise.orders import Order, Verb
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.text import Prompt, Word, Words, plural, sentences
from builder.drafter.wishes import fulfil
from builder.spec import AppSpec, FieldType

TYPES = {"number": FieldType.INTEGER, "text": FieldType.TEXT, "date": FieldType.DATE, "checkbox": FieldType.BOOLEAN,
         "yes or no": FieldType.BOOLEAN, "money": FieldType.MONEY, "price": FieldType.MONEY, "amount": FieldType.MONEY,
         "decimal": FieldType.DECIMAL, "integer": FieldType.INTEGER, "time": FieldType.TIME, "email": FieldType.EMAIL,
         "link": FieldType.URL, "url": FieldType.URL, "phone": FieldType.PHONE, "picture": FieldType.IMAGE,
         "image": FieldType.IMAGE, "photo": FieldType.IMAGE, "rating": FieldType.RATING, "color": FieldType.COLOR,
         "date and time": FieldType.DATETIME, "long text": FieldType.TEXT, "short text": FieldType.STRING,
         "string": FieldType.STRING}  # fmt: skip
NAMES = frozenset("field column attribute property entry value".split())
CHOICE_WORDS = frozenset("choice option status stage value".split())
THING_WORDS = frozenset("table entity section page list tab thing".split())
STOPS = grammar("determiners") | frozenset("new called named another".split())


class Editor:
    """`said` are sentences for the person; `unused` the orders that nothing could be made of."""

    def __init__(self, spec: AppSpec, prompt: Prompt, today: date) -> None:
        self.spec, self.prompt, self.today = spec, prompt, today
        self.app = opened(spec)
        self.look = Look(spec, prompt.language)
        self.said: list[str] = []
        self.unused: list[str] = []
        self.was: dict[tuple[str, str | None], str] = {}
        self.choice_was: dict[tuple[str, str, str], str] = {}
        self.added: set[str] = set()
        self.removed: set[str] = set()
        self.names = spec.name
        self.locale = spec.locale

    @property
    def contradiction(self) -> str | None:
        return next(iter(self.added & self.removed), None)

    def obey(self, order: Order) -> None:
        before = len(self.said)
        words = _without_small(order.words)
        match order.verb:
            case Verb.ADD:
                self._add(order, words)
            case Verb.REMOVE:
                self._remove(words)
            case Verb.RENAME:
                self._rename(words)
            case Verb.CHANGE:
                self._change(order, words)
        if len(self.said) == before and order.words and order.verb is not Verb.UNDO:
            self.unused.append(self.prompt.quote(order.words))

    # what an order is about

    def _entity(self, words: Words) -> EntitySketch | None:
        keys = {
            " ".join(w.lemma for w in words[a:b])
            for a in range(len(words))
            for b in range(a + 1, min(a + 4, len(words)) + 1)
        }
        return next((e for e in self.app.entities if any(e.answers_to(key) for key in keys)), None)

    def _target(self, order: Order, words: list[Word]) -> tuple[EntitySketch, list[Word]]:
        """ "… to tasks", "for each task", "tasks need …": the thing, and the words without it."""
        for at in range(len(words) - 1, -1, -1):
            if words[at].norm in {"to", "for", "in", "on", "from", "of"} and at:
                entity = self._entity(words[at + 1 :])
                if entity:
                    return entity, words[:at]
        entity = self._entity(order.before)
        return entity or self.app.entities[0], words

    def _field(self, words: Words, entity: EntitySketch | None) -> tuple[EntitySketch, FieldSketch] | None:
        key = " ".join(w.lemma for w in words if w.norm not in STOPS and w.lemma not in NAMES)
        text = " ".join(w.text for w in words if w.norm not in STOPS and w.lemma not in NAMES).lower()
        for own in [entity] if entity else self.app.entities:
            for field in own.fields:
                if key and (field.answers_to(key) or field.label.lower() == text):
                    return own, field
        return None

    # adding

    def _add(self, order: Order, words: list[Word]) -> None:
        if not words or self._add_choices(words) or self._add_thing(words):
            return
        entity, rest = self._target(order, words)
        mentions = [m for m in find_mentions(self._part(rest)) if not m.is_action]
        fields = [f for part in _listed(rest) if (f := read_field(part, self.prompt))]
        known = [f for f in fields if f.choices or f.said or f.key in lexicon().fields or len(f.key.split()) <= 2]
        if mentions and not any(f.key in lexicon().fields or f.choices for f in fields):
            self._wish(rest, entity)
        else:
            for field in known:
                self._add_field(entity, field)

    def _add_field(self, entity: EntitySketch, field: FieldSketch) -> None:
        if any(f.key == field.key for f in entity.fields):
            self.said.append(f"{entity.label_plural} already have “{field.label}”.")
            return
        entity.fields.append(field)
        relate(self.app)
        self.added.add(field.key)
        self.said.append(f"Added “{field.label}” to {entity.label_plural}.")

    def _add_choices(self, words: list[Word]) -> bool:
        """ "the status blocked", "a choice 'blocked' to status"."""
        at = next((at for at, w in enumerate(words) if w.norm in {"to", "in", "as", "for"} and at), None)
        ends = ((words[:at], words[at + 1 :]) if at else (words, []), (words[1:], words[:1]))
        for what, where in ends:
            found = self._field(where, None) if where else None
            if found and found[1].choices and found[1].type is FieldType.CHOICE and what:
                bare = [
                    w
                    for w in what
                    if w.lemma not in CHOICE_WORDS | {found[1].key}
                    and w.norm not in STOPS
                    and w.text not in "\"'“”«»‘’"
                ]
                new = [
                    c for c in choices_from(bare, self.prompt) if c[0] not in {label for label, _ in found[1].choices}
                ]
                if new and (at or words[0].lemma in CHOICE_WORDS):
                    found[1].choices += new
                    found[1].values = ()
                    self.said += [f"Added the choice “{label}” to {found[1].label}." for label, _ in new]
                    return True
        return False

    def _add_thing(self, words: list[Word]) -> bool:
        """ "a table suppliers with name and phone", "suppliers (name, phone)"."""
        named = words[0].lemma in THING_WORDS
        bare = words[1:] if named else words
        has = any(w.norm in grammar("has") for w in bare[1:])
        if not bare or not (named or ((has or bracket_list(bare)) and bare[0].is_plural)) or self._entity(bare[:2]):
            return False
        reading = self._read(bare)
        if not reading.entities and named:
            head = [w for w in bare if w.norm not in STOPS]
            if head:
                reading.open(" ".join(w.lemma for w in head), titled(self.prompt.phrase(head)), head)
        for entity in reading.entities:
            if not any(e.key == entity.key for e in self.app.entities):
                if not entity.fields:
                    entity.fields = [FieldSketch("Name", "name", FieldType.STRING, required=True)]
                entity.fields[0].required = entity.fields[0].type is FieldType.STRING
                self.app.entities.append(entity)
                self.added.add(entity.key)
                self.said.append(f"Added {entity.label_plural}.")
        relate(self.app)
        return bool(reading.entities)

    def _read(self, words: list[Word]) -> Reading:
        part = self._part(words)
        return read_entities(part, find_mentions(part))

    def _part(self, words: Words) -> Prompt:
        return replace(self.prompt, sentences=tuple(sentences(words)))

    def _wish(self, words: Words, entity: EntitySketch) -> None:
        """A feature, by the same words as in a first prompt."""
        before = {(f.name, f.entity) for f in self.app.features}
        part = self._part([*words, *entity.words])
        mentions = [m for m in find_mentions(part) if m.name not in lexicon().features_to_come]
        _, left = fulfil(self.app, mentions, part)
        unite(self.app)
        granted = grant(self.app, Naming(self.app), left, part)
        self.app.features = granted.features
        for feature in self.app.features:
            if (feature.name, feature.entity) not in before and any(m.name == feature.name for m in mentions):
                self.said.append(f"Added {feature.name.replace('_', ' ')}.")

    # taking away

    def _remove(self, words: list[Word]) -> None:
        at = next((at for at, w in enumerate(words) if w.norm in {"from", "of", "in"} and at), None)
        where = self._entity(words[at + 1 :]) if at else None
        for part in _listed(words[:at] if where else words):
            self._remove_one(part, where)

    def _remove_one(self, words: list[Word], where: EntitySketch | None) -> None:
        bare = [w for w in words if w.norm not in STOPS]
        if not bare:
            return
        found = self._field(bare, where)
        entity = self._entity(bare) if where is None and len(bare) <= 4 else None
        if entity and (found is None or bare[0].lemma in THING_WORDS or bare[-1].is_plural):
            self._remove_thing(entity)
        elif found:
            self._remove_field(*found)
        elif not self._remove_choice(bare):
            self._remove_feature(words)

    def _remove_thing(self, entity: EntitySketch) -> None:
        if len(self.app.entities) == 1:
            self.said.append(f"{entity.label_plural} stay: an app keeps at least one kind of thing.")
            return
        self.app.entities.remove(entity)
        for other in self.app.entities:
            for field in [f for f in other.fields if f.target == entity.key]:
                other.fields.remove(field)
        self.removed.add(entity.key)
        self.said.append(f"Removed {entity.label_plural}.")

    def _remove_field(self, entity: EntitySketch, field: FieldSketch) -> None:
        if len(entity.fields) == 1:
            self.said.append(f"“{field.label}” stays: {entity.label_plural} have nothing else.")
            return
        entity.fields.remove(field)
        self.removed.add(field.key)
        self.said.append(f"Removed “{field.label}” from {entity.label_plural}.")

    def _remove_choice(self, words: list[Word]) -> bool:
        text = " ".join(w.text for w in words if w.lemma not in CHOICE_WORDS and w.text not in "\"'“”«»‘’").lower()
        for field in (f for e in self.app.entities for f in e.fields):
            found = next((c for c in field.choices if c[0].lower() == text), None)
            if found and len(field.choices) > 1:
                index = field.choices.index(found)
                field.choices.pop(index)
                field.values = tuple(v for at, v in enumerate(field.values) if at != index)
                self.said.append(f"Removed the choice “{found[0]}” from {field.label}.")
                return True
        return False

    def _remove_feature(self, words: list[Word]) -> None:
        names = {m.name for m in find_mentions(self._part(words))}
        gone = [f for f in self.app.features if f.name in names]
        self.app.features = [f for f in self.app.features if f not in gone]
        self.said += list(dict.fromkeys(f"Removed {f.name.replace('_', ' ')}." for f in gone))

    # other names

    def _rename(self, words: list[Word]) -> None:
        at = next((at for at, w in enumerate(words) if w.norm in {"to", "into", "as", "→"} and at), None)
        if at is None and len(words) > 1:  # "call the notes remarks"
            at = next(
                (n for n in range(1, len(words)) if self._field(words[:n], None) or self._entity(words[:n])), None
            )
            self._name(words[:at], words[at:]) if at else None
        elif at is not None:
            self._name(words[:at], words[at + 1 :])

    def _name(self, old: Words, new: Words) -> None:
        bare = [w for w in new if w.text not in "\"'“”«»‘’"]
        if not bare:
            return
        label = titled(self.prompt.quote(bare) if self.prompt.language == "en" else self.prompt.phrase(bare))[:80]
        where = next((at for at, w in enumerate(old) if w.norm in {"of", "in", "from"} and at), None)
        inside = self._entity(old[where + 1 :]) if where else None
        names = [w for w in (old[:where] if inside else old) if w.norm not in STOPS]
        if names and all(w.lemma in lexicon().app_words for w in names) and not self._entity(names):
            self.names = label
            self.said.append(f"The app is called “{label}” now.")
        elif found := self._field(names, inside):
            self._rename_field(*found, label, bare)
        elif entity := self._entity(names):
            self._rename_thing(entity, bare)
        else:
            self._rename_choice(names, label)

    def _rename_field(self, entity: EntitySketch, field: FieldSketch, label: str, words: Words) -> None:
        self.said.append(f"“{field.label}” of {entity.label_plural} is “{label}” now.")
        self.was[entity.key, field.key] = str(field.name)
        old = field.key
        field.label, field.name, field.key = label, None, " ".join(w.lemma for w in words)
        for row in entity.seed:
            if old in row:
                row[field.key] = row.pop(old)
        self.was[entity.key, field.key] = self.was.pop((entity.key, old))

    def _rename_thing(self, entity: EntitySketch, words: Words) -> None:
        one = words[-1].single or " ".join(
            [*(w.text for w in words[:-1]), words[-1].lemma if words[-1].is_plural else words[-1].text]
        )
        single = titled(one)
        self.said.append(f"{entity.label_plural} are {titled(plural(single))} now.")
        entity.label, entity.label_plural = single, words[-1].many or titled(plural(single))

    def _rename_choice(self, words: Words, label: str) -> None:
        text = " ".join(w.text for w in words if w.text not in "\"'“”«»‘’").lower()
        for entity in self.app.entities:
            for field in entity.fields:
                at = next((at for at, c in enumerate(field.choices) if c[0].lower() == text), None)
                if at is not None:
                    old = field.choices[at][0]
                    field.choices[at] = (label, field.choices[at][1])
                    for row in entity.seed:
                        if row.get(field.key) == old:
                            row[field.key] = label
                    self.said.append(f"The choice “{old}” is “{label}” now.")
                    return

    # other kinds, other looks

    def _change(self, order: Order, words: list[Word]) -> None:
        if any(w.norm in {"name", "title"} for w in words[:3]) and any(w.norm == "to" for w in words):
            self._rename(words)
            return
        self.said += self.look.change(self._part([*order.before, *order.words]))
        if self._language(words):
            return
        for at in range(1, len(words)):
            found = self._field(words[:at], None)
            if found:
                self._retype(
                    found[1], [w for w in words[at:] if w.norm not in {"to", "into", "be", "a", "an", "as", "is"}]
                )
                return

    def _retype(self, field: FieldSketch, words: list[Word]) -> None:
        said = " ".join(w.lemma for w in words)
        if {"required", "mandatory"} & set(said.split()):
            field.required = True
            self.said.append(f"“{field.label}” must be filled in now.")
        elif "optional" in said.split():
            field.required = False
            self.said.append(f"“{field.label}” may be left empty now.")
        elif "unique" in said.split():
            field.unique = True
            self.said.append(f"“{field.label}” is unique now.")
        elif bracket_list(words) or (words and any(w.text in ",/" for w in words)):
            inside = [
                w
                for w in words
                if w.text not in "()[]" and w.lemma not in CHOICE_WORDS | {"list"} and w.norm not in {"with", "from"}
            ]
            field.choices, field.type, field.values = choices_from(inside, self.prompt), FieldType.CHOICE, ()
            field.min = field.max = field.unit = None
            self.said.append(f"“{field.label}” is a choice now.")
        else:
            kind = next((TYPES[phrase] for phrase in (said, *said.split()) if phrase in TYPES), None)
            if kind and field.type is not FieldType.RELATION:
                field.type, field.choices, field.values, field.formula = kind, [], (), None
                field.min, field.max, field.unit = None, None, field.unit if kind.is_number else None
                self.said.append(f"“{field.label}” is {_an(kind)} now.")

    def _language(self, words: Words) -> bool:
        names = {"english": "en", "spanish": "es", "german": "de", "french": "fr", "italian": "it", "portuguese": "pt",
                 "russian": "ru", "chinese": "zh", "arabic": "ar", "indonesian": "id"}  # fmt: skip
        code = next((names[w.norm] for w in words if w.norm in names), None)
        if code is None or code == self.locale:
            return False
        self.locale = code
        self.said.append(f"The app speaks {next(n for n, c in names.items() if c == code).capitalize()} now.")
        return True

    # the changed app

    def finished(self) -> AppSpec:
        unite(self.app)
        if self.locale != self.spec.locale:
            localise(self.app, self.locale)
        naming = Naming(self.app)
        entities = assemble_entities(self.app, naming, self.today)
        _forget(self.app, naming)
        features, rules, pages = assemble_parts(self.app, naming)
        raw: dict[str, Any] = {
            "name": self.names[:120],
            "tagline": self.spec.tagline,
            "kind": self.spec.kind,
            "locale": self.locale,
            "theme": self.look.theme(),
            "entities": [e.model_dump(mode="json") for e in entities],
            "features": [f.model_dump(mode="json") for f in features],
            "rules": [r.model_dump(mode="json") for r in rules],
            "pages": [p.model_dump(mode="json") for p in pages],
        }
        for entity, sketch in zip(raw["entities"], self.app.entities, strict=True):
            for field, own in zip(entity["fields"], sketch.fields, strict=True):
                if (sketch.key, own.key) in self.was:
                    field["was"] = self.was[sketch.key, own.key]
        return AppSpec.model_validate(raw)


def _forget(app: Any, naming: Naming) -> None:
    """Features and rules lose what they say of fields that are gone, and go where nothing is left of them."""
    for parts in (app.features, app.rules):
        for part in list(parts):
            if part.entity is not None and part.entity not in naming.entities:
                parts.remove(part)
                continue
            names = set(naming.fields[part.entity].values()) if part.entity else None
            if names is not None and not _holds(part.options, names, naming):
                parts.remove(part)
    for rule in list(app.rules):
        if not set(rule.fields) <= set(naming.fields[rule.entity]):
            app.rules.remove(rule)


def _holds(options: dict[str, Any], names: set[str], naming: Naming) -> bool:
    known = names | set(naming.entities.values())
    if isinstance(options.get("fields"), list):
        options["fields"] = [name for name in options["fields"] if name in names]
        if not options["fields"]:
            return False
    default = options.get("default")
    if isinstance(default, str) and default.lstrip("-") not in names:
        options["default"] = options["fields"][0] if options.get("fields") else "id"
    for key in ("by", "field", "date", "start", "quantity", "value", "price", "stamp"):
        value = options.get(key)
        if isinstance(value, str) and value.rpartition(":")[2].partition(".")[0] not in known and value != "count":
            return False
    return True


def _listed(words: Words) -> list[list[Word]]:
    """The items of a list, brackets kept together."""
    depth, parts = 0, [[]]  # type: tuple[int, list[list[Word]]]
    for word in words:
        depth += (word.text in "([") - (word.text in ")]")
        if depth <= 0 and (word.text == "," or word.norm in {"and", "plus"}):
            parts.append([])
        else:
            parts[-1].append(word)
    return [bare for part in parts if (bare := _without_small(part))]


def _without_small(words: Words) -> list[Word]:
    found = list(words)
    while found and (found[0].norm in STOPS or found[0].lemma in NAMES):
        found.pop(0)
    return found


def _an(kind: FieldType) -> str:
    names = {FieldType.BOOLEAN: "a yes or no", FieldType.STRING: "a short text", FieldType.TEXT: "a text",
             FieldType.INTEGER: "a whole number", FieldType.DECIMAL: "a number", FieldType.MONEY: "an amount of money",
             FieldType.DATETIME: "a date and time", FieldType.IMAGE: "a picture", FieldType.URL: "a link"}  # fmt: skip
    return names.get(kind, f"a {kind.value}")
