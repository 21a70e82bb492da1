"""What the sentences of a prompt say: things, their fields, which points at which, and the words that said it.

Knows how a thing or a field is written down, not where in a sentence it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from builder.drafter.features import ACTIONS
from builder.drafter.fields import DETERMINERS, MANY, choices_from, read_field
from builder.drafter.language import HEAD_FIRST
from builder.drafter.lexicon import lexicon
from builder.drafter.phrases import (
    COMMENTS,
    KEEPS,
    LINKS,
    NO_THINGS,
    NOT_TYPED_IN,
    PREPOSITIONS,
    are_people,
    bracket_list,
    bracket_parts,
    inside_brackets,
    is_thing,
    lists_fields,
    object_of,
    phrase_before_bracket,
    side_by_side,
    singular_as_written,
    titled,
    with_codes,
    without_determiners,
    without_relative,
)
from builder.drafter.sketch import EntitySketch, FieldSketch
from builder.drafter.text import Prompt, Word, Words, plural, singular
from builder.spec import FeatureName, FieldType

SINGLE = frozenset({FieldType.STRING, FieldType.CHOICE, FieldType.MONEY, FieldType.RATING, FieldType.DATE})
THINGS_TOO = ACTIONS | {FeatureName.TAGS, FeatureName.CATEGORIES}  # features that are things of the app as well
MOST_ENTITIES, MOST_FIELDS = 24, 40
# Things as well as words for an app.
COUNTED = frozenset("service index page record shop store library guide book archive website platform".split())
SETTINGS = frozenset("key unit parameter setting attribute metric measurement measure type sensor".split())
DAYS, HOURS = frozenset("date day".split()), frozenset("start end begin".split())
WAY = frozenset("start goal".split())
RACED = frozenset("distance kilometer kilometre mile pace lap speed elevation ascent".split())
WAS = frozenset("that it this was is happened".split())  # behind "when"
STATES = frozenset("overdue upcoming latest recent existing current past expired unpaid incoming outgoing".split())
SHORTEST_END = 4  # letters: "hive" is the "beehive" spoken of before


@dataclass
class Reading:
    entities: list[EntitySketch] = field(default_factory=list)
    used: list[tuple[str, tuple[Word, ...]]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # (the many, the one)
    many_links: list[tuple[str, str]] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)  # every plural: "where neighbours borrow tools"
    listed: set[str] = field(default_factory=set)  # named beside others as a thing
    looks: frozenset[int] = frozenset()  # places of words about how the app looks
    lost: dict[str, tuple[Word, ...]] = field(default_factory=dict)  # things that are more than an app holds

    stages: list[list[Word]] = field(default_factory=list)  # of a board whose cards are not yet known
    staged: EntitySketch | None = None  # what the stages are of

    def take_stages(self, prompt: Prompt) -> None:
        entity = self.staged or next((e for e in self.entities if e.fields), None)
        if self.stages and entity and not any(f.key == "status" for f in entity.fields):
            self.add_stages(prompt, entity, self.stages)

    def take_lengths(self) -> None:
        """A time beside a distance is how long it took, and a film's length are minutes."""
        for entity in self.entities:
            raced, unit = RACED & {f.key for f in entity.fields}, lexicon().length_of(entity.key)
            way = WAY if raced and {f.key for f in entity.fields} >= WAY else frozenset()
            for own in (f for f in entity.fields if not f.said):
                if own.key in way:  # "start, goal, kilometres": places
                    own.type, own.min, own.max = FieldType.STRING, None, None
                elif raced and own.key == "time" and own.type is FieldType.TIME:
                    own.fill(lexicon().fields["duration"])
                elif (
                    own.key == "value"
                    and own.type is FieldType.STRING
                    and not SETTINGS & {f.key for f in entity.fields}
                ):
                    own.fill(lexicon().fields["price"])
                elif unit and own.key == "length":
                    own.unit, own.type = unit, FieldType.INTEGER if unit == "min" else FieldType.DECIMAL
                elif own.key == "rating" and entity.key.split()[-1:] == ["player"]:  # which no star is given for
                    own.type, own.max = FieldType.INTEGER, None
            if any(f.type is FieldType.DATE and f.key in DAYS for f in entity.fields):  # and the others say when on it
                for own in entity.fields:
                    if own.type is FieldType.DATETIME and (own.key in HOURS or own.key.endswith(" time")):
                        own.type = FieldType.TIME

    def open(self, key: str, label: str, words: Words, *, guessed: bool = False) -> EntitySketch:
        """The thing called so; one more than an app holds is lost, with its fields, and its words stay unused."""
        found = next((e for e in self.entities if e.key == key), None)
        if found is None and key:  # "house plants", then "each plant has …"
            found = next((e for e in self.entities if _is_end(key, e.key)), None)
            if found:
                found.key, found.label, found.label_plural = key, label, titled(plural(label))
        if found is None and len(self.entities) >= MOST_ENTITIES:
            self.lost.setdefault(key, tuple(words))
            return EntitySketch(label, key, label_plural=label, words=tuple(words), guessed=guessed, lost=True)
        if words and key:
            self.used.append((f"things.{found.key if found else key}", tuple(words)))
        if found is None:
            found = EntitySketch(label, key, label_plural=_several(label, words), words=tuple(words), guessed=guessed)
            self.entities.append(found)
        return found

    def open_plural(self, head: list[Word]) -> EntitySketch:
        while len(head) > 1 and head[0].norm in STATES:
            head = head[1:]  # "show overdue rentals": rentals that are so
        key = " ".join(w.lemma for w in head)
        label = side_by_side([*(w.text for w in head[:-1]), singular_as_written(head[-1])])
        entity = self.open(key, titled(label), head)
        if not entity.lost:
            self.used.append((f"entities.{entity.key}", tuple(head)))
        return entity

    def bracketed(self, prompt: Prompt, head: Sequence[Word], inside: list[Word]) -> EntitySketch:
        head = [w for w in head if w.norm not in DETERMINERS] or list(head)
        if len(head) > 1 and head[-1].lemma in {"information", "info", "data", "detail"}:
            head = head[:-1]  # "customer information" is about customers
        single = " ".join(w.text if w is not head[-1] or not w.is_plural else singular_as_written(w) for w in head)
        label = titled(single if head[-1].is_plural else prompt.quote(head))
        entity = self.open(" ".join(w.lemma for w in head), label, head)
        entity.listed = True
        for part in with_codes(bracket_parts(inside)):
            self.add_field(prompt, entity, part)
        return entity

    def thing(self, prompt: Prompt, words: list[Word]) -> None:
        """A bare plural in a list of things: "companies", "posts in categories", "notes about the weather"."""
        if self._is_look(words):
            return
        if bracket_list(words) and lists_fields(words):
            self.bracketed(prompt, phrase_before_bracket(words), inside_brackets(words))
            return
        outside = [w for w in without_relative(words) if not w.norm.isdecimal()]  # "4 courts"
        end = next((at for at, w in enumerate(outside) if w.text in "(["), len(outside))
        bare = [w for w in outside[:end] if w.norm not in DETERMINERS | MANY and w.is_word]
        link = next((at for at, w in enumerate(bare) if w.norm in LINKS and 0 < at < len(bare) - 1), None)
        keys = []
        for head in [bare[:link], bare[link + 1 :]] if link else [bare]:
            head = _up_to_preposition(head)
            if not head or len(head) > 3 or not head[-1].is_plural or _is_no_thing(head[-1]):
                break
            keys.append(self.open_plural(head).key)
            self.listed.add(keys[-1])
        if len(keys) == 2:
            self.links.append((keys[0], keys[1]))
        elif keys and keys[0] in COMMENTS and self.entities[0].key != keys[0]:
            self.links.append((keys[0], self.entities[0].key))

    def _is_look(self, words: Sequence[Word]) -> bool:
        return bool(words) and words[-1].start in self.looks

    def forget(self, entity: EntitySketch) -> None:
        """As if it had not been named; its words are told as used by what calls the blueprint, if at all."""
        self.entities = [e for e in self.entities if e is not entity]
        prefixes = tuple(f"{part}.{entity.key}" for part in ("things", "entities"))
        self.used = [(part, words) for part, words in self.used if not part.startswith(prefixes)]

    def rename(self, entity: EntitySketch, other: EntitySketch) -> None:
        """It is what a blueprint calls otherwise."""
        self.used = [(_handed_on(part, entity.key, other.key), words) for part, words in self.used]
        entity.key, entity.label, entity.label_plural, entity.guessed = (
            other.key,
            other.label,
            other.label_plural,
            False,
        )

    def hand_on(self, entity: EntitySketch, other: EntitySketch) -> None:
        """Its words tell of another thing, which has its fields now."""
        self.entities = [e for e in self.entities if e is not entity]
        self.used = [(_handed_on(part, entity.key, other.key), words) for part, words in self.used]

    def name(self, field: FieldSketch) -> None:
        """What read as a field is a thing of the app, if it can be one: "a club site with a trophy cabinet"."""
        words = [w for w in field.words if w.norm not in DETERMINERS | MANY and w.is_word]
        if words and words == list(field.words) and not words[-1].is_plural and words[-1].text.isascii():
            return  # "a blog with markdown": not one of several
        if 0 < len(words) <= 3 and is_thing(words[-1].lemma):
            self.listed.add(self.open_plural(words).key)

    def kept(self, words: list[Word]) -> EntitySketch | None:
        """ "track my expenses", "a catalogue of stamps": the first thing that is kept, its fields unsaid."""
        for at, word in enumerate(words):
            counts = word.norm == "of" and at and words[at - 1].norm in {"number", "amount", "count"}
            head = object_of(words[at + 1 :]) if word.norm in KEEPS and not counts else []
            if head and not (word.norm == "for" and at and are_people(head)):  # "a homework tracker for my kids"
                return self.open_plural(head)
        return None

    def add_field(self, prompt: Prompt, entity: EntitySketch, words: list[Word]) -> None:
        bare = without_determiners(words)
        if entity.lost or len(entity.fields) >= MOST_FIELDS or _names_app(bare) or self._is_look(words):
            return
        if not NOT_TYPED_IN.isdisjoint([w.norm for w in words]):
            self._add_derived(prompt, entity, words)
            return
        if prompt.language in HEAD_FIRST and len(bare) > 1 and _asks(bare[0]):
            return
        alone = bare[0].norm if len(bare) == 1 else ""
        if alone == "id":  # every row has one
            self.used.append((f"entities.{entity.key or 'main'}", tuple(words)))
            return
        is_when = alone == "when" or (bare and bare[0].norm == "when" and all(w.norm in WAS for w in bare[1:]))
        if is_when and entity.fields and entity.fields[-1].key.endswith(" by"):
            self._add_moment(entity, words)
            return
        if bare and bare[0].norm in MANY and len(bare) > 1 and bare[-1].is_plural and is_thing(bare[-1].lemma):
            child = self.open_plural([w for w in bare if w.norm not in MANY])
            self.links.append((child.key, entity.key))
            return
        words = self._without_whose(entity, words)
        sketch = read_field(words, prompt)
        if sketch is None or sketch.key in {field.key for field in entity.fields}:
            return
        if sketch.plural and sketch.type in SINGLE and (entity.guessed or sketch.type is not FieldType.STRING):
            sketch.plural = False  # "expenses with shops, amounts": of each one
            sketch.label = _one_of(sketch.label) if sketch.key.split()[-1] != "star" else sketch.label
        entity.fields.append(sketch)
        self.used.append((f"entities.{entity.key or 'main'}.fields.{sketch.key}", tuple(words)))

    def _without_whose(self, entity: EntitySketch, words: list[Word]) -> list[Word]:
        """ "a photo for each sighting": a photo, and the thing that only the app's name called is a sighting."""
        at = next((n for n in range(1, len(words) - 2) if words[n].norm in {"for", "of", "per"}), None)
        if at is None or words[at + 1].norm not in {"each", "every"} or len(words) != at + 3:
            return words
        own, known = words[-1], next((e for e in self.entities if e.key == words[-1].lemma), None)
        if entity.guessed and known is None and is_thing(own.lemma):
            entity.key, entity.label, entity.label_plural = own.lemma, titled(own.text), titled(plural(own.text))
            entity.guessed = False
            self.used.append((f"things.{entity.key}", (own,)))
        return words[:at] if entity.key in {own.lemma, ""} else words

    def _add_derived(self, prompt: Prompt, entity: EntitySketch, words: list[Word]) -> None:
        """ "its mood (happy, thirsty, dramatic) follows from …": choices that are worked out, not typed in."""
        if not bracket_list(words):
            return
        head = phrase_before_bracket(words)
        end = next(at for at, word in enumerate(words) if word.text in ")]" or at == len(words) - 1)
        sketch = read_field(words[: end + 1], prompt)
        if sketch is None or not sketch.choices or not head:
            return
        sketch.derived = True
        entity.fields = [f for f in entity.fields if f.key.split()[-1] != sketch.key.split()[-1]]
        entity.fields.append(sketch)
        self.used.append((f"entities.{entity.key or 'main'}.fields.{sketch.key}", tuple(words)))

    def add_stages(self, prompt: Prompt, entity: EntitySketch, parts: list[list[Word]]) -> None:
        """ "with columns To do, In progress and Done": the choices of one status."""
        if entity.lost:
            return
        choices = [choices_from(part, prompt)[0] for part in parts[:12]]
        words = tuple(word for part in parts[:12] for word in part)
        entity.fields.append(FieldSketch("Status", "status", FieldType.CHOICE, choices=choices, said=True, words=words))
        self.used.append((f"entities.{entity.key or 'main'}.fields.status", words))

    def _add_moment(self, entity: EntitySketch, words: list[Word]) -> None:
        """ "who changed it and when": the day and hour beside the person."""
        before = entity.fields[-1]
        key, label = before.key.removesuffix(" by") + " at", before.label.removesuffix(" by") + " at"
        entity.fields.append(FieldSketch(label, key, FieldType.DATETIME, words=tuple(words)))
        self.used.append((f"entities.{entity.key or 'main'}.fields.{key}", tuple(words)))


def _handed_on(part: str, key: str, other: str) -> str:
    kind, _, path = part.partition(".")
    is_its = kind in {"things", "entities"} and (path == key or path.startswith(key + "."))
    return f"{kind}.{other}{path[len(key) :]}" if is_its else part


def _one_of(label: str) -> str:
    head, _, last = label.rpartition(" ")
    return titled(f"{head} {singular(last.lower())}".strip())


def _is_end(key: str, longer: str) -> bool:
    return longer.endswith(" " + key) or (len(key) >= SHORTEST_END and " " not in longer and longer.endswith(key))


def _several(label: str, words: Words) -> str:
    """The person's own plural where they wrote it, else that of a word of theirs that is kept as it is."""
    if words and words[-1].is_plural and titled(" ".join(w.text for w in words[:-1])) in label:
        return titled(" ".join([*(w.text for w in words[:-1]), words[-1].as_label]))
    return titled(plural(label)) if label else ""


def _is_no_thing(word: Word) -> bool:
    """ "with accounts" asks for a feature."""
    wish = lexicon().features.get(word.norm)
    return word.lemma in NO_THINGS or (wish is not None and wish not in THINGS_TOO and word.lemma not in COMMENTS)


def _up_to_preposition(head: list[Word]) -> list[Word]:
    if head and head[0].norm in PREPOSITIONS:
        return []
    end = next((at for at, word in enumerate(head) if at and word.norm in PREPOSITIONS), len(head))
    return head[:end]


def _asks(word: Word) -> bool:
    """ "gráfico mensal": a chart, in a language where it stands first."""
    known = lexicon()
    wish = known.features.get(word.norm)
    return wish in {FeatureName.CHART, FeatureName.CALENDAR, FeatureName.REPORT, FeatureName.DASHBOARD}


def _names_app(bare: list[Word]) -> bool:
    """ "a search box", "an app": no field, but what is asked of the app."""
    known = lexicon()
    asks = any(" ".join([w.norm for w in bare[:n]]) in known.features for n in (3, 2) if len(bare) >= n)
    return asks or all(w.lemma in known.app_words and w.lemma not in COUNTED for w in bare)
