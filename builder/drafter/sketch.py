"""An app while it is being drafted: what a blueprint holds, what a person said, before names are made safe."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from builder.drafter.lexicon import Kind
from builder.drafter.text import Word
from builder.spec import FeatureName, FieldType, RuleKind


@dataclass
class FieldSketch:
    """`key` is the label in the singular and lower case: what a field is found by. `said` marks what is explicit,
    `derived` what follows from other fields.

    `values` are the names of the choices where a blueprint gives them, whatever their labels become.
    """

    label: str
    key: str
    type: FieldType
    name: str | None = None
    required: bool = False
    unique: bool = False
    choices: list[tuple[str, str | None]] = field(default_factory=list)
    values: tuple[str, ...] = ()
    unit: str | None = None
    unit_shown: str = ""  # the unit in the language of the app, where it is another word there
    min: float | None = None
    max: float | None = None
    target: str | None = None
    many: bool = False
    formula: str | None = None
    synonyms: tuple[str, ...] = ()
    said: bool = False
    derived: bool = False
    plural: bool = False
    words: tuple[Word, ...] = ()

    def answers_to(self, key: str) -> bool:
        return key == self.key or key in self.synonyms or key.replace(" ", "_") == self.name

    def fill(self, kind: Kind) -> None:
        self.type, self.unit = kind.type, self.unit or kind.unit
        self.min, self.max = (kind.min, kind.max) if self.min is None and self.max is None else (self.min, self.max)
        self.choices = self.choices or list(kind.choices)


@dataclass
class EntitySketch:
    """`key` is the label in the singular and lower case; an empty one is "the app's own thing", named later.

    `guessed` says that only the app's own name calls it so, `generic` that a person's word for it takes its place: one
    of its synonyms, or "any" word; `aside` that it is found from other things and not in the navigation, `listed` that
    its fields are a list behind a colon or in brackets, `renamed` that a blueprint's thing is called by what the app is
    about, `lost` that it is one more than an app holds; `language` is that of invented rows.
    """

    label: str
    key: str
    label_plural: str = ""
    name: str | None = None
    plural: str | None = None
    fields: list[FieldSketch] = field(default_factory=list)
    seed: list[dict[str, Any]] = field(default_factory=list)
    dataset: str | None = None
    icon: str | None = None
    view: str | None = None
    synonyms: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()
    guessed: bool = False
    generic: bool | str = False
    listed: bool = False
    aside: bool = False
    renamed: bool = False
    lost: bool = False
    language: str = "en"

    def answers_to(self, key: str) -> bool:
        return bool(key) and (key == self.key or key in self.synonyms)

    def find(self, key: str) -> FieldSketch | None:
        """The field called so, else the one whose last word it is, else the one that starts with it."""
        exact = next((f for f in self.fields if f.answers_to(key)), None)
        if exact:
            return exact
        last, first = " " + key, key + " "
        ending = (f for f in self.fields if f.key.endswith(last) or last.endswith(" " + f.key))
        starting = (f for f in self.fields if f.key.startswith(first) or first.startswith(f.key + " "))
        return next(ending, None) or next(starting, None)


@dataclass
class FeatureSketch:
    name: FeatureName
    entity: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class RuleSketch:
    kind: RuleKind
    entity: str
    fields: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class AppSketch:
    """`blueprint` is the one it was made from, if any; `note` a sentence for whoever asked for the app; `home` the view
    that the app opens with, where it isn't the list of its first thing; `lost` are the words for things that it has no
    room for.
    """

    name: str = ""
    tagline: str = ""
    entities: list[EntitySketch] = field(default_factory=list)
    features: list[FeatureSketch] = field(default_factory=list)
    rules: list[RuleSketch] = field(default_factory=list)
    style: str | None = None
    mode: str | None = None
    read_only: bool = False
    blueprint: str = ""
    note: str = ""
    home: str = ""
    lost: tuple[tuple[Word, ...], ...] = ()

    def entity(self, key: str) -> EntitySketch | None:
        """The thing of that name, before one that has it as another word: an ad is an offer too."""
        named = next((e for e in self.entities if e.key == key), None) if key else None
        return named or next((e for e in self.entities if e.answers_to(key)), None)

    def copy(self) -> "AppSketch":
        return deepcopy(self)
