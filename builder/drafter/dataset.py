"""Attach a data set where a prompt is about one: which, which entity of it, and which part of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder import datasets
from builder.drafter.lexicon import lexicon
from builder.drafter.sketch import AppSketch, EntitySketch, FeatureSketch, FieldSketch
from builder.drafter.text import Prompt, Word, lemmas, normal
from builder.spec import FeatureName, FieldType

WORLDS = frozenset("game world universe series franchise anime".split())


@dataclass(frozen=True)
class Subject:
    """The data set a prompt is about, the entity it wants, the query, and the words that say so."""

    dataset: str
    entity: str
    query: str
    words: tuple[Word, ...]

    @property
    def described(self) -> dict[str, Any]:
        return datasets.describe(self.dataset)


def find_subject(prompt: Prompt) -> Subject | None:
    for name in datasets.catalogue():
        described = datasets.describe(name)
        found = _named(prompt, described) or _alone(prompt, described)
        if found:
            entity, words = found
            return Subject(name, entity, query_of(prompt, described), words)
    return None


def sketch_subject(subject: Subject) -> AppSketch:
    """The entity, those it points at, and the features that suit it."""
    described = subject.described
    sketch = AppSketch(described["entities"][subject.entity].get("title", described["title"]), read_only=False)
    sketch.style = described.get("theme", {}).get("style")
    for name in _closure(described["entities"], subject.entity):
        sketch.entities.append(_entity(subject, name, described["entities"][name]))
    for name, entity in zip(_closure(described["entities"], subject.entity), sketch.entities, strict=True):
        sketch.features += _features(entity.key, described["entities"][name])
    return sketch


def _named(prompt: Prompt, described: Mapping[str, Any]) -> tuple[str, tuple[Word, ...]] | None:
    """The set is named: with "moves" behind it these are wanted, alone its main entity, with a foreign noun neither."""
    entities, calls = described["entities"], set(described["words"])
    for sentence in prompt.sentences:
        for at, word in enumerate(sentence):
            if word.norm.removesuffix("'s") not in calls:
                continue
            following = sentence[at + 1] if at + 1 < len(sentence) else None
            called = _entity_called(entities, following, calls)
            if called:
                return called, tuple(sentence[at : at + 2])
            near = (_entity_called(entities, w, calls) for w in reversed(sentence[max(0, at - 5) : at]))
            before = next((name for name in near if name), None)
            if before and following and following.lemma in WORLDS:
                return before, (word, following)
            if following and (_is_other_noun(following) or following.norm in {"i", "we"}):
                return None  # a thing of the person's own
            return before or described["main"], (word,)
    return None


def _entity_called(entities: Mapping[str, Any], word: Word | None, calls: set[str]) -> str | None:
    if word is None or word.norm in calls:
        return None
    return next((name for name, entity in entities.items() if word.lemma in entity["words"]), None)


def _is_other_noun(word: Word) -> bool:
    known = lexicon()
    return (
        word.lemma in known.icons
        or word.lemma
        in {"card", "trainer", "team", "deck", "fan", "shop", "plush", "merchandise", "club", "tournament"}
    ) and word.lemma not in known.app_words


def _alone(prompt: Prompt, described: Mapping[str, Any]) -> tuple[str, tuple[Word, ...]] | None:
    words = {word.lemma: word for word in prompt.words}
    for name, entity in described["entities"].items():
        for together in entity.get("alone", ()):
            if all(one in words for one in together):
                return name, tuple(words[one] for one in together)
    return None


def query_of(prompt: Prompt, described: Mapping[str, Any]) -> str:
    selection = described["selection"]
    text = " " + " ".join(word.norm for word in prompt.words) + " "
    if any(f" {phrase} " in text for phrase in selection["every"]):
        return ""
    found = [v for v, phrases in selection["words"].items() if any(f" {normal(p)} " in text for p in phrases)]
    value = found[0] if found else selection["default"]
    return f"?{selection['key']}={value}"


def _closure(entities: Mapping[str, Any], start: str) -> list[str]:
    names = [start]
    for name in names:
        for field in entities[name]["fields"].values():
            if field.get("target") and field["target"] not in names:
                names.append(field["target"])
    return names


def _entity(subject: Subject, name: str, raw: Mapping[str, Any]) -> EntitySketch:
    query = subject.query if raw.get("selects") else ""
    entity = EntitySketch(
        raw["label"],
        name,
        raw["label_plural"],
        name=raw["name"],
        plural=raw["plural"],
        icon=raw["icon"],
        view=raw.get("view"),
        dataset=f"{subject.dataset}/{name}{query}",
        synonyms=tuple(raw["words"]),
    )
    entity.fields = [_field(key, field) for key, field in raw["fields"].items()]
    return entity


def _field(name: str, raw: Mapping[str, Any]) -> FieldSketch:
    field = FieldSketch(raw["label"], lemmas(name.replace("_", " ")), FieldType(raw["type"]), name=name)
    field.synonyms = tuple(raw.get("words", ()))
    field.choices = [(value.replace("_", " ").capitalize(), color) for value, color in raw.get("choices", {}).items()]
    for key in ("required", "unique", "unit", "min", "max", "target", "many", "formula"):
        if key in raw:
            setattr(field, key, raw[key])
    return field


def _features(key: str, raw: Mapping[str, Any]) -> list[FeatureSketch]:
    """What is good to have on these rows; a person's own words come on top. Fields are named as in the data set."""
    features = [
        FeatureSketch(FeatureName.SEARCH, key, {"fields": raw["search"]}),
        FeatureSketch(
            FeatureName.SORT, key, {"fields": raw.get("sort", [raw["default_sort"]]), "default": raw["default_sort"]}
        ),
        FeatureSketch(FeatureName.PAGINATION, key, {"size": raw.get("size", 24), "style": "pages"}),
        FeatureSketch(FeatureName.DETAIL, key, {"previous_next": "row_chart" in raw}),
    ]
    if "filter" in raw:
        features.append(FeatureSketch(FeatureName.FILTER, key, {"fields": raw["filter"]}))
    if "row_chart" in raw:
        features.append(FeatureSketch(FeatureName.CHART, key, {"scope": "row", "fields": raw["row_chart"]}))
    if "list_chart" in raw:
        features.append(FeatureSketch(FeatureName.CHART, key, {"scope": "list", **raw["list_chart"]}))
    return features
