"""The shelf of blueprints: read each as a sketch, and find the one a prompt is nearest to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from builder import blueprints
from builder.drafter.brands import Call
from builder.drafter.lexicon import PALETTE, grammar, lexicon
from builder.drafter.reference import References, values_of
from builder.drafter.sketch import AppSketch, EntitySketch, FeatureSketch, FieldSketch, RuleSketch
from builder.drafter.text import Prompt, Word, lemmas, normal, plural
from builder.names import identifier
from builder.spec import FeatureName, FieldType, RuleKind

LONGEST_PHRASE = 4
LIKE = 1.9  # the score of a product that the app is to be like: what is said of the app itself comes first
EARLY = 12  # words: what an app is about is said at its start
OF = frozenset("of for selling".split())
HOLDERS = lexicon().app_words - {"shop", "store"}  # what holds things of any kind is about those
SURE = 2.0  # the score of a blueprint whose name stands at the start
TRADE = frozenset("shop store boutique".split())  # and what stands before says what of: "plant shop"
BEFORE_VERBS = grammar("pronouns") | grammar("auxiliaries") | frozenset("to and can will that which app".split())
APPS = frozenset("app site website page platform portal system tool form".split())
TRACKS = frozenset("keep keeps keeping kept lose losing to i we".split())  # before the verb
OWN = frozenset("a an my our".split())
MEETINGS = frozenset("appointment booking reservation".split())  # which places of many kinds take
GOES_ON = frozenset("with where".split())  # and what it has comes behind: "a to-do list with a kanban board"


@dataclass(frozen=True)
class Blueprint:
    """`otherwise` are phrases that call it where no other is near, unless a word of `apart` stands beside them."""

    name: str
    sketch: AppSketch
    words: Mapping[str, float]
    abroad: tuple[str, ...] = ()
    otherwise: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """`places` are where all words begin that call it, `words` the first of them."""

    blueprint: Blueprint
    words: tuple[Word, ...]
    score: float
    places: frozenset[int] = frozenset()


def nearest(prompt: Prompt, things: tuple[str, ...] = (), call: Call | None = None) -> Match | None:
    """The blueprint most of whose words the prompt says, early and at length; `things` are entities it named.

    `call` is a product that the app is to be like, which counts nearly as much as a word said early.
    """
    places = _phrases(prompt)
    things = things or _only_thing(prompt)
    ahead = next((at for at, word in enumerate(prompt.words) if word.norm in GOES_ON), EARLY)
    heads: dict[int, int] = {}
    for phrase, (at, words) in places.items():
        heads[at] = max(heads.get(at, 0), _head(phrase, prompt.words, at, at + len(words)))
    whom, told = _for_whom(prompt, places)
    found = (
        _match(b, places, things, min(ahead, EARLY if any(map(b.sketch.entity, told)) else whom, EARLY), heads)
        for b in shelf()
    )
    matches = (_liked(match, call) for match in found)
    best = max(matches, key=lambda match: (match.score, -min(match.places, default=0)), default=None)
    return best if best and best.score >= 1 else _otherwise(prompt, places)


def _for_whom(prompt: Prompt, places: Mapping[str, tuple[int, tuple[Word, ...]]]) -> tuple[int, list[str]]:
    """Where it is said whom something known is for, and what: "a rota for a restaurant" is no menu.

    What happens there tells no kind by itself: "bookings for a gym".
    """
    telling = {phrase: at for phrase, (at, _) in places.items() if phrase not in HOLDERS | lexicon().about}
    for at, word in enumerate(prompt.words[: EARLY - 1]):
        before = [phrase for phrase, place in telling.items() if place < at]
        if before and word.norm == "for" and at + 1 < len(prompt.words) and prompt.words[at + 1].norm in OWN:
            return at, before
    return EARLY, []


def _only_thing(prompt: Prompt) -> tuple[str, ...]:
    """ "Notes", "an app for my notes": the one word that says what it is about."""
    small = grammar("title_openers") | grammar("determiners") | grammar("prepositions")
    named = [w.lemma for w in prompt.words if w.is_word and w.norm not in small and w.lemma not in lexicon().app_words]
    return tuple(named) if len(named) == 1 else ()


def _otherwise(prompt: Prompt, places: Mapping[str, tuple[int, tuple[Word, ...]]]) -> Match | None:
    """The blueprint whose words say most; of two that say as much the one that was called first."""
    found: list[tuple[int, int, Match]] = []
    for blueprint in shelf():
        called = [places[phrase] for phrase in blueprint.otherwise if phrase in places]
        at, words = min(called, key=lambda call: (call[0], -len(call[1])), default=(EARLY, ()))
        if at < EARLY and not _beside(prompt.words, at, len(words)) & blueprint.apart:
            found.append((len(words), -at, Match(blueprint, words, 1.0, frozenset({words[0].start}))))
    return max(found, key=lambda call: call[:2])[2] if found else None


def _beside(words: Sequence[Word], at: int, length: int) -> set[str]:
    """What it is a collection of: "joke collection", "collection of old jokes"."""
    behind = words[at + length : at + length + 4]
    of = behind if behind and (behind[0].norm in OF or behind[0].lemma in OF) else behind[:2] if length > 1 else ()
    return {word.lemma for word in (*words[max(0, at - 2) : at], *of)}


def is_sure(match: Match) -> bool:
    """Whether a name of its stands at the start, and not one of what may hold anything, like a list."""
    return match.score >= SURE and " ".join(word.lemma for word in match.words) not in HOLDERS


def is_by_the_way(match: Match, things: Sequence[EntitySketch]) -> bool:
    """Whether only a hint and few of the things named speak for it: "mentors and sessions" make no photo studio."""
    known = sum(1 for thing in things if match.blueprint.sketch.entity(thing.key))
    return not match.places and known * 2 < len(things) and not any(e.fields for e in things)


def _match(
    blueprint: Blueprint,
    places: Mapping[str, tuple[int, tuple[Word, ...]]],
    things: tuple[str, ...],
    ahead: int,
    heads: Mapping[int, int],
) -> Match:
    score, found = 0.0, ()  # type: tuple[float, tuple[Word, ...]]
    starts: set[int] = set()
    for phrase, weight in blueprint.words.items():
        if phrase in places:
            at, words = places[phrase]
            early = 2 if at < ahead and phrase not in MEETINGS else 1 if at < EARLY and phrase not in MEETINGS else 0.5
            score += weight * (1 + 0.5 * phrase.count(" ")) * early
            score += weight * heads[at] if early > 1 else 0
            found = found if found and found[0].start <= words[0].start else words
            starts |= {word.start for word in words if weight >= 1}
    score += sum(0.7 for thing in things if blueprint.sketch.entity(thing))
    return Match(blueprint, found, score, frozenset(starts))


def _head(phrase: str, words: Sequence[Word], at: int, end: int) -> int:
    """How surely it says what an app is, and other words of what: a shop of plants is a shop, a list of them is not."""
    while end < len(words) and words[end].norm in APPS:
        end += 1
    if end < len(words) and words[end].norm in OF:
        return 0 if phrase in HOLDERS else 2 if phrase in TRADE else 1
    opens = at > 0 and not any(word.norm in grammar("prepositions") or word.norm in GOES_ON for word in words[:at])
    ends = end == len(words) or not words[end].is_word or words[end].norm in GOES_ON
    return int(phrase in TRADE and opens and ends)


def _liked(match: Match, call: Call | None) -> Match:
    if call is None or call.blueprint != match.blueprint.name:
        return match
    return replace(match, words=call.words, score=match.score + LIKE)


def _phrases(prompt: Prompt) -> dict[str, tuple[int, tuple[Word, ...]]]:
    """Each phrase of up to four words that a blueprint may know, and where it stands first."""
    known, starts = _known()
    places: dict[str, tuple[int, tuple[Word, ...]]] = {}
    before = 0
    for sentence in prompt.sentences:
        for at in range(len(sentence)):
            if starts.isdisjoint((sentence[at].lemma.split(" ")[0], sentence[at].norm.split(" ")[0])):
                continue
            if sentence[at].norm == "track" and at and sentence[at - 1].norm in TRACKS:
                continue  # who keeps track has no song
            for length in range(1, LONGEST_PHRASE + 1):
                words = sentence[at : at + length]
                said = {" ".join(w.lemma for w in words), " ".join(w.norm for w in words)}
                for phrase in (said | {"shop"} if said == {"store"} and _is_a_store(sentence, at) else said) & known:
                    places.setdefault(phrase, (before + at, tuple(words)))
        before += len(sentence)
    return places


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """Every phrase that calls a blueprint, and the first words of them."""
    phrases = frozenset(phrase for b in shelf() for phrase in (*b.words, *b.otherwise))
    return phrases, frozenset(phrase.split()[0] for phrase in phrases) | {"store"}


def _is_a_store(sentence: Sequence[Word], at: int) -> bool:
    """Not the verb: "store my recipes", "to store contacts"."""
    after = sentence[at + 1].norm if at + 1 < len(sentence) else ""
    return at > 0 and sentence[at - 1].norm not in BEFORE_VERBS and after not in grammar("determiners")


@cache
def shelf() -> tuple[Blueprint, ...]:
    return tuple(read_blueprint(name, blueprints.read(name)) for name in blueprints.names())


def read_blueprint(name: str, raw: Mapping[str, Any]) -> Blueprint:
    sketch = AppSketch(
        raw["name"], raw.get("tagline", ""), style=raw.get("style"), mode=raw.get("mode"), blueprint=name
    )
    sketch.note, sketch.home = raw.get("note", ""), raw.get("home", "")
    sketch.entities = [_entity(key, entity) for key, entity in raw["entities"].items()]
    try:
        _refer(sketch, raw)
    except ValueError as error:
        raise ValueError(f"the blueprint {name}: {error}") from error
    weak = {lemmas(word): 0.4 for word in raw.get("hints", [])}
    strong = {_as_meant(word, weak): 1.0 for word in raw["words"]}
    otherwise, apart = (frozenset(map(lemmas, raw.get(key, ()))) for key in ("otherwise", "apart"))
    return Blueprint(name, sketch, weak | strong, tuple(raw.get("abroad", ())), otherwise, apart)


def _as_meant(word: str, weak: Mapping[str, float]) -> str:
    """In any form; but where one of them is only a hint the other is meant as written: not everybody who shares has
    shares."""
    return normal(word) if lemmas(word) in weak else lemmas(word)


def _refer(sketch: AppSketch, raw: Mapping[str, Any]) -> None:
    """What names other things of the file: formulas, features and rules."""
    refer = References(sketch.entities)
    for entity in sketch.entities:
        for field in entity.fields:
            if field.formula is not None:
                field.formula = refer.formula(field.formula, entity, values_of(field))
    for given in raw.get("features", []):
        here = refer.entity(given["entity"]) if "entity" in given else None
        options = refer.options(given.get("options", {}), here)
        sketch.features.append(FeatureSketch(FeatureName(given["feature"]), here.key if here else None, options))
    for given in raw.get("rules", []):
        here = refer.entity(given["entity"])
        named = given.get("fields", ())
        options = refer.options(given.get("options", {}), here, next(iter(named), None))
        fields = tuple(next(f.key for f in here.fields if f.name == name) for name in named)
        sketch.rules.append(RuleSketch(RuleKind(given["rule"]), here.key, fields, options))


def _entity(key: str, raw: Mapping[str, Any]) -> EntitySketch:
    label = raw.get("label", key.capitalize())
    entity = EntitySketch(
        label,
        lemmas(key),
        raw.get("label_plural", plural(label)),
        icon=raw.get("icon"),
        view=raw.get("view"),
        synonyms=tuple(lemmas(word) for word in raw.get("words", ())),
        generic=raw.get("generic", False),
        aside=raw.get("aside", False),
        name=raw.get("name"),
    )
    entity.fields = [_field(name, field) for name, field in raw["fields"].items()]
    stored = [f.key for f in entity.fields if f.type is not FieldType.COMPUTED]
    entity.seed = [dict(zip(stored, row, strict=True)) for row in raw.get("rows", ())]
    return entity


def _field(name: str, raw: str | Mapping[str, Any]) -> FieldSketch:
    """ "string required" or `{choice: {To do: slate}, label: …}`: the type first, then what else is so."""
    described = _spread(raw) if isinstance(raw, str) else dict(raw)
    label = described.pop("label", name.replace("_", " ").capitalize())
    field = FieldSketch(label, lemmas(name.replace("_", " ")), FieldType.STRING, name=name)
    field.synonyms = tuple(lemmas(word) for word in described.pop("words", ()))
    for key, value in described.items():
        match key:
            case "choice":
                field.type, field.choices = FieldType.CHOICE, [(c, PALETTE[color]) for c, color in value.items()]
            case "relation":
                field.type, field.target = FieldType.RELATION, lemmas(value)
            case "choices":
                field.choices = [(c, PALETTE[color]) for c, color in value.items()]
            case "computed":
                field.type, field.formula = FieldType.COMPUTED, value
            case "boolean" if isinstance(value, list):
                field.type, field.choices = FieldType.BOOLEAN, [(label, None) for label in value]
                field.values = ("true", "false")
            case "required" | "unique" | "many" | "min" | "max" | "unit":
                setattr(field, key, value)
            case _:
                field.type = FieldType(key)
    field.values = field.values or _values(field)
    return field


def _values(field: FieldSketch) -> tuple[str, ...]:
    found: list[str] = []
    for label, _ in field.choices:
        found.append(identifier(label, found))
    return tuple(found)


def _spread(text: str) -> dict[str, Any]:
    words = text.split()
    return dict.fromkeys(words, True)
