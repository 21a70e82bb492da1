"""Say in words what the parts of a draft came from: the left side is the app's, the right side the person's."""

from collections.abc import Iterator, Mapping, Sequence

from builder import datasets
from builder.answers import Say, say_in
from builder.blueprints import translations
from builder.drafter.localise import shown_label
from builder.drafter.sketch import AppSketch, EntitySketch
from builder.drafter.text import Prompt, Word

Source = tuple[str, tuple[Word, ...]]
LONGEST_GAP = 60  # letters between two parts of what is said of a thing


def told(prompt: Prompt, sources: Sequence[Source], sketch: AppSketch) -> tuple[tuple[str, str], ...]:
    """One pair for each part that is in the app, in the order it was read."""
    pairs: dict[str, str] = {}
    say = say_in(prompt.language)
    for part, words in sources:
        name = next(_names(part, sketch, say), None) if words and not _goes_without_saying(part, words) else None
        if name:
            said = prompt.quote(words)
            pairs[name] = f"{pairs[name]}, {said}" if _adds(pairs.get(name), said, part) else pairs.get(name, said)
    return tuple(pairs.items())


def asked(
    prompt: Prompt, sources: Sequence[Source], names: Mapping[str, str]
) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """The parts that can be proven, each once, with the clause that asks for it; things under their safe names."""
    spans: dict[str, tuple[int, int]] = {}
    for part, words in sources:
        kind, _, rest = part.partition(".")
        key = rest.partition(".fields.")[0]
        if not words or (kind == "entities" and key not in names) or kind not in {"entities", "features"}:
            continue
        name = f"entities.{names[key]}" if kind == "entities" else part
        if kind == "features" and name in spans:
            continue
        start, end = (words[0].start, words[-1].end) if kind == "entities" else _clause(prompt, words)
        before = spans.get(name)
        if before is None or (kind == "entities" and start - before[1] < LONGEST_GAP):
            spans[name] = (min(start, before[0]), max(end, before[1])) if before else (start, end)
    for name, (start, end) in sorted(spans.items(), key=lambda pair: pair[1]):
        yield name, prompt.text[start:end], (start, end)


def _clause(prompt: Prompt, words: Sequence[Word]) -> tuple[int, int]:
    """From comma to comma around the words, or the whole sentence where it is short."""
    sentence = next((s for s in prompt.sentences if words[0] in s and words[-1] in s), tuple(words))
    at, last = sentence.index(words[0]), sentence.index(words[-1])
    while at and sentence[at - 1].text not in {",", ":", ";"} and sentence[at - 1].norm != "and":
        at -= 1
    while (
        last + 1 < len(sentence) and sentence[last + 1].text not in {",", ":", ";"} and sentence[last + 1].norm != "and"
    ):
        last += 1
    said = sentence[at : last + 1] or words
    return min(w.start for w in said), max(w.end for w in said)


def _goes_without_saying(part: str, words: Sequence[Word]) -> bool:
    """ "log", "write", "save": every app lets rows be entered."""
    return part == "features.create" and words[0].norm not in {"add", "create", "enter", "insert", "new"}


def _adds(before: str | None, said: str, part: str) -> bool:
    return part.startswith("features.") and before is not None and said not in before


def _names(part: str, sketch: AppSketch, say: Say) -> Iterator[str]:
    """ "entities.book.fields.title" is "Book: Title"; what did not make it into the app has no name."""
    kind, _, rest = part.partition(".")
    match kind:
        case "theme":
            yield say(f"part.{rest}")
        case "features":
            yield opened(say(f"feature.{rest}"))
        case "blueprint":
            own = translations(say.code).get(sketch.blueprint, {}).get("labels", {})
            yield say("part.blueprint", name=own.get(rest) or shown_label(rest, say.code))
        case "dataset":
            yield say("part.dataset", name=datasets.describe(rest)["title"])
        case _:
            yield from _of_thing(rest, sketch)


def opened(text: str) -> str:
    return text[:1].upper() + text[1:]


def _of_thing(rest: str, sketch: AppSketch) -> Iterator[str]:
    key, _, field_key = rest.partition(".fields.")
    entity = sketch.entity(key) or next((e for e in sketch.entities if e.key.endswith(" " + key)), None)
    if not field_key:
        if entity:
            yield entity.label_plural
        return
    for owner in (entity, *sketch.entities) if entity else sketch.entities:
        yield from _of_field(owner, field_key)


def _of_field(entity: EntitySketch, key: str) -> Iterator[str]:
    field = next((f for f in entity.fields if f.key == key), None)
    if field:
        yield f"{entity.label}: {field.label}"
