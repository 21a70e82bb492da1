"""Say in words what the parts of a draft came from: the left side is the app's, the right side the person's."""

from collections.abc import Iterator, Sequence

from builder import datasets
from builder.answers import Say, say_in
from builder.blueprints import translations
from builder.drafter.localise import shown_label
from builder.drafter.sketch import AppSketch, EntitySketch
from builder.drafter.text import Prompt, Word

Source = tuple[str, tuple[Word, ...]]


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
