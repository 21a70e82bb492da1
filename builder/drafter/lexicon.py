"""What words mean, read from `lexicon.yaml`: field types, features, icons, moods. Knows no sentence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from builder.drafter.text import Words, lemmas, normal
from builder.spec import FeatureName, FieldType, RuleKind
from builder.stack.features import made
from builder.yaml_files import read_yaml

# The choice colours: calm enough for a badge in light and in dark, told apart by hue and by lightness.
PALETTE = {
    "slate": "#64748b", "blue": "#3b76c8", "green": "#3f9360", "amber": "#c58a1b", "red": "#c24a45",
    "violet": "#7a5fc0", "teal": "#2f8f8b", "orange": "#cc6f32", "rose": "#c4547f", "brown": "#8a6446",
    "indigo": "#5560bd", "lime": "#7b9433", "sky": "#3d91b8", "gold": "#a98226",
}  # fmt: skip


Meaning = TypeVar("Meaning")


class Phrases(Generic[Meaning]):
    """Phrases and what each means, found by their first word."""

    def __init__(self, meanings: Mapping[str, Meaning]) -> None:
        self._meanings, self._longest = meanings, _longest_by_first(meanings)

    def places(self, words: Words) -> list[int]:
        """Where one may start: most places of a text are passed with one look."""
        return [at for at, word in enumerate(words) if word.norm.split(" ")[0] in self._longest]

    def at(self, words: Words, place: int) -> Iterator[tuple[int, Meaning]]:
        """Those that start here, the longest first, each with how many words it is."""
        longest = self._longest.get(words[place].norm.split(" ")[0], 0)
        for length in range(min(longest, len(words) - place), 0, -1):
            phrase = " ".join([word.norm for word in words[place : place + length]])
            if phrase in self._meanings:
                yield length, self._meanings[phrase]


def _longest_by_first(phrases: Iterable[str]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for first, *rest in (phrase.split() for phrase in phrases):
        longest[first] = max(longest.get(first, 0), 1 + len(rest))
    return longest


@dataclass(frozen=True)
class Kind:
    """What a field called so usually is."""

    type: FieldType
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Lexicon:
    fields: dict[str, Kind]
    features: dict[str, FeatureName | RuleKind]
    formulas: tuple[tuple[frozenset[str], str], ...]
    icons: dict[str, str]
    lengths: dict[str, str]
    views: dict[str, str]
    styles: dict[str, str]
    modes: dict[str, str]
    app_words: frozenset[str]
    meanings: dict[str, str]
    types: dict[str, Kind]
    usual: dict[str, tuple[str, ...]]
    places: frozenset[str]
    place_endings: tuple[str, ...]
    about: frozenset[str]
    circumlocutions: tuple[tuple[tuple[str, ...], str, str], ...]
    longest: int = field(default=6)

    @cached_property
    def features_to_come(self) -> frozenset[FeatureName]:
        """What the stack can't do yet is known by name, so that it can be said."""
        return frozenset(FeatureName) - {FeatureName(name) for name in made() if name in set(FeatureName)}

    @cached_property
    def nouns(self) -> frozenset[str]:
        """What things and fields are called by."""
        return frozenset((*self.fields, *self.icons)) - grammar("verbs")

    @cached_property
    def wishes(self) -> Phrases[FeatureName | RuleKind]:
        return Phrases(self.features)

    @cached_property
    def appearances(self) -> Phrases[str]:
        return Phrases(self.views)

    @cached_property
    def moods(self) -> Phrases[tuple[tuple[str, str], ...]]:
        """What is light or dark, and what is of a style, each as a kind and a value."""
        kinds = (("mode", self.modes), ("style", self.styles))
        found = {p: tuple((kind, known[p]) for kind, known in kinds if p in known) for _, known in kinds for p in known}
        return Phrases(found)

    def kind(self, phrase: str) -> Kind | None:
        """The kind of the longest ending of `phrase` that is known."""
        words = phrase.split()[-self.longest :]
        endings = (" ".join(words[at:]) for at in range(len(words)))
        return next((self.fields[ending] for ending in endings if ending in self.fields), None)

    def meant_by(self, lemmas: Sequence[str]) -> str | None:
        """The label of what a question or a clause asks for: "how long it takes" is a duration."""
        lemmas = " ".join(lemmas).split()
        if not lemmas or lemmas[0] not in self._askers:
            return None
        return next(
            (
                label
                for start, rest, label in self.circumlocutions
                if tuple(lemmas[: len(start)]) == start and (not rest or f" {rest}" in " " + " ".join(lemmas))
            ),
            None,
        )

    @cached_property
    def _askers(self) -> frozenset[str]:
        return frozenset(start[0] for start, _, _ in self.circumlocutions)

    def is_told_by(self, head: str) -> bool:
        """Whether what a longer name ends in says that it is a day, a sum of money or the like."""
        kind = self.fields.get(head)
        told = {FieldType.DATE, FieldType.DATETIME, FieldType.TIME, FieldType.MONEY}
        return kind is not None and (kind.type in told or head in {"quantity", "duration"})

    def length_of(self, phrase: str) -> str | None:
        """The unit of a thing's length, by its last word."""
        return self.lengths.get(phrase.split()[-1]) if phrase else None

    def icon(self, phrase: str) -> str:
        words = phrase.split()[-self.longest :]
        endings = [" ".join(words[at:]) for at in range(len(words))] + words[:1]
        return next((self.icons[ending] for ending in endings if ending in self.icons), "box")


@cache
def lexicon() -> Lexicon:
    raw = _read("lexicon.yaml")
    return Lexicon(
        fields={lemmas(word): _kind(entry) for entry in raw["fields"] for word in entry["words"]},
        features={
            **{normal(word): RuleKind(name) for name, words in raw["rules"].items() for word in words},
            **{normal(word): FeatureName(name) for name, words in raw["features"].items() for word in words},
        },
        formulas=tuple((frozenset(entry["words"]), entry["formula"]) for entry in raw["formulas"]),
        icons=_inverted(raw["icons"]),
        lengths=_inverted(raw["lengths"]),
        views=_inverted(raw["views"]),
        styles=_inverted(raw["styles"]),
        modes=_inverted(raw["modes"]),
        app_words=frozenset(raw["app_words"]),
        meanings=_inverted(raw["meanings"]),
        types={word: Kind(FieldType(name)) for name, words in raw["types"].items() for word in words},
        usual={icon: tuple(fields) for icon, fields in raw["usual"].items()},
        places=frozenset(map(lemmas, raw["places"])),
        place_endings=tuple(raw["place_endings"]),
        about=frozenset(map(lemmas, raw["about"])),
        circumlocutions=tuple(
            (tuple(start.split()), rest.strip(), label)
            for label, phrases in raw["circumlocutions"].items()
            for start, _, rest in (phrase.partition("…") for phrase in phrases)
        ),
    )


@cache
def grammar(name: str) -> frozenset[str]:
    """A set of small words, from `grammar.yaml`."""
    return frozenset(_read("grammar.yaml")[name].split())


@cache
def _read(name: str) -> dict[str, Any]:
    raw: dict[str, Any] = read_yaml(Path(__file__).with_name(name))
    return raw


def _kind(entry: dict[str, Any]) -> Kind:
    choices = tuple((label, PALETTE[color]) for label, color in entry.get("choices", {}).items())
    return Kind(FieldType(entry["type"]), entry.get("min"), entry.get("max"), entry.get("unit"), choices)


def _inverted(groups: dict[str, list[str]]) -> dict[str, str]:
    return {normal(word): name for name, words in groups.items() for word in words}
